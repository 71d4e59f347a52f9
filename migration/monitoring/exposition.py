"""What was measured, as Prometheus reads it: of every project, over the last minutes.

Durations are seconds and shares are ratios there, as its naming rules ask (prometheus.io/docs/practices/naming).
Quantiles are gauges: they are worked out of merged sketches, which Prometheus could not do with those of summaries.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from migration.core.monitoring.measuring import Measured, Seen, by_module, measured
from migration.core.monitoring.metrics import ERRORS, METRICS, Kind
from migration.core.monitoring.metrics import Metric as Measure
from migration.models import Alert, Guard
from migration.monitoring.reading import seen_since
from schemadiff.models import Project

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
WINDOW = timedelta(minutes=5)

_LABELS = ("project", "application", "module", "backend", "part")
_UNITS: dict[str, tuple[str, float]] = {
    "ms": ("seconds", 0.001),
    "s": ("seconds", 1.0),
    "days": ("seconds", 86_400.0),
    "‰": ("ratio", 0.001),
    "%": ("ratio", 0.01),
    "MB": ("bytes", 1_048_576.0),
    "/s": ("per_second", 1.0),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Of:
    project: str
    seen: tuple[Seen, ...]


class MonitoringCollector(Collector):
    """Reads the database when it is asked: three queries, and one for each project."""

    def __init__(self, now: datetime) -> None:
        self._now = now

    def collect(self) -> Iterator[Metric]:
        projects = list(Project.objects.order_by("slug").values_list("pk", "slug"))
        found = [
            _Of(project=slug, seen=seen_since(Project(pk=pk), self._now - WINDOW)) for pk, slug in projects
        ]
        for metric in METRICS:
            yield _family(metric, found)
        yield _errors_by_kind(found)
        unfinished = Alert.objects.filter(state__in=Alert.OPEN)
        yield _states("alerts", "Alerts by state.", unfinished.values_list("project__slug", "state"))
        yield _states("guards", "Guards by state.", Guard.objects.values_list("project__slug", "state"))


def _states(name: str, about: str, pairs: Iterable[tuple[str, str]]) -> Metric:
    family = GaugeMetricFamily(f"schemadiff_{name}", about, labels=("project", "state"))
    for (slug, state), count in sorted(Counter(pairs).items()):
        family.add_metric((slug, state), count)
    return family


def exposed(now: datetime) -> bytes:
    """The whole page."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(MonitoringCollector(now))
    return generate_latest(registry)


def name_of(metric: Measure) -> str:
    """Its name in Prometheus: with the unit at the end."""
    unit = _UNITS.get(metric.unit, ("", 1.0))[0]
    return f"schemadiff_{metric.name}{f'_{unit}' if unit else ''}"


def _family(metric: Measure, found: Iterable[_Of]) -> Metric:
    factor = _UNITS.get(metric.unit, ("", 1.0))[1]
    family = GaugeMetricFamily(name_of(metric), _about(metric), labels=_LABELS)
    for of in found:
        for entry in measured(metric, of.seen, by_module, window_seconds=WINDOW.total_seconds()):
            family.add_metric(_labels(of.project, entry), entry.value * factor)
    return family


def _errors_by_kind(found: Iterable[_Of]) -> Metric:
    """`error_rate` says how many there are; this, of which kind."""
    about = f"Failed calls by kind over {WINDOW.seconds} s."
    family = GaugeMetricFamily("schemadiff_errors", about, labels=_LABELS)
    for of in found:
        for entry in of.seen:
            if entry.metric == ERRORS:
                subject = Measured(subject=entry.subject, value=entry.count)
                family.add_metric(_labels(of.project, subject), entry.count)
    return family


def _labels(project: str, entry: Measured) -> tuple[str, ...]:
    subject = entry.subject
    return (project, subject.application, subject.module, subject.backend, subject.part)


def _about(metric: Measure) -> str:
    title = f"{metric.title[:1].upper()}{metric.title[1:]}"
    return f"{title}." if metric.kind is Kind.GAUGE else f"{title}, over {WINDOW.seconds} s."
