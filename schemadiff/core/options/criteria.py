"""Weighing the options by criteria: each cell measured or judged, and what would change the answer.

The score of an option is the weighted mean of its cells (0 to 1). Because weights are opinions, two more things are
said: in what share of all possible weightings each option wins, and at which weight of a single criterion, the others
keeping their proportions, another option would win.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from schemadiff.core.options.effort import Estimate
from schemadiff.core.options.option import Measure, OptionName

DRAWS = 4_000
_EDGE = 0.005  # a criterion that would have to weigh all, or nothing, changes no answer

Cells: TypeAlias = Mapping[OptionName, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """`cells` from 0 (worst) to 1 (best) for each option; `weight` from 0 to 100. Measured ones name a figure."""

    key: str
    name: str
    weight: float
    cells: Cells
    figure: str = ""

    @property
    def is_measured(self) -> bool:
        return bool(self.figure)


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """From which share of the whole weight of a criterion on (`above`) or down to which (not) another option wins."""

    criterion: str
    now: float
    at: float
    winner: OptionName
    above: bool

    @property
    def sentence(self) -> str:
        way = "more" if self.above else "less"
        return (
            f"If “{self.criterion}” weighed {way} than {100 * self.at:.0f} % of the whole "
            f"(now {100 * self.now:.0f} %), {self.winner.value} would win."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """`scores` from 0 to 1, `shares` of all weightings won; `winner` is None where the best are equal."""

    scores: Mapping[OptionName, float]
    shares: Mapping[OptionName, float]
    winner: OptionName | None
    turns: tuple[Turn, ...]

    @property
    def sentence(self) -> str:
        if self.winner is None:
            return "The best options are equal by these weights: a person has to choose."
        share = self.shares[self.winner]
        won = f"{self.winner.value.capitalize()} wins by these weights, and in {100 * share:.0f} % of all weightings."
        if not self.turns:
            return f"{won} No change of a single criterion’s weight would change that."
        return won


def measured_criteria(
    measured: Mapping[OptionName, Sequence[Measure]], efforts: Mapping[OptionName, Estimate]
) -> tuple[tuple[str, str, str, dict[OptionName, float]], ...]:
    """Key, name, figure and cells of what the figures themselves say; what is not known of all options is left out."""
    figures = {name: {m.key: m.value for m in measures} for name, measures in measured.items()}
    most = max((effort.p50 for effort in efforts.values()), default=0)
    found = (
        (
            "values_kept",
            "Values kept",
            "values_left_behind",
            _ratio(figures, "values_left_behind", "values_in_scope"),
        ),
        ("rows_carried", "Rows carried over", "rejects", _ratio(figures, "rejects", "rows_in_scope")),
        ("code_compatibility", "Code compatibility", "queries_same", _compatibility(figures)),
        (
            "effort",
            "Migration effort",
            "statements",
            {name: 1 - effort.p50 / most if most else 1.0 for name, effort in efforts.items()},
        ),
    )
    return tuple(each for each in found if len(each[3]) == len(measured) and measured)


def centroid_weights(ranks: Sequence[int]) -> tuple[float, ...]:
    """Weights (0 to 100) from an order of importance, 1 first: the middle of all weightings that keep the order.

    Rank order centroids (Barron and Barrett, 1996). Equal ranks share what their places would get.
    """
    count = len(ranks)
    by_place = [100 * sum(1 / k for k in range(place, count + 1)) / count for place in range(1, count + 1)]
    order = sorted(range(count), key=lambda index: ranks[index])
    found = [0.0] * count
    start = 0
    while start < count:
        end = start
        while end < count and ranks[order[end]] == ranks[order[start]]:
            end += 1
        for index in order[start:end]:
            found[index] = sum(by_place[start:end]) / (end - start)
        start = end
    return tuple(found)


def weigh(criteria: Sequence[Criterion]) -> Weighed | None:
    """None where nothing is to be weighed: no criterion, or no weight."""
    names = _options(criteria)
    weights = [max(criterion.weight, 0.0) for criterion in criteria]
    whole = sum(weights)
    if not names or not whole:
        return None
    shares_of_weight = [weight / whole for weight in weights]
    scores = _scores(criteria, names, shares_of_weight)
    winner = _best(scores)
    return Weighed(
        scores=scores,
        shares=_shares(criteria, names),
        winner=winner,
        turns=_turns(criteria, names, shares_of_weight, winner) if winner else (),
    )


def _options(criteria: Sequence[Criterion]) -> tuple[OptionName, ...]:
    """Those that every criterion has a cell for."""
    return tuple(name for name in OptionName if criteria and all(name in each.cells for each in criteria))


def _scores(
    criteria: Sequence[Criterion], names: Sequence[OptionName], weights: Sequence[float]
) -> dict[OptionName, float]:
    return {
        name: sum(weight * each.cells[name] for weight, each in zip(weights, criteria, strict=True))
        for name in names
    }


def _best(scores: Mapping[OptionName, float]) -> OptionName | None:
    top = max(scores.values())
    first = [name for name, score in scores.items() if abs(score - top) < 1e-9]
    return first[0] if len(first) == 1 else None


def _shares(criteria: Sequence[Criterion], names: Sequence[OptionName]) -> dict[OptionName, float]:
    """Of weightings drawn evenly from all there are. What two win alike is shared between them."""
    chance = random.Random(20251111)
    won = dict.fromkeys(names, 0.0)
    for _ in range(DRAWS):
        weights = [chance.expovariate(1.0) for _ in criteria]
        scores = _scores(criteria, names, weights)
        top = max(scores.values())
        first = [name for name, score in scores.items() if abs(score - top) < 1e-9]
        for name in first:
            won[name] += 1 / len(first)
    return {name: count / DRAWS for name, count in won.items()}


def _turns(
    criteria: Sequence[Criterion],
    names: Sequence[OptionName],
    weights: Sequence[float],
    winner: OptionName,
) -> tuple[Turn, ...]:
    """The nearest change of each criterion's weight, up or down, that lets another win; the nearest of all first."""
    found: list[Turn] = []
    for place, criterion in enumerate(criteria):
        now = weights[place]
        rest = {
            name: score - now * criterion.cells[name]
            for name, score in _scores(criteria, names, weights).items()
        }
        others = 1 - now
        if others <= 0:
            continue
        crossings = [
            turn
            for name in names
            if name is not winner
            and (turn := _crossing(criterion, now, name, winner, {k: v / others for k, v in rest.items()}))
        ]
        found += _nearest(crossings)
    return tuple(sorted(found, key=lambda turn: abs(turn.at - turn.now)))


