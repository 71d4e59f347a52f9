"""The three ways out side by side: each figure, how it was measured, and what they recommend."""

from collections.abc import Mapping as Dictionary
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from schemadiff.core.options.hybrid import Relaxation
from schemadiff.core.options.mending import MendingStep, propose_mending
from schemadiff.core.options.option import Measure, Option, OptionName, Scope
from schemadiff.core.options.points import Points, blocked_by
from schemadiff.core.options.relaxing import Proposal, key_of
from schemadiff.core.options.weighing import Advice
from schemadiff.models import Comparison, Decision
from schemadiff.pages.figures import Figure, FigureRow, figure_rows, headlines, scratch_server
from schemadiff.pages.scratch_places import PlaceChoice, place_choices

TITLES = {
    OptionName.RECREATE: "Recreate the target’s tables",
    OptionName.TRANSFORM: "Transform the rows on the way",
    OptionName.HYBRID: "Hybrid: add what is missing",
}
ABOUT = {
    OptionName.RECREATE: "The target’s tables are parked and made anew as the source has them. "
    "The application’s queries keep working.",
    OptionName.TRANSFORM: "The target keeps its schema and every row is mapped on the way. "
    "The application’s queries are rewritten.",
    OptionName.HYBRID: "The target keeps its schema and gets what is missing by name. "
    "Rows are copied by equal names.",
}
_BLOCKERS_SHOWN = 2
_REHEARSED = {"rejects", "rehearsal_failed"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """`refusal` says why the option cannot be worked out at all; it is empty if it can."""

    option: OptionName
    number: int
    title: str
    about: str
    headlines: tuple[Figure, ...]
    points: Points
    blockers: tuple[str, ...]
    more_blockers: tuple[str, ...]
    refusal: str
    needs_mapping: bool
    is_recommended: bool
    decision: int | None  # the decision in force, where it is this option on this comparison

    @property
    def can_be_chosen(self) -> bool:
        return not self.refusal and not self.blockers


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A button: what hybrid gives up when it is pressed, as keys, and why one would."""

    sentence: str
    items: tuple[str, ...]
    wanted: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HybridSteps:
    """What is given up of the target's rules: `taken` so far, each with the way back, and `next` from the figures."""

    taken: tuple[Step, ...]
    next: tuple[Step, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionsPage:
    comparison: Comparison
    scope: Scope
    cards: tuple[Card, ...]
    rows: tuple[FigureRow, ...]
    options: tuple[str, ...]
    advice: str
    is_clear: bool  # the figures speak for one option
    reasons: tuple[str, ...]
    is_measured: bool
    is_rehearsed: bool
    steps: HybridSteps
    mending: tuple[MendingStep, ...]
    measured_at: datetime | None
    measured_on: (
        str  # which server the scratch databases were on, as a sentence; empty where that is not known
    )
    query_count: int
    places: tuple[PlaceChoice, ...]
    section: str = "comparisons"


def options_page(
    comparison: Comparison,
    scope: Scope,
    options: Dictionary[OptionName, Option | str],
    measures: Dictionary[OptionName, tuple[Measure, ...]],
    advice: Advice,
    sides: Dictionary[OptionName, Points],
    *,
    choices: frozenset[Relaxation],
    proposals: Sequence[Proposal],
    decision: Decision | None,
    measured_at: datetime | None,
    query_count: int,
) -> OptionsPage:
    """`options` holds a sentence in place of an option that cannot be worked out; `decision` is the one in force."""
    decided = decision if decision and decision.comparison_id == comparison.pk else None
    return OptionsPage(
        comparison=comparison,
        scope=scope,
        cards=tuple(
            _card(
                number,
                name,
                options[name],
                measures.get(name, ()),
                sides.get(name, Points()),
                is_recommended=advice.option is name,
                decision=decided.pk if decided and decided.option == name.value else None,
            )
            for number, name in enumerate(OptionName, 1)
        ),
        rows=figure_rows(measures),
        options=tuple(name.value for name in OptionName),
        advice=advice.sentence,
        is_clear=advice.option is not None,
        reasons=advice.reasons,
        is_measured=bool(measures),
        is_rehearsed=any(_REHEARSED & {m.key for m in found} for found in measures.values()),
        steps=_steps(choices, proposals),
        mending=propose_mending(measures.get(OptionName.TRANSFORM, ())),
        measured_at=measured_at,
        measured_on=scratch_server(measures),
        query_count=query_count,
        places=place_choices(comparison),
    )


def _steps(choices: frozenset[Relaxation], proposals: Sequence[Proposal]) -> HybridSteps:
    return HybridSteps(
        taken=tuple(
            Step(sentence=each.value, items=(), wanted=_keys(choices - {each}))
            for each in Relaxation
            if each in choices
        ),
        next=tuple(
            Step(sentence=p.sentence, items=p.items, wanted=_keys(choices | {p.relaxation}))
            for p in proposals
        ),
    )


def _keys(choices: frozenset[Relaxation]) -> tuple[str, ...]:
    return tuple(sorted(key_of(each) for each in choices))


def _card(
    number: int,
    name: OptionName,
    option: Option | str,
    measures: tuple[Measure, ...],
    sides: Points,
    *,
    is_recommended: bool,
    decision: int | None,
) -> Card:
    blockers = () if isinstance(option, str) else (*option.blockers, *blocked_by(measures))
    return Card(
        option=name,
        number=number,
        title=TITLES[name],
        about=ABOUT[name],
        headlines=headlines(measures),
        points=sides,
        blockers=blockers[:_BLOCKERS_SHOWN],
        more_blockers=blockers[_BLOCKERS_SHOWN:],
        refusal=option if isinstance(option, str) else "",
        needs_mapping=name is OptionName.TRANSFORM and bool(blockers),
        is_recommended=is_recommended,
        decision=decision,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class FigurePage:
    """One figure of one option with everything that it counts. `figure` is None where it was not measured."""

    comparison: Comparison
    option: OptionName
    figure: Figure | None
    judged: str  # the verdict whose queries it counts, for the page that lists them; else empty
    section: str = "comparisons"


_VERDICTS = {
    "queries_same": "same",
    "queries_changed": "changed shape",
    "queries_fail": "fails",
    "queries_not_judged": "not judged",
}


def figure_page(
    comparison: Comparison, option: OptionName, key: str, measures: Sequence[Measure]
) -> FigurePage:
    found = next((row for row in figure_rows({option: measures}) if row.key == key), None)
    cells = {cell.option: cell.figure for cell in found.cells} if found else {}
    return FigurePage(
        comparison=comparison, option=option, figure=cells.get(option), judged=_VERDICTS.get(key, "")
    )
