"""Composite types: made, given and deprived of attributes, or replaced where an attribute changes or moves."""

from collections.abc import Iterator

from schemadiff.core import hazards
from schemadiff.core.catalog import CompositeType, TypeAttribute
from schemadiff.core.ddl.references import sql_name
from schemadiff.core.errors import Refused
from schemadiff.core.identifiers import quote
from schemadiff.core.plan import Hazard, Section, Statement


def create_composite(composite: CompositeType) -> Statement:
    attributes = ", ".join(_clause(attribute) for attribute in composite.attributes)
    return Statement(
        sql=f"CREATE TYPE {sql_name(composite)} AS ({attributes})",
        ref=composite.ref,
        section=Section.PRE_DATA,
        provides=frozenset({composite.ref}),
    )


def drop_composite(composite: CompositeType) -> Statement:
    return Statement(
        sql=f"DROP TYPE {sql_name(composite)}",
        ref=composite.ref,
        section=Section.PRE_DATA,
        destroys=frozenset({composite.ref}),
    )


def can_alter_composite(source: CompositeType, target: CompositeType) -> bool:
    """PostgreSQL adds attributes at the end only, and changes no type that a table's column uses."""
    kept = [attribute for attribute in target.attributes if attribute in source.attributes]
    return list(source.attributes[: len(kept)]) == kept and not _retyped(source, target)


def lost_attributes(source: CompositeType, target: CompositeType) -> tuple[str, ...]:
    """Of the target, by name."""
    wanted = {attribute.name for attribute in source.attributes}
    return tuple(attribute.name for attribute in target.attributes if attribute.name not in wanted)


def alter_composite(source: CompositeType, target: CompositeType) -> Statement:
    """All in one statement, so that what is added comes in its order. What uses the type is left to its values."""
    lost = lost_attributes(source, target)
    added = [attribute for attribute in source.attributes if attribute not in target.attributes]
    actions = [f"DROP ATTRIBUTE {quote(name)}" for name in lost]
    actions += [f"ADD ATTRIBUTE {_clause(attribute)}" for attribute in added]
    return Statement(
        sql=f"ALTER TYPE {sql_name(source)} {', '.join(actions)}",
        ref=source.ref,
        section=Section.PRE_DATA,
        provides=frozenset({source.ref}),
        destroys=frozenset({source.ref}),
        hazards=tuple(_losses(target, lost)),
    )


def moved(name: str, type_: str, source: CompositeType, target: CompositeType) -> str:
    """An expression that turns the (quoted) column's values into the replacing type's, by attributes' names.

    Raises Refused for an array whose elements' attributes are not where they were: PostgreSQL has no such expression.
    """
    if not type_.endswith("[]"):
        return f"pg_catalog.jsonb_populate_record(NULL::{type_}, pg_catalog.to_jsonb({name}))"
    if [a.name for a in source.attributes] != [a.name for a in target.attributes]:
        raise Refused(
            f"The composite type {source.ref.label} has its attributes in another order or number in the source, and "
            f"the target keeps arrays of it in the column {name}, which no single expression converts. "
            "Change the type by hand first, or leave it out."
        )
    return f"{name}::text[]::{type_}"


def _retyped(source: CompositeType, target: CompositeType) -> bool:
    present = {attribute.name: attribute for attribute in target.attributes}
    return any(present.get(attribute.name, attribute) != attribute for attribute in source.attributes)


def _losses(target: CompositeType, lost: tuple[str, ...]) -> Iterator[Hazard]:
    for name in lost:
        yield hazards.data_loss(f"{name} of every value of {target.ref.label}")


def _clause(attribute: TypeAttribute) -> str:
    collation = f" COLLATE {attribute.collation}" if attribute.collation else ""
    return f"{quote(attribute.name)} {attribute.type}{collation}"
