"""The monitoring page: how it stands against the thresholds, over time, by method."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from migration.core.monitoring import metrics
from migration.core.monitoring.levels import SPANS
from migration.core.monitoring.measuring import Measured, Seen, by_backend, measured
from migration.core.monitoring.metrics import BY_NAME, Comparison, Metric, is_beyond
from migration.models import SlowStatement
from migration.monitoring.reading import MethodFigures, Scope
from migration.pages.flags import Badge
from migration.pages.monitoring_charts import Chart, number
from migration.pages.monitoring_curves import charts_of
from migration.pages.monitoring_facts import Facts, threshold_of

TILES_SECONDS = 300
"""What the tiles' values are worked out of."""

_OK = Badge(glyph="✓", word="within", chip="ok")
_BEYOND = {
    Comparison.ABOVE: Badge(glyph="▲", word="above", chip="bad"),
    Comparison.BELOW: Badge(glyph="▼", word="below", chip="bad"),
}
_PLAIN = Badge(glyph="−", word="no threshold", chip="neutral")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """A metric's value now."""

    title: str
    subject: str
    value: str
    unit: str
    threshold: str  # empty: it has none
    badge: Badge


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A link that shows something else of the same."""

    words: str
    query: str
    current: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodRow:
    name: str
    backend: str
    calls: str
    errors: str
    per_thousand: str
    mean: str
    p50: str
    p95: str
    p99: str
    highest: str
    beyond: str  # what is beyond its threshold, in words


@dataclass(frozen=True, slots=True, kw_only=True)
class SlowRow:
    statement: str
    where: str
    count: str
    mean: str
    highest: str
    last_seen: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MonitoringPage:
    verdict: str
    tone: str
    tiles: tuple[Tile, ...]
    charts: tuple[Chart, ...]
    methods: tuple[MethodRow, ...]
    slow: tuple[SlowRow, ...] | None
    spans: tuple[Choice, ...]
    applications: tuple[Choice, ...]
    modules: tuple[Choice, ...]
    query: str
    refresh: int
    empty: bool
    tiles_minutes: int
    troubles: tuple[str, ...]
    now: datetime
    section: str = "monitoring"


def monitoring_page(facts: Facts) -> MonitoringPage:
    tiles = _tiles(facts)
    beyond = [tile for tile in tiles if tile.badge.chip == "bad"]
    nothing = not (facts.seen or facts.quantiles or facts.lines)
    tone, verdict = _verdict(tiles, beyond)
    return MonitoringPage(
        verdict=verdict,
        tone=tone,
        tiles=tiles,
        charts=() if nothing else charts_of(facts),
        methods=tuple(_method(entry, facts) for entry in facts.methods),
        slow=None if facts.slow is None else tuple(_slow(entry) for entry in facts.slow),
        spans=_spans(facts),
        applications=_applications(facts),
        modules=_modules(facts),
        query=_query(facts),
        refresh=facts.span.refresh,
        empty=nothing,
        tiles_minutes=TILES_SECONDS // 60,
        troubles=facts.troubles,
        now=facts.now,
    )


def _verdict(tiles: Sequence[Tile], beyond: Sequence[Tile]) -> tuple[str, str]:
    if not tiles:
        return "info", "Nothing was reported or measured in the last minutes."
    if not beyond:
        return "ok", "Everything that was measured in the last minutes is within its thresholds."
    named = "; ".join(
        f"{tile.title}{f' of {tile.subject}' if tile.subject else ''} is {tile.value} {tile.unit}".rstrip()
        for tile in beyond[:3]
    )
    more = f", and {len(beyond) - 3} more" if len(beyond) > 3 else ""
    return "bad", f"Beyond its threshold: {named}{more}."


def _tiles(facts: Facts) -> tuple[Tile, ...]:
    seen = [entry for entry in facts.seen if _is_in(entry, facts.scope)]
    found = [
        _tile(metric, entry, threshold_of(metric, facts.thresholds))
        for metric in metrics.METRICS
        for entry in measured(metric, seen, by_backend, window_seconds=TILES_SECONDS)
        if metric.kind is not metrics.Kind.COUNT or entry.value or entry.calls
    ]
    return tuple(found)


def _is_in(entry: Seen, scope: Scope) -> bool:
    of_application = (
        not entry.subject.application
        or scope.application in (None,)
        or (entry.subject.application == str(scope.application))
    )
    bound = scope.module is not None and entry.subject.application and entry.metric not in _OF_POOLS
    return of_application and (not bound or entry.subject.module == scope.module)


_OF_POOLS = (metrics.POOL, metrics.WAITING)


def _tile(metric: Metric, entry: Measured, threshold: float | None) -> Tile:
    subject = " · ".join(word for word in (entry.subject.backend, entry.subject.part) if word)
    badge = _PLAIN
    if threshold is not None:
        beyond = is_beyond(entry.value, threshold, metric.comparison)
        badge = _BEYOND[metric.comparison] if beyond else _OK
    return Tile(
        title=metric.title,
        subject=subject,
        value=number(entry.value),
        unit=metric.unit,
        threshold="" if threshold is None else number(threshold),
        badge=badge,
    )


def _method(entry: MethodFigures, facts: Facts) -> MethodRow:
    per_thousand = 1000 * entry.errors / entry.calls
    values = {
        "call_mean": entry.mean,
        "call_p95": entry.p95,
        "call_p99": entry.p99,
        "error_rate": per_thousand,
    }
    beyond = [
        BY_NAME[name].title
        for name, value in values.items()
        if (limit := threshold_of(BY_NAME[name], facts.thresholds)) is not None and value > limit
    ]
    return MethodRow(
        name=_name(entry, several=facts.scope.application is None and len(facts.applications) > 1),
        backend=entry.backend,
        calls=f"{entry.calls:,}",
        errors=f"{entry.errors:,}",
        per_thousand=number(per_thousand),
        mean=number(entry.mean),
        p50=number(entry.p50),
        p95=number(entry.p95),
        p99=number(entry.p99),
        highest=number(entry.highest),
        beyond=", ".join(beyond),
    )


def _name(entry: MethodFigures, *, several: bool) -> str:
    """With its application, where those of several are shown together."""
    words = (entry.application if several else "", entry.module, entry.method)
    return ".".join(word for word in words if word)


def _slow(entry: SlowStatement) -> SlowRow:
    return SlowRow(
        statement=entry.statement,
        where=f"{entry.application or 'server'}, {entry.backend}",
        count=f"{entry.count:,}",
        mean=number(entry.total / entry.count) if entry.count else "—",
        highest=number(entry.highest),
        last_seen=entry.last_seen,
    )


def _query(facts: Facts, **other: str) -> str:
    """The address's query for this page, or for one that differs from it."""
    application = facts.scope.application
    chosen = {
        "span": facts.span.key,
        "application": f"{application.name}/{application.environment}" if application else "",
        "module": facts.scope.module or "",
    } | other
    return "&".join(f"{name}={value}" for name, value in chosen.items() if value)


def _spans(facts: Facts) -> tuple[Choice, ...]:
    return tuple(
        Choice(words=span.words, query=_query(facts, span=span.key), current=span is facts.span)
        for span in SPANS
    )


def _applications(facts: Facts) -> tuple[Choice, ...]:
    """Nothing to choose where there is but one."""
    if len(facts.applications) < 2:
        return ()
    every = Choice(
        words="all", query=_query(facts, application="", module=""), current=facts.scope.application is None
    )
    return (
        every,
        *(
            Choice(
                words=str(entry),
                query=_query(facts, application=f"{entry.name}/{entry.environment}", module=""),
                current=entry == facts.scope.application,
            )
            for entry in facts.applications
        ),
    )


def _modules(facts: Facts) -> tuple[Choice, ...]:
    names = sorted({name for entry in facts.applications for name in entry.modules})
    if facts.scope.application is not None:
        names = list(facts.scope.application.modules)
    if not names:
        return ()
    every = Choice(words="all", query=_query(facts, module=""), current=facts.scope.module is None)
    return (
        every,
        *(
            Choice(words=name, query=_query(facts, module=name), current=name == facts.scope.module)
            for name in names
        ),
    )
