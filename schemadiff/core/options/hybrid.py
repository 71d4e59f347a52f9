"""Hybrid: the target's schema stays and gets what is missing by name; rows are copied by equal names.

Without relaxations the target's own rules all stay, so its NOT NULL columns that the source knows nothing of refuse
rows. Each relaxation is one step further towards the source, to be weighed in a rehearsal.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import Enum

from schemadiff.core.catalog import (
    Catalog,
    Column,
    Constraint,
    ConstraintKind,
    Identity,
    ObjectRef,
    Table,
)
from schemadiff.core.column_types import fits
from schemadiff.core.ddl.references import column_ref
from schemadiff.core.hazards import DATA_LOSS
from schemadiff.core.identifiers import shortened
from schemadiff.core.inventory import Inventory
from schemadiff.core.newer_words import unknown_to_target
from schemadiff.core.options import grafting, parking
from schemadiff.core.options.left_aside import access_left_aside
from schemadiff.core.options.measures import measure
from schemadiff.core.options.option import Option, OptionName, Scope
from schemadiff.core.options.scoping import by_name, refuse_protected, scope_tables
from schemadiff.core.options.transform import unfilled_columns
from schemadiff.core.ordering import order
from schemadiff.core.plan import Mode, Notice, Plan
from schemadiff.core.planner import plan_objects
from schemadiff.core.snapshot import fingerprint
from schemadiff.core.view_text import aligned


class Relaxation(Enum):
    """What the target gives up so that more of the source's rows and queries fit."""

    NOT_NULLS = "NOT NULL of columns that the source does not have"
    KEYS = "the target's own unique keys only: those of the source are added"
    TYPES_AND_CHECKS = "types, checks and NOT NULLs of common columns that the source's values may not fit"


def hybrid(
    source: Catalog,
    target: Catalog,
    scope: Scope,
    relax: frozenset[Relaxation] = frozenset(),
    mode: Mode = Mode.PLAIN,
) -> Option:
    """Columns are added without NOT NULL unless they have a default, and without indexes, keys and comments.

    Tables that the target does not have are made as the source has them. Raises Refused as `recreate` does.
    """
    bound_to = fingerprint(target)
    source, target = aligned(source, target)
    tables = scope_tables(source, scope)
    refuse_protected({table.qualified for table in tables}, scope)
    grown = tuple(_grow(table, target, relax) for table in tables)
    wish = _wish(source, target, grown)
    planned = plan_objects(wish.catalog, wish.without_parked, mode)
    plan = Plan(
        target_fingerprint=bound_to,
        statements=order((*parking.statements(target, (), wish.aside, ()), *planned)),
        notices=(*wish.notices, *access_left_aside(source, planned)),
        mode=mode,
    )
    mapping = by_name(source, wish.catalog, scope)
    option = Option(
        name=OptionName.HYBRID,
        plan=plan,
        mapping=mapping,
        scope=scope,
        blockers=(*_losses(plan), *unknown_to_target(plan)),
    )
    return replace(option, measures=measure(source, target, option))


def _losses(plan: Plan) -> Iterator[str]:
    """A run drops nothing that was not parked first, and hybrid parks nothing."""
    for statement in plan.statements:
        for hazard in statement.hazards:
            if hazard.code == DATA_LOSS:
                yield f"A relaxation would lose data: {hazard.message} Keep the target's rule here."


@dataclass(frozen=True, slots=True, kw_only=True)
class _Grown:
    """A table as the target shall have it; `taken` is what comes from the source."""

    table: Table
    taken: frozenset[ObjectRef]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wish:
    """`catalog` is how the target shall be; `without_parked` how it is when what is in the way is put aside."""

    catalog: Catalog
    without_parked: Catalog
    aside: tuple[grafting.Needed, ...]
    notices: tuple[Notice, ...]


def _grow(source: Table, target: Catalog, relax: frozenset[Relaxation]) -> _Grown:
    present = target.table(*source.qualified)
    if present is None:
        return _Grown(table=source, taken=grafting.parts_of(Inventory(Catalog(tables=(source,))), [source]))
    grown, taken = _with_columns(source, present)
    if Relaxation.NOT_NULLS in relax:
        grown = _without_not_nulls(source, grown)
    if Relaxation.KEYS in relax:
        grown = _with_keys(source, grown)
    if Relaxation.TYPES_AND_CHECKS in relax:
        grown = _with_room(source, grown)
    return _Grown(table=grown, taken=taken)


