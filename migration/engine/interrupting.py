"""Stopping in the middle of a statement: what the servers are at is cancelled when the run does not stop by itself."""

import contextlib
import threading
from collections.abc import Callable, Sequence

import psycopg

from migration.engine.sessions import Session
from schemadiff.core.errors import SchemadiffError

GRACE = 1.0
"""Seconds that a run has to stop between two rows or statements, which leaves more of its work done."""

_LOOK = 0.5  # seconds between two looks at whether it is to stop
_LONGEST = 8.0  # seconds between two cancels: what comes after one may be a statement that clears up
_PATIENCE = 5  # seconds for a server to be told


class Interrupting:
    """A thread that asks `should_stop`, and goes on cancelling what `sessions` are at until it is told to end."""

    def __init__(self, sessions: Sequence[Session], should_stop: Callable[[], bool]) -> None:
        self._sessions, self._should_stop = sessions, should_stop
        self._over, self._telling = threading.Event(), threading.Lock()
        self.has_cancelled = False
        threading.Thread(target=self._work, name="interrupting", daemon=True).start()

    def end(self) -> None:
        """No statement that begins after this is cancelled."""
        self._over.set()
        with self._telling:
            return

    def _work(self) -> None:
        while not self._is_asked():
            if self._over.wait(_LOOK):
                return
        pause = GRACE
        while not self._over.wait(pause):
            self._cancel()
            pause = min(2 * pause, _LONGEST)

    def _is_asked(self) -> bool:
        """Whoever works asks as well, and hears of what is the matter."""
        with contextlib.suppress(SchemadiffError, psycopg.Error):
            return self._should_stop()
        return False

    def _cancel(self) -> None:
        with self._telling:
            if self._over.is_set():
                return
            self.has_cancelled = True
            for session in self._sessions:
                with contextlib.suppress(psycopg.Error):  # it is lost, and whoever uses it sees that
                    session.cancel_safe(timeout=_PATIENCE)
