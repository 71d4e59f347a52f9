"""Cut-overs as rows: asked for, under way, ended."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from migration.models import CutOverAttempt, Run
from schemadiff.core.errors import Refused

State = CutOverAttempt.State


def begin(run: Run, kind: CutOverAttempt.Kind, **values: Any) -> CutOverAttempt:
    """A new one. Raises Refused while another of this run is under way."""
    with transaction.atomic():
        Run.objects.select_for_update().only("pk").get(pk=run.pk)
        rows = CutOverAttempt.objects.filter(run=run)
        if rows.filter(state__in=CutOverAttempt.UNDER_WAY).exists():
            raise Refused(
                f"The checklist of run #{run.number} is being gone through just now. Wait until it has ended."
            )
        last = rows.aggregate(last=Max("number"))["last"] or 0
        return CutOverAttempt.objects.create(
            project_id=run.project_id, run=run, number=last + 1, kind=kind, **values
        )


def start(pk: int) -> bool:
    """A worker has taken it up; false if another did, or if it is gone."""
    rows = CutOverAttempt.objects.filter(pk=pk, state=State.QUEUED)
    return rows.update(state=State.RUNNING, started_at=timezone.now()) == 1


def note(pk: int, steps: Sequence[dict[str, Any]]) -> None:
    """The steps so far."""
    CutOverAttempt.objects.filter(pk=pk, state=State.RUNNING).update(steps=list(steps))


def end(
    pk: int,
    steps: Sequence[dict[str, Any]],
    *,
    pause: float | None = None,
    rejects: int = 0,
    error: str = "",
    held: bool = False,
) -> None:
    CutOverAttempt.objects.filter(pk=pk, state=State.RUNNING).update(
        state=State.FAILED if error else State.DONE,
        steps=list(steps),
        pause=pause,
        rejects=rejects,
        error=error,
        held=held,
        ended_at=timezone.now(),
    )
