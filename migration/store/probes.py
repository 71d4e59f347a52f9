"""Probes as rows: asked for, under way, ended."""

from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from migration.models import ProbeRun, Run
from schemadiff.models import Project

State = ProbeRun.State


def begin(run: Run, queries: str, user: User | None) -> tuple[ProbeRun, bool]:
    """New probes, or those that are under way in the project; and whether they are new."""
    with transaction.atomic():
        Project.objects.select_for_update().only("pk").get(pk=run.project_id)
        rows = ProbeRun.objects.filter(project_id=run.project_id)
        current = rows.filter(state__in=ProbeRun.UNDER_WAY).first()
        if current is not None:
            return current, False
        last = rows.aggregate(last=Max("number"))["last"] or 0
        made = ProbeRun.objects.create(
            project_id=run.project_id, run=run, number=last + 1, queries=queries, requested_by=user
        )
        return made, True


def start(pk: int) -> bool:
    """A worker has taken it up, for the first time or after another one died; false if it has ended or is gone."""
    rows = ProbeRun.objects.filter(pk=pk, state__in=ProbeRun.UNDER_WAY)
    return rows.update(state=State.RUNNING, started_at=timezone.now()) == 1


def end(pk: int, differing: int, result: dict[str, Any]) -> None:
    ProbeRun.objects.filter(pk=pk, state=State.RUNNING).update(
        state=State.DONE, ended_at=timezone.now(), differing=differing, result=result
    )


def fail(pk: int, error: str) -> None:
    ProbeRun.objects.filter(pk=pk, state=State.RUNNING).update(
        state=State.FAILED, ended_at=timezone.now(), error=error
    )
