"""Reports and measurements become buckets: each observation is added to the stretch of time that it falls into."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from migration.core.monitoring import metrics
from migration.core.monitoring.levels import FINER, Level, start_of
from migration.core.monitoring.report import BadReport, CallFigures, PoolFigures, Report, Serial, SlowFigures
from migration.core.monitoring.sketches import merged
from migration.models import Application, Series
from migration.monitoring import statements

METHOD_ERRORS = "method_errors"
"""Failed calls by method; `errors` are by kind."""

LATE = timedelta(seconds=30)
"""What is older may be of a stretch that was rolled up."""

ROLLING = 0x5D0_0B0C
"""The advisory lock that rolling up holds: what comes late is in the finer level before, or is added to the coarser."""

MOST_SERIES = 5_000
"""Of one application: one that makes up names must not fill the database."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Place:
    """Which series something is observed of, within a project or one of its applications."""

    metric: str
    module: str = ""
    backend: str = ""
    part: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """What was seen at a place: so many values, their sum, the extremes, the last; bins where they are durations."""

    place: Place
    count: int
    total: float
    lowest: float
    highest: float
    last: float
    keys: tuple[int, ...] = ()
    counts: tuple[int, ...] = ()


def counted(place: Place, count: int) -> Observation:
    """So many of something."""
    return Observation(place=place, count=count, total=count, lowest=count, highest=count, last=count)


def gauged(place: Place, value: float) -> Observation:
    """A value as it is now."""
    return Observation(place=place, count=1, total=value, lowest=value, highest=value, last=value)


def record_report(application: Application, report: Report, *, at: datetime) -> None:
    """Keep a client's report that came at this moment, as of the time that it is of. One that came before is not
    counted again."""
    with transaction.atomic():
        if report.serial is not None and not _is_new(application, report.serial, at):
            return
        of = _time_of(report, at)
        levels = _levels_at(of) if at - of > LATE else (Level.FINE,)
        record(application.project_id, observations_of(report), at=of, application=application, levels=levels)
        record_slow(application.project_id, report.slow, at=of, application=application)


def record(
    project_id: int,
    observations: Iterable[Observation],
    *,
    at: datetime,
    application: Application | None = None,
    levels: Iterable[Level] = (Level.FINE,),
) -> None:
    """Add observations to their buckets. Two queries, where all series are known already."""
    found = {observation.place: observation for observation in observations}
    if not found:
        return
    known = _series(project_id, application, set(found))
    rows = [
        {**asdict(observation), "series_id": known[place], "place": None}
        for place, observation in found.items()
    ]
    text = json.dumps(rows)
    for level in levels:
        statements.carry_out("add_buckets", {"rows": text, "level": level, "at": start_of(at, level)})


def record_slow(
    project_id: int, slow: Iterable[SlowFigures], *, at: datetime, application: Application | None = None
) -> None:
    """Add slow statements to those of the day."""
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    for entry in slow:
        digest = hashlib.sha256(entry.statement.encode()).hexdigest()
        row = rows.setdefault(
            (entry.backend, digest),
            {
                "backend": entry.backend,
                "digest": digest,
                "statement": entry.statement,
                "count": 0,
                "total": 0.0,
                "highest": 0.0,
            },
        )
        row["count"] += entry.count
        row["total"] += entry.total
        row["highest"] = max(row["highest"], entry.highest)
    if rows:
        name = "add_slow_of_server" if application is None else "add_slow_of_application"
        statements.carry_out(
            name,
            {
                "rows": json.dumps([rows[key] for key in sorted(rows)]),
                "project": project_id,
                "application": application.pk if application else None,
                "at": at,
            },
        )


def observations_of(report: Report) -> tuple[Observation, ...]:
    """A report as observations: calls by method and all together, errors by kind and by method, pools."""
    found: dict[tuple[str, str], list[CallFigures]] = {}
    for call in report.calls:
        found.setdefault((call.module, call.backend), []).append(call)
    calls = [
        observation
        for (module, backend), group in found.items()
        for observation in _of_calls(module, backend, group)
    ]
    return (*calls, *_of_pools(report.pools))


def _is_new(application: Application, serial: Serial, at: datetime) -> bool:
    noted = {"application": application.pk, "process": serial.process, "number": serial.number, "now": at}
    return statements.carry_out("take_receipt", noted) == 1


