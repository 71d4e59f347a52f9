"""Samples of how far runs were behind: kept, made coarser, forgotten, and read in as many points as a page shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from migration.core.lag_samples import COARSE, COARSE_KEPT, FINE, FINE_KEPT, LagSample, start_of
from migration.models import Run, RunLag
from migration.store.leases import Lease

_MERGE = """
WITH old AS (
    DELETE FROM migration_runlag WHERE width < %(width)s AND at < %(before)s RETURNING *
)
INSERT INTO migration_runlag (project_id, run_id, at, width, lag_seconds, lag_bytes, changes, held, side)
SELECT project_id, run_id, date_bin(make_interval(secs => %(width)s), at, 'epoch'), %(width)s,
       CASE WHEN count(lag_seconds) = count(*) THEN max(lag_seconds) END,
       max(lag_bytes), sum(changes), max(held), side
FROM old GROUP BY project_id, run_id, 3, side
"""
_READ = """
SELECT date_bin(make_interval(secs => %(width)s), at, 'epoch') AS begun,
       CASE WHEN count(lag_seconds) = count(*) THEN max(lag_seconds) END,
       max(lag_bytes), sum(changes)::bigint, max(held), side
FROM migration_runlag WHERE run_id = %(run)s AND at >= %(since)s
GROUP BY begun, side ORDER BY begun, side
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lags:
    """A run's lag over time: samples of that width, the oldest first."""

    width: timedelta
    samples: tuple[LagSample, ...]


def keep(lease: Lease, samples: Sequence[LagSample]) -> None:
    """In one statement; none, where there is nothing to keep."""
    RunLag.objects.bulk_create(
        RunLag(
            project_id=lease.project_id,
            run_id=lease.run_id,
            at=each.at,
            width=FINE.seconds,
            lag_seconds=each.lag_seconds,
            lag_bytes=each.lag_bytes,
            changes=each.changes,
            held=each.held,
            side=each.side,
        )
        for each in samples
    )


def lags(run: Run, since: datetime, width: timedelta) -> Lags:
    """One query, whatever there is. `width` is no smaller than the samples' own, or they stay as they are."""
    with connection.cursor() as cursor:
        cursor.execute(_READ, {"width": width.total_seconds(), "run": run.pk, "since": since})
        rows = cursor.fetchall()
    return Lags(
        width=width,
        samples=tuple(
            LagSample(
                at=row[0], lag_seconds=row[1], lag_bytes=row[2], changes=row[3], held=row[4], side=row[5]
            )
            for row in rows
        ),
    )


def forget_lags(now: datetime) -> None:
    """Old samples become coarser ones, older ones go. For all runs together."""
    before = start_of(now - FINE_KEPT, COARSE)
    with connection.cursor() as cursor:
        cursor.execute(_MERGE, {"width": COARSE.seconds, "before": before})
    RunLag.objects.filter(at__lt=now - COARSE_KEPT).delete()