def _crossing(
    criterion: Criterion, now: float, other: OptionName, winner: OptionName, rest: Mapping[OptionName, float]
) -> Turn | None:
    """Where w·cell + (1 − w)·rest of both are equal."""
    slope = (criterion.cells[other] - rest[other]) - (criterion.cells[winner] - rest[winner])
    if abs(slope) < 1e-12:
        return None
    at = (rest[winner] - rest[other]) / slope
    if not _EDGE < at < 1 - _EDGE or (slope > 0) != (at > now):
        return None
    return Turn(criterion=criterion.name, now=now, at=at, winner=other, above=at > now)


def _nearest(crossings: Sequence[Turn]) -> list[Turn]:
    """At most one up and one down."""
    found = []
    for above in (True, False):
        side = [turn for turn in crossings if turn.above is above]
        if side:
            found.append(min(side, key=lambda turn: abs(turn.at - turn.now)))
    return found


def _ratio(figures: Mapping[OptionName, Mapping[str, int]], bad: str, whole: str) -> dict[OptionName, float]:
    return {
        name: 1 - min(each[bad] / each[whole], 1) if each[whole] else 1.0
        for name, each in figures.items()
        if bad in each and whole in each
    }


def _compatibility(figures: Mapping[OptionName, Mapping[str, int]]) -> dict[OptionName, float]:
    """The share of judged queries that work as before, one that gives another shape counting half: by their calls
    where these were counted for every option, else each query the same.
    """
    by_calls = _share_working(figures, "calls")
    return by_calls if len(by_calls) == len(figures) else _share_working(figures, "queries")


def _share_working(figures: Mapping[OptionName, Mapping[str, int]], what: str) -> dict[OptionName, float]:
    found = {}
    for name, each in figures.items():
        same, changed, fail = (each.get(f"{what}_{word}") for word in ("same", "changed", "fail"))
        if same is not None and changed is not None and fail is not None and same + changed + fail:
            found[name] = (same + changed / 2) / (same + changed + fail)
    return found
