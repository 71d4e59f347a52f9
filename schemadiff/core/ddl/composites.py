"""Composite types: made, given and deprived of attributes, or replaced where an attribute changes or moves."""

from collections.abc import Iterator

from schemadiff.core import hazards
from schemadiff.core.catalog import CompositeType, ObjectRef, TypeAttribute
from schemadiff.core.ddl.references import holder_ref, replaced_ref, sql_name
from schemadiff.core.identifiers import qualified, quote, shortened
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
        destroys=frozenset({source.ref, *({replaced_ref(target)} if lost else ())}),
        hazards=tuple(_losses(target, lost)),
    )


def moved(name: str, type_: str, source: CompositeType, target: CompositeType) -> str:
    """An expression that turns the (quoted) column's values into the replacing type's, by attributes' names."""
    if not type_.endswith("[]"):
        return f"pg_catalog.jsonb_populate_record(NULL::{type_}, pg_catalog.to_jsonb({name}))"
    if not needs_holder(source, target):
        return f"{name}::text[]::{type_}"
    values = f"pg_catalog.jsonb_build_object('value', pg_catalog.to_jsonb({name}))"
    return f"(pg_catalog.jsonb_populate_record(NULL::{_holder(source)}, {values})).value"


def needs_holder(source: CompositeType, target: CompositeType) -> bool:
    """Whether an array's elements have their attributes elsewhere: only a record around it is filled by names."""
    return [a.name for a in source.attributes] != [a.name for a in target.attributes]


def losses(source: object, target: object) -> tuple[Hazard, ...]:
    """What the values of a composite type lose as they move to its successor."""
    if not isinstance(source, CompositeType) or not isinstance(target, CompositeType):
        return ()
    return tuple(_losses(target, lost_attributes(source, target)))


def create_holder(source: CompositeType) -> Statement:
    """A type for as long as columns with arrays of the composite type move over to its successor."""
    return Statement(
        sql=f"CREATE TYPE {_holder(source)} AS (value {sql_name(source)}[])",
        ref=source.ref,
        section=Section.PRE_DATA,
        provides=frozenset({holder_ref(source.ref)}),
        requires=frozenset({source.ref}),
    )


def drop_holder(source: CompositeType, moved: frozenset[ObjectRef]) -> Statement:
    """When the columns have moved."""
    return Statement(
        sql=f"DROP TYPE {_holder(source)}",
        ref=source.ref,
        section=Section.PRE_DATA,
        requires=frozenset({holder_ref(source.ref), *moved}),
    )


def _holder(source: CompositeType) -> str:
    return qualified(source.schema, shortened(source.name, "__array"))


def _retyped(source: CompositeType, target: CompositeType) -> bool:
    present = {attribute.name: attribute for attribute in target.attributes}
    return any(present.get(attribute.name, attribute) != attribute for attribute in source.attributes)


def _losses(target: CompositeType, lost: tuple[str, ...]) -> Iterator[Hazard]:
    for name in lost:
        yield hazards.data_loss(f"{name} of every value of {target.ref.label}")


def _clause(attribute: TypeAttribute) -> str:
    collation = f" COLLATE {attribute.collation}" if attribute.collation else ""
    return f"{quote(attribute.name)} {attribute.type}{collation}"
