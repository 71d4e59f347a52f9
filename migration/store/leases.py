"""Who works on a run: a lease, claimed by compare-and-set, renewed while the work goes on, lost by silence.

All times are the database's own, so that the clocks of the machines that workers run on do not matter.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce, Now

from migration.core.errors import LeaseLost
from migration.core.phases import Phase
from migration.models import Run, RunState

LEASE_SECONDS = 10
"""How long a run is left alone after its worker was last heard of."""

_LEASE = timedelta(seconds=LEASE_SECONDS)
_ASKED_TO_STOP = (RunState.CANCELLING, RunState.PAUSING)
_AT_REST = (RunState.PAUSED, RunState.ENDED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """The right to work on a run.

    `attempt` counts how often it was taken up since a person last started it; `resumes` says whether anybody
    ever worked on it before, so that the target may hold rows of it.
    """

    run_id: int
    project_id: int
    token: UUID
    attempt: int
    resumes: bool


def claim(run_id: int) -> Lease | None:
    """Take a run that nobody works on; None where somebody does, or where it has ended."""
    with transaction.atomic():
        found = abandoned().select_for_update(skip_locked=True).filter(pk=run_id).first()
        if found is None:
            return None
        lease = Lease(
            run_id=run_id,
            project_id=found.project_id,
            token=uuid4(),
            attempt=found.attempts + 1,
            resumes=found.started_at is not None,
        )
        Run.objects.filter(pk=run_id).update(
            lease_token=lease.token,
            lease_until=Now() + _LEASE,
            attempts=lease.attempt,
            started_at=Coalesce(F("started_at"), Now()),
            offered="",
            state=found.state if found.state in _ASKED_TO_STOP else RunState.RUNNING,
        )
    return lease


def renew(lease: Lease) -> RunState:
    """Say that the work goes on; the answer is the state, which others may have set. Raises LeaseLost."""
    _must_change(lease, lease_until=Now() + _LEASE)
    return RunState(Run.objects.values_list("state", flat=True).get(pk=lease.run_id))


def enter(lease: Lease, phase: Phase) -> None:
    """Record that the run is in this phase now. Raises LeaseLost."""
    _must_change(lease, phase=phase.value, reached=phase.value)


def end(lease: Lease, phase: Phase, *, error: str = "") -> None:
    """Record how the run ended and give up the lease. Raises LeaseLost."""
    _must_change(
        lease,
        phase=phase.value,
        state=RunState.ENDED,
        error=error,
        ended_at=Now(),
        lease_token=None,
        lease_until=None,
    )


def give_back(lease: Lease) -> None:
    """Leave the run, not ended, to the next worker; giving back is no failed attempt. Raises LeaseLost."""
    _must_change(lease, state=RunState.QUEUED, lease_token=None, lease_until=None, attempts=F("attempts") - 1)


def pause(lease: Lease) -> None:
    """Leave the run as it is until a person has it taken up again. Raises LeaseLost."""
    _must_change(lease, state=RunState.PAUSED, lease_token=None, lease_until=None, attempts=F("attempts") - 1)


def abandoned() -> QuerySet[Run]:
    """Runs to be worked on that nobody works on: waiting for a worker, or left by one that died."""
    return Run.objects.exclude(state__in=_AT_REST).filter(Q(lease_until=None) | Q(lease_until__lt=Now()))


def held_until() -> dict[int, datetime]:
    """The runs that somebody works on, and until when their leases hold if they are not renewed."""
    rows = Run.objects.exclude(state__in=_AT_REST).filter(lease_until__gte=Now())
    return {pk: until for pk, until in rows.values_list("pk", "lease_until") if until is not None}


def offers() -> list[Run]:
    """Runs whose leaders, who are at work, want help: with chunks, with what is to be built, or with comparing."""
    return list(_offering().exclude(offered="").select_related("source", "target"))


_SHARED = (Phase.COPY.value, Phase.INDEXES.value, Phase.VERIFY.value)


def is_offered(run: Run) -> bool:
    """Does the one who offered it still lead the run, and still want help?"""
    return _offering().filter(pk=run.pk, lease_token=run.lease_token, offered=run.offered).exists()


def _offering() -> QuerySet[Run]:
    return Run.objects.filter(state=RunState.RUNNING, phase__in=_SHARED, lease_until__gte=Now())


def _must_change(lease: Lease, **values: object) -> None:
    if not Run.objects.filter(pk=lease.run_id, lease_token=lease.token).update(**values):
        raise LeaseLost()
