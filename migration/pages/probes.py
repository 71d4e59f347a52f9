"""Pages of a project's probes: the list, and what one of them found."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from migration.access.limits import Effect
from migration.access.probe_results import Kind, Verdict
from migration.forms.probes import ProbeForm
from migration.models import ProbeRun, Run
from migration.pages.words import duration, number

HISTORY = 100
"""Probes in the list."""

_TONES = {Verdict.SAME.value: "ok", Verdict.LISTED.value: "info", Verdict.DIFFERENT.value: "bad"}
_GLYPHS = {"ok": "✓", "info": "≈", "bad": "✗"}
_KINDS = {
    Kind.READ.value: "read on both",
    Kind.WRITE.value: "written on the target and rolled back",
    Kind.QUERY.value: "query",
}
_EFFECTS = {
    Effect.REFUSED.value: "bad",
    Effect.NEW_ROWS_REFUSED.value: "bad",
    Effect.NOT_KEPT.value: "warn",
    Effect.NOT_GIVEN.value: "warn",
    Effect.CHANGED.value: "info",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Probes in the list."""

    number: int
    run: int
    word: str
    tone: str
    glyph: str
    requested_at: datetime
    took: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbesPage:
    section: str = "runs"
    lines: tuple[Line, ...]
    left_out: int
    run: Run | None  # whose databases would be asked
    form: ProbeForm
    may_probe: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One question as it was answered; times in milliseconds."""

    name: str
    about: str
    kind: str
    verdict: str
    tone: str
    glyph: str
    reason: str
    rows: str
    source: str
    target: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitLine:
    field: str
    effect: str
    tone: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodLimits:
    """What a method's answers lack or change."""

    method: str
    lines: tuple[LimitLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbePage:
    section: str = "runs"
    line: Line
    run: Run
    live: bool
    sentence: str
    asked: tuple[Asked, ...]
    limits: tuple[MethodLimits, ...]
    notes: tuple[str, ...]
    queries: str


def probes_page(
    rows: list[ProbeRun], total: int, run: Run | None, form: ProbeForm, *, may_probe: bool
) -> ProbesPage:
    return ProbesPage(
        lines=tuple(_line(row) for row in rows),
        left_out=total - len(rows),
        run=run,
        form=form,
        may_probe=may_probe,
    )


def probe_page(row: ProbeRun) -> ProbePage:
    result: dict[str, Any] = row.result or {"probed": [], "limits": [], "notes": []}
    return ProbePage(
        line=_line(row),
        run=row.run,
        live=row.is_under_way,
        sentence=_sentence(row, result),
        asked=tuple(_asked(each) for each in result["probed"]),
        limits=_limits(result["limits"]),
        notes=tuple(result["notes"]),
        queries=row.queries,
    )


def _line(row: ProbeRun) -> Line:
    word, tone = _word(row)
    took = "" if row.started_at is None or row.ended_at is None else duration(row.ended_at - row.started_at)
    return Line(
        number=row.number,
        run=row.run.number,
        word=word,
        tone=tone,
        glyph="…" if row.is_under_way else _GLYPHS[tone],
        requested_at=row.requested_at,
        took=took,
        by=row.requested_by.get_username() if row.requested_by else "somebody since removed",
    )


def _word(row: ProbeRun) -> tuple[str, str]:
    if row.is_under_way:
        return row.get_state_display(), "info"
    if row.state == ProbeRun.State.FAILED:
        return "Failed", "bad"
    return ("Nothing differs", "ok") if not row.differing else (f"{number(row.differing)} differ", "bad")


def _sentence(row: ProbeRun, result: dict[str, Any]) -> str:
    if row.state == ProbeRun.State.FAILED:
        return row.error
    if row.is_under_way:
        return "Both databases are being asked." if row.started_at else "A worker will take it up."
    asked, listed = len(result["probed"]), _count(result, Verdict.LISTED)
    known = f" {listed} lack what the mapping cannot give, as listed below." if listed else ""
    if row.differing:
        return f"{row.differing} of {asked} questions were answered differently.{known}"
    return f"All {asked} questions were answered the same.{known}"


def _count(result: dict[str, Any], verdict: Verdict) -> int:
    return sum(each["verdict"] == verdict.value for each in result["probed"])


def _asked(each: dict[str, Any]) -> Asked:
    tone = _TONES[each["verdict"]]
    counts = (each["source_rows"], each["target_rows"])
    return Asked(
        name=each["name"],
        about=each["about"],
        kind=_KINDS[each["kind"]],
        verdict=each["verdict"],
        tone=tone,
        glyph=_GLYPHS[tone],
        reason=each["reason"],
        rows=" / ".join("—" if count is None else number(count) for count in counts),
        source=_latency(each["source"]),
        target=_latency(each["target"]),
    )


def _latency(found: dict[str, float] | None) -> str:
    return "—" if found is None else " / ".join(f"{found[rank]:.1f}" for rank in ("p50", "p95", "p99"))


def _limits(found: list[dict[str, str]]) -> tuple[MethodLimits, ...]:
    by_method: dict[str, list[LimitLine]] = {}
    for each in found:
        line = LimitLine(
            field=each["field"],
            effect=each["effect"],
            tone=_EFFECTS[each["effect"]],
            reason=each["reason"],
        )
        by_method.setdefault(each["method"], []).append(line)
    return tuple(MethodLimits(method=name, lines=tuple(lines)) for name, lines in by_method.items())
