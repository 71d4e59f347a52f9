"""While a side waits to take over, the rows that change are compared, and whole tables again and again, one after the
other, at an easy pace."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import cycle
from typing import TypeVar
from uuid import UUID

import psycopg

from migration.core.errors import RunStopped
from migration.core.events import Event, Level, Log, TableChecked
from migration.core.positions import Lsn
from migration.engine import changed_keys, rechecks
from migration.engine.carrying import Carriage
from migration.engine.changed_check import ADVICE, ADVICE_BACK, ChangedCheck, Direction, rows_differ
from migration.engine.copying import Crossing
from migration.engine.failures import close_quietly, explained
from migration.engine.live import ENDING, Beside, wait_until
from migration.engine.live_verify import verify_live
from migration.engine.sessions import Session, open_source_for_following, open_target, shut
from migration.engine.table_check import Sides, differences
from schemadiff.core.errors import SchemadiffError
from schemadiff.core.mapping import QualifiedName

SHARE = 0.1
"""So much of the time is spent comparing; the rest is left to others."""
REST = 5.0
"""Seconds between two tables, at least."""
_LONGEST = 30.0  # seconds between two looks at rows that changed, however long the last one took
_PAUSES = (1.0, 2.0, 5.0, 15.0, 60.0)  # seconds before another attempt

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
        self._differing: object = ()
        self._wrong: dict[QualifiedName, int] = {}
        """Tables that differed as a whole when they were compared last."""
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
        """Whatever fails is tried again: without it the record of changed rows would grow for ever."""
        failures, said = 0, ""
        turns: Iterator[Carriage | None] = cycle(self._whole or (None,))
        while not self._over.is_set():
            try:
                self._rest(REST)  # all of them were compared just before
                self._turn(next(turns))
                failures, said = 0, ""
            except RunStopped:
                return
            except Exception as error:  # a thread that ends would not be heard of
                if self._over.is_set():
                    return
                said = self._say_failed(error, said)
                failures += 1
                if self._over.wait(_PAUSES[min(failures, len(_PAUSES)) - 1]):
                    return

    def _turn(self, carriage: Carriage | None) -> None:
        began = time.monotonic()
        self._look_at_changes()
        self._rest(min((time.monotonic() - began) * (1 / SHARE - 1), _LONGEST))
        if carriage is not None:
            began = time.monotonic()
            self._check(carriage)
            self._rest((time.monotonic() - began) * (1 / SHARE - 1))

    def _say_failed(self, error: Exception, said: str) -> str:
        known = isinstance(error, SchemadiffError | psycopg.Error)
        why = str(error).strip() if known else f"an unexpected error ({type(error).__name__})"
        message = f"Rows could not be compared again while the run waits; it is tried again: {why}"
        if message != said:
            self._put(Log(message=message, level=Level.WARNING))
        return message

    def _look_at_changes(self) -> None:
        """The rows that changed since the last look."""
        source = open_source_for_following(self._crossing.source_dsn)
        self._keep(source)
        try:
            target = open_target(self._crossing.target_dsn)
            self._keep(target)
            try:
                sides = Sides(source=source, target=target, ledger_id=self._run)
                with explained("The rows that changed could not be read"):  # and no value of theirs is told
                    found = ChangedCheck(sides, self._direction).all(self._reach, self._over.is_set)
            finally:
                close_quietly(target)
        finally:
            close_quietly(source)
        self._tell(
            found.differing, lambda: rows_differ(found, ADVICE_BACK if self._direction.is_back else ADVICE)
        )

    def _tell(self, differing: object, sentence: Callable[[], str]) -> None:
        """What is as it was said last is not said again."""
        if differing == self._differing:
            return
        self._differing = differing
        self._put(
            Log(message=sentence(), level=Level.WARNING)
            if differing
            else Log(message="The rows that had changed and differed are equal again.")
        )

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
            if not found.differing and not found.unsure:
                changed_keys.forget(target, self._run, found.table, upto)

        self._ask(keep)
        self._put(found)
        before, self._wrong[found.table] = self._wrong.get(found.table, 0), found.differing
        if found.differing and found.differing != before:
            self._put(Log(message=differences([found], ADVICE), level=Level.WARNING))
        elif before and not found.differing:
            self._put(Log(message=f"{'.'.join(found.target)} is equal again."))

    def _ask(self, question: Callable[[Session], _Answer]) -> _Answer:
        target = open_target(self._crossing.target_dsn)
        self._keep(target)
        try:
            return question(target)
        finally:
            close_quietly(target)
