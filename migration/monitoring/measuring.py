"""USE CASE: both servers of a project are measured, and what they said is kept."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.utils import timezone

from migration.core.monitoring import metrics
from migration.core.monitoring.report import SlowFigures
from migration.core.monitoring.statements import normalised
from migration.core.phases import Phase
from migration.models import Run, RunState, ServerReading
from migration.monitoring.recording import Observation, Place, gauged, record, record_slow
from migration.monitoring.servers import ServerFigures, StatementFigures, certificate_days, read_server
from schemadiff.connections import address_of, dsn_of
from schemadiff.databases import CannotConnect
from schemadiff.models import Connection, Project

COMPARABLE_FOR = timedelta(minutes=30)
"""A reading that is older is no base for a rate: what happened in between is unknown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    """Counters by name, and those of slow statements by their key."""

    at: datetime
    counters: Mapping[str, float]
    statements: Mapping[str, list[float]] = field(default_factory=dict)


def sides_of(project: Project) -> dict[str, Connection]:
    """The source and the target: of the newest run that was not given up, else of the newest comparison."""
    given_up = (Phase.CANCELLED.value, Phase.ROLLED_BACK.value)
    runs = Run.objects.filter(project=project).exclude(state=RunState.ENDED, phase__in=given_up)
    run = runs.select_related("source", "target").defer("spec").order_by("-number").first()
    if run is not None:
        return {"source": run.source, "target": run.target}
    comparisons = project.comparisons.select_related("source__connection", "target__connection")
    comparison = comparisons.defer("source__catalog", "target__catalog").order_by("-number").first()
    if comparison is None:
        return {}
    both = {"source": comparison.source.connection, "target": comparison.target.connection}
    return {side: connection for side, connection in both.items() if connection is not None}


def measure_servers(project_id: int) -> None:
    """Ask both servers of a project how they are."""
    project = Project.objects.get(pk=project_id)
    for side, connection in sides_of(project).items():
        measure_server(project, side, connection, timezone.now())


def measure_server(project: Project, side: str, connection: Connection, now: datetime) -> None:
    """Ask one of them, and keep what it said: that it is away, too."""
    found: ServerFigures | None = None
    error = ""
    try:
        found = read_server(dsn_of(connection))
    except CannotConnect as failure:
        error = str(failure)
    observations = [gauged(Place(metric=metrics.SERVER_UP, backend=side), 0.0 if found is None else 1.0)]
    days = certificate_days(address_of(connection), now)
    if days is not None:
        observations.append(gauged(Place(metric=metrics.CERTIFICATE, backend=side), days))
    if found is not None:
        before = _before(connection, now)
        observations += _gauges(side, found, before, now)
        record_slow(project.pk, _slow(side, found.statements, before), at=now)
    record(project.pk, observations, at=now)
    _keep(project, connection, found, error, now)


def troubles(project: Project) -> tuple[str, ...]:
    """Which servers could not be read the last time, each in a sentence. One query."""
    rows = ServerReading.objects.filter(project=project).exclude(error="").select_related("connection")
    return tuple(f"{row.connection.name}: {row.error}" for row in rows)


def _before(connection: Connection, now: datetime) -> _Reading | None:
    row = ServerReading.objects.filter(connection=connection).first()
    if row is None or not row.counters or not row.at < now <= row.at + COMPARABLE_FOR:
        return None
    return _Reading(at=row.at, counters=row.counters["all"], statements=row.counters["statements"])


def _keep(
    project: Project, connection: Connection, found: ServerFigures | None, error: str, now: datetime
) -> None:
    counters = {}
    if found is not None:
        counters = {
            "all": found.counters,
            "statements": {entry.key: [entry.calls, entry.total] for entry in found.statements},
        }
    ServerReading.objects.update_or_create(
        connection=connection,
        defaults={"project": project, "at": now, "counters": counters, "error": error},
    )


def _gauges(side: str, found: ServerFigures, before: _Reading | None, now: datetime) -> Iterable[Observation]:
    used = 100.0 * found.connections / found.most_connections
    yield gauged(Place(metric=metrics.CONNECTIONS_USED, backend=side), used)
    yield gauged(Place(metric=metrics.LONGEST, backend=side), found.longest_transaction)
    for slot in found.slots:
        yield gauged(Place(metric=metrics.SLOT_WAL, backend=side, part=slot.name), slot.held_mb)
        if slot.lag_seconds is not None:
            yield gauged(Place(metric=metrics.LAG, backend=side, part=slot.name), slot.lag_seconds)
    if before is not None:
        yield from _rates(side, found, before, now)


def _rates(side: str, found: ServerFigures, before: _Reading, now: datetime) -> Iterable[Observation]:
    """What was counted since the last reading; nothing where a counter was reset meanwhile."""
    since = {name: value - before.counters.get(name, value) for name, value in found.counters.items()}
    if min(since.values()) < 0:
        return
    ended = since["committed"] + since["rolled_back"]
    yield gauged(Place(metric=metrics.TRANSACTIONS, backend=side), ended / (now - before.at).total_seconds())
    parts = (
        (metrics.ROLLED_BACK, 1000 * since["rolled_back"], ended),
        (metrics.CACHE_HITS, 100 * since["blocks_hit"], since["blocks_hit"] + since["blocks_read"]),
        (metrics.STATEMENT_MEAN, since.get("statement_ms", 0.0), since.get("statements", 0.0)),
    )
    for metric, part, whole in parts:
        if whole:
            yield gauged(Place(metric=metric, backend=side), part / whole)


def _slow(
    side: str, statements: Iterable[StatementFigures], before: _Reading | None
) -> Iterable[SlowFigures]:
    """Those that were called since the last reading and took long on average."""
    if before is None:
        return
    for entry in statements:
        calls, total = before.statements.get(entry.key, [0, 0.0])
        called, took = entry.calls - int(calls), entry.total - total
        if called > 0 and took / called > metrics.SLOW_MS:
            yield SlowFigures(
                backend=side,
                statement=normalised(entry.text),
                count=called,
                total=took,
                highest=entry.highest,
            )
