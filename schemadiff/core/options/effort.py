"""People's time for an option: counted pieces of work × minutes each, as a range, not as one number.

Minutes are three points (low, likely, high), and anybody may put in their own. The spread of the whole comes from a
simulation: a PERT distribution for each kind of work, drawn once for all its pieces (they are alike), and an error that
all kinds share (people are wrong in the same direction; independent errors would cancel and give falsely narrow bands).
"""

import math
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from schemadiff.core.options.measures import IF_CONFIRMED
from schemadiff.core.options.option import Measure, OptionName

DRAWS = 4_000
SHARED_ERROR = 0.3
"""Standard deviation of the logarithm of what all kinds of work share: two times in three within a factor of 1.35."""

Figures: TypeAlias = Mapping[str, Measure]


@dataclass(frozen=True, slots=True, kw_only=True)
class Minutes:
    """Three points for one piece of work; `low` ≤ `likely` ≤ `high`."""

    low: float
    likely: float
    high: float

    @property
    def is_ordered(self) -> bool:
        return 0 <= self.low <= self.likely <= self.high


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A kind of work. `count` says how many pieces an option has of it; `figure` is the measure that it rests on."""

    key: str
    label: str
    figure: str
    minutes: Minutes
    count: Callable[[Figures], int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """Hours of people's work, and the pieces of each kind of work by its key. P50: as likely more as less."""

    p10: float
    p50: float
    p80: float
    pieces: Mapping[str, int]


def _value(figures: Figures, key: str) -> int:
    return figures[key].value if key in figures else 0


def _classes(figures: Figures, key: str) -> int:
    """How many different reasons a figure lists."""
    return len(figures[key].items) if key in figures and figures[key].value else 0


def _by_hand(figures: Figures) -> int:
    rewritten = _value(figures, "queries_rewritten")
    changed = _value(figures, "queries_changed") if rewritten else 0
    return max(_value(figures, "queries_fail") + changed - rewritten, 0)


def _looked_at(figures: Figures) -> int:
    return 0 if _value(figures, "queries_rewritten") else _value(figures, "queries_changed")


def _once_confirmed(key: str) -> Callable[[Figures], int]:
    """Open suggestions count as if they had been confirmed: most of them will be, and each is a rule to check."""
    likely = f"{key}{IF_CONFIRMED}"
    return lambda figures: _value(figures, likely if likely in figures else key)


def _counting(key: str) -> Callable[[Figures], int]:
    return lambda figures: _value(figures, key)


def _hazards(figures: Figures) -> int:
    return sum(measure.value for key, measure in figures.items() if key.startswith("hazards_"))


TASKS: tuple[Task, ...] = (
    Task(
        key="queries_by_hand",
        label="Rewrite a query by hand, with its code and test",
        figure="queries_fail",
        minutes=Minutes(low=15, likely=40, high=120),
        count=_by_hand,
    ),
    Task(
        key="queries_rewritten",
        label="Put a query’s rewriting in, with its code and test",
        figure="queries_rewritten",
        minutes=Minutes(low=5, likely=15, high=45),
        count=_counting("queries_rewritten"),
    ),
    Task(
        key="queries_looked_at",
        label="Look at a query that gives another shape",
        figure="queries_changed",
        minutes=Minutes(low=3, likely=8, high=30),
        count=_looked_at,
    ),
    Task(
        key="rules",
        label="Check a rule of the mapping",
        figure="mapping_rules",
        minutes=Minutes(low=1, likely=4, high=15),
        count=_once_confirmed("mapping_rules"),
    ),
    Task(
        key="left_behind",
        label="Decide on a column that is left behind",
        figure="columns_left_behind",
        minutes=Minutes(low=0.5, likely=3, high=20),
        count=_once_confirmed("columns_left_behind"),
    ),
    Task(
        key="rejects",
        label="Find out and mend why rows are refused, each reason",
        figure="rejects",
        minutes=Minutes(low=10, likely=40, high=180),
        count=lambda figures: _classes(figures, "rejects") or _classes(figures, "rows_refused"),
    ),
    Task(
        key="keys",
        label="Try the tables whose keys are re-pointed, each key",
        figure="repointed_foreign_keys",
        minutes=Minutes(low=2, likely=6, high=30),
        count=_counting("repointed_foreign_keys"),
    ),
    Task(
        key="hazards",
        label="Weigh a statement with a hazard",
        figure="statements",
        minutes=Minutes(low=0.5, likely=2, high=15),
        count=_hazards,
    ),
    Task(
        key="statements",
        label="Review a statement of the plan",
        figure="statements",
        minutes=Minutes(low=0.1, likely=0.3, high=1.5),
        count=_counting("statements"),
    ),
)


