"""Range types. Nothing of one can be altered: it is replaced."""

from schemadiff.core.catalog import RangeType
from schemadiff.core.ddl.references import sql_name
from schemadiff.core.identifiers import qualified
from schemadiff.core.plan import Section, Statement


def create_range(range_: RangeType) -> Statement:
    options = {
        "SUBTYPE": range_.type,
        "SUBTYPE_OPCLASS": range_.operator_class,
        "COLLATION": range_.collation,
        "CANONICAL": range_.canonical,
        "SUBTYPE_DIFF": range_.difference,
        "MULTIRANGE_TYPE_NAME": qualified(range_.schema, range_.multirange),
    }
    written = ", ".join(f"{name} = {value}" for name, value in options.items() if value is not None)
    return Statement(
        sql=f"CREATE TYPE {sql_name(range_)} AS RANGE ({written})",
        ref=range_.ref,
        section=Section.PRE_DATA,
        provides=frozenset({range_.ref}),
    )


def drop_range(range_: RangeType) -> Statement:
    """The multirange type and the functions that make values go with it."""
    return Statement(
        sql=f"DROP TYPE {sql_name(range_)}",
        ref=range_.ref,
        section=Section.PRE_DATA,
        destroys=frozenset({range_.ref}),
    )
