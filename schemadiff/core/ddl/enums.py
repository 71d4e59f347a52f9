"""Enum types: made, extended by labels, or replaced where a label goes or moves."""

from collections.abc import Iterator

from schemadiff.core.catalog import EnumType
from schemadiff.core.ddl.references import label_ref, sql_name
from schemadiff.core.identifiers import literal
from schemadiff.core.plan import Section, Statement


def create_enum(enum: EnumType) -> Statement:
    labels = ", ".join(literal(label) for label in enum.labels)
    return Statement(
        sql=f"CREATE TYPE {sql_name(enum)} AS ENUM ({labels})",
        ref=enum.ref,
        section=Section.PRE_DATA,
        provides=frozenset({enum.ref}),
    )


def drop_enum(enum: EnumType) -> Statement:
    return Statement(
        sql=f"DROP TYPE {sql_name(enum)}",
        ref=enum.ref,
        section=Section.PRE_DATA,
        destroys=frozenset({enum.ref}),
    )


def is_extension_of(source: EnumType, target: EnumType) -> bool:
    """Whether the target's labels, in their order, are all in the source: ADD VALUE is enough then."""
    remaining = iter(source.labels)
    return all(label in remaining for label in target.labels)


def add_labels(source: EnumType, target: EnumType) -> Iterator[Statement]:
    """One after the other, each placed by its neighbour.

    A new label cannot be used in the transaction that adds it, so these stand outside of one.
    """
    first = target.labels[0] if target.labels else None
    for position, label in enumerate(source.labels):
        if label not in target.labels:
            yield Statement(
                sql=f"ALTER TYPE {sql_name(source)} ADD VALUE {literal(label)}"
                + _place(source, position, first),
                ref=source.ref,
                section=Section.PRE_DATA,
                provides=frozenset({source.ref, label_ref(source, position)}),
                requires=frozenset(label_ref(source, earlier) for earlier in range(position)),
                in_transaction=False,
            )


def _place(source: EnumType, position: int, first: str | None) -> str:
    if position:
        return f" AFTER {literal(source.labels[position - 1])}"
    return f" BEFORE {literal(first)}" if first is not None else ""
