"""What this application knows of itself: its queue, its runs, and what verifications found."""

from datetime import datetime, timedelta

from asgiref.sync import async_to_sync
from django.db.models import Min, Q
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateEvent, ProcrastinateJob

from migration.core.monitoring import metrics
from migration.models import AT_WORK, Run, RunLag, Verification
from migration.monitoring.recording import Observation, Place, gauged, record
from migration.store.verifications import alerts
from schemadiff.models import Project

SAYS_SO_WITHIN = timedelta(seconds=15)
"""So often at least a run that follows says how far it is behind."""

LEFT_ALONE = timedelta(minutes=1)
"""A run whose lease ended so long ago is stalled: nobody took it up again."""


def measure_ourselves(now: datetime) -> None:
    """Keep how the queue, every project's runs and its verifications stand."""
    queue = _queue(now)
    for project in Project.objects.order_by("pk"):
        found = (*queue, *_runs(project, now), *_lags(project, now), *_verifications(project))
        record(project.pk, found, at=now)


def _queue(now: datetime) -> tuple[Observation, ...]:
    """The queue is everybody's: each project sees the same."""
    due = Q(scheduled_at=None) | Q(scheduled_at__lte=now)
    waiting = ProcrastinateJob.objects.filter(due, status="todo").count()
    of_job = Q(job__scheduled_at=None) | Q(job__scheduled_at__lte=now)
    events = ProcrastinateEvent.objects.filter(of_job, type="deferred", job__status="todo")
    oldest = events.aggregate(at=Min("at"))["at"]
    stalled = len(list(async_to_sync(app.job_manager.get_stalled_jobs)()))
    return (
        gauged(Place(metric=metrics.QUEUE), waiting),
        gauged(Place(metric=metrics.OLDEST), (now - oldest).total_seconds() if oldest else 0.0),
        gauged(Place(metric=metrics.STALLED), stalled),
    )


def _runs(project: Project, now: datetime) -> tuple[Observation, ...]:
    left = Run.objects.filter(project=project, state__in=AT_WORK, lease_until__lt=now - LEFT_ALONE)
    return (gauged(Place(metric=metrics.STALLED_RUNS), left.count()),)


def _lags(project: Project, now: datetime) -> tuple[Observation, ...]:
    """How far the runs at work that follow are behind, as they said themselves: of a slot that is read by rounds its
    server mostly knows no lag. One that says nothing any more, held up or gone, falls behind by the second."""
    samples = RunLag.objects.filter(run__project=project, run__state__in=AT_WORK, lag_seconds__isnull=False)
    newest = samples.order_by("run_id", "-at").distinct("run_id")
    rows = newest.values_list("run__number", "side", "at", "lag_seconds")
    return tuple(
        gauged(
            Place(metric=metrics.LAG, backend=side, part=f"run #{number}"),
            (lag or 0.0) + max(0.0, (now - at - SAYS_SO_WITHIN).total_seconds()),
        )
        for number, side, at, lag in rows
    )


def _verifications(project: Project) -> tuple[Observation, ...]:
    """Rows that differ, run by run, as the latest verification found them; and how many of the schedules alert."""
    done = Verification.objects.filter(
        project=project, kind=Verification.Kind.VERIFY, state=Verification.State.DONE, differing__isnull=False
    )
    latest = done.order_by("run_id", "-number").distinct("run_id").values_list("run__number", "differing")
    return (
        *(
            gauged(Place(metric=metrics.DRIFT, part=f"run #{run}"), differing or 0)
            for run, differing in latest
        ),
        gauged(Place(metric=metrics.SCHEDULED), len(alerts(project))),
    )
