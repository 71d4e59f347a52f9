"""While a target waits to take over, its tables are compared again and again, one after the other, at an easy pace."""

import threading
import time
from collections.abc import Callable, Sequence

import psycopg

from migration.core.errors import RunStopped
from migration.core.events import Event, Level, Log, TableChecked
from migration.core.spec import RunSpec
from migration.engine import rechecks
from migration.engine.carrying import Carriage
from migration.engine.copying import Crossing
from migration.engine.failures import close_quietly
from migration.engine.live import ENDING, Beside
from migration.engine.live_verify import verify_live
from migration.engine.sessions import Session, open_target, shut
from migration.engine.table_check import differences
from schemadiff.core.errors import SchemadiffError

SHARE = 0.1
"""So much of the time is spent comparing; the rest is left to others."""
REST = 5.0
"""Seconds between two tables, at least."""


class Rechecking:
    """In a thread of its own, beside a follower. What it has to say is handed on by `put`, from that thread."""

    def __init__(
        self,
        crossing: Crossing,
        spec: RunSpec,
        carriages: Sequence[Carriage],
        follower: Beside,
        put: Callable[[Event], None],
        opened: Callable[[Session], None],
    ) -> None:
        self._crossing, self._spec, self._carriages = crossing, spec, carriages
        self._follower, self._put, self._opened = follower, put, opened
        self._over = threading.Event()
        self._sessions: list[Session] = []
        self._thread = threading.Thread(target=self._work, name="rechecking", daemon=True)

    def __enter__(self) -> "Rechecking":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """At once: what is half compared is of no use."""
        self._over.set()
        for session in tuple(self._sessions):
            shut(session)
        self._thread.join(ENDING)

    def _work(self) -> None:
        try:
            while not self._over.is_set():
                for carriage in self._carriages:
                    self._rest(REST)  # all of them were compared just before
                    self._check(carriage)
        except RunStopped:
            return
        except (SchemadiffError, psycopg.Error) as error:
            if not self._over.is_set():
                message = f"The tables are not compared again any more while the target waits: {error}"
                self._put(Log(message=message, level=Level.WARNING))

    def _check(self, carriage: Carriage) -> None:
        began = time.monotonic()
        checked = verify_live(
            self._crossing,
            self._spec.ledger_id,
            [carriage],
            self._follower,
            self._put,
            self._over.is_set,
            self._keep,
        )
        for found in checked:
            self._note(found, time.monotonic() - began)
        self._rest((time.monotonic() - began) * (1 / SHARE - 1))

    def _rest(self, seconds: float) -> None:
        if self._over.wait(seconds):
            raise RunStopped

    def _keep(self, session: Session) -> None:
        """To be cut when this ends, or when its server says nothing any more."""
        self._sessions = [*(each for each in self._sessions if not each.closed), session]
        self._opened(session)

    def _note(self, found: TableChecked, seconds: float) -> None:
        target = open_target(self._crossing.target_dsn)
        try:
            rechecks.keep(
                target, self._spec.ledger_id, found.table, seconds=seconds, differing=found.differing
            )
        finally:
            close_quietly(target)
        self._put(found)
        if found.differing:
            self._put(Log(message=differences([found]), level=Level.WARNING))
