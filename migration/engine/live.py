"""A run that follows its source: how it begins there, and the follower at work beside the run."""

import contextlib
import queue
import threading
import time
from collections.abc import Callable, Iterator
from math import inf
from uuid import UUID

import psycopg

from migration.core.errors import RunFailed
from migration.core.events import Event, Level, Log
from migration.core.phases import Phase
from migration.core.positions import Lag, Lsn
from migration.core.spec import RunSpec
from migration.engine import followers, ledger, slots
from migration.engine.changed_rows import shapes_of
from migration.engine.failures import close_quietly, failure
from migration.engine.followers import Following
from migration.engine.following import FollowerSession
from migration.engine.live_checks import warnings
from migration.engine.sessions import Session, open_source_for_following, read_snapshot
from migration.engine.settling import settle
from migration.engine.stream import Stream
from migration.engine.ways import Way
from schemadiff.connection_errors import is_lost
from schemadiff.core.errors import SchemadiffError

_PAUSES = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0)
"""Seconds before another attempt, when a connection was lost."""

ENDING = 30.0
"""Seconds in which the follower has to finish what it is at when it is to end."""

_LONG = 5.0  # seconds that a transaction has been open which is worth a word


def snapshot_for(
    source_dsn: str,
    source: Session,
    target: Session,
    spec: RunSpec,
    report: Callable[[Event], None],
    should_stop: Callable[[], bool],
) -> contextlib.AbstractContextManager[str]:
    """What the run's copy is to read."""
    over = ledger.find(target, spec.ledger_id).phase is Phase.FINISH
    if spec.compares and not over:
        tables = [entry.source for entry in spec.mapping.tables]
        followers.plan_rounds(target, spec.ledger_id, shapes_of(source, tables))
    if not spec.live or spec.compares or over or has_ended(target, spec.ledger_id):
        return read_snapshot(source)
    return live_snapshot(source_dsn, source, target, spec, report, should_stop)


@contextlib.contextmanager
def live_snapshot(
    source_dsn: str,
    source: Session,
    target: Session,
    spec: RunSpec,
    report: Callable[[Event], None],
    should_stop: Callable[[], bool],
) -> Iterator[str]:
    """What the copy reads: the source at the moment from which on the slot keeps its changes.

    Of a run that has begun the source as it is now; what the log says again then changes nothing in the end.
    """
    known = followers.find(target, spec.ledger_id)
    permitted = open_source_for_following(source_dsn)
    try:
        if known is not None and known.applied:
            with read_snapshot(source) as snapshot:
                followers.settle_after(target, spec.ledger_id, slots.inserted(permitted))
                yield snapshot
            return
        with contextlib.ExitStack() as opened:
            name = _announce(permitted, target, spec, report)
            stream = Stream(source_dsn)
            opened.callback(close_quietly, stream.session)
            made = slots.make_slot(stream.session, name, should_stop)
            snapshot = opened.enter_context(read_snapshot(source, like=made.snapshot))
            followers.begin(target, spec.ledger_id, made.start)
            close_quietly(stream.session)
            yield snapshot
    finally:
        close_quietly(permitted)


def _announce(permitted: Session, target: Session, spec: RunSpec, report: Callable[[Event], None]) -> str:
    """Make the publication, and say what there will be; the slot's name. A slot without a copy is made anew."""
    for warning in warnings(permitted, target):
        report(warning)
    name = slots.name_for(spec.ledger_id)
    tables = [entry.source for entry in spec.mapping.tables]
    followers.plan(target, spec.ledger_id, shapes_of(permitted, tables))
    slots.remove(permitted, name)
    slots.publish(permitted, name, tables)
    waits = [f"{pid} (open for {age:,.0f} s)" for pid, age in slots.oldest_writers(permitted) if age > _LONG]
    report(
        Log(
            message=f"On the source the publication and the replication slot {name} are made. The slot holds the "
            "source's log back until the run has finished, or `clean` removes it."
        )
    )
    if waits:
        report(
            Log(
                message=f"The slot waits until the transactions that are open now have ended, of the server processes "
                f"{', '.join(waits)}.",
                level=Level.WARNING,
            )
        )
    return name


