"""Whether a guard's module is over its limits, and the figures that say so."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum

from migration.core.monitoring import metrics
from migration.core.monitoring.measuring import Measured, Seen, by_module, measured
from migration.core.monitoring.metrics import BY_NAME, Kind, is_beyond

GUARDED: tuple[str, ...] = (
    "error_rate",
    "call_p95",
    "call_p99",
    "call_mean",
    metrics.MISMATCHES,
    metrics.FALLBACKS,
    metrics.LAG,
)
"""What a guard can have a limit for. Lag is the project's; everything else is of its module and backend."""


class Outcome(Enum):
    """What one evaluation says."""

    FINE = "fine"
    BEYOND = "beyond"
    NOTHING = "nothing"  # too few calls, or nothing measured: it says neither


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A metric against its limit."""

    metric: str
    value: float
    limit: float
    calls: int

    @property
    def beyond(self) -> bool:
        return is_beyond(self.value, self.limit, BY_NAME[self.metric].comparison)

    @property
    def words(self) -> str:
        metric = BY_NAME[self.metric]
        counted = f" of {self.calls:,} calls" if self.calls else ""
        return f"{metric.title}{counted} {self.value:.4g} {metric.unit} (limit {self.limit:g} {metric.unit})"


def limit_in_words(name: str, limit: float) -> str:
    """A limit as people read it."""
    metric = BY_NAME[name]
    return f"{metric.title} over {limit:g} {metric.unit}"


def figures(
    seen: Iterable[Seen],
    limits: Mapping[str, float],
    *,
    module: str,
    backend: str,
    least_calls: int,
    window_seconds: float,
) -> tuple[Figure, ...]:
    """What was seen of a module of an application on a backend, as far as it rests on calls enough.

    `seen` is of that application and of the project's servers.
    """
    entries = tuple(seen)
    own = [entry for entry in entries if (entry.subject.module, entry.subject.backend) == (module, backend)]
    found = []
    for name, limit in sorted(limits.items()):
        chosen = entries if BY_NAME[name].kind is Kind.GAUGE else own
        values = measured(BY_NAME[name], chosen, by_module, window_seconds=window_seconds)
        if (worst := _worst(name, values, least_calls)) is not None:
            found.append(Figure(metric=name, value=worst.value, limit=limit, calls=worst.calls))
    return tuple(found)


def outcome(found: Iterable[Figure]) -> Outcome:
    """Beyond where any of the figures is."""
    entries = tuple(found)
    if any(entry.beyond for entry in entries):
        return Outcome.BEYOND
    return Outcome.FINE if entries else Outcome.NOTHING


def _worst(name: str, values: Iterable[Measured], least_calls: int) -> Measured | None:
    """Counts need no calls: one mismatch is one; rates and durations of a few calls say nothing."""
    counts = BY_NAME[name].kind in (Kind.COUNT, Kind.GAUGE)
    enough = [entry for entry in values if counts or entry.calls >= least_calls]
    return max(enough, key=lambda entry: entry.value, default=None)
