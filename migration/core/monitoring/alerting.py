"""When an alert begins, fires and is over: one step at a time, from what was measured."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from migration.core.monitoring.metrics import BY_NAME, Comparison, Kind, amount, bad_when

LEAST_CALLS = 20
"""So many calls there must be within a rule's window before their figures can alert."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """An alert that is not over. `calm_since`: since when the value is fine again."""

    firing: bool
    since: datetime
    calm_since: datetime | None = None


class Step(Enum):
    """What becomes of an alert."""

    NOTHING = "nothing"
    BEGIN = "begin"  # pending
    BEGIN_FIRING = "begin, firing at once"
    FIRE = "fire"
    GO_ON = "go on"
    CALM = "calm"  # fine for the first time; over when it stays so
    RESOLVE = "resolve"
    DROP = "drop"  # was pending only: nobody was told, nothing is kept


def step_of(found: Open | None, *, beyond: bool, now: datetime, lasting: timedelta) -> Step:
    """An alert fires after `lasting` beyond its threshold, and is over after as long within it: no flapping."""
    if found is None:
        return Step.NOTHING if not beyond else Step.BEGIN if lasting else Step.BEGIN_FIRING
    if beyond:
        return Step.FIRE if not found.firing and now - found.since >= lasting else Step.GO_ON
    if not found.firing:
        return Step.DROP
    if found.calm_since is None and lasting:
        return Step.CALM
    return Step.RESOLVE if now - (found.calm_since or now) >= lasting else Step.NOTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a message says of an alert."""

    project: str
    rule: str
    metric: str
    subject: str
    value: float
    threshold: float
    comparison: Comparison
    since: datetime
    resolved: bool


def message(said: Said) -> str:
    """One line, without any value of a row."""
    metric = BY_NAME[said.metric]
    what = f"{metric.title} of {said.subject}" if said.subject else metric.title
    value, since = amount(f"{said.value:.4g}", metric), f"since {said.since:%H:%M} UTC."
    threshold = f"{said.threshold:g}"
    if said.resolved:
        again = "is fine" if metric.is_yes_no else f"is within {amount(threshold, metric)}"
        told = f"Resolved: {said.rule}. {what} {again} again; at worst it was {value}, {since}"
    elif metric.is_yes_no:
        told = f"Firing: {said.rule}. {what}: {value}, {since}"
    else:
        told = (
            f"Firing: {said.rule}. {what} is {value}, {bad_when(metric, said.comparison, threshold)}, {since}"
        )
    return f"[{said.project}] {told}"


def enough_calls(metric: str, calls: int) -> bool:
    """Whether a figure rests on calls enough to say anything; counts and gauges always do."""
    return BY_NAME[metric].kind in (Kind.GAUGE, Kind.COUNT) or calls >= LEAST_CALLS