def _time_of(report: Report, came: datetime) -> datetime:
    """The end of its calls; where they are of longer than a bucket, a moment in the midst of them."""
    beyond = max(0.0, report.began_ago - report.ended_ago - Level.FINE) / 2
    return came - timedelta(seconds=report.ended_ago + beyond)


def _levels_at(at: datetime) -> tuple[Level, ...]:
    """Of what comes late: the finest, of which the others are made, and those that are made already."""
    coarser = tuple(FINER)
    asked = {"lock": ROLLING, "levels": list(coarser), "starts": [start_of(at, level) for level in coarser]}
    made = statements.rows_of("made_already", asked)
    return (Level.FINE, *(Level(number) for (number,) in made))


def _of_calls(module: str, backend: str, calls: list[CallFigures]) -> list[Observation]:
    at = Place(metric=metrics.CALLS, module=module, backend=backend)
    by_method: dict[str, list[CallFigures]] = {}
    for call in calls:
        by_method.setdefault(call.method, []).append(call)
    made = [_durations(replace(at, part=method), group) for method, group in by_method.items()]
    made.append(_durations(at, calls))
    kinds: dict[str, int] = {}
    for kind, count in (entry for call in calls for entry in call.errors):
        kinds[kind] = kinds.get(kind, 0) + count
    sums = {
        metrics.SLOW: sum(call.slow for call in calls),
        metrics.COMPARED: sum(call.compared for call in calls),
        metrics.MISMATCHES: sum(call.mismatches for call in calls),
        metrics.FALLBACKS: sum(call.fallbacks for call in calls),
    }
    failed = {method: sum(call.failed for call in group) for method, group in by_method.items()}
    parts = [
        *(counted(replace(at, metric=metrics.ERRORS, part=kind), count) for kind, count in kinds.items()),
        *(counted(replace(at, metric=METHOD_ERRORS, part=method), count) for method, count in failed.items()),
        *(counted(replace(at, metric=metric), count) for metric, count in sums.items()),
    ]
    return [entry for entry in made if entry.count] + [entry for entry in parts if entry.count]


def _durations(place: Place, calls: list[CallFigures]) -> Observation:
    seen = [call for call in calls if call.count]
    sketch = merged(call.sketch for call in seen)
    return Observation(
        place=place,
        count=sum(call.count for call in seen),
        total=sum(call.total for call in seen),
        lowest=min((call.lowest for call in seen), default=0.0),
        highest=max((call.highest for call in seen), default=0.0),
        last=max((call.highest for call in seen), default=0.0),
        keys=sketch.keys,
        counts=sketch.counts,
    )


def _of_pools(pools: Iterable[PoolFigures]) -> list[Observation]:
    """The worst of a report's pools stands for all: an average of a full and an empty one would say nothing."""
    worst: dict[Place, float] = {}
    for pool in pools:
        for metric, value in ((metrics.POOL, pool.utilisation), (metrics.WAITING, float(pool.waiting))):
            place = Place(metric=metric, backend=pool.backend)
            worst[place] = max(worst.get(place, 0.0), value)
    return [gauged(place, value) for place, value in worst.items()]


def _series(project_id: int, application: Application | None, wanted: set[Place]) -> dict[Place, int]:
    """The series of these places, made where they are missing."""
    known = _known(project_id, application, wanted)
    missing = sorted(wanted - set(known))
    if missing:
        _make(project_id, application, missing)
        known = _known(project_id, application, wanted)
    return known


def _known(project_id: int, application: Application | None, wanted: set[Place]) -> dict[Place, int]:
    rows = Series.objects.filter(
        project_id=project_id, application=application, metric__in={place.metric for place in wanted}
    ).values_list("metric", "module", "backend", "part", "pk")
    found = {
        Place(metric=metric, module=module, backend=backend, part=part): pk
        for metric, module, backend, part, pk in rows
    }
    return {place: pk for place, pk in found.items() if place in wanted}


def _make(project_id: int, application: Application | None, missing: list[Place]) -> None:
    known = Series.objects.filter(project_id=project_id, application=application).count()
    if known + len(missing) > MOST_SERIES:
        raise BadReport(
            f"There are {known:,} series of {application or 'this project'} already, and {MOST_SERIES:,} at most. "
            "Report fewer names of methods: a name is not to hold a value."
        )
    Series.objects.bulk_create(
        (Series(project_id=project_id, application=application, **asdict(place)) for place in missing),
        ignore_conflicts=True,
    )
