"""The decisions of a project, one decision, and the form in which it is taken."""

from collections import defaultdict
from collections.abc import Iterable
from collections.abc import Mapping as Dictionary
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from schemadiff.core.options.option import Measure, OptionName
from schemadiff.core.options.weighing import Advice
from schemadiff.models import Comparison, Decision
from schemadiff.pages.decision_basis import OPTIONS, Basis, RehearsedKept, basis, rehearsed
from schemadiff.pages.figures import FigureRow, figure_rows, headline_rows, scratch_server
from schemadiff.pages.moved import MovedBanner


@dataclass(frozen=True, slots=True, kw_only=True)
class Alternative:
    option: str
    why_not: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionEntry:
    pk: int
    option: str
    reason: str
    author: str
    decided_at: datetime
    comparison_number: int
    is_current: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionsPage:
    entries: tuple[DecisionEntry, ...]
    latest_comparison: int | None
    section: str = "decisions"


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionPage:
    entry: DecisionEntry
    alternatives: tuple[Alternative, ...]
    options: tuple[str, ...]
    rows: tuple[FigureRow, ...]
    source: str
    target: str
    source_fingerprint: str
    target_fingerprint: str
    moved: MovedBanner | None
    superseded_by: int | None
    conditions: str
    basis: Basis | None
    rehearsed: tuple[RehearsedKept, ...]
    rehearsed_on: str  # which server, as a sentence; older records do not say
    section: str = "decisions"


@dataclass(frozen=True, slots=True, kw_only=True)
class NotedRow:
    """A cell is a value and the number of its note, or None."""

    label: str
    cells: tuple[tuple[int, int] | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NotedFigures:
    rows: tuple[NotedRow, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DecidePage:
    comparison: Comparison
    option: OptionName
    others: tuple[OptionName, ...]
    options: tuple[str, ...]
    rows: tuple[FigureRow, ...]
    advice: str  # the recommendation, in its own words
    is_recommended: bool
    is_measured: bool
    blockers: tuple[str, ...]  # while there are any, the option cannot be decided on
    section: str = "decisions"


def decisions_page(decisions: Iterable[Decision], latest_comparison: int | None) -> DecisionsPage:
    return DecisionsPage(entries=tuple(_entry(d) for d in decisions), latest_comparison=latest_comparison)


def decision_page(decision: Decision, moved: MovedBanner | None) -> DecisionPage:
    measures = _measures(decision.figures)
    return DecisionPage(
        entry=_entry(decision),
        alternatives=tuple(
            Alternative(option=item["option"], why_not=item["why_not"]) for item in decision.alternatives
        ),
        options=OPTIONS,
        rows=figure_rows(measures),
        source=_snapshot(decision.comparison.source.label, decision.comparison.source.taken_at),
        target=_snapshot(decision.comparison.target.label, decision.comparison.target.taken_at),
        source_fingerprint=decision.source_fingerprint,
        target_fingerprint=decision.target_fingerprint,
        moved=moved,
        superseded_by=decision.superseded_by_id,
        conditions=decision.conditions,
        basis=basis(decision),
        rehearsed=rehearsed(measures),
        rehearsed_on=scratch_server(measures),
    )


def noted(rows: Iterable[FigureRow]) -> NotedFigures:
    """For paper, where how each figure was measured stands beneath the table, each sentence once."""
    numbers: dict[str, int] = {}
    lines = tuple(
        NotedRow(
            label=row.label,
            cells=tuple(
                (cell.figure.value, numbers.setdefault(cell.figure.how, len(numbers) + 1))
                if cell.figure
                else None
                for cell in row.cells
            ),
        )
        for row in rows
    )
    return NotedFigures(rows=lines, notes=tuple(numbers))


def decide_page(
    comparison: Comparison,
    option: OptionName,
    measures: Dictionary[OptionName, tuple[Measure, ...]],
    advice: Advice,
    blockers: tuple[str, ...],
) -> DecidePage:
    return DecidePage(
        comparison=comparison,
        option=option,
        others=tuple(other for other in OptionName if other is not option),
        options=OPTIONS,
        rows=headline_rows(measures),
        advice=advice.sentence,
        is_recommended=advice.option is option,
        is_measured=bool(measures),
        blockers=blockers,
    )


def _entry(decision: Decision) -> DecisionEntry:
    return DecisionEntry(
        pk=decision.pk,
        option=decision.option,
        reason=decision.reason,
        author=decision.signed_by,
        decided_at=decision.decided_at,
        comparison_number=decision.comparison.number,
        is_current=decision.superseded_by_id is None,
    )


def _snapshot(label: str, taken_at: datetime) -> str:
    return f"{label}, read {taken_at:%Y-%m-%d %H:%M} UTC"


def _measures(stored: Iterable[Dictionary[str, Any]]) -> dict[OptionName, list[Measure]]:
    """The figures as `store.record_decision` keeps them."""
    found: dict[OptionName, list[Measure]] = defaultdict(list)
    for figure in stored:
        found[OptionName(str(figure["option"]))].append(
            Measure(
                key=str(figure["key"]),
                label=str(figure["label"]),
                value=int(figure["value"]),
                how=str(figure["how"]),
                items=tuple(figure.get("items", ())),
            )
        )
    return found
