"""What a metric is just now, worked out of what was seen in the last minutes."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from migration.core.monitoring import metrics
from migration.core.monitoring.metrics import Comparison, Kind, Metric
from migration.core.monitoring.sketches import EMPTY, Sketch, merged


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Of what something was measured. Empty: of all; `application` is its name."""

    application: str = ""
    module: str = ""
    backend: str = ""
    part: str = ""

    @property
    def words(self) -> str:
        return " · ".join(word for word in (self.application, self.module, self.backend, self.part) if word)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One series within a window of time; `lowest_now` and `highest_now` are of its newest bucket."""

    metric: str
    subject: Subject
    newest: datetime
    count: int
    total: float
    lowest_now: float
    highest_now: float
    sketch: Sketch = EMPTY


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A metric's value and the number of calls that it rests on (0: it rests on none)."""

    subject: Subject
    value: float
    calls: int = 0


Narrowing = Callable[[Subject], Subject]


def by_backend(subject: Subject) -> Subject:
    """All applications and modules together."""
    return Subject(backend=subject.backend)


def by_application(subject: Subject) -> Subject:
    """All modules of an application together."""
    return replace(subject, module="", part="")


def by_module(subject: Subject) -> Subject:
    return replace(subject, part="")


def measured(
    metric: Metric, seen: Iterable[Seen], group: Narrowing, *, window_seconds: float
) -> tuple[Measured, ...]:
    """The metric's value of each group of subjects that it was seen of; sorted by subject."""
    if metric.kind is Kind.GAUGE:
        return _gauges(metric, seen)
    calls, parts = _grouped(seen, metrics.CALLS, group), _grouped(seen, metric.kept, group)
    subjects = sorted({*calls, *(parts if metric.kind is Kind.COUNT else ())}, key=lambda one: one.words)
    found = [
        _of_calls(metric, subject, calls.get(subject, []), parts.get(subject, []), window_seconds)
        for subject in subjects
    ]
    return tuple(entry for entry in found if entry is not None)


def _gauges(metric: Metric, seen: Iterable[Seen]) -> tuple[Measured, ...]:
    """Each series by itself, by its newest value; the worst where several were measured at once."""
    found = [
        Measured(
            subject=entry.subject,
            value=entry.highest_now if metric.comparison is Comparison.ABOVE else entry.lowest_now,
        )
        for entry in seen
        if entry.metric == metric.name
    ]
    return tuple(sorted(found, key=lambda entry: entry.subject.words))


def _grouped(seen: Iterable[Seen], metric: str, group: Narrowing) -> dict[Subject, list[Seen]]:
    found: dict[Subject, list[Seen]] = {}
    for entry in seen:
        if entry.metric == metric:
            found.setdefault(group(entry.subject), []).append(entry)
    return found


def _of_calls(
    metric: Metric, subject: Subject, calls: list[Seen], parts: list[Seen], window_seconds: float
) -> Measured | None:
    made = sum(entry.count for entry in calls)
    value = _value(metric, made, calls, sum(entry.count for entry in parts), window_seconds)
    return None if value is None else Measured(subject=subject, value=value, calls=made)


def _value(metric: Metric, made: int, calls: list[Seen], counted: int, window_seconds: float) -> float | None:
    match metric.kind:
        case Kind.COUNT:
            return float(counted)
        case Kind.RATE:
            return made / window_seconds
        case Kind.SHARE:
            return 1000.0 * counted / made if made else None
        case Kind.MEAN:
            return sum(entry.total for entry in calls) / made if made else None
        case Kind.QUANTILE:
            return merged(entry.sketch for entry in calls).quantile(metric.quantile)
        case Kind.GAUGE:
            return None
