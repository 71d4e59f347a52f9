"""Recreate: the target's tables of the scope are put aside, and made anew as the source has them.

Nothing is dropped: tables, and types or functions of the same name and another definition, go to a schema of
their own. Other tables' foreign keys, which would silently follow a table that is put aside, are taken off
and put on the new table.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from schemadiff.core.catalog import Catalog, Constraint, ObjectRef, Table
from schemadiff.core.ddl import constraints
from schemadiff.core.ddl.references import constraint_ref
from schemadiff.core.errors import Refused
from schemadiff.core.inventory import Inventory
from schemadiff.core.mapping import QualifiedName
from schemadiff.core.newer_words import unknown_to_target
from schemadiff.core.options import grafting, parking
from schemadiff.core.options.left_aside import access_left_aside
from schemadiff.core.options.measures import figure, measure
from schemadiff.core.options.option import Measure, Option, OptionName, Scope
from schemadiff.core.options.scoping import by_name, label, refuse_protected, scope_tables
from schemadiff.core.ordering import order
from schemadiff.core.plan import Mode, Notice, Plan, Statement
from schemadiff.core.planner import plan_objects
from schemadiff.core.snapshot import fingerprint
from schemadiff.core.view_text import aligned


@dataclass(frozen=True, slots=True, kw_only=True)
class _Repointing:
    """A foreign key of a table that stays. `reason` says why it cannot be put on the new table."""

    table: Table
    key: Constraint
    reason: str = ""

    @property
    def label(self) -> str:
        return f"{constraint_ref(self.table, self.key).label} → {'.'.join(self.key.references or ())}"


def recreate(source: Catalog, target: Catalog, scope: Scope, mode: Mode = Mode.PLAIN) -> Option:
    """Raises Refused, naming what is in the way, where a protected table or a name stands against it."""
    bound_to = fingerprint(target)
    source, target = aligned(source, target)
    tables = scope_tables(source, scope)
    parked = parking.tables_to_park(target, tables)
    refuse_protected({table.qualified for table in parked} | set(scope.tables), scope)
    keys = _foreign_keys_to(target, parked)
    _refuse_protected_keys(keys, scope)
    wish = _wish(source, target, tables, parked, keys)
    repointing = tuple(_judged(table, key, wish.catalog) for table, key in keys)
    planned = plan_objects(wish.catalog, wish.without_parked, mode)
    statements = [
        *parking.statements(target, parked, wish.objects_aside, keys),
        *planned,
        *(statement for each in repointing if not each.reason for statement in _repoint(each, wish.catalog)),
    ]
    plan = Plan(
        target_fingerprint=bound_to,
        statements=order(statements),
        notices=(
            *wish.notices,
            *parking.notices(target, parked),
            *_unpointed(repointing),
            *access_left_aside(source, planned),
        ),
        mode=mode,
    )
    mapping = by_name(source, wish.catalog, scope)
    option = Option(
        name=OptionName.RECREATE,
        plan=plan,
        mapping=mapping,
        scope=scope,
        blockers=tuple(unknown_to_target(plan)),
    )
    return replace(option, measures=(*measure(source, target, option), *_key_measures(repointing)))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wish:
    """`catalog` is how the target shall be; `without_parked` how it is when all is put aside."""

    catalog: Catalog
    without_parked: Catalog
    objects_aside: tuple[grafting.Needed, ...]
    notices: tuple[Notice, ...]


def _wish(
    source: Catalog,
    target: Catalog,
    tables: tuple[Table, ...],
    parked: tuple[Table, ...],
    keys: Iterable[tuple[Table, Constraint]],
) -> _Wish:
    gone = {table.qualified for table in parked}
    without_keys = grafting.without_constraints(target, {constraint_ref(table, key) for table, key in keys})
    rest = grafting.without_tables(without_keys, gone)
    made, notices = grafting.without_absent_references(tables, rest, {table.qualified for table in tables})
    return _with_needs(source, target, rest, made, notices)


def _with_needs(
    source: Catalog, target: Catalog, rest: Catalog, made: tuple[Table, ...], notices: tuple[Notice, ...]
) -> _Wish:
    origin = Inventory(replace(source, tables=_replaced(source.tables, made)))
    taken = grafting.parts_of(origin, made)
    needs = grafting.needs_of(origin, taken)
    choice = parking.choose(rest, needs, target)
    without = parking.without_objects(rest, choice.aside)
    parking.refuse_taken_names(without, made)
    catalog = grafting.graft(
        without, source, made, choice.wanted, taken | {value.ref for value in choice.wanted}
    )
    return _Wish(
        catalog=catalog,
        without_parked=without,
        objects_aside=choice.aside,
        notices=(*notices, *choice.notices),
    )


def _replaced(tables: tuple[Table, ...], made: tuple[Table, ...]) -> tuple[Table, ...]:
    by_ref = {table.ref: table for table in made}
    return tuple(by_ref.get(table.ref, table) for table in tables)


def _foreign_keys_to(target: Catalog, parked: tuple[Table, ...]) -> tuple[tuple[Table, Constraint], ...]:
    """Of tables that stay where they are."""
    names = {table.qualified for table in parked}
    return tuple(
        (table, key)
        for table in target.tables
        if table.qualified not in names
        for key in table.foreign_keys
        if key.references in names
    )


def _refuse_protected_keys(keys: Iterable[tuple[Table, Constraint]], scope: Scope) -> None:
    for table, key in keys:
        if table.qualified in scope.protected:
            raise Refused(
                f"The protected table {label(table.qualified)} refers to {'.'.join(key.references or ())} by its "
                f"foreign key {key.name}, which would have to be taken off. Leave "
                f"{'.'.join(key.references or ())} out, or do not protect {label(table.qualified)}."
            )


def _judged(table: Table, key: Constraint, wish: Catalog) -> _Repointing:
    name: QualifiedName = key.references or ("", "")
    into = wish.table(*name)
    if into is None:
        return _Repointing(table=table, key=key, reason=f"{label(name)} is not made anew")
    for own, referenced in zip(key.columns, key.referenced_columns, strict=True):
        column, mine = into.column(referenced), table.column(own)
        if column is None:
            return _Repointing(table=table, key=key, reason=f"the new table has no column {referenced}")
        if mine is not None and mine.type != column.type:
            reason = f"{own} is {mine.type} and the new {referenced} is {column.type}"
            return _Repointing(table=table, key=key, reason=reason)
    if not grafting.has_key(into, key.referenced_columns):
        columns = ", ".join(key.referenced_columns)
        return _Repointing(table=table, key=key, reason=f"the new table has no key on {columns}")
    return _Repointing(table=table, key=key)


def _repoint(each: _Repointing, wish: Catalog) -> Iterator[Statement]:
    """Not valid first: what is written from then on is checked, and what is there holds nobody up."""
    needs = _key_refs(each.key, wish)
    if each.table.partition_key:
        statement = constraints.add_constraint(each.table, each.key)
        yield replace(statement, requires=statement.requires | needs)
        return
    added = constraints.add_not_valid(each.table, each.key)
    yield replace(added, requires=added.requires | needs)
    if each.key.validated:
        yield constraints.validate(each.table, each.key)


def _key_refs(key: Constraint, wish: Catalog) -> frozenset[ObjectRef]:
    """The new table with the keys that the foreign key can refer to."""
    name = key.references or ("", "")
    table = wish.table(*name)
    assert table is not None
    inventory = Inventory(Catalog(tables=(table,)))
    keys = (part.ref for part in inventory.parts(table.ref) if part.ref.kind.value in ("constraint", "index"))
    return frozenset({table.ref, *keys})


def _unpointed(repointing: Iterable[_Repointing]) -> Iterator[Notice]:
    for each in repointing:
        if each.reason:
            yield Notice(
                ref=constraint_ref(each.table, each.key),
                message=f"The foreign key {each.label} is taken off and cannot be put on the new table: "
                f"{each.reason}. Until you replace it, nothing checks these references.",
            )


def _key_measures(repointing: tuple[_Repointing, ...]) -> tuple[Measure, ...]:
    put_on = [each.label for each in repointing if not each.reason]
    lost = [f"{each.label}: {each.reason}" for each in repointing if each.reason]
    how = "Foreign keys of tables that stay, taken off a table that is put aside"
    return (
        figure("repointed_foreign_keys", "Foreign keys re-pointed", put_on, f"{how} and put on the new one."),
        figure(
            "lost_foreign_keys", "Foreign keys that cannot be re-pointed", lost, f"{how}, and not put back."
        ),
    )
