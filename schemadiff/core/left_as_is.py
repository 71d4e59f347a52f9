"""What a plan leaves as it is, for PostgreSQL has no statement that changes it and keeps the rows."""

from collections.abc import Iterator

from schemadiff.core.catalog import Catalog, Column, Constraint, Table
from schemadiff.core.plan import Notice
from schemadiff.core.typed import columns_after, may_be_typed


def left_as_is(source: Catalog, target: Catalog) -> tuple[Notice, ...]:
    """The order of columns, types of tables that have them in another, and whether a child's column or check is its own
    as well as its parent's."""
    present = {table.qualified: table for table in target.every_table}
    found: list[Notice] = []
    for table in source.every_table:
        other = present.get(table.qualified)
        if other is not None and other != table:
            found += [*_order(table, other), *_untyped(table, other), *_local(table, other)]
    return tuple(found)


def _order(source: Table, target: Table) -> Iterator[Notice]:
    """Of the columns that both have; one that is added goes last, which is said once it is there."""
    wanted = [column.name for column in source.columns if target.column(column.name)]
    present = [column.name for column in target.columns if source.column(column.name)]
    if wanted != present:
        names = f"{', '.join(present)}; the source has {', '.join(wanted)}"
        message = f"The columns of {source.ref.label} stay in their order: {names}."
        yield Notice(ref=source.ref, message=message)


def _untyped(source: Table, target: Table) -> Iterator[Notice]:
    names = columns_after(source, target)
    if source.of_type and not may_be_typed(source, target):
        kind = ".".join(source.of_type)
        order = f"its columns will be {', '.join(names)}, and the type has them in another order"
        yield Notice(ref=source.ref, message=f"{source.ref.label} cannot be of the type {kind}: {order}.")


def _local(source: Table, target: Table) -> Iterator[Notice]:
    every: tuple[Column | Constraint, ...] = (*target.columns, *target.constraints)
    others = {part.name: part for part in every}
    for part in _inherited(source):
        other = others.get(part.name)
        if other is None or (part.local and not other.inherited):
            continue
        if isinstance(part, Constraint) and not other.inherited and source.parents == target.parents:
            continue  # it goes for the parent's, which comes
        if part.local != other.local:
            what = "stays its parent's alone" if part.local else "stays its own, too"
            yield Notice(ref=source.ref, message=_sentence(source, part, what))


def _inherited(table: Table) -> Iterator[Column | Constraint]:
    yield from (column for column in table.columns if column.inherited)
    yield from (constraint for constraint in table.constraints if constraint.inherited)


def _sentence(table: Table, part: Column | Constraint, what: str) -> str:
    kind = "column" if isinstance(part, Column) else "constraint"
    whose = f"The {kind} {part.name} of {table.ref.label}, which it has from a parent,"
    return f"{whose} {what}; it is not so in the source."
