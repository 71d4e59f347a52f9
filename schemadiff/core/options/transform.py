"""Transform: the target's schema stays; every row is mapped on the way. Needs a confirmed mapping."""

from collections.abc import Iterator
from dataclasses import replace

from schemadiff.core.catalog import Catalog, Table
from schemadiff.core.mapping import Mapping, TableMapping
from schemadiff.core.options.measures import measure, measure_if_confirmed
from schemadiff.core.options.option import Option, OptionName, Scope
from schemadiff.core.options.scoping import label, refuse_protected, scope_tables
from schemadiff.core.plan import Plan
from schemadiff.core.snapshot import fingerprint


def transform(source: Catalog, target: Catalog, scope: Scope, mapping: Mapping) -> Option:
    """No DDL. Raises Refused where a table is missing in the source or a protected one would take rows."""
    scope_tables(source, scope)
    carried = _without_rejected(mapping.restricted_to(scope.tables))
    refuse_protected({entry.target for entry in carried.tables}, scope)
    option = Option(
        name=OptionName.TRANSFORM,
        plan=Plan(target_fingerprint=fingerprint(target)),
        mapping=carried,
        scope=scope,
        blockers=tuple(_blockers(source, target, scope, carried)),
    )
    measures = (*measure(source, target, option), *measure_if_confirmed(source, option))
    return replace(option, measures=measures)


def _without_rejected(mapping: Mapping) -> Mapping:
    """A part, or one of several that go into a table, of which everything was rejected is none."""
    merged = mapping.merged()
    tables = (
        entry
        for entry in mapping.tables
        if not (entry.part or entry.target in merged) or entry.accepted() or entry.unconfirmed()
    )
    return replace(mapping, tables=tuple(tables))


def _blockers(source: Catalog, target: Catalog, scope: Scope, mapping: Mapping) -> Iterator[str]:
    if count := mapping.unconfirmed_count:
        pairs = "column pair is" if count == 1 else "column pairs are"
        yield f"{count} {pairs} not confirmed yet: confirm or reject each on the mapping page."
    for name in scope.tables:
        table = source.table(*name)
        entries = mapping.all_for_source(name)
        for entry in entries:
            yield from _unfillable(target, entry)
        if entries:
            continue
        if table is None or table.partition_of not in scope.tables:
            yield f"{label(name)} has no target table yet: say which one takes its rows, or leave it out."


def _unfillable(target: Catalog, entry: TableMapping) -> Iterator[str]:
    into = target.table(*entry.target)
    if into is None:
        yield f"The target has no table {label(entry.target)}, into which {label(entry.source)} is mapped."
        return
    filled = {pair.target for pair in entry.accepted() if pair.source or pair.expression}
    for name in unfilled_columns(into, filled):
        yield (
            f"{label(entry.target)}.{name} must not be null, has no default, and nothing fills it: "
            "map a column or an expression to it."
        )


def unfilled_columns(table: Table, filled: set[str]) -> Iterator[str]:
    """The columns for want of which the table would refuse every row."""
    for column in table.columns:
        by_itself = column.default is not None or column.identity or column.generated
        if column.not_null and not by_itself and column.name not in filled:
            yield column.name
