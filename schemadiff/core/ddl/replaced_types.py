"""A type that cannot be altered: renamed out of the way, made anew, its columns moved over, then dropped."""

from schemadiff.core.catalog import Domain, EnumType
from schemadiff.core.ddl.references import replaced_ref, sql_name
from schemadiff.core.identifiers import qualified, quote, shortened
from schemadiff.core.plan import Section, Statement

_SUFFIX = "__replaced"


def put_aside(type_: EnumType | Domain) -> Statement:
    """What names the type in its own definition (functions, views) has to be gone by then."""
    return Statement(
        sql=f"ALTER {_word(type_)} {sql_name(type_)} RENAME TO {quote(shortened(type_.name, _SUFFIX))}",
        ref=type_.ref,
        section=Section.PRE_DATA,
        destroys=frozenset({type_.ref}),
    )


def drop_replaced(type_: EnumType | Domain) -> Statement:
    """After the last column has moved over."""
    return Statement(
        sql=f"DROP {_word(type_)} {qualified(type_.schema, shortened(type_.name, _SUFFIX))}",
        ref=type_.ref,
        section=Section.PRE_DATA,
        requires=frozenset({type_.ref}),
        destroys=frozenset({replaced_ref(type_)}),
    )


def _word(type_: EnumType | Domain) -> str:
    return "TYPE" if isinstance(type_, EnumType) else "DOMAIN"
