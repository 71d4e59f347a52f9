"""Measures the three options: what each leaves behind on the source, and which queries work on its result.

The result is made on a throw-away server: the target's schema, then the option's plan. Measuring carries no
rows; a rehearsal carries them, and so knows every row that is refused.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import psycopg
from django.conf import settings
from django.db import transaction

from migration import figures
from migration.core.phases import Phase
from migration.rehearsed_figures import of_mendable, of_missing_keys, of_rehearsal
from migration.rehearsed_run import rehearse
from migration.rehearsed_source import Source, SourceRows, source_of
from migration.scratch import Scratch, beginning, replayed
from migration.scratch_places import Places, on_embedded, places_for
from migration.stage import MOST_ROWS, Stage, stage_of
from schemadiff import store
from schemadiff.connections import dsn_of
from schemadiff.core.catalog import Catalog
from schemadiff.core.errors import Refused
from schemadiff.core.mapping import Mapping as ColumnMapping
from schemadiff.core.options.measures import left_behind
from schemadiff.core.options.option import Measure, Option, OptionName, Scope
from schemadiff.core.options.required import needs_of
from schemadiff.databases import connect
from schemadiff.evidence.embeds import as_postgrest_asks
from schemadiff.evidence.judgements import Judgement, OnResult, judge_result, judgements
from schemadiff.evidence.mending import mendable
from schemadiff.evidence.queries import NamedQuery
from schemadiff.evidence.refusals import rows_without_value
from schemadiff.evidence.rewriting import Names
from schemadiff.introspection import read_catalog
from schemadiff.models import Comparison
from schemadiff.store.queries import queries_of

Basis: TypeAlias = tuple[Scope, ColumnMapping, tuple[str, ...]]
"""Scope, mapping, and what hybrid relaxes."""
Judgements: TypeAlias = dict[OptionName, tuple[Judgement, ...]]


def _silent(words: str) -> None:
    """Nobody wants to be told."""


def measure_comparison(comparison_id: int) -> None:
    """Measure every option of a stored comparison and keep the figures as its evidence.

    Raises Refused where the source's connection is gone, and what opening and reading it may raise.
    """
    comparison = _comparison(comparison_id)
    basis = _basis_of(comparison)
    judged: Judgements = {}
    measured = measure_options(
        _source_dsn(comparison),
        store.catalog_of(comparison.target),
        store.catalog_of(comparison.source),
        _possible(comparison),
        queries_of(comparison.project_id),
        judged=judged,
        places=_places(comparison),
    )
    _record(comparison, basis, measured, judged)


def rehearse_comparison(
    comparison_id: int, *, limit: int = MOST_ROWS, reached: Callable[[str], None] = _silent
) -> None:
    """As `measure_comparison`, with rows. `reached` is told in words what is being done."""
    comparison = _comparison(comparison_id)
    basis = _basis_of(comparison)
    judged: Judgements = {}
    connection = comparison.target.connection
    measured = rehearse_options(
        _source_dsn(comparison),
        store.catalog_of(comparison.target),
        store.catalog_of(comparison.source),
        _possible(comparison),
        queries_of(comparison.project_id),
        target_dsn=dsn_of(connection) if connection else None,
        limit=limit,
        reached=reached,
        judged=judged,
        places=_places(comparison),
    )
    _record(comparison, basis, measured, judged)


def _places(comparison: Comparison) -> Places:
    chosen = comparison.scratch_on
    return places_for(dsn_of(chosen) if chosen else settings.SCRATCH_SERVER)


def _basis_of(comparison: Comparison) -> Basis:
    """What people may change while figures are worked out."""
    choices = tuple(sorted(comparison.hybrid_choices))
    return store.scope_of(comparison), store.mapping_of(comparison), choices


def _record(
    comparison: Comparison,
    basis: Basis,
    measured: Mapping[OptionName, tuple[Measure, ...]],
    judged: Judgements,
) -> None:
    """Keep the figures. Raises Refused where scope or mapping are no longer those that they were made for."""
    with transaction.atomic():
        now = Comparison.objects.select_for_update().get(pk=comparison.pk)
        if _basis_of(now) != basis:
            raise Refused(
                f"The scope or the mapping of comparison #{now.number} was changed while its options were "
                "measured, so the figures would be out of date and were not kept. Measure again."
            )
        for name, measures in measured.items():
            store.record_measures(now, name, measures)
            store.record_judgements(now, name, judged.get(name, ()))


def measure_options(
    source_dsn: str | None,
    target_catalog: Catalog,
    source_catalog: Catalog,
    options: Sequence[Option],
    queries: Sequence[NamedQuery],
    *,
    judged: Judgements | None = None,
    places: Places = on_embedded,
) -> dict[OptionName, tuple[Measure, ...]]:
    """The options' own figures and the measured ones, each with how it was measured.

    Without `source_dsn` (the source is a snapshot) nothing is counted in its rows, and queries are judged
    against a replica of its schema. Without queries none are judged. What is not measured has no Measure.
    `judged` takes what becomes of each query; scratch databases are at `places`.
    """
    queries = as_postgrest_asks(queries, source_catalog)
    found = {}
    with (
        source_of(source_dsn, source_catalog, options, queries, places) as source,
        replayed(target_catalog, places) as scratch,
    ):
        for option in options:
            asks = _Asks(catalog=source_catalog, search_path=source.search_path)
            result = _carried_out(scratch, option, queries, asks)
            told = _judgements(source, queries, result)
            found[option.name] = _measures(source, source_catalog, option, result, told)
            if judged is not None:
                judged[option.name] = told
    return figures.side_by_side(found)


def rehearse_options(
    source_dsn: str,
    target_catalog: Catalog,
    source_catalog: Catalog,
    options: Sequence[Option],
    queries: Sequence[NamedQuery],
    *,
    target_dsn: str | None = None,
    limit: int = MOST_ROWS,
    reached: Callable[[str], None] = _silent,
    judged: Judgements | None = None,
    places: Places = on_embedded,
) -> dict[OptionName, tuple[Measure, ...]]:
    """As `measure_options`, each option carried out with rows as a run would.

    All rows of the source up to `limit`, above it a sample of every table with the rows that it refers to. The
    target's own rows are there where its address is given.
    """
    queries = as_postgrest_asks(queries, source_catalog)
    found = {}
    with (
        beginning(replayed(target_catalog, places)) as replaying,
        source_of(source_dsn, source_catalog, options, queries, places) as source,
        stage_of(
            source_dsn,
            target_dsn,
            source_catalog,
            target_catalog,
            options,
            replaying.result(),
            limit=limit,
            places=places,
        ) as stage,
    ):
        for option in options:

            def told(phase: Phase, name: OptionName = option.name) -> None:
                reached(f"{name.value.capitalize()}: {phase.value.replace('_', ' ')}")

            asks = _Asks(catalog=source_catalog, search_path=source.search_path)
            result = _carried_out_with_rows(stage, option, queries, asks, told)
            verdicts = _judgements(source, queries, result)
            found[option.name] = _measures(source, source_catalog, option, result, verdicts)
            if judged is not None:
                judged[option.name] = verdicts
    return figures.side_by_side(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asks:
    """How the application's queries find the source's tables."""

    catalog: Catalog
    search_path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Result:
    """What an option's plan made of the target's schema on the scratch server."""

    scratch: Scratch
    catalog: Catalog
    queries: OnResult
    failed: tuple[str, ...]
    is_whole: bool  # neither the schema nor the plan lacks an object
    rows: str  # with or without
    measures: tuple[Measure, ...] = ()


def _carried_out(scratch: Scratch, option: Option, queries: Sequence[NamedQuery], asks: _Asks) -> _Result:
    with scratch.with_plan(option.plan) as (connection, failed):
        catalog, judged = _looked_at(connection, queries, asks, option)
        return _Result(
            scratch=scratch,
            catalog=catalog,
            queries=judged,
            failed=tuple(map(str, failed)),
            is_whole=not scratch.missing and not failed,
            rows="without rows",
        )


def _carried_out_with_rows(
    stage: Stage,
    option: Option,
    queries: Sequence[NamedQuery],
    asks: _Asks,
    reached: Callable[[Phase], None],
) -> _Result:
    """Where the run fails, what it would have made is looked at without rows."""
    with stage.scratch.copied() as dsn:
        found = rehearse(stage.source_dsn, dsn, option, reached)
        told = stage.told.with_gaps(option.mapping.unconfirmed_count)
        measures = of_rehearsal(found, option, told, stage.counts)
        if not found.failure:
            with connect(dsn) as connection:
                catalog, judged = _looked_at(connection, queries, asks, option)
            return _Result(
                scratch=stage.scratch,
                catalog=catalog,
                queries=judged,
                failed=(),
                is_whole=not stage.scratch.missing,
                rows="with rows",
                measures=measures,
            )
    return replace(_carried_out(stage.scratch, option, queries, asks), measures=measures)


def _looked_at(
    connection: psycopg.Connection[Any], queries: Sequence[NamedQuery], asks: _Asks, option: Option
) -> tuple[Catalog, OnResult]:
    """Only transform gives the application's tables other names than they had."""
    catalog = read_catalog(connection)
    connection.execute("SELECT set_config('search_path', %s, false)", [asks.search_path])
    names = (
        Names.of(asks.catalog, catalog, option.mapping, asks.search_path)
        if option.name is OptionName.TRANSFORM
        else None
    )
    return catalog, judge_result(connection, queries, names)


