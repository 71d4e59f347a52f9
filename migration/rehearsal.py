"""Measures the three options: what each leaves behind on the source, and which queries work on its result.

The result is made on a throw-away server: the target's schema, then the option's plan. No rows are carried.
"""

import contextlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import psycopg

from migration.scratch import NotApplied, Scratch, replayed
from schemadiff import store
from schemadiff.connections import dsn_of
from schemadiff.core.catalog import Catalog
from schemadiff.core.errors import Refused
from schemadiff.core.mapping import QualifiedName
from schemadiff.core.options.measures import left_behind
from schemadiff.core.options.option import Measure, Option, OptionName
from schemadiff.databases import connect
from schemadiff.evidence.profiles import NonNullCounts, count_non_null, row_counts
from schemadiff.evidence.queries import (
    Judged,
    NamedQuery,
    QueryOutcome,
    QueryVerdict,
    compare,
    judge,
)
from schemadiff.models import Comparison, Query

_LABELS = {
    QueryOutcome.SAME: ("queries_same", "Queries that work as before"),
    QueryOutcome.CHANGED: ("queries_changed", "Queries that give another shape"),
    QueryOutcome.FAILS: ("queries_fail", "Queries that fail"),
    QueryOutcome.NOT_JUDGED: ("queries_not_judged", "Queries not judged"),
}


def measure_comparison(comparison_id: int) -> None:
    """Measure every option of a stored comparison and keep the figures as its evidence.

    Raises Refused where the source's connection is gone, and what opening and reading it may raise.
    """
    comparison = Comparison.objects.select_related("source__connection", "target").get(pk=comparison_id)
    connection = comparison.source.connection
    if connection is None:
        raise Refused("The source's connection was removed, so nothing can be measured on it. Add it again.")
    options = [
        option for option in store.options_or_refusals(comparison).values() if isinstance(option, Option)
    ]
    queries = [
        NamedQuery(name=query.name, sql=query.sql)
        for query in Query.objects.filter(project_id=comparison.project_id)
    ]
    measured = measure_options(
        dsn_of(connection),
        store.catalog_of(comparison.target),
        store.catalog_of(comparison.source),
        options,
        queries,
    )
    for name, measures in measured.items():
        store.record_measures(comparison, name, measures)


def measure_option(
    source_dsn: str | None,
    target_catalog: Catalog,
    source_catalog: Catalog,
    option: Option,
    queries: Sequence[NamedQuery],
) -> tuple[Measure, ...]:
    """`measure_options` for one option."""
    return measure_options(source_dsn, target_catalog, source_catalog, [option], queries)[option.name]


