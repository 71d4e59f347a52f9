"""A run carried out by a worker, its ending recorded; and runs of workers that died found again."""

import logging
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import psycopg
from django.db import InterfaceError, OperationalError, connection

from migration import jobs, store
from migration.core.errors import LeaseLost, RunFailed, RunStopped
from migration.core.events import Event, Level, Log, PhaseStarted
from migration.core.phases import Phase
from migration.core.spec import spec_from_json
from migration.engine.failures import failure
from migration.models import Run, RunState
from migration.recorder import Recorder
from migration.runner import run as carry_out
from schemadiff.connections import dsn_of
from schemadiff.core.errors import SchemadiffError
from schemadiff.secrets import redact

log = logging.getLogger(__name__)

_RETRY = 1.0  # seconds

MOST_ATTEMPTS = 5
"""How often a run is taken up by itself after workers died on it, before a person has to look."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    phase: Phase
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenBack:
    """The worker is to end, not the run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paused:
    """The run is to wait for a person."""


_Outcome: TypeAlias = Ended | GivenBack | Paused


def never() -> bool:
    return False


_carrying: set[int] = set()
_LIGHT = (Phase.FOLLOW, Phase.CUT_OVER, Phase.WATCH)
"""In these a run keeps up with what is written, for days it may be, and leaves the machine to others."""


def is_carrying() -> bool:
    """Is this process at work on a run that needs all of the machine?"""
    return bool(_carrying)


def execute(run_id: int, stopping: Callable[[], bool] = never) -> None:
    """Carry a run out as far as it goes, if nobody else does. `stopping`: is this worker to end?"""
    lease = store.claim(run_id)
    if lease is None:
        return
    run = Run.objects.select_related("source", "target").get(pk=run_id)
    _carrying.add(run_id)
    try:
        with Recorder(lease, stopping) as recorder:
            outcome = _outcome(run, lease, recorder)
        _insist(lambda: _record(lease, outcome))
    except LeaseLost:
        log.warning("Run %s was taken over by another worker.", run_id)
    finally:
        _carrying.discard(run_id)


def recover() -> None:
    """Queue every run that waits for a worker or was left by one that died; those that somebody seems to work
    on, for the moment at which their leases would end."""
    for run_id in store.abandoned().values_list("pk", flat=True):
        jobs.defer_run(run_id)
    for run_id, until in store.held_until().items():
        jobs.defer_run(run_id, at=until)


def _outcome(run: Run, lease: store.Lease, recorder: Recorder) -> _Outcome:
    if run.state == RunState.CANCELLING:
        return Ended(phase=Phase.CANCELLED)
    if run.state == RunState.PAUSING:
        return Paused()
    try:
        _migrate(run, lease, recorder)
    except RunStopped:
        if recorder.cancelled:
            return Ended(phase=Phase.CANCELLED)
        return Paused() if recorder.paused else GivenBack()
    except SchemadiffError as error:
        return Ended(phase=Phase.FAILED, error=str(error))
    except Exception as error:  # a run must end with a sentence, whatever went wrong
        # The frames only: a driver's message may quote rows.
        log.error(
            "Run %s: %s\n%s", run.pk, type(error).__name__, "".join(traceback.format_tb(error.__traceback__))
        )
        return Ended(phase=Phase.FAILED, error=_sentence(error))
    return Ended(phase=Phase.FINISH)


def _migrate(run: Run, lease: store.Lease, recorder: Recorder) -> None:
    if lease.attempt > MOST_ATTEMPTS:
        raise RunFailed(
            f"{MOST_ATTEMPTS} workers in a row ended without a word while they carried out this run. Look "
            "at the memory and the log of the machine that the worker runs on, then resume."
        )
    spec = spec_from_json(run.spec)
    if spec.backup_to:
        Path(spec.backup_to).mkdir(mode=0o700, parents=True, exist_ok=True)
    carry_out(
        dsn_of(run.source),
        dsn_of(run.target),
        spec,
        report=_heeded(run.pk, recorder.report),
        should_stop=recorder.should_stop,
        hands_back=lambda: not recorder.cancelled,
        resume=lease.resumes,
        takes_over=lease.resumes,
    )


def _heeded(run_id: int, report: Callable[[Event], None]) -> Callable[[Event], None]:
    def heed(event: Event) -> None:
        if isinstance(event, PhaseStarted):
            (_carrying.discard if event.phase in _LIGHT else _carrying.add)(run_id)
        report(event)

    return heed


def _record(lease: store.Lease, outcome: _Outcome) -> None:
    match outcome:
        case Paused():
            store.pause(lease)
        case GivenBack():
            store.give_back(lease)
            jobs.defer_run(lease.run_id)
        case Ended(phase=phase, error=error):
            error = redact(error)
            if error:
                store.record(lease, [Log(message=error, level=Level.ERROR)])
            store.end(lease, phase, error=error)


def _insist(write: Callable[[], None]) -> None:
    """Write the ending, also where the database is away for a moment. Given up when the lease may be another's."""
    deadline = time.monotonic() + store.LEASE_SECONDS
    while True:
        try:
            return write()
        except (OperationalError, InterfaceError):
            connection.close()
            if time.monotonic() > deadline:
                raise LeaseLost() from None
            time.sleep(_RETRY)


def _sentence(error: Exception) -> str:
    if isinstance(error, psycopg.Error):
        return str(failure(error, "The run could not go on"))
    return f"The run was stopped by an unexpected error ({type(error).__name__}). The worker's log has more."