def estimate(
    figures: Figures, minutes: Mapping[str, Minutes], shared_error: float = SHARED_ERROR
) -> Estimate:
    """`minutes` by a task's key; what is not there has its default. The same figures give the same hours."""
    pieces = {task.key: task.count(figures) for task in TASKS}
    work = [(pieces[task.key], minutes.get(task.key, task.minutes)) for task in TASKS if pieces[task.key]]
    totals = sorted(_draws(work, shared_error))
    return Estimate(
        p10=_percentile(totals, 0.10),
        p50=_percentile(totals, 0.50),
        p80=_percentile(totals, 0.80),
        pieces=pieces,
    )


def estimates(
    measured: Mapping[OptionName, Sequence[Measure]], minutes: Mapping[str, Minutes], shared_error: float
) -> dict[OptionName, Estimate]:
    """Of every option that anything was measured of."""
    return {
        name: estimate({measure.key: measure for measure in measures}, minutes, shared_error)
        for name, measures in measured.items()
        if measures
    }


def as_it_stands(figures: Figures) -> Figures:
    """Without the figures that take open suggestions for confirmed."""
    return {key: figure for key, figure in figures.items() if not key.endswith(IF_CONFIRMED)}


def seconds_standing_still(figures: Figures) -> float | None:
    """How long writes to the source stand still in a run that does not follow it, by the rehearsal.

    In proportion where a sample was rehearsed; None where nothing was.
    """
    if "downtime_ms" not in figures:
        return None
    return figures["downtime_ms"].value / 1000 * share_rehearsed(figures)


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineSeconds:
    """Of all rows; `least` and `most`, between which they are four times in five, are None where nothing tells them."""

    seconds: float
    least: float | None = None
    most: float | None = None


def seconds_of_machine(figures: Figures) -> MachineSeconds:
    """By the rehearsal; figures of an earlier version know no spread. Nothing rehearsed is no time."""
    if "machine_ms" not in figures:
        return MachineSeconds(seconds=_value(figures, "rehearsal_ms") / 1000 * share_rehearsed(figures))
    least, most = figures.get("machine_least_ms"), figures.get("machine_most_ms")
    return MachineSeconds(
        seconds=figures["machine_ms"].value / 1000,
        least=least.value / 1000 if least else None,
        most=most.value / 1000 if most else None,
    )


def share_rehearsed(figures: Figures) -> float:
    """By how much a rehearsal's times are multiplied, as rows in scope stand to rows rehearsed with."""
    rehearsed, whole = _value(figures, "rows_rehearsed"), _value(figures, "rows_in_scope")
    return whole / rehearsed if rehearsed and whole else 1.0


def _draws(work: Sequence[tuple[int, Minutes]], shared_error: float) -> list[float]:
    chance = random.Random(20251111)
    found = []
    for _ in range(DRAWS if work else 1):
        shared = math.exp(chance.gauss(0, shared_error)) if shared_error else 1.0
        found.append(shared * sum(count * _pert(chance, each) for count, each in work) / 60)
    return found


def _pert(chance: random.Random, minutes: Minutes) -> float:
    """A beta distribution between low and high whose weight lies four times on the likely value."""
    width = minutes.high - minutes.low
    if width <= 0:
        return minutes.likely
    up = 1 + 4 * (minutes.likely - minutes.low) / width
    down = 1 + 4 * (minutes.high - minutes.likely) / width
    return minutes.low + width * chance.betavariate(up, down)


def _percentile(ordered: Sequence[float], share: float) -> float:
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)]
