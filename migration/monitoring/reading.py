"""What is kept, as the pages and the alerts need it: a fixed number of queries, whatever there is."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from migration.core.monitoring import metrics
from migration.core.monitoring.levels import Level, Span
from migration.core.monitoring.measuring import Seen, Subject
from migration.core.monitoring.sketches import Sketch, duration_of
from migration.models import Application, Revision, SlowStatement
from migration.monitoring import statements
from schemadiff.models import Project

SLOW_SHOWN = 20

_OVER_TIME = (
    metrics.ERRORS,
    metrics.SLOW,
    metrics.FALLBACKS,
    metrics.MISMATCHES,
    metrics.COMPARED,
    *(metric.name for metric in metrics.METRICS if metric.kind is metrics.Kind.GAUGE),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What of a project is looked at; None: all applications, all modules."""

    project: Project
    application: Application | None = None
    module: str | None = None

    @property
    def parameters(self) -> dict[str, Any]:
        return {
            "project": self.project.pk,
            "application": self.application.pk if self.application else None,
            "module": self.module,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantiles:
    """Durations of calls in one stretch of time, in milliseconds."""

    backend: str
    at: datetime
    p50: float
    p95: float
    p99: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """One stretch of time of one series."""

    at: datetime
    count: int
    total: float
    lowest: float
    highest: float

    @property
    def mean(self) -> float:
        return self.total / self.count if self.count else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A metric over time, of one backend and part."""

    metric: str
    backend: str
    part: str
    stretches: tuple[Stretch, ...]

    @property
    def count(self) -> int:
        return sum(stretch.count for stretch in self.stretches)


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodFigures:
    """A method on a backend over the whole span; durations are milliseconds."""

    application: str
    module: str
    method: str
    backend: str
    calls: int
    errors: int
    mean: float
    p50: float
    p95: float
    p99: float
    highest: float


def quantiles(scope: Scope, level: Level, since: datetime) -> tuple[Quantiles, ...]:
    """Durations over time by backend."""
    rows = statements.rows_of("durations", {**scope.parameters, "level": level, "since": since})
    return tuple(
        Quantiles(backend=backend, at=at, p50=duration_of(p50), p95=duration_of(p95), p99=duration_of(p99))
        for backend, at, p50, p95, p99 in rows
    )


def methods(scope: Scope, level: Level, since: datetime) -> tuple[MethodFigures, ...]:
    """Every method on every backend, over all of the time."""
    rows = statements.rows_of("methods", {**scope.parameters, "level": level, "since": since})
    return tuple(
        MethodFigures(
            application=application,
            module=module,
            method=method,
            backend=backend,
            calls=calls,
            errors=errors,
            mean=total / calls,
            p50=duration_of(p50),
            p95=duration_of(p95),
            p99=duration_of(p99),
            highest=highest,
        )
        for application, module, method, backend, calls, total, highest, p50, p95, p99, errors in rows
        if calls
    )


def lines(scope: Scope, level: Level, since: datetime) -> tuple[Line, ...]:
    """Every other metric over time."""
    rows = statements.rows_of(
        "values", {**scope.parameters, "metrics": list(_OVER_TIME), "level": level, "since": since}
    )
    found: dict[tuple[str, str, str], list[Stretch]] = {}
    for metric, backend, part, at, count, total, lowest, highest in rows:
        found.setdefault((metric, backend, part), []).append(
            Stretch(at=at, count=count, total=total, lowest=lowest, highest=highest)
        )
    return tuple(
        Line(metric=metric, backend=backend, part=part, stretches=tuple(stretches))
        for (metric, backend, part), stretches in found.items()
    )


def flips(scope: Scope, since: datetime) -> tuple[Revision, ...]:
    """Revisions of flags since then, the oldest first; without the one that an application begins with."""
    rows = Revision.objects.filter(project=scope.project, created_at__gte=since, number__gt=1)
    if scope.application is not None:
        rows = rows.filter(application=scope.application)
    return tuple(rows.select_related("application").order_by("created_at")[:100])


def slow_statements(scope: Scope, span: Span, now: datetime) -> tuple[SlowStatement, ...]:
    """The heaviest of the days that the span touches. Of servers and of the application."""
    first = (now - span.length).date()
    rows = SlowStatement.objects.filter(project=scope.project, day__gte=first)
    if scope.application is not None:
        rows = rows.filter(Q(application=scope.application) | Q(application=None))
    return tuple(rows.select_related("application").order_by("-total")[:SLOW_SHOWN])


def has_any(project: Project) -> bool:
    """Whether anything was ever measured."""
    return project.series.exists()


def of_metric(found: Iterable[Line], metric: str) -> tuple[Line, ...]:
    return tuple(line for line in found if line.metric == metric)


def seen_since(project: Project, since: datetime) -> tuple[Seen, ...]:
    """What was reported and measured since then, series by series. One query."""
    rows = statements.rows_of("window", {"project": project.pk, "since": since})
    return tuple(
        Seen(
            metric=metric,
            subject=Subject(application=application, module=module, backend=backend, part=part),
            newest=newest,
            count=count,
            total=total,
            lowest_now=lowest,
            highest_now=highest,
            sketch=Sketch(keys=tuple(keys), counts=tuple(counts)),
        )
        for metric, application, module, backend, part, newest, count, total, lowest, highest, keys, counts in rows
    )
