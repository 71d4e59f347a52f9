"""Whose sessions work for which run on the target, so that whoever takes the run over can end those before it.

A lease says who may work on a run; one who has lost it may not know yet: stopped in the middle, or cut off.
"""

import contextlib
from uuid import UUID

import psycopg

from migration.engine.sessions import Session, open_target

_SPACE = 0x736368  # "sch": the first half of the advisory locks by which a run's sessions are known
_PATIENCE = 5_000  # milliseconds that a session has to end

_END = """
SELECT pg_terminate_backend(pid, %s) FROM pg_locks
WHERE locktype = 'advisory' AND objsubid = 2 AND pid <> pg_backend_pid()
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND classid::bigint = %s AND objid::bigint = %s
"""


def open_target_for(ledger_id: UUID, dsn: str) -> Session:
    """A writing session that works for this run, and says so to the server."""
    target = open_target(dsn)
    target.execute("SELECT pg_advisory_lock_shared(%s, %s)", [_SPACE, _signed(_number(ledger_id))])
    return target


def take_over(target: Session, ledger_id: UUID) -> None:
    """End all other sessions that work for this run: what they have not committed is undone.

    Where the role may not end them they stay, and the lock of the one that leads them refuses a second.
    """
    with contextlib.suppress(psycopg.errors.InsufficientPrivilege):
        target.execute(_END, [_PATIENCE, _SPACE, _number(ledger_id)])


def sessions_of(ledger_id: UUID) -> dict[str, int]:
    """By which advisory lock they are known: `space` and `number`, as pg_locks has them."""
    return {"space": _SPACE, "number": _number(ledger_id)}


def _number(ledger_id: UUID) -> int:
    return int.from_bytes(ledger_id.bytes[:4])


def _signed(number: int) -> int:
    """As PostgreSQL's integer, which has 32 bits."""
    return number - 2**32 if number >= 2**31 else number
