"""A month of an application's calls, as it is kept: every level as far back as its retention goes.

Made by one statement a level, not by reports: half a million of those would be needed. Durations are those of a
database nearby (3 to 30 ms), with the afternoon busier than the night.
"""

from datetime import datetime, timedelta

from django.db import connection

from migration.core.monitoring import metrics
from migration.core.monitoring.levels import KEPT, Level
from migration.core.monitoring.sketches import key_of
from migration.models import Application, Bucket, Series

METHODS = tuple(f"method_{number:02}" for number in range(21))
MONTH = timedelta(days=30)
_BINS = 60

_FILL = """
INSERT INTO migration_bucket (series_id, level, at, count, total, lowest, highest, last, keys, counts)
SELECT series.id, %(level)s, at, calls, calls * 8.0, 3, 30, 8,
       CASE WHEN series.metric = 'calls'
            THEN ARRAY(SELECT %(first)s + bin FROM generate_series(0, %(bins)s - 1) AS bin) ELSE '{}' END,
       CASE WHEN series.metric = 'calls'
            THEN ARRAY(SELECT greatest(1, calls / %(bins)s) FROM generate_series(1, %(bins)s)) ELSE '{}' END
FROM migration_series AS series
CROSS JOIN generate_series(%(since)s, %(now)s, %(width)s::interval) AS at
CROSS JOIN LATERAL (
    SELECT (%(level)s * (5 + 20 * abs(sin(extract(epoch FROM at) / 86400 * pi()))))::bigint AS calls
) AS busy
WHERE series.application_id = %(application)s
"""


def fill_month(application: Application, now: datetime) -> int:
    """Make the series and their buckets; how many buckets there are."""
    places = [
        *((metrics.CALLS, backend, part) for backend in ("source", "target") for part in ("", *METHODS)),
        *((metrics.ERRORS, backend, "timeout") for backend in ("source", "target")),
        *(("method_errors", backend, part) for backend in ("source", "target") for part in METHODS[:5]),
        *((metric, "target", "") for metric in (metrics.SLOW, metrics.POOL, metrics.WAITING)),
    ]
    Series.objects.bulk_create(
        Series(
            project_id=application.project_id,
            application=application,
            metric=metric,
            module=application.modules[0] if metric not in (metrics.POOL, metrics.WAITING) else "",
            backend=backend,
            part=part,
        )
        for metric, backend, part in places
    )
    with connection.cursor() as cursor:
        for level in Level:
            cursor.execute(
                _FILL,
                {
                    "level": int(level),
                    "first": key_of(3.0),
                    "bins": _BINS,
                    "since": now - min(KEPT[level], MONTH),
                    "now": now,
                    "width": f"{int(level)} seconds",
                    "application": application.pk,
                },
            )
        cursor.execute("ANALYZE migration_bucket, migration_series")
    return Bucket.objects.count()
