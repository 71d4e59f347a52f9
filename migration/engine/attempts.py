"""Trying again where a lock was not given in time: a few times, after longer and longer pauses, each one recorded."""

import time
from collections.abc import Callable
from typing import TypeVar
from uuid import UUID

import psycopg

from migration.core.errors import RunStopped
from migration.core.events import Event, Level, Log
from migration.engine import ledger
from migration.engine.sessions import Session
from schemadiff.core.plan import Statement

_Result = TypeVar("_Result")

PAUSES = (1.0, 2.0, 4.0, 8.0)
"""Seconds between two attempts: five in all. Those who waited behind the statement get their turn meanwhile."""

_PATIENCE = 0.2  # seconds after which a pause looks whether the run is to stop


def persistently(
    target: Session,
    ledger_id: UUID,
    position: int,
    statement: Statement,
    attempt: Callable[[], _Result],
    *,
    report: Callable[[Event], None],
    should_stop: Callable[[], bool],
) -> _Result:
    """What `attempt` returns. Raises what the last one raised, and whatever is not about locks at once."""
    for number, pause in enumerate(PAUSES, start=1):
        try:
            return attempt()
        except (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected) as error:
            ledger.record_attempt(target, ledger_id, position, number, error.sqlstate or "")
            report(Log(message=_sentence(statement, number, pause, error), level=Level.WARNING))
        _wait(pause, statement, should_stop)
    return attempt()


def _sentence(statement: Statement, number: int, pause: float, error: psycopg.Error) -> str:
    named = f"{statement.ref.kind.value} “{statement.ref.label}”"
    reason = "was in a deadlock with another session"
    if isinstance(error, psycopg.errors.LockNotAvailable):
        reason = f"was not given its lock within {statement.timeouts.lock}"
    return f"The {named} {reason} (attempt {number} of {len(PAUSES) + 1}). Tried again in {pause:g} s."


def _wait(pause: float, statement: Statement, should_stop: Callable[[], bool]) -> None:
    end = time.monotonic() + pause
    while (left := end - time.monotonic()) > 0:
        if should_stop():
            raise RunStopped(f"The run was stopped while it waited to try “{statement.ref.label}” again.")
        time.sleep(min(_PATIENCE, left))