class Beside:
    """The follower in a thread of its own. Its events come out in `pump`, in the thread of whoever asks."""

    def __init__(
        self,
        source_dsn: str,
        target_dsn: str,
        way: Way,
        settling: Callable[[FollowerSession], None] = settle,
    ) -> None:
        self._dsns, self._way, self._settle = (source_dsn, target_dsn), way, settling
        self._events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self._over = threading.Event()
        self._error: SchemadiffError | None = None
        self._session: FollowerSession | None = None
        self._thread = threading.Thread(target=self._work, name="follower", daemon=True)

    def __enter__(self) -> "Beside":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def end(self) -> None:
        """Let it finish what it is at, and wait for it; from a server that says nothing it is cut off."""
        self._over.set()
        self._thread.join(ENDING)
        if self._thread.is_alive() and self._session is not None:
            self._session.cut()
            self._thread.join(ENDING)

    def pump(self, report: Callable[[Event], None]) -> None:
        """Report what has happened. Raises RunFailed when the follower could not go on."""
        with contextlib.suppress(queue.Empty):
            while True:
                report(self._events.get_nowait())
        if self._error is not None:
            raise self._error

    @property
    def position(self) -> Lsn:
        session = self._session
        return session.position if session is not None else 0

    @property
    def lag(self) -> Lag:
        session = self._session
        return session.lag if session is not None else Lag(bytes=0, seconds=inf)

    @property
    def is_settled(self) -> bool:
        session = self._session
        return session is not None and session.is_settled

    def _work(self) -> None:
        try:
            self._persist()
        except SchemadiffError as error:
            self._error = error
        except psycopg.Error as error:
            self._error = failure(error, "The source could not be followed")
        except BaseException as error:
            self._error = RunFailed(f"The follower ended with an unexpected error ({type(error).__name__}).")
            raise

    def _persist(self) -> None:
        """Begin again where it was, when a connection is lost."""
        attempt = 0
        while True:
            reached = self.position
            try:
                return self._attempt()
            except (psycopg.Error, RunFailed) as error:
                lost = error if isinstance(error, psycopg.Error) else error.__cause__
                # A slot is in use for a moment longer, where whoever followed before was killed.
                if (
                    not isinstance(lost, psycopg.errors.ObjectInUse)
                    and not (isinstance(lost, psycopg.Error) and is_lost(lost))
                    and not _is_kept_out(error)
                ):
                    raise
                attempt = 0 if self.position > reached else attempt
                if attempt == len(_PAUSES) or self._over.wait(_PAUSES[attempt]):
                    raise
                attempt += 1
                self._events.put(
                    Log(
                        message="Another process follows just now; the follower waits for its end."
                        if _is_kept_out(error)
                        else "The follower lost a connection and begins again where it was.",
                        level=Level.WARNING,
                    )
                )

    def _attempt(self) -> None:
        session = FollowerSession(*self._dsns, self._way, self._events.put, self._settle)
        self._session = session
        try:
            session.follow(self._over.is_set)
        finally:
            session.close()


def _is_kept_out(error: Exception) -> bool:
    """By whoever follows instead: a cut-over does, where nobody else was at it yet, and ends soon."""
    return isinstance(error, RunFailed) and isinstance(error.__cause__, psycopg.errors.LockNotAvailable)


def forward(spec: RunSpec) -> Way:
    """From the source into the target."""
    return Way(run=spec.ledger_id, mapping=spec.mapping)


def wait_until(
    condition: Callable[[], bool],
    beside: Beside,
    report: Callable[[Event], None],
    should_stop: Callable[[], bool],
) -> bool:
    """Wait for it while the follower is at work; False: it was to stop. Raises what the follower failed by."""
    while not condition():
        beside.pump(report)
        if should_stop():
            return False
        time.sleep(_LOOK)
    beside.pump(report)
    return True


_LOOK = 0.05  # seconds between two looks


def has_ended(target: Session, run: UUID) -> bool:
    """Has the target taken over?"""
    follower = followers.find(target, run)
    return follower is not None and follower.state in (Following.ENDED, Following.LEFT)
