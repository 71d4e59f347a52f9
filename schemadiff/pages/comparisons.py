"""The pages of comparisons: the list, the forms, and the differences themselves."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import sqlparse
from django.contrib.auth.models import User

from schemadiff import schema_sql, store
from schemadiff.compared import summary_of
from schemadiff.core.approval import Standing
from schemadiff.core.catalog import ObjectRef, Table
from schemadiff.core.changes import Renamed
from schemadiff.core.errors import SchemadiffError
from schemadiff.core.marks import Mark
from schemadiff.core.plan import Statement
from schemadiff.core.severity import Severity
from schemadiff.exports import FORMATS
from schemadiff.forms.comparisons import ComparisonForm, ScopeForm
from schemadiff.models import Comparison, Trial
from schemadiff.pages.comparison_filters import Filters
from schemadiff.pages.filter_bar import FilterBar, filter_bar, severity_chip
from schemadiff.pages.object_list import ObjectList, object_list
from schemadiff.pages.object_panel import ObjectPanel, object_panel, same_entry
from schemadiff.pages.renames import RenamePart, rename_part
from schemadiff.pages.reviews import (
    Discussion,
    ReviewPanel,
    StandingChip,
    discussion,
    review_panel,
    standing_chip,
    with_threads,
)
from schemadiff.pages.rules import HiddenPart, hidden_part
from schemadiff.pages.trials import InTheWay, TrialStrip, in_the_way, trial_strip
from schemadiff.store import reviews
from schemadiff.store.compared import LeftOutKind, Summary, compared_object, entry_of, sides_of
from schemadiff.store.compared_list import object_and_mark, viewed_count
from schemadiff.store.trials import latest_trials, latest_trials_about

EXPORTS = tuple((key, format.name) for key, format in FORMATS.items())

_COUNTED = {
    Mark.CHANGED.value: "changed",
    Mark.RENAMED.value: "renamed",
    Mark.REMOVED.value: "only in the source",
    Mark.ADDED.value: "only in the target",
}
_SHOWN_SEVERITIES = (Severity.DATA_LOSS, Severity.BREAKING, Severity.HAZARD)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedComparison:
    """`differ` is None where nobody has opened it yet."""

    comparison: Comparison
    differ: int | None
    review: StandingChip


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparisonsPage:
    comparisons: tuple[ListedComparison, ...]
    can_compare: bool  # there are two connections
    section: str = "comparisons"


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparisonFormPage:
    form: ComparisonForm
    section: str = "comparisons"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopePage:
    comparison: Comparison
    form: ScopeForm
    section: str = "comparisons"


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparisonPage:
    """`panel` is the chosen object, else the first that is listed."""

    comparison: Comparison
    versions: str
    verdict: str
    verdict_state: str
    objects: int
    differ: int
    left_out: tuple[LeftOutKind, ...]
    review: ReviewPanel
    trials: TrialStrip
    rules: HiddenPart
    renames: RenamePart
    filters: Filters
    bar: FilterBar
    listing: ObjectList
    panel: ObjectPanel | None
    discussion: Discussion | None
    wanted: str  # the key that was asked for and is not there
    exports: tuple[tuple[str, str], ...] = EXPORTS
    section: str = "comparisons"


@dataclass(frozen=True, slots=True, kw_only=True)
class SqlStatement:
    text: str
    hazards: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectSqlPage:
    """What brings one object of the target to what it is in the source; `refusal` says why there is none."""

    comparison: Comparison
    key: str
    label: str
    statements: tuple[SqlStatement, ...]
    refusal: str = ""
    hazards: int = 0
    section: str = "comparisons"


def comparisons_page(comparisons: Iterable[Comparison], *, can_compare: bool) -> ComparisonsPage:
    """The list, with where each review stands."""
    rows = tuple(comparisons)
    standings = reviews.standings_of(rows)
    listed = (
        ListedComparison(
            comparison=row,
            differ=row.summary.get("differ"),
            review=standing_chip(standings[row.number]),
        )
        for row in rows
    )
    return ComparisonsPage(comparisons=tuple(listed), can_compare=can_compare)


def comparison_page(
    comparison: Comparison, filters: Filters, user: User, editing: int | None = None
) -> ComparisonPage:
    """Everything the diff page shows first; `editing` is the comment that is being edited."""
    summary = summary_of(comparison)
    listing = object_list(comparison, summary, filters, user)
    chosen = filters.object or listing.first
    trials = latest_trials_about(comparison, chosen)
    panel = _panel(comparison, filters, chosen, user, in_the_way(trials, summary.digest))
    said = discussed(comparison, panel, user, editing) if panel else None
    review = _review(comparison, summary, user)
    return ComparisonPage(
        comparison=comparison,
        versions=f"PostgreSQL {_version(summary.source_version)} → {_version(summary.target_version)}",
        verdict=_verdict(summary),
        verdict_state="warn" if summary.differ else "ok",
        objects=summary.objects,
        differ=summary.differ,
        left_out=tuple(replace(one, kind=_plural(one.kind, one.count)) for one in summary.left_out),
        review=review,
        trials=_strip(comparison, summary, review.standing, trials),
        rules=hidden_part(comparison, summary, filters),
        renames=rename_part(comparison, summary),
        filters=filters,
        bar=filter_bar(summary, filters),
        listing=listing if filters.object else listing.choosing(chosen),
        panel=with_threads(panel, said) if panel and said else panel,
        discussion=said,
        wanted=filters.object if panel is None else "",
    )


def listing_of(comparison: Comparison, filters: Filters, user: User) -> tuple[ObjectList, FilterBar]:
    """Only the list and the filters that led to it, for a fragment."""
    summary = summary_of(comparison)
    return object_list(comparison, summary, filters, user), filter_bar(summary, filters)


def review_of(comparison: Comparison, user: User) -> ReviewPanel:
    """Only where the review stands, for a fragment."""
    return _review(comparison, summary_of(comparison), user)


def trials_of(comparison: Comparison) -> TrialStrip:
    """Only where the trials stand, for a fragment."""
    standing = reviews.standing(comparison)
    return _strip(comparison, summary_of(comparison), standing, latest_trials(comparison))


def _strip(
    comparison: Comparison, summary: Summary, standing: Standing, trials: dict[str, Trial]
) -> TrialStrip:
    return trial_strip(
        trials,
        digest=summary.digest,
        differ=summary.differ,
        standing=standing,
        has_rows=comparison.target.connection_id is not None,
    )


def _review(comparison: Comparison, summary: Summary, user: User) -> ReviewPanel:
    return review_panel(
        reviews.standing(comparison),
        viewed=viewed_count(comparison, user),
        differ=summary.differ,
        open_threads=reviews.open_thread_count(comparison),
    )


def discussed(comparison: Comparison, panel: ObjectPanel, user: User, editing: int | None) -> Discussion:
    """What was said of the object that the panel shows."""
    return discussion(comparison, panel, reviews.comments_on(comparison, panel.key), user, editing)


def panel_of(comparison: Comparison, filters: Filters, key: str, user: User) -> ObjectPanel | None:
    """Only one object, for a fragment; None where the comparison has none of this key."""
    summary = summary_of(comparison)
    found = in_the_way(latest_trials_about(comparison, key), summary.digest)
    return _panel(comparison, filters, key, user, found)


def _panel(
    comparison: Comparison, filters: Filters, key: str, user: User, rows: InTheWay | None
) -> ObjectPanel | None:
    row, is_viewed = object_and_mark(comparison, key, user)
    if row is None:
        return None
    source, target = sides_of(row, comparison)
    entry = entry_of(row) or same_entry(source)
    mapping = store.mapping_of_table(comparison, source.qualified) if isinstance(source, Table) else None
    severity = Severity(row.severity) if row.severity else None
    return replace(
        object_panel(entry, source, target, mapping, filters),
        digest=row.digest,
        position=row.position,
        severity=severity_chip(severity) if severity in _SHOWN_SEVERITIES else None,
        reasons=tuple(row.reasons),
        in_the_way=rows,
        is_viewed=is_viewed,
        query=filters.at_object(key).query(),
        row_query=f"{filters.at_object(key).query()}&attribute=",
    )


def object_sql_page(comparison: Comparison, key: str) -> ObjectSqlPage | None:
    """The statements about one object; None where there is no such object."""
    summary_of(comparison)
    row = compared_object(comparison, key)
    if row is None:
        return None
    entry = entry_of(row)
    refs = [entry.ref] if entry else []
    if entry and isinstance(entry.own, Renamed):
        refs.append(entry.own.target)
    try:
        statements, refusal = _statements(comparison, refs), ""
    except SchemadiffError as exc:
        statements, refusal = (), str(exc)
    return ObjectSqlPage(
        comparison=comparison,
        key=key,
        label=row.label,
        statements=statements,
        refusal=refusal,
        hazards=sum(len(statement.hazards) for statement in statements),
    )


def _statements(comparison: Comparison, refs: Iterable[ObjectRef]) -> tuple[SqlStatement, ...]:
    found = [statement for ref in refs for statement in schema_sql.statements_of(comparison, ref)]
    return tuple(_sql_statement(statement) for statement in found)


def _sql_statement(statement: Statement) -> SqlStatement:
    return SqlStatement(
        text=sqlparse.format(statement.sql, keyword_case="upper").strip() + ";",
        hazards=tuple(hazard.message for hazard in statement.hazards),
    )


def _verdict(summary: Summary) -> str:
    if not summary.differ:
        if not summary.tables:
            return "The schemas agree: neither database has a table."
        return f"The schemas agree: all {summary.objects:,} objects are the same."
    counts = summary.states
    parts = [f"{counts[mark]:,} {words}" for mark, words in _COUNTED.items() if counts.get(mark)]
    verb = "differs" if summary.differ == 1 else "differ"
    return f"{summary.differ:,} of {summary.objects:,} objects {verb}: {', '.join(parts)}."


def _version(number: int) -> str:
    return f"{number // 10000}.{number % 10000}"


def _plural(kind: str, count: int) -> str:
    if count == 1:
        return kind
    return f"{kind[:-1]}ies" if kind.endswith("y") else f"{kind}s"
