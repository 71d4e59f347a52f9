"""A look, beside the work, at whether both servers still answer.

What waits for a server that is frozen, or behind a network that swallows what is sent, learns nothing by itself as
long as something between acknowledges it. So each server is asked now and then for a new connection; when one has
not answered for a while, the sessions with it are cut, and whoever waits for them goes on with an error.
"""

import contextlib
import re
import threading
import time
from collections.abc import Callable, Iterator

import psycopg
from psycopg.conninfo import make_conninfo

from migration.core.errors import RunFailed
from migration.engine.sessions import Session, name_of, patient, shut

EVERY = 10.0  # seconds between two looks
PATIENCE = 5  # seconds that a look waits
SILENCE = 40.0  # seconds without an answer after which a server counts as gone

_SILENT = re.compile("timeout expired|timed out|unreachable|No route to host")


class Watch:
    """Looks after one session with each server until it is told to end."""

    def __init__(self, sides: dict[str, tuple[str, Session]]) -> None:
        self._over = threading.Event()
        self._gone: str | None = None
        self._sessions = [session for _, session in sides.values()]
        for side, (dsn, session) in sides.items():
            looking = (dsn, f"The {side} {name_of(session)}")
            threading.Thread(target=self._look_after, args=looking, name=f"watch {side}", daemon=True).start()

    def heeded(self, should_stop: Callable[[], bool]) -> Callable[[], bool]:
        """As `should_stop`, which raises RunFailed when a server has gone."""

        def ask() -> bool:
            if self._gone is not None:
                raise RunFailed(self._gone)
            return should_stop()

        return ask

    def also(self, session: Session) -> None:
        """One more session to be cut when a server has gone."""
        self._sessions = [*(each for each in self._sessions if not each.closed), session]

    def end(self) -> None:
        self._over.set()

    def _look_after(self, dsn: str, name: str) -> None:
        answered = time.monotonic()
        while not self._over.wait(EVERY):
            if answers(dsn):
                answered = time.monotonic()
            elif time.monotonic() - answered >= SILENCE:
                self._cut(name)
                return

    def _cut(self, name: str) -> None:
        self._gone = f"{name} has not answered for {SILENCE:g} s. Resume the run when it does."
        for session in tuple(self._sessions):
            shut(session)


@contextlib.contextmanager
def watching(sides: dict[str, tuple[str, Session]]) -> Iterator[Watch]:
    """By side: its address, and the session to be cut when it has gone."""
    watch = Watch(sides)
    try:
        yield watch
    finally:
        watch.end()


def answers(dsn: str) -> bool:
    """Does the server, or at least its machine, say anything? A refusal is an answer: sessions hear of it, too."""
    try:
        psycopg.connect(make_conninfo(patient(dsn), connect_timeout=PATIENCE)).close()
    except psycopg.errors.ConnectionTimeout:
        return False
    except psycopg.OperationalError as exc:
        return _SILENT.search(str(exc)) is None
    return True
