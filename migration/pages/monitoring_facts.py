"""What the monitoring page is made of, and the thresholds that hold for it."""

from dataclasses import dataclass
from datetime import datetime

from migration.core.monitoring.levels import Span
from migration.core.monitoring.measuring import Seen
from migration.core.monitoring.metrics import Metric
from migration.models import Application, Revision, SlowStatement
from migration.monitoring.reading import Line, MethodFigures, Quantiles, Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """All that the page is made of."""

    scope: Scope
    span: Span
    now: datetime
    seen: tuple[Seen, ...]  # of the last minutes
    quantiles: tuple[Quantiles, ...]
    lines: tuple[Line, ...]
    methods: tuple[MethodFigures, ...]
    flips: tuple[Revision, ...]
    slow: tuple[SlowStatement, ...] | None  # None: not for whoever looks
    applications: tuple[Application, ...]
    thresholds: dict[str, float]  # the project's own, by metric
    troubles: tuple[str, ...]  # of servers that could not be read


def threshold_of(metric: Metric, thresholds: dict[str, float]) -> float | None:
    """The project's own threshold, else the default."""
    return thresholds.get(metric.name, metric.threshold)
