"""The comparisons of the same two databases through time, and what became of the differences between two of them."""

from dataclasses import dataclass
from urllib.parse import urlencode

from schemadiff.compared import summary_of
from schemadiff.core.marks import Mark
from schemadiff.models import Comparison
from schemadiff.pages.reviews import StandingChip, standing_chip
from schemadiff.store.compared import kept_summary
from schemadiff.store.history import Difference, Turn, comparisons_of_sides, differences_of, turn
from schemadiff.store.reviews import standings_of

_MOST = 50  # comparisons on the page


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One comparison. `turn` is from the one before, if that is known; `differ` None: not worked out yet."""

    comparison: Comparison
    is_this: bool
    differ: int | None
    counts: tuple[tuple[Mark, int], ...]
    review: StandingChip
    before: int | None
    turn: Turn | None
    moved: str  # which snapshots are others than before


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryPage:
    comparison: Comparison
    moments: tuple[Moment, ...]
    others: tuple[Comparison, ...]
    section: str = "comparisons"


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    difference: Difference
    mark: Mark
    query: str  # of the diff page of the comparison that has it


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnSection:
    title: str
    explanation: str
    number: int  # of the comparison whose page the links open
    entries: tuple[Listed, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnPage:
    comparison: Comparison  # the later one
    earlier: Comparison
    verdict: str
    sections: tuple[TurnSection, ...]
    section: str = "comparisons"


def history_page(comparison: Comparison) -> HistoryPage:
    """The newest first."""
    summary_of(comparison)
    found = comparisons_of_sides(comparison, _MOST)
    standings, differences = standings_of(found), differences_of(found)
    befores: list[Comparison | None] = [*found[1:], None]
    moments = []
    for one, before in zip(found, befores, strict=True):
        summary = kept_summary(one)
        known = summary is not None and before is not None and kept_summary(before) is not None
        moments.append(
            Moment(
                comparison=one,
                is_this=one.pk == comparison.pk,
                differ=summary.differ if summary else None,
                counts=_counts(summary.states if summary else {}),
                review=standing_chip(standings[one.number]),
                before=before.number if before else None,
                turn=turn(differences[before.pk], differences[one.pk]) if known and before else None,
                moved=_moved(before, one) if before else "",
            )
        )
    others = tuple(one for one in found if one.pk != comparison.pk)
    return HistoryPage(comparison=comparison, moments=tuple(moments), others=others)


def turn_page(comparison: Comparison, other: Comparison) -> TurnPage:
    """What became of the differences from the earlier of the two to the later."""
    earlier, later = sorted((comparison, other), key=lambda one: one.number)
    for one in (earlier, later):
        summary_of(one)
    found = differences_of([earlier, later])
    between = turn(found[earlier.pk], found[later.pk])
    sections = (
        _section("Differs now", "in the later one only", later, between.begun),
        _section("Differs in another way", "in both, and not the same", later, between.other),
        _section("Differs no longer", "in the earlier one only", earlier, between.gone),
    )
    return TurnPage(
        comparison=later,
        earlier=earlier,
        verdict=_verdict(between, _moved(earlier, later)),
        sections=tuple(section for section in sections if section.entries),
    )


def _section(
    title: str, explanation: str, comparison: Comparison, differences: tuple[Difference, ...]
) -> TurnSection:
    entries = (
        Listed(difference=one, mark=Mark(one.mark), query="?" + urlencode({"object": one.key}))
        for one in differences
    )
    return TurnSection(title=title, explanation=explanation, number=comparison.number, entries=tuple(entries))


def _counts(states: dict[str, int]) -> tuple[tuple[Mark, int], ...]:
    return tuple((mark, states[mark.value]) for mark in Mark if states.get(mark.value))


def _moved(before: Comparison, after: Comparison) -> str:
    """Which of the two databases has another schema."""
    sides = [
        word
        for word, one, other in (
            ("source", before.source, after.source),
            ("target", before.target, after.target),
        )
        if one.fingerprint != other.fingerprint
    ]
    return " and ".join(sides)


def _verdict(between: Turn, moved: str) -> str:
    whose = f"The schema of the {moved} changed." if moved else "Both schemas are the same as before."
    counted = [
        (len(between.begun), "did not differ before"),
        (len(between.other), "differ in another way"),
        (len(between.gone), "differ no longer"),
        (between.same, "differ as before"),
    ]
    said = ", ".join(f"{count:,} {words}" for count, words in counted if count)
    return f"{whose} Of the objects, {said}." if said else whose