def _measures(
    source: Source,
    source_catalog: Catalog,
    option: Option,
    result: _Result,
    judged: Sequence[Judgement],
) -> list[Measure]:
    found = [*option.measures, *result.measures]
    if source.rows is not None:
        found += _of_rows(source.rows, source_catalog, option, result)
    if source.judged:
        found += _of_queries(source, result, judged)
    scratch = result.scratch
    return [
        *found,
        figures.of_failed_statements(result.failed, f"{scratch.description}, {result.rows}"),
        figures.of_scratch_server(scratch.place.major, scratch.versions),
    ]


def _of_rows(rows: SourceRows, source: Catalog, option: Option, result: _Result) -> list[Measure]:
    measures = [
        figures.of_rows(option, rows.counts),
        *figures.of_values(option, left_behind(source, option), rows.values),
        *figures.of_values_if_confirmed(source, option, rows.values),
    ]
    try:
        needs = needs_of(source, result.catalog, option.mapping)
        measures.append(figures.of_refusals(rows_without_value(rows.connection, needs)))
    except Refused as refusal:
        measures.append(figures.of_failed_expressions(str(refusal)))
    if option.name is OptionName.TRANSFORM and result.measures:
        steps = mendable(rows.connection, source, result.catalog, option.mapping)
        measures.append(of_mendable(steps))
    return measures


def _judgements(source: Source, queries: Sequence[NamedQuery], result: _Result) -> tuple[Judgement, ...]:
    return judgements(queries, source.judged, result.queries, is_whole=result.is_whole)


def _of_queries(source: Source, result: _Result, judged: Sequence[Judgement]) -> tuple[Measure, ...]:
    verdicts = [each.verdict for each in judged]
    how = (
        f"Parsed, planned and described, not executed, on {result.scratch.description} with the target's schema"
        f" and this option's plan, {result.rows}; compared with {source.description}."
    )
    return (
        *figures.of_queries(verdicts, how),
        *figures.of_rewritten(judged, how),
        of_missing_keys(verdicts, how),
    )


def _comparison(comparison_id: int) -> Comparison:
    rows = Comparison.objects.select_related("source__connection", "target__connection", "scratch_on")
    return rows.get(pk=comparison_id)


def _source_dsn(comparison: Comparison) -> str:
    connection = comparison.source.connection
    if connection is None:
        raise Refused("The source's connection was removed, so nothing can be measured on it. Add it again.")
    return dsn_of(connection)


def _possible(comparison: Comparison) -> list[Option]:
    worked_out = store.options_or_refusals(comparison)
    return [option for option in worked_out.values() if isinstance(option, Option)]
