"""Verifications as rows: asked for, under way, ended; those that a schedule makes, and what alerts."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Max, QuerySet
from django.utils import timezone

from migration.models import Run, Verification, VerificationSchedule
from schemadiff.models import Project

Kind = Verification.Kind
State = Verification.State

KEPT = timedelta(days=30)  # as long as the samples are there


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """What came of it. `samples` are people's data: by table, pairs of difference and key."""

    differing: int
    result: dict[str, Any]
    samples: dict[str, list[list[str]]]
    repair: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is asked for."""

    kind: Verification.Kind = Kind.VERIFY
    semantic: bool = False
    sample: float | None = None  # percent
    reason: str = ""
    repair: int | None = None
    scheduled: bool = False


def begin(run: Run, wanted: Wanted, user: User | None) -> tuple[Verification, bool]:
    """A new one, or the one that is under way for this run; and whether it is new."""
    with transaction.atomic():
        Run.objects.select_for_update(of=("self",)).only("pk").get(pk=run.pk)
        rows = Verification.objects.filter(run=run)
        current = rows.filter(state__in=Verification.UNDER_WAY).first()
        if current is not None:
            return current, False
        last = rows.aggregate(last=Max("number"))["last"] or 0
        made = Verification.objects.create(
            project_id=run.project_id,
            run=run,
            number=last + 1,
            kind=wanted.kind,
            scheduled=wanted.scheduled,
            semantic=wanted.semantic,
            sample=wanted.sample,
            repair=wanted.repair,
            reason=wanted.reason,
            requested_by=user,
        )
        return made, True


def start(pk: int) -> bool:
    """A worker has taken it up, for the first time or after another one died; false if it has ended or is gone."""
    rows = Verification.objects.filter(pk=pk, state__in=Verification.UNDER_WAY)
    return rows.update(state=State.RUNNING, started_at=timezone.now()) == 1


def end(pk: int, ended: Ended) -> None:
    Verification.objects.filter(pk=pk, state=State.RUNNING).update(
        state=State.DONE,
        ended_at=timezone.now(),
        differing=ended.differing,
        result=ended.result,
        samples=ended.samples,
        repair=ended.repair,
    )


def fail(pk: int, error: str) -> None:
    """`error` is a sentence without a password."""
    rows = Verification.objects.filter(pk=pk, state=State.RUNNING)
    rows.update(state=State.FAILED, ended_at=timezone.now(), error=error)


def forget_keys() -> int:
    """Take the keys of rows out of verifications that ended long ago; how many had some."""
    old = Verification.objects.filter(ended_at__lt=timezone.now() - KEPT).exclude(samples={})
    return old.update(samples={})


def history(run: Run) -> QuerySet[Verification]:
    """All of a run, the latest first, without what they found."""
    return run.verifications.select_related("requested_by").defer("result", "samples").order_by("-number")


def schedule_of(run: Run) -> VerificationSchedule | None:
    """With who has set it."""
    return VerificationSchedule.objects.select_related("set_by").filter(run=run).first()


def set_schedule(run: Run, every_minutes: int, tolerated: int, user: User) -> None:
    """From now on, the first one at once."""
    VerificationSchedule.objects.update_or_create(
        run=run,
        defaults={
            "project_id": run.project_id,
            "every_minutes": every_minutes,
            "tolerated": tolerated,
            "next_at": timezone.now(),
            "set_by": user,
            "set_at": timezone.now(),
        },
    )


def end_schedule(run: Run) -> bool:
    """No more; false if there was none."""
    return VerificationSchedule.objects.filter(run=run).delete()[0] > 0


def take_due(now: datetime) -> list[VerificationSchedule]:
    """Schedules whose moment has come, each moved on to its next one: nobody else takes them."""
    taken = []
    rows = VerificationSchedule.objects.filter(next_at__lte=now)
    for schedule in rows.select_related("run__project", "run__source", "run__target").defer("run__spec"):
        following = now + timedelta(minutes=schedule.every_minutes)
        moved = VerificationSchedule.objects.filter(pk=schedule.pk, next_at=schedule.next_at)
        if moved.update(next_at=following):
            taken.append(schedule)
    return taken


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """The latest scheduled verification of a run found too much, or could not be done (`error`)."""

    schedule: VerificationSchedule
    verification: Verification


def alerts(project: Project) -> list[Alert]:
    """One query for the schedules, one for the latest verification of each."""
    schedules = {
        row.run_id: row for row in VerificationSchedule.objects.filter(project=project).select_related("run")
    }
    ended = Verification.objects.filter(
        run__in=schedules, kind=Kind.VERIFY, state__in=(State.DONE, State.FAILED)
    ).defer("result", "samples")
    latest = ended.order_by("run_id", "-number").distinct("run_id")
    return [
        Alert(schedule=schedules[row.run_id], verification=row)
        for row in latest
        if row.state == State.FAILED or (row.differing or 0) > schedules[row.run_id].tolerated
    ]