def measure_options(
    source_dsn: str | None,
    target_catalog: Catalog,
    source_catalog: Catalog,
    options: Sequence[Option],
    queries: Sequence[NamedQuery],
) -> dict[OptionName, tuple[Measure, ...]]:
    """The options' own figures and the measured ones, each with how it was measured.

    Without `source_dsn` (the source is a snapshot) values are not counted, and queries are judged against a
    replica of its schema. Without queries none are judged. What is not measured has no Measure.
    """
    found = {option.name: list(option.measures) for option in options}
    with _source(source_dsn, source_catalog, needed=bool(queries)) as source:
        if source_dsn is not None and source.connection is not None:
            counts = _counted(source.connection, source_catalog, options)
            for option in options:
                found[option.name] += _value_measures(source_catalog, option, counts)
        if queries and source.connection is not None:
            on_source = judge(source.connection, queries)
            search_path = _search_path(source.connection)
            with replayed(target_catalog) as scratch:
                for option in options:
                    found[option.name] += _query_measures(
                        scratch, option, queries, on_source, source.description, search_path
                    )
    return {name: _without_repeats(measures) for name, measures in found.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Source:
    connection: psycopg.Connection[Any] | None
    description: str


@contextlib.contextmanager
def _source(dsn: str | None, catalog: Catalog, *, needed: bool) -> Iterator[_Source]:
    """The source itself, or a replica of its schema where only that is known and queries are to be judged."""
    if dsn is not None:
        with connect(dsn) as connection:
            yield _Source(
                connection=connection,
                description=f"the source (PostgreSQL {connection.info.server_version // 10000})",
            )
    elif needed:
        with replayed(catalog) as scratch, scratch.unchanged() as connection:
            yield _Source(connection=connection, description=f"the source's schema on {scratch.description}")
    else:
        yield _Source(connection=None, description="")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Counted:
    values: NonNullCounts
    rows: Mapping[QualifiedName, int]


def _counted(connection: psycopg.Connection[Any], source: Catalog, options: Iterable[Option]) -> _Counted:
    """Every column of every table in any option's scope, counted once for all of them."""
    tables = sorted({name for option in options for name in option.scope.tables})
    columns = [
        (table.qualified, column.name)
        for name in tables
        if (table := source.table(*name))
        for column in table.columns
    ]
    return _Counted(values=count_non_null(connection, columns), rows=row_counts(connection, tables))


def _value_measures(source: Catalog, option: Option, counted: _Counted) -> list[Measure]:
    counts, how = counted.values.counts, counted.values.how
    scope = set(option.scope.tables)
    lost = [(place, counts.get(place, 0)) for place in left_behind(source, option)]
    lost.sort(key=lambda entry: (-entry[1], entry[0]))
    return [
        Measure(
            key="rows_in_scope",
            label="Rows in scope",
            value=sum(rows for table, rows in counted.rows.items() if table in scope),
            how="Counted on the source.",
        ),
        Measure(
            key="values_in_scope",
            label="Values in scope",
            value=sum(count for (table, _), count in counts.items() if table in scope),
            how=f"Values that are not null. {how}",
        ),
        Measure(
            key="values_left_behind",
            label="Values left behind",
            value=sum(count for _, count in lost),
            how=f"Values that are not null in source columns that no target column gets. {how}",
            items=tuple(f"{'.'.join(table)}.{column}: {count:,}" for (table, column), count in lost if count),
        ),
    ]


def _query_measures(
    scratch: Scratch,
    option: Option,
    queries: Sequence[NamedQuery],
    on_source: Sequence[Judged],
    source: str,
    search_path: str,
) -> list[Measure]:
    with scratch.with_plan(option.plan) as (connection, failed):
        connection.execute("SELECT set_config('search_path', %s, false)", [search_path])
        verdicts = compare(on_source, judge(connection, queries))
    if scratch.missing or failed:
        verdicts = tuple(_uncertain(verdict) for verdict in verdicts)
    how = (
        f"Parsed, planned and described, not executed, on {scratch.description} with the target's schema"
        f" and this option's plan; compared with {source}."
    )
    return [
        *(_verdict_measure(outcome, verdicts, how) for outcome in QueryOutcome),
        _failed_measure(option, failed),
    ]


def _uncertain(verdict: QueryVerdict) -> QueryVerdict:
    """Where not everything could be made, a query may fail for that reason alone."""
    if verdict.outcome is not QueryOutcome.FAILS:
        return verdict
    detail = f"It fails where not every object could be made, perhaps for that reason: {verdict.detail}"
    return replace(verdict, outcome=QueryOutcome.NOT_JUDGED, detail=detail)


def _verdict_measure(outcome: QueryOutcome, verdicts: Sequence[QueryVerdict], how: str) -> Measure:
    key, label = _LABELS[outcome]
    chosen = [verdict for verdict in verdicts if verdict.outcome is outcome]
    items = tuple(f"{verdict.name}: {verdict.detail}" for verdict in chosen)
    return Measure(key=key, label=label, value=len(chosen), how=how, items=items)


def _failed_measure(option: Option, failed: Sequence[NotApplied]) -> Measure:
    return Measure(
        key="statements_failed",
        label="Statements that failed on scratch",
        value=len(failed),
        how=f"All {len(option.plan.statements)} statements of the plan were carried out on a scratch database"
        " without rows.",
        items=tuple(str(entry) for entry in failed),
    )


def _search_path(connection: psycopg.Connection[Any]) -> str:
    row = connection.execute("SELECT current_setting('search_path')").fetchone()
    return str(row[0]) if row else ""


def _without_repeats(measures: Iterable[Measure]) -> tuple[Measure, ...]:
    """One Measure a key, the later and measured one in the place of the earlier."""
    return tuple({measure.key: measure for measure in measures}.values())
