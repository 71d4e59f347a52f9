"""A copy: rows go into the tables that the target has; those that it lacks are made as the source has them.

No option among three: nothing of the target is changed or put aside, and nothing is added to a table that is there.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from schemadiff.core import mapping_file
from schemadiff.core.catalog import Catalog, Table
from schemadiff.core.ddl.references import column_ref
from schemadiff.core.errors import Refused
from schemadiff.core.mapping import Mapping, QualifiedName, TableMapping, in_parts
from schemadiff.core.options.hybrid import hybrid
from schemadiff.core.options.option import Scope
from schemadiff.core.options.scoping import by_name, label, scope_tables
from schemadiff.core.options.transform import unfilled_columns
from schemadiff.core.plan import Notice, Plan, Section
from schemadiff.core.snapshot import fingerprint

NAME = "copy"
"""What a run that is a copy is called, where a run of an option has the option's name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """What is made, and what fills what. The plan's notices say what of the source stays behind."""

    plan: Plan
    mapping: Mapping
    scope: Scope


def copy_with_schema(source: Catalog, target: Catalog, scope: Scope, given: Mapping) -> Copy:
    """Tables that the target lacks are made first, their keys and indexes after the rows.

    `given` says what fills some tables; the others are filled by equal names. Raises Refused, naming it, where
    something of the target is in the way of what is made, or nothing fills a table.
    """
    missing = _missing(source, target, scope, given)
    plan = Plan(target_fingerprint=fingerprint(target))
    if missing:
        plan = hybrid(source, target, Scope(tables=tuple(table.qualified for table in missing))).plan
        _refuse_parking(plan)
    tables = sorted((*target.tables, *missing), key=lambda table: table.qualified)
    return _filled(source, replace(target, tables=tuple(tables)), scope, given, plan, missing)


def copy_rows(source: Catalog, target: Catalog, scope: Scope, given: Mapping) -> Copy:
    """Rows only. Raises Refused, naming it, where the target lacks a table or nothing fills it."""
    if missing := _missing(source, target, scope, given):
        raise Refused(
            f"The target has no {_listed(table.qualified for table in missing)}, and a copy of data only makes no "
            "table. Leave --data-only out to have what is missing made, or name with --tables what is there."
        )
    return _filled(source, target, scope, given, Plan(target_fingerprint=fingerprint(target)), ())


def _missing(source: Catalog, target: Catalog, scope: Scope, given: Mapping) -> tuple[Table, ...]:
    """The tables of the scope that have nowhere to go. Partitions go the way of their table."""
    scope_tables(source, scope)
    tables = [source.table(*name) for name in scope.tables if given.for_source(name) is None]
    return tuple(
        table
        for table in tables
        if table and table.partition_of not in scope.tables and target.table(*table.qualified) is None
    )


def _refuse_parking(plan: Plan) -> None:
    aside = [each for each in plan.statements if each.section is Section.PARK and each.destroys]
    if aside:
        named = ", ".join(f"{each.ref.kind.value} “{each.ref.label}”" for each in aside)
        raise Refused(
            f"The target has the {named} with another definition than the source, and tables to be made need it. A "
            "copy puts nothing aside: carry these tables with `run --option hybrid`, or make them yourself and copy "
            "with --data-only."
        )


def _filled(
    source: Catalog, target: Catalog, scope: Scope, given: Mapping, plan: Plan, missing: Iterable[Table]
) -> Copy:
    """`target` is how it will be when what is missing is there."""
    chosen = given.restricted_to(scope.tables)
    mapping_file.check(chosen, source, target)
    _refuse_unconfirmed(chosen)
    named = {entry.source for entry in chosen.tables}
    rest = (entry for entry in by_name(source, target, scope).tables if entry.source not in named)
    entries = in_parts((*rest, *chosen.tables))
    _refuse_merged_unasked(entries, chosen, missing)
    _refuse_unfilled(source, entries)
    notices = [notice for entry in entries for notice in _notices(source, target, entry)]
    filled = tuple(entry for entry in entries if entry.accepted())
    return Copy(
        plan=replace(plan, notices=(*plan.notices, *notices)), mapping=Mapping(tables=filled), scope=scope
    )


def _refuse_unconfirmed(mapping: Mapping) -> None:
    if count := mapping.unconfirmed_count:
        pairs = "column pair is" if count == 1 else "column pairs are"
        raise Refused(
            f"{count} {pairs} not confirmed in the mapping yet: take the status of each out of the file, or set it to "
            "confirmed or rejected."
        )


def _refuse_merged_unasked(entries: Sequence[TableMapping], given: Mapping, made: Iterable[Table]) -> None:
    """Two tables go into one only where the mapping says so, and where that is there with its key."""
    named, fresh = {(entry.source, entry.target) for entry in given.tables}, {each.qualified for each in made}
    for into, several in Mapping(tables=tuple(entries)).merged().items():
        one, other = several[:2]
        if into in fresh or any((entry.source, entry.target) not in named for entry in several):
            raise Refused(
                f"Both {label(one.source)} and {label(other.source)} would fill {label(into)}. Copy them one after the "
                "other, with --tables, or give the target that table with its key, and the mapping an entry for each."
            )


def _refuse_unfilled(source: Catalog, entries: Iterable[TableMapping]) -> None:
    for entry in entries:
        table = source.table(*entry.source)
        if table and table.columns and not entry.accepted():
            raise Refused(
                f"Nothing fills {label(entry.target)}: {label(entry.source)} has no column of an equal name, and the "
                "mapping names none. Say with --mapping which column became which, or leave the table out with "
                "--tables."
            )


def _notices(source: Catalog, target: Catalog, entry: TableMapping) -> Iterator[Notice]:
    table, into = source.table(*entry.source), target.table(*entry.target)
    assert table is not None and into is not None
    if not table.columns:
        yield Notice(ref=table.ref, message="It has no columns: there is nothing to copy.")
        return
    if behind := _left_behind(table, into, entry):
        message = f"Left behind, for no column of {label(entry.target)} takes them: {', '.join(behind)}."
        yield Notice(ref=table.ref, message=message)
    filled = {pair.target for pair in entry.accepted() if pair.source or pair.expression}
    for name in unfilled_columns(into, filled):
        ref = column_ref(into, name)
        message = (
            "It must not be null, has no default, and nothing fills it: every row of "
            f"{label(entry.source)} will be refused."
        )
        yield Notice(ref=ref, message=message)


def _left_behind(table: Table, into: Table, entry: TableMapping) -> list[str]:
    """Columns that nothing takes. What is computed there, and what an expression may use, is not among them."""
    taken = {pair.source for pair in entry.accepted()}
    used = " ".join(pair.expression for pair in entry.accepted() if pair.expression)
    computed = {column.name for column in into.columns if column.generated}
    return [
        column.name
        for column in table.columns
        if column.name not in taken and column.name not in computed and column.name not in used
    ]


def _listed(names: Iterable[QualifiedName]) -> str:
    every = list(names)
    return ("table " if len(every) == 1 else "tables ") + ", ".join(label(name) for name in every)
