"""How far a run that follows is behind: its figures now, and the same over time as charts and tables."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from migration.core.behind import behind, clock, in_words, near
from migration.core.lag_samples import COARSE, COARSE_KEPT, FINE, LagSample, start_of
from migration.core.phases import Phase
from migration.models import Run, RunState
from migration.pages.monitoring_charts import Chart, Curve, chart
from migration.pages.words import size
from migration.store.lags import Lags, lags


@dataclass(frozen=True, slots=True, kw_only=True)
class LagSpan:
    """How far back the charts look, in points of which width."""

    key: str
    words: str
    length: timedelta
    width: timedelta
    refresh: int  # seconds


SPANS = (
    LagSpan(key="15m", words="15 minutes", length=timedelta(minutes=15), width=FINE, refresh=5),
    LagSpan(key="2h", words="2 hours", length=timedelta(hours=2), width=COARSE, refresh=15),
    LagSpan(key="24h", words="24 hours", length=timedelta(days=1), width=timedelta(minutes=10), refresh=60),
    LagSpan(key="15d", words="15 days", length=COARSE_KEPT, width=timedelta(hours=2), refresh=60),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SpanChip:
    key: str
    words: str
    chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LagPage:
    run: Run
    sentence: str
    tone: str
    chosen: LagSpan
    spans: tuple[SpanChip, ...]
    charts: tuple[Chart, ...]
    holds_log: bool  # by a slot, which a run that compares does not have


def lag_page(run: Run, key: str = "") -> LagPage | None:
    """One query; None for a run that has never followed, which takes none."""
    if not run.following:
        return None
    chosen = next((span for span in SPANS if span.key == key), SPANS[0])
    until = _until(run)
    kept = lags(run, start_of(until - chosen.length, chosen.width), chosen.width)
    return LagPage(
        run=run,
        sentence=_sentence(run, run.following),
        tone=_tone(run, run.following),
        chosen=chosen,
        spans=tuple(SpanChip(key=each.key, words=each.words, chosen=each is chosen) for each in SPANS),
        charts=_charts(kept, (until - chosen.length, until), run.following),
        holds_log="round" not in run.following,
    )


def figures_of(run: Run) -> tuple[tuple[str, str], ...]:
    """While it follows, and as it was when it stopped; nothing once it has finished."""
    said = run.following
    if not said or run.phase == Phase.FINISH:
        return ()
    if made := said.get("round"):
        return _of_round(made)
    followed = said.get("side", "source")
    seconds = in_words(said["lag_seconds"]) if "lag_seconds" in said else "not known yet"
    return (
        (f"Behind the {followed}", f"{seconds}, {size(said['lag_bytes'])}"),
        ("Changes so far", f"{said['changes']:,}"),
        ("Changes a second", f"{said['rate']:,.0f}"),
        (f"Log held on the {followed}", _held(said["held"], said.get("limit"))),
        *((("Applied up to", said["position"]),) if said.get("position") else ()),
        *((("Last change (UTC)", _clock(said["last"])),) if said.get("last") else ()),
    )


def sentence_of(run: Run, now: datetime) -> str:
    """For people who read nothing else; empty where nothing is followed now."""
    if not run.following or run.state != RunState.RUNNING:
        return ""
    said = run.following
    if made := said.get("round"):
        return near(_moment(made["began_at"]), pause=made["pause"], now=now)
    heard = _moment(said["at"]) if said.get("at") else None
    return behind(said.get("lag_seconds"), side=said.get("side", "source"), at=heard, now=now)


def _sentence(run: Run, said: dict[str, Any]) -> str:
    if now := sentence_of(run, timezone.now()):
        return now
    if made := said.get("round"):
        began = _clock(made["began_at"])
        return f"Nobody compares now. The last round, number {made['number']:,}, began at {began} UTC."
    heard = f" at {_clock(said['at'])} UTC" if said.get("at") else ""
    return f"Nobody follows now. What is below was said last{heard}."


def _tone(run: Run, said: dict[str, Any]) -> str:
    """Of the log that is held: nearly all that may be is a reason to look."""
    if run.state != RunState.RUNNING or "round" in said:
        return "info"
    limit = said.get("limit")
    return "warn" if limit and said["held"] > limit * _NEARLY else "info"


_NEARLY = 0.8


def _held(held: int, limit: int | None) -> str:
    if limit is None:
        return f"{size(held)}, without limit"
    return f"{size(held)} of {size(limit)} ({held / limit:.0%})" if limit else size(held)


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _clock(text: str) -> str:
    return clock(_moment(text), timezone.now())


def _until(run: Run) -> datetime:
    """A run that has ended is shown as it was then."""
    return (run.ended_at if run.state == RunState.ENDED else None) or timezone.now()


def _of_round(made: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    return (
        ("Target as of (UTC)", _clock(made["began_at"])),
        ("Last round", f"number {made['number']:,}, {in_words(made['seconds'])}"),
        ("Rows that differed", f"{made['differing']:,}"),
        ("Rows made the source’s", f"{made['repaired']:,}"),
        ("Cut-over holds writes for", f"{in_words(made['pause'])} at least"),
    )


def _charts(kept: Lags, between: tuple[datetime, datetime], said: dict[str, Any]) -> tuple[Chart, ...]:
    limit = said.get("limit")
    width, samples = kept.width, kept.samples
    most = max((each.held for each in samples), default=0)
    unit, scale = ("GB", 1_000 * _MB) if most >= 1_000 * _MB else ("MB", _MB)
    near = ((limit / scale, f"limit, {size(limit)}"),) if limit and most > limit / 4 else ()

    def drawn(key: str, title: str, unit: str, value: Callable[[LagSample], float | None]) -> Chart:
        return chart(
            key,
            title,
            unit,
            _curves(samples, value, width),
            thresholds=near if key == "held" else (),
            between=between,
            missing="A point appears every few seconds while a worker follows.",
        )

    changes = drawn(
        "changes", "Changes applied", "a second", lambda each: each.changes / width.total_seconds()
    )
    if "round" in said:
        age = drawn(
            "lag", "Age of the target when a round was made", "seconds", lambda each: each.lag_seconds
        )
        return age, changes
    return (
        drawn("lag", "Behind", "seconds", lambda each: each.lag_seconds),
        drawn("bytes", "Not applied yet", "MB of log", lambda each: each.lag_bytes / _MB),
        changes,
        drawn("held", "Log held for the slot", unit, lambda each: each.held / scale),
    )


_MB = 1_000_000


def _curves(
    samples: tuple[LagSample, ...], value: Callable[[LagSample], float | None], width: timedelta
) -> tuple[Curve, ...]:
    """One for each side that was followed."""
    return tuple(
        Curve(
            name=f"the {side} followed",
            tone=tone,
            points=tuple(
                (each.at, found)
                for each in samples
                if each.side == side and (found := value(each)) is not None
            ),
            gap=2 * width,
        )
        for side, tone in (("source", "info"), ("target", "ok"))
    )
