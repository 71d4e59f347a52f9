"""The curves of the monitoring page: what was measured over time, against its thresholds and the flips of flags."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from migration.core.monitoring import metrics
from migration.core.monitoring.metrics import BY_NAME, Comparison
from migration.monitoring.reading import Line, Quantiles, Stretch, of_metric
from migration.pages.monitoring_charts import Chart, Curve, Mark, chart, number
from migration.pages.monitoring_facts import Facts, threshold_of

_REPORT = "Have the application report its calls, with its flag token (docs/how-to/monitor.md)."
_MEASURED = "A worker measures this every minute: start one with manage.py worker."


def charts_of(facts: Facts) -> tuple[Chart, ...]:
    def limits(*names: str) -> list[tuple[float, str]]:
        found = [(threshold_of(BY_NAME[name], facts.thresholds), BY_NAME[name]) for name in names]
        return [
            (value, f"{metric.title} {number(value)} {metric.unit}")
            for value, metric in found
            if value is not None
        ]

    def draw(
        key: str, title: str, unit: str, curves: Sequence[Curve], *names: str, missing: str = _REPORT
    ) -> Chart:
        return chart(
            key,
            title,
            unit,
            curves,
            thresholds=limits(*names),
            marks=marks,
            between=(facts.span.since(facts.now), facts.now),
            missing=missing,
        )

    marks = [Mark(at=flip.created_at, label=f"r{flip.number}") for flip in facts.flips]
    return (
        draw("durations", "Duration of calls", "ms", _durations(facts.quantiles), "call_p95", "call_p99"),
        draw("rate", "Calls a second", "calls/s", _rates(facts)),
        draw("errors", "Errors per 1,000 calls", "‰", _errors(facts.lines), "error_rate"),
        draw("pool", "Pool in use", "%", _gauges(facts.lines, metrics.POOL), metrics.POOL),
        draw("waiting", "Waiting for a connection", "calls", _gauges(facts.lines, metrics.WAITING)),
        draw(
            "drift",
            "Rows that differ",
            "rows",
            _gauges(facts.lines, metrics.DRIFT),
            metrics.DRIFT,
            missing="Have a run verified every so often: under Runs, a run, Verify and repair.",
        ),
        draw(
            "lag",
            "Replication lag",
            "s",
            _gauges(facts.lines, metrics.LAG),
            metrics.LAG,
            missing="There is a lag as soon as a replication slot of the source is followed.",
        ),
        draw(
            "wal",
            "WAL that slots hold",
            "MB",
            _gauges(facts.lines, metrics.SLOT_WAL),
            metrics.SLOT_WAL,
            missing="Neither server has a replication slot, or no worker has looked yet.",
        ),
        draw(
            "connections",
            "Connections in use",
            "%",
            _gauges(facts.lines, metrics.CONNECTIONS_USED),
            metrics.CONNECTIONS_USED,
            missing=_MEASURED,
        ),
        draw(
            "queue",
            "Jobs in the queue",
            "jobs",
            _gauges(facts.lines, metrics.QUEUE, metrics.STALLED),
            metrics.QUEUE,
            missing=_MEASURED,
        ),
    )


def _durations(found: Sequence[Quantiles]) -> list[Curve]:
    chosen: tuple[tuple[str, str, Callable[[Quantiles], float]], ...] = (
        ("p50", "dot", lambda entry: entry.p50),
        ("p95", "solid", lambda entry: entry.p95),
        ("p99", "dash", lambda entry: entry.p99),
    )
    return [
        Curve(
            name=f"{backend} {word}",
            tone=_tone(backend),
            dash=dash,
            points=tuple((entry.at, value_of(entry)) for entry in found if entry.backend == backend),
        )
        for backend in ("source", "target")
        for word, dash, value_of in chosen
    ]


def _rates(facts: Facts) -> list[Curve]:
    return [
        Curve(
            name=line.backend,
            tone=_tone(line.backend),
            points=tuple((entry.at, entry.count / facts.span.level) for entry in line.stretches),
        )
        for line in of_metric(facts.lines, metrics.CALLS)
    ]


def _errors(found: Iterable[Line]) -> list[Curve]:
    """Of all kinds together; then each kind that there was, which the table shows too."""
    found = tuple(found)
    calls = {
        line.backend: {entry.at: entry.count for entry in line.stretches}
        for line in of_metric(found, metrics.CALLS)
    }
    errors = of_metric(found, metrics.ERRORS)
    kinds = [
        Curve(
            name=f"{line.backend} {line.part}",
            tone="neutral",
            dash="dot",
            points=_shares(line.stretches, calls.get(line.backend, {})),
        )
        for line in errors
    ]
    return [*(_all_errors(backend, made, errors) for backend, made in calls.items()), *kinds]


def _all_errors(backend: str, calls: dict[datetime, int], errors: Iterable[Line]) -> Curve:
    failed: dict[datetime, int] = {}
    for line in errors:
        for entry in line.stretches if line.backend == backend else ():
            failed[entry.at] = failed.get(entry.at, 0) + entry.count
    points = tuple((at, 1000 * failed.get(at, 0) / made) for at, made in calls.items() if made)
    return Curve(name=backend, tone=_tone(backend), points=points)


def _shares(stretches: Iterable[Stretch], calls: dict[datetime, int]) -> tuple[tuple[datetime, float], ...]:
    return tuple(
        (entry.at, 1000 * entry.count / calls[entry.at]) for entry in stretches if calls.get(entry.at)
    )


def _gauges(found: Iterable[Line], *names: str) -> list[Curve]:
    """The worst of each stretch of time."""
    found = tuple(found)
    return [
        Curve(
            name=" ".join(word for word in (line.backend, line.part) if word) or BY_NAME[name].title,
            tone=_tone(line.backend),
            points=tuple(
                (entry.at, entry.highest if BY_NAME[name].comparison is Comparison.ABOVE else entry.lowest)
                for entry in line.stretches
            ),
        )
        for name in names
        for line in of_metric(found, name)
    ]


def _tone(backend: str) -> str:
    return backend if backend in ("source", "target") else "neutral"
