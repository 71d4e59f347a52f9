"""Who carries chunks: by what name the ledger knows a process, and what each has done."""

import os
import socket
import time
from collections.abc import Callable
from uuid import UUID

from migration.core.events import Carried, Event
from migration.engine.sessions import Session

_EVERY = 2.0  # seconds

_SHARES = """
SELECT carried_by, count(*), coalesce(sum(written), 0)::bigint FROM schemadiff.chunks
WHERE run = %s AND carried_by IS NOT NULL GROUP BY carried_by ORDER BY carried_by
"""


def own_name() -> str:
    """Of this process, and of those that it starts to copy."""
    return f"{socket.gethostname()}, process {os.getpid()}"


class Shares:
    """Tells what each has carried, now and then, and at the end."""

    def __init__(self, target: Session, ledger_id: UUID, report: Callable[[Event], None]) -> None:
        self._target, self._ledger_id, self._report = target, ledger_id, report
        self._told: dict[str, Carried] = {}
        self._at = time.monotonic()

    def tell_sometimes(self) -> None:
        if time.monotonic() - self._at >= _EVERY:
            self.tell()

    def tell(self) -> None:
        for share in shares(self._target, self._ledger_id):
            if self._told.get(share.carrier) != share:
                self._told[share.carrier] = share
                self._report(share)
        self._at = time.monotonic()


def shares(target: Session, ledger_id: UUID) -> tuple[Carried, ...]:
    """What each has carried of the run so far."""
    rows = target.execute(_SHARES, [ledger_id]).fetchall()
    return tuple(Carried(carrier=row[0], chunks=row[1], rows=row[2]) for row in rows)
