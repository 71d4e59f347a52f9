"""Coarser buckets out of finer ones, and what is too old forgotten. Done every minute by a worker."""

from datetime import datetime, timedelta

from asgiref.sync import async_to_sync
from django.db import transaction
from procrastinate.contrib.django import app

from migration import jobs
from migration.core.monitoring.levels import FINER, KEPT
from migration.core.monitoring.report import MOST_AGO
from migration.models import Alert, Bucket, Notice, ReportReceipt
from migration.monitoring import statements
from migration.monitoring.recording import ROLLING

SLOW_KEPT = timedelta(days=30)
MOST_SLOW = 200
"""Slow statements of a project and day that are kept: the heaviest."""

JOBS_KEPT_HOURS = 24

HISTORY_KEPT = timedelta(days=400)


def roll_up() -> None:
    """Bring every level up to date. Set-based; what it reads grows with what was reported since the last time."""
    for level, finer in FINER.items():
        with transaction.atomic():
            statements.rows_of("hold_rolling", {"lock": ROLLING})
            statements.carry_out("roll_up", {"level": level, "finer": finer, "width": level.width})


def forget(now: datetime) -> None:
    """Delete what is older than it is kept."""
    with transaction.atomic():
        for level, kept in KEPT.items():
            Bucket.objects.filter(level=level, at__lt=now - kept).delete()
        statements.carry_out("forget_slow", {"oldest": (now - SLOW_KEPT).date(), "most": MOST_SLOW})
        ReportReceipt.objects.filter(at__lt=now - 2 * timedelta(seconds=MOST_AGO)).delete()
        Notice.objects.filter(made_at__lt=now - HISTORY_KEPT).delete()
        Alert.objects.filter(state=Alert.State.RESOLVED, resolved_at__lt=now - HISTORY_KEPT).delete()


def forget_jobs() -> None:
    """Take jobs that succeeded a day ago out of the queue: those of every minute would pile up for ever."""
    async_to_sync(app.job_manager.delete_old_jobs)(JOBS_KEPT_HOURS, queue=jobs.MAINTENANCE)
