"""The decisions of a project, one decision, and the form in which it is taken."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from schemadiff.core.options.option import OptionName
from schemadiff.models import Comparison, Decision


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureRow:
    """One measured figure, for each option in their usual order; None where it was not measured."""

    label: str
    values: tuple[int | None, ...]
    how: str


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
    figures: tuple[FigureRow, ...]
    source: str
    target: str
    source_fingerprint: str
    target_fingerprint: str
    has_moved: bool
    superseded_by: int | None
    section: str = "decisions"


@dataclass(frozen=True, slots=True, kw_only=True)
class DecidePage:
    comparison: Comparison
    option: OptionName
    others: tuple[OptionName, ...]
    advice: str  # the recommendation, in its own words
    is_recommended: bool
    is_measured: bool
    section: str = "decisions"


def decisions_page(decisions: Iterable[Decision], latest_comparison: int | None) -> DecisionsPage:
    return DecisionsPage(entries=tuple(_entry(d) for d in decisions), latest_comparison=latest_comparison)


def decision_page(decision: Decision, *, has_moved: bool) -> DecisionPage:
    return DecisionPage(
        entry=_entry(decision),
        alternatives=tuple(
            Alternative(option=item["option"], why_not=item["why_not"]) for item in decision.alternatives
        ),
        options=tuple(option.value for option in OptionName),
        figures=_figures(decision.figures),
        source=str(decision.comparison.source),
        target=str(decision.comparison.target),
        source_fingerprint=decision.source_fingerprint,
        target_fingerprint=decision.target_fingerprint,
        has_moved=has_moved,
        superseded_by=decision.superseded_by_id,
    )


def _entry(decision: Decision) -> DecisionEntry:
    return DecisionEntry(
        pk=decision.pk,
        option=decision.option,
        reason=decision.reason,
        author=decision.author.get_username() if decision.author else "somebody whose account was removed",
        decided_at=decision.decided_at,
        comparison_number=decision.comparison.number,
        is_current=decision.superseded_by_id is None,
    )


def _figures(stored: list[dict[str, str | int]]) -> tuple[FigureRow, ...]:
    by_key: dict[str, dict[str, dict[str, str | int]]] = {}
    for figure in stored:
        by_key.setdefault(str(figure["key"]), {})[str(figure["option"])] = figure
    return tuple(_figure_row(found) for found in by_key.values())


def _figure_row(found: dict[str, dict[str, str | int]]) -> FigureRow:
    any_of = next(iter(found.values()))
    return FigureRow(
        label=str(any_of["label"]),
        values=tuple(int(found[o.value]["value"]) if o.value in found else None for o in OptionName),
        how=str(any_of["how"]),
    )