def _with_columns(source: Table, present: Table) -> tuple[Table, frozenset[ObjectRef]]:
    added = [column for column in source.columns if present.column(column.name) is None]
    last = len(present.columns)
    placed = [_added(column, last + place) for place, column in enumerate(added, start=1)]
    taken = frozenset(column_ref(source, column) for column in added)
    return replace(present, columns=(*present.columns, *placed)), taken


def _added(column: Column, position: int) -> Column:
    """Rows that the target has, and those who write it as it is, know nothing of the column."""
    filled = column.default is not None or column.identity is not None
    return replace(column, position=position, not_null=column.not_null and filled, comment=None)


def _without_not_nulls(source: Table, table: Table) -> Table:
    def relaxed(column: Column) -> Column:
        if column.name in free or source.column(column.name):
            return column
        return replace(column, not_null=False)

    every = {column.name for column in table.columns}
    required = set(unfilled_columns(table, set()))
    free = every - required
    return replace(table, columns=tuple(relaxed(column) for column in table.columns))


def _with_keys(source: Table, table: Table) -> Table:
    keys = [
        key
        for key in source.constraints
        if key.kind is ConstraintKind.UNIQUE and not grafting.has_key(table, key.columns)
    ]
    taken = {constraint.name for constraint in table.constraints}
    added = [_renamed(key, taken) for key in keys]
    constraints = sorted((*table.constraints, *added), key=lambda constraint: constraint.name)
    return replace(table, constraints=tuple(constraints))


def _renamed(key: Constraint, taken: set[str]) -> Constraint:
    name = shortened(key.name, "_source") if key.name in taken else key.name
    return replace(key, name=name, comment=None)


def _with_room(source: Table, table: Table) -> Table:
    columns = tuple(_roomy(source.column(column.name), column) for column in table.columns)
    checks = {
        check.name
        for check in table.constraints
        if check.kind is ConstraintKind.CHECK and any(source.column(name) for name in check.columns)
    }
    same = {check.definition for check in source.constraints}
    kept = tuple(c for c in table.constraints if c.name not in checks or c.definition in same)
    return replace(table, columns=columns, constraints=kept)


def _roomy(source: Column | None, column: Column) -> Column:
    if source is None or column.generated:
        return column
    type_ = column.type if fits(source.type, column.type) else source.type
    identity = column.identity is Identity.ALWAYS
    return replace(column, type=type_, not_null=column.not_null and (source.not_null or identity))


def _wish(source: Catalog, target: Catalog, grown: tuple[_Grown, ...]) -> _Wish:
    present = _with_tables(target, (each.table for each in grown))
    missing = {e.table.qualified for e in grown if target.table(*e.table.qualified) is None}
    tables, notices = grafting.without_absent_references((e.table for e in grown), present, missing)
    made = [table for table in tables if table.qualified in missing]
    taken = frozenset[ObjectRef]().union(*(each.taken for each in grown))
    needs = grafting.needs_of(Inventory(_with_tables(source, made)), taken)
    choice = parking.choose(target, needs, target)
    without = parking.without_objects(target, choice.aside)
    parking.refuse_taken_names(without, made)
    wanted = taken | {value.ref for value in choice.wanted}
    return _Wish(
        catalog=grafting.graft(without, source, tables, choice.wanted, wanted),
        without_parked=without,
        aside=choice.aside,
        notices=(*notices, *choice.notices, *_unfilled(source, tables)),
    )


def _with_tables(catalog: Catalog, tables: Iterable[Table]) -> Catalog:
    merged = {table.qualified: table for table in catalog.tables} | {t.qualified: t for t in tables}
    return replace(catalog, tables=tuple(table for _, table in sorted(merged.items())))


def _unfilled(source: Catalog, tables: Iterable[Table]) -> Iterator[Notice]:
    """The target's columns for want of which it will refuse every row."""
    for table in tables:
        origin = source.table(*table.qualified)
        filled = {column.name for column in origin.columns} if origin else set()
        for name in unfilled_columns(table, filled):
            ref = column_ref(table, name)
            message = (
                f"{ref.label} must not be null, has no default, and the source has no such column: "
                "the target will refuse every row of this table."
            )
            yield Notice(ref=ref, message=message)
