"""Which transactions of the source's log its other sessions see already.

A commit is in the log, and sent to whoever follows, a moment before it can be seen: the server process has still to
say so to the others, and where commits wait for a synchronous standby that moment lasts as long as the standby takes.
Whoever reads a row “as it is now” in that moment reads it as it was before.
"""

import time
from collections.abc import Callable

from migration.core.errors import RunFailed
from migration.core.visible import Snapshot, snapshot_of
from migration.engine.sessions import Session

PATIENCE = 120.0  # seconds that a transaction may take to be seen
_NOTABLE = 1.0  # seconds after which a word is said
_LOOK = 0.002
_MANY = 10_000


class Visibility:
    """Of the transactions that have come out of the log lately."""

    def __init__(self, source: Session, note: Callable[[str], None]) -> None:
        self._source, self._note = source, note
        self._unseen: set[int] = set()

    def came(self, xid: int) -> None:
        """This transaction's commit is in the log."""
        self._unseen.add(xid)
        if len(self._unseen) >= _MANY:
            self.look()

    def look(self) -> None:
        """Forget those that can be seen by now."""
        if self._unseen:
            snapshot = self._snapshot()
            self._unseen = {xid for xid in self._unseen if not snapshot.sees(xid)}

    def wait(self) -> None:
        """Until all that has come can be seen by the source's sessions. Raises RunFailed."""
        began, told = time.monotonic(), False
        self.look()
        while self._unseen:
            waited = time.monotonic() - began
            named = ", ".join(map(str, sorted(self._unseen)[:3]))
            if waited > PATIENCE:
                raise RunFailed(
                    f"The source has had transaction {named} in its log for {PATIENCE:g} s and does not show what it "
                    "wrote. It seems to wait for a synchronous standby that does not answer: look at "
                    "synchronous_standby_names there, then resume."
                )
            if waited > _NOTABLE and not told:
                told = True
                self._note(
                    f"The source has transaction {named} in its log and does not show yet what it wrote (does it wait "
                    "for a synchronous standby?). The follower waits, for a row has to be read from it."
                )
            time.sleep(_LOOK)
            self.look()

    def _snapshot(self) -> Snapshot:
        row = self._source.execute("SELECT pg_current_snapshot()::text").fetchone()
        assert row is not None
        return snapshot_of(row[0])
