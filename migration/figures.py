"""Measured figures of an option as values: each with its label and how it was measured. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from schemadiff.core.catalog import Catalog
from schemadiff.core.mapping import QualifiedName
from schemadiff.core.options.measures import IF_CONFIRMED, left_behind
from schemadiff.core.options.option import SCRATCH_VERSION, Measure, Option, OptionName
from schemadiff.core.options.required import Needs
from schemadiff.evidence.judgements import Judgement
from schemadiff.evidence.profiles import NonNullCounts
from schemadiff.evidence.queries import QueryOutcome, QueryVerdict

_WORKING = (QueryOutcome.SAME, QueryOutcome.CHANGED)
_LABELS = {
    QueryOutcome.SAME: ("queries_same", "Queries that work as before"),
    QueryOutcome.CHANGED: ("queries_changed", "Queries that give another shape"),
    QueryOutcome.FAILS: ("queries_fail", "Queries that fail"),
    QueryOutcome.NOT_JUDGED: ("queries_not_judged", "Queries not judged"),
}
_CALLS = {
    QueryOutcome.SAME: ("calls_same", "Calls of queries that work as before"),
    QueryOutcome.CHANGED: ("calls_changed", "Calls of queries that give another shape"),
    QueryOutcome.FAILS: ("calls_fail", "Calls of queries that fail"),
}


def of_rows(option: Option, rows: Mapping[QualifiedName, int]) -> Measure:
    """The rows of the option's tables; `rows` may hold more tables."""
    count = sum(count for table, count in rows.items() if table in option.scope.tables)
    return Measure(key="rows_in_scope", label="Rows in scope", value=count, how="Counted on the source.")


def of_values(
    option: Option, lost_places: Iterable[tuple[QualifiedName, str]], values: NonNullCounts
) -> tuple[Measure, Measure]:
    """All values of the option's tables, and those in columns that it leaves behind, the most first."""
    counts, scope = values.counts, set(option.scope.tables)
    lost = [(place, counts.get(place, 0)) for place in lost_places]
    lost.sort(key=lambda entry: (-entry[1], entry[0]))
    return (
        Measure(
            key="values_in_scope",
            label="Values in scope",
            value=sum(count for (table, _), count in counts.items() if table in scope),
            how=f"Values that are not null. {values.how}",
        ),
        Measure(
            key="values_left_behind",
            label="Values left behind",
            value=sum(count for _, count in lost),
            how=f"Values that are not null in source columns that no target column gets. {values.how}",
            items=tuple(f"{'.'.join(table)}.{column}: {count:,}" for (table, column), count in lost if count),
        ),
    )


def of_values_if_confirmed(source: Catalog, option: Option, values: NonNullCounts) -> Iterator[Measure]:
    """What would be left behind once the open suggestions are confirmed; nothing where none is open."""
    count = option.mapping.unconfirmed_count
    if count:
        confirmed = replace(option, mapping=option.mapping.as_if_confirmed())
        _, lost = of_values(confirmed, left_behind(source, confirmed), values)
        yield replace(
            lost,
            key=f"{lost.key}{IF_CONFIRMED}",
            label=f"{lost.label}, once suggestions are confirmed",
            how=f"As if the {count} open suggestions had been confirmed. {lost.how}",
        )


def of_refusals(counts: Mapping[Needs, int]) -> Measure:
    """The rows that the result is sure to refuse."""
    refused = [(need, count) for need, count in counts.items() if count]
    return Measure(
        key="rows_refused",
        label="Rows refused for a missing value",
        value=sum(count for _, count in refused),
        how="Counted on the source: rows without a value for a column of the result that must not be null."
        " Other constraints are not looked at.",
        items=tuple(_refusal(need, count) for need, count in refused),
    )


def of_failed_expressions(sentence: str) -> Measure:
    """In place of `of_refusals` where an expression of the mapping could not be worked out for every row."""
    return Measure(
        key="expressions_failed",
        label="Expressions that rows make fail",
        value=1,
        how="Expressions of the mapping were worked out for every row of the source, up to the first that failed.",
        items=(sentence,),
    )


