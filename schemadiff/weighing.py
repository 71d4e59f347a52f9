"""The options estimated and weighed: what was measured, with what people assume, and what follows from both."""

from dataclasses import dataclass, replace

from schemadiff import store
from schemadiff.core.options.criteria import Criterion, Weighed, measured_criteria, weigh
from schemadiff.core.options.effort import Estimate, as_it_stands, estimate, estimates, seconds_standing_still
from schemadiff.core.options.measures import IF_CONFIRMED
from schemadiff.core.options.option import Measure, OptionName
from schemadiff.models import Comparison
from schemadiff.store.weighings import FULL, Assumptions, Judged, assumptions_of

DEFAULT_WEIGHT = 50.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighing:
    """Everything that a page or a record says about an option's work and weight."""

    measures: dict[OptionName, tuple[Measure, ...]]
    assumptions: Assumptions
    efforts: dict[OptionName, Estimate]
    criteria: tuple[Criterion, ...]
    weighed: Weighed | None
    standing_still: dict[OptionName, float]  # seconds, of those that were rehearsed
    open_work: str  # a sentence where suggestions of the mapping are open


def weighing_of(comparison: Comparison, assumptions: Assumptions | None = None) -> Weighing:
    """With the assumptions given, else with those that are kept."""
    measures = store.measures_of(comparison)
    given = assumptions or assumptions_of(comparison)
    efforts = estimates(measures, given.minutes, given.shared_error)
    measured = measured_criteria(measures, efforts)
    complete = _with_measured(given, [(key, name) for key, name, _, _ in measured])
    cells = {key: (figure, found) for key, _, figure, found in measured}
    criteria = tuple(
        Criterion(
            key=each.key,
            name=each.name,
            weight=each.weight,
            cells=cells[each.key][1]
            if each.key in cells
            else {name: cell.value / FULL for name, cell in each.cells.items()},
            figure=cells[each.key][0] if each.key in cells else "",
        )
        for each in complete.criteria
        if each.key in cells or each.cells
    )
    return Weighing(
        measures=measures,
        assumptions=complete,
        efforts=efforts,
        criteria=criteria,
        weighed=weigh(criteria) if measures else None,
        standing_still=_standing_still(measures),
        open_work=_open_work(measures, given),
    )


def _standing_still(measures: dict[OptionName, tuple[Measure, ...]]) -> dict[OptionName, float]:
    found = {name: seconds_standing_still({m.key: m for m in each}) for name, each in measures.items()}
    return {name: seconds for name, seconds in found.items() if seconds is not None}


def _open_work(measures: dict[OptionName, tuple[Measure, ...]], given: Assumptions) -> str:
    """What transform's hours would be if open suggestions counted as columns that are left behind."""
    figures = {measure.key: measure for measure in measures.get(OptionName.TRANSFORM, ())}
    key = "columns_left_behind"
    if f"{key}{IF_CONFIRMED}" not in figures:
        return ""
    hours = estimate(as_it_stands(figures), given.minutes, given.shared_error)
    return (
        f"With them open, {figures[key].value:,} columns would be left behind instead of "
        f"{figures[f'{key}{IF_CONFIRMED}'].value:,}: {hours.p50:.1f} h as likely more as less, "
        f"{hours.p80:.1f} h four times in five at most."
    )


def _with_measured(given: Assumptions, measured: list[tuple[str, str]]) -> Assumptions:
    """A measured criterion is there from the beginning; its weight is a person's."""
    known = {each.key for each in given.criteria}
    missing = [
        Judged(key=key, name=name, weight=DEFAULT_WEIGHT) for key, name in measured if key not in known
    ]
    return replace(given, criteria=(*missing, *given.criteria))
