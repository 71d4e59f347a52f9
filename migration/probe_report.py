"""A report of probes as a document that is kept and printed, and as lines of text."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from migration.access.probe_results import Latency, Probed, ProbeReport, Verdict

FORMAT = 1


def document(report: ProbeReport) -> dict[str, Any]:
    """JSON: no values of rows in it."""
    return {
        "format": FORMAT,
        "differing": report.differing,
        "probed": [_probed(each) for each in report.probed],
        "limits": [{**asdict(each), "effect": each.effect.value} for each in report.limits],
        "notes": list(report.notes),
    }


def lines(report: ProbeReport) -> Iterator[str]:
    """As text; the last line says how many differ."""
    yield f"{'method':28} {'rows':>9}  {'source p50/p95/p99 ms':>24} {'target p50/p95/p99 ms':>24}  verdict"
    for each in report.probed:
        rows = "/".join(
            "–" if count is None else str(count) for count in (each.source_rows, each.target_rows)
        )
        yield (
            f"{each.name:28} {rows:>9}  {_latency(each.source):>24} {_latency(each.target):>24}"
            f"  {each.verdict.value}: {each.about}{f'. {each.reason}' if each.reason else ''}"
        )
    if report.limits:
        yield ""
        yield "What the mapping cannot give:"
        for limit in report.limits:
            yield f"  {limit.method}, {limit.field}: {limit.effect.value}. {limit.reason}"
    yield ""
    yield from report.notes
    same, listed = len(report.of(Verdict.SAME)), len(report.of(Verdict.LISTED))
    yield f"same: {same}, same but for what is listed: {listed}"
    yield f"differences: {report.differing}"


def _probed(each: Probed) -> dict[str, Any]:
    return {
        **asdict(each),
        "kind": each.kind.value,
        "verdict": each.verdict.value,
        "fields": list(each.fields),
    }


def _latency(found: Latency | None) -> str:
    return "–" if found is None else f"{found.p50:.1f} / {found.p95:.1f} / {found.p99:.1f}"
