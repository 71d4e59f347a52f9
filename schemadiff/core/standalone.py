"""Partitions that leave their table, or join one: planned as the tables that they are between the two.

What a partition has of its parent (its shares of indexes, the parent's checks and foreign keys) is its own once it
is detached, and is taken for the parent's when it is attached.
"""

from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import replace
from typing import TypeAlias

from schemadiff.core.catalog import (
    Catalog,
    Column,
    Constraint,
    ConstraintKind,
    Dependency,
    Kind,
    NotNull,
    Table,
)
from schemadiff.core.ddl.constraints import is_passed_on
from schemadiff.core.ddl.references import constraint_ref, part_ref
from schemadiff.core.ddl.tables import retypes_partition_key

_INDEXES = (Kind.INDEX, Kind.CONSTRAINT)

_Tables: TypeAlias = Mapping[tuple[str, str], Table]


def moving_apart(source: Catalog, target: Catalog) -> tuple[Catalog, Catalog]:
    """Both, with all that moving partitions have of their parents as their own; their place is still said."""
    wanted = {table.qualified: table for table in source.every_table}
    present = {table.qualified: table for table in target.every_table}
    moving = {
        name
        for name in wanted.keys() & present.keys()
        if not is_made_anew(wanted[name], present[name])
        and (
            wanted[name].partition_of != present[name].partition_of
            or (not wanted[name].inherits and present[name].inherits)
        )
    }
    if not moving:
        return source, target
    joining = _with_apart(source, moving, lambda table: _apart(table, wanted))
    leaving = _with_apart(target, moving, lambda table: _without_shares_of_triggers(_apart(table, present)))
    return joining, leaving


def is_made_anew(wanted: Table, present: Table) -> bool:
    """Whether the table is dropped and created, for its partitions are told apart otherwise: as a partition at once,
    where it is to be one."""
    return wanted.partition_key != present.partition_key or retypes_partition_key(wanted, present)


def _with_apart(
    catalog: Catalog, moving: Set[tuple[str, str]], apart_from: Callable[[Table], Table]
) -> Catalog:
    def apart(some: tuple[Table, ...]) -> tuple[Table, ...]:
        return tuple(apart_from(table) if table.qualified in moving else table for table in some)

    return replace(
        catalog,
        tables=apart(catalog.tables),
        foreign_tables=apart(catalog.foreign_tables),
        dependencies=_with_shares_apart(catalog, moving),
    )


def _with_shares_apart(catalog: Catalog, moving: Set[tuple[str, str]]) -> tuple[Dependency, ...]:
    """A share needs its parent's index no more. A share of a key is an index of its partition; the key that it
    becomes is a constraint."""
    tables = [table for table in catalog.every_table if table.qualified in moving and table.shares]
    parents = {part_ref(table, share): table.partition_of for table in tables for share in table.shares}
    keys = {
        part_ref(table, share): constraint_ref(table, share.constraint)
        for table in tables
        for share in table.shares
        if share.constraint
    }
    return tuple(
        replace(entry, dependent=keys.get(entry.dependent, entry.dependent), on=keys.get(entry.on, entry.on))
        for entry in catalog.dependencies
        if entry.on.kind not in _INDEXES or parents.get(entry.dependent) != (entry.on.schema, entry.on.parent)
    )


def _apart(table: Table, tables: _Tables) -> Table:
    own = {constraint.name: constraint for constraint in table.constraints}
    if table.partition_of:
        own = {name: replace(constraint, inherited=False, local=True) for name, constraint in own.items()}
    indexes = list(table.indexes)
    for constraint in _of_parents(table, tables):
        own.setdefault(constraint.name, replace(constraint, comment=None))
    for share in table.shares:
        if share.constraint:
            own[share.name] = replace(share.constraint, comment=share.comment)
        elif share.index:
            indexes.append(replace(share.index, comment=share.comment))
    return replace(
        table,
        columns=tuple(map(_with_own_not_null, table.columns)),
        constraints=tuple(own[name] for name in sorted(own)),
        indexes=tuple(sorted(indexes, key=lambda index: index.name)),
        shares=(),
    )


def _without_shares_of_triggers(table: Table) -> Table:
    """They go as the partition leaves; those of the table that it joins come with it."""
    return replace(table, triggers=tuple(trigger for trigger in table.triggers if not trigger.share))


def _with_own_not_null(column: Column) -> Column:
    """A NOT NULL that was its parent's keeps its parent's name."""
    own = replace(column, inherited_not_null=None)
    if not column.not_null or not column.inherited_not_null:
        return own
    says = replace(column.not_null_as or NotNull(), name=column.inherited_not_null, repeated=False)
    return replace(own, not_null_as=says)


def _of_parents(table: Table, tables: _Tables) -> Iterator[Constraint]:
    parent = tables.get(table.partition_of) if table.partition_of else None
    if parent is None:
        return
    for constraint in parent.constraints:
        if constraint.kind is ConstraintKind.FOREIGN_KEY or is_passed_on(constraint):
            yield constraint
    yield from _of_parents(parent, tables)