def of_queries(verdicts: Sequence[QueryVerdict], how: str) -> tuple[Measure, ...]:
    """One figure for each outcome, with the queries by name; and how many calls that is, where they were counted."""
    return (*(_verdicts(outcome, verdicts, how) for outcome in QueryOutcome), *_of_calls(verdicts, how))


def of_rewritten(judged: Sequence[Judgement], how: str) -> Iterator[Measure]:
    """Of the queries that the mapping rewrites: how many then work, and give all the columns that they gave."""
    found = [each for each in judged if each.rewritten is not None]
    if not found:
        return
    work = [each for each in found if each.rewritten and each.rewritten.outcome in _WORKING]
    same = sum(1 for each in work if each.rewritten and each.rewritten.outcome is QueryOutcome.SAME)
    yield Measure(
        key="queries_rewritten",
        label="Queries that work once rewritten by the mapping",
        value=len(work),
        how=f"Of {len(found)} that the mapping rewrites; {same} of them give the columns that they gave. {how}",
        items=tuple(each.query.name for each in work),
    )


def _of_calls(verdicts: Sequence[QueryVerdict], how: str) -> Iterator[Measure]:
    """The same outcomes weighted by use; nothing where no call was counted."""
    if all(verdict.calls is None for verdict in verdicts):
        return
    judged = [verdict for verdict in verdicts if verdict.outcome is not QueryOutcome.NOT_JUDGED]
    total = sum(verdict.calls or 0 for verdict in judged)
    for outcome, (key, label) in _CALLS.items():
        mine = [verdict for verdict in judged if verdict.outcome is outcome]
        yield Measure(
            key=key,
            label=label,
            value=sum(verdict.calls or 0 for verdict in mine),
            how=f"Of {total:,} calls of judged queries, as they were counted where the queries were found. {how}",
            items=tuple(
                f"{verdict.name}: {verdict.calls:,}"
                for verdict in sorted(mine, key=lambda verdict: (-(verdict.calls or 0), verdict.name))
                if verdict.calls
            ),
        )


def of_failed_statements(failed: Sequence[str], where: str) -> Measure:
    """Statements of the plan that the scratch server refused."""
    return Measure(
        key="statements_failed",
        label="Statements that failed on scratch",
        value=len(failed),
        how=f"Every statement of the option's plan was carried out on {where}.",
        items=tuple(failed),
    )


def of_scratch_server(major: int, versions: str) -> Measure:
    """Which server the scratch databases were on; `versions` says it in a sentence."""
    return Measure(
        key=SCRATCH_VERSION, label="PostgreSQL of the scratch databases", value=major, how=versions
    )


def side_by_side(measured: Mapping[OptionName, Iterable[Measure]]) -> dict[OptionName, tuple[Measure, ...]]:
    """One figure a key, the later in the place of the earlier; a hazard that only others have counts as 0."""
    found = {name: {measure.key: measure for measure in measures} for name, measures in measured.items()}
    hazards = {
        m.key: m for measures in found.values() for m in measures.values() if m.key.startswith("hazards_")
    }
    none = {key: replace(hazard, value=0, items=()) for key, hazard in hazards.items()}
    return {name: tuple({**measures, **none, **measures}.values()) for name, measures in found.items()}


def _refusal(need: Needs, count: int) -> str:
    columns = need.unfilled or tuple(pair.target for pair in need.nullable)
    return f"{'.'.join(need.source)}: {count:,}, for {', '.join(columns)}"


def _verdicts(outcome: QueryOutcome, verdicts: Sequence[QueryVerdict], how: str) -> Measure:
    key, label = _LABELS[outcome]
    chosen = [verdict for verdict in verdicts if verdict.outcome is outcome]
    items = tuple(f"{verdict.name}{_times(verdict)}: {verdict.detail}" for verdict in chosen)
    return Measure(key=key, label=label, value=len(chosen), how=how, items=items)


def _times(verdict: QueryVerdict) -> str:
    return "" if verdict.calls is None else f" ({verdict.calls:,} calls)"
