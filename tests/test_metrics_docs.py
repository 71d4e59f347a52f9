"""docs/reference/metrics.md lists every metric as the code knows it."""

from pathlib import Path

import pytest

from migration.core.monitoring.metrics import METRICS, Comparison, Metric, Source

TEXT = (Path(__file__).resolve().parent.parent / "docs/reference/metrics.md").read_text()

SOURCES = {
    Source.CLIENTS: "applications",
    Source.SERVERS: "both servers",
    Source.OURSELVES: "this application",
}


def line_of(metric: Metric) -> str:
    limit = "—"
    if metric.threshold is not None:
        limit = f"{'above' if metric.comparison is Comparison.ABOVE else 'below'} {metric.threshold:g}"
    return f"| `{metric.name}` | {metric.title} | {metric.unit or '1, or 0'} | {SOURCES[metric.source]} | {limit} |"


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
def test_every_metric_is_documented_as_it_is(metric: Metric) -> None:
    assert line_of(metric) in TEXT.splitlines(), f"docs/reference/metrics.md lacks: {line_of(metric)}"


def test_nothing_else_is_documented() -> None:
    listed = [line.split("`")[1] for line in TEXT.splitlines() if line.startswith("| `")]
    assert sorted(listed) == sorted(metric.name for metric in METRICS)
