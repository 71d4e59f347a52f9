"""While a side waits to take over, the rows that change are compared, and whole tables again and again, one after the
other, at an easy pace."""

import threading
import time
from collections.abc import Callable, Sequence
from functools import partial
from itertools import cycle
from typing import TypeVar
from uuid import UUID

import psycopg

from migration.core.errors import RunStopped
from migration.core.events import Event, Level, Log, TableChecked
from migration.core.positions import Lsn
from migration.engine import changed_keys, rechecks
from migration.engine.carrying import Carriage
from migration.engine.changed_check import ChangedCheck, Compared, Direction, rows_differ
from migration.engine.copying import Crossing
from migration.engine.failures import close_quietly
from migration.engine.live import ENDING, Beside, wait_until
from migration.engine.live_verify import verify_live
from migration.engine.sessions import Session, open_source_for_following, open_target, shut
from migration.engine.table_check import Sides, differences
from schemadiff.core.errors import SchemadiffError

SHARE = 0.1
"""So much of the time is spent comparing; the rest is left to others."""
REST = 5.0
"""Seconds between two tables, at least."""

_Answer = TypeVar("_Answer")


class Rechecking:
    """In a thread of its own, beside a follower. What it has to say is handed on by `put`, from that thread.

    `whole` are tables that are compared as a whole, too.
    """

    def __init__(
        self,
        crossing: Crossing,
        ledger_id: UUID,
        direction: Direction,
        whole: Sequence[Carriage],
        follower: Beside,
        put: Callable[[Event], None],
        opened: Callable[[Session], None],
    ) -> None:
        self._crossing, self._run, self._direction, self._whole = crossing, ledger_id, direction, whole
        self._follower, self._put, self._opened = follower, put, opened
        self._over = threading.Event()
        self._sessions: list[Session] = []
        self._told: Compared | None = None
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
            for carriage in cycle(self._whole or [None]):
                self._rest(REST)  # all of them were compared just before
                self._at_ease(self._look_at_changes)
                if carriage is not None:
                    self._at_ease(partial(self._check, carriage))
        except RunStopped:
            return
        except (SchemadiffError, psycopg.Error) as error:
            if not self._over.is_set():
                message = f"The tables are not compared again any more while the run waits: {error}"
                self._put(Log(message=message, level=Level.WARNING))

    def _at_ease(self, task: Callable[[], None]) -> None:
        began = time.monotonic()
        task()
        self._rest((time.monotonic() - began) * (1 / SHARE - 1))

    def _look_at_changes(self) -> None:
        """The rows that changed since the last look."""
        source = open_source_for_following(self._crossing.source_dsn)
        self._keep(source)
        target = open_target(self._crossing.target_dsn)
        self._keep(target)
        try:
            sides = Sides(source=source, target=target, ledger_id=self._run)
            found = ChangedCheck(sides, self._direction).all(self._reach, self._over.is_set)
        finally:
            close_quietly(source, target)
        if found.differing and found.differing != (self._told and self._told.differing):
            self._put(Log(message=rows_differ(found), level=Level.WARNING))
        self._told = found

    def _reach(self, place: Lsn) -> None:
        if not wait_until(
            lambda: self._follower.position >= place, self._follower, self._put, self._over.is_set
        ):
            raise RunStopped

    def _check(self, carriage: Carriage) -> None:
        began = time.monotonic()
        upto = self._ask(lambda target: changed_keys.newest(target, self._run))
        checked = verify_live(
            self._crossing,
            self._run,
            [carriage],
            self._follower,
            self._put,
            self._over.is_set,
            self._keep,
        )
        for found in checked:
            self._note(found, time.monotonic() - began, upto)

    def _rest(self, seconds: float) -> None:
        if self._over.wait(seconds):
            raise RunStopped

    def _keep(self, session: Session) -> None:
        """To be cut when this ends, or when its server says nothing any more."""
        self._sessions = [*(each for each in self._sessions if not each.closed), session]
        self._opened(session)

    def _note(self, found: TableChecked, seconds: float, upto: int) -> None:
        def keep(target: Session) -> None:
            rechecks.keep(target, self._run, found.table, seconds=seconds, differing=found.differing)
            if not found.differing:
                changed_keys.forget(target, self._run, found.table, upto)

        self._ask(keep)
        self._put(found)
        if found.differing:
            self._put(Log(message=differences([found]), level=Level.WARNING))

    def _ask(self, question: Callable[[Session], _Answer]) -> _Answer:
        target = open_target(self._crossing.target_dsn)
        try:
            return question(target)
        finally:
            close_quietly(target)
