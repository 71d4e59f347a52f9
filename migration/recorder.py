"""Keeps what a run reports: one thread writes the events, renews the lease and hears of a wish to stop."""

import logging
import queue
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

from django.db import InterfaceError, OperationalError, connection
from django.utils import timezone

from migration import store
from migration.core.errors import LeaseLost
from migration.core.events import Event, FollowProgress
from migration.core.lag_samples import LagSample, Sampling
from migration.core.rounds import RoundMade
from migration.models import RunState

log = logging.getLogger(__name__)

_TICK = 0.5  # seconds: a table's progress is stored twice a second at most
_RETRY = 1.0
_SILENCE = (
    f"The application's database has not answered for {store.LEASE_SECONDS} s. The run stops here; a worker that can "
    "reach it takes the run up again."
)


class Recorder:
    """`report` and `should_stop` may be called from any thread, and neither waits for the database.

    Leaving the block waits until everything reported is stored. It raises LeaseLost where another worker has
    taken the run over: whatever this one still reported is then not part of the record.
    """

    def __init__(self, lease: store.Lease, stopping: Callable[[], bool]) -> None:
        self._lease = lease
        self._stopping = stopping
        self._events: queue.SimpleQueue[Event | None] = queue.SimpleQueue()
        self._cancelled = threading.Event()
        self._paused = threading.Event()
        self._sampling = Sampling()
        self._failure: BaseException | None = None
        self._heard = (
            time.monotonic()
        )  # when the application's database was asked the last time that it answered
        self._thread = threading.Thread(
            target=self._work, name=f"recorder of run {lease.run_id}", daemon=True
        )

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._events.put(None)
        while self.is_waiting and not self._is_overdue():
            self._thread.join(_TICK)
        if self.is_waiting:  # it waits for a database that says nothing, and may do so for long
            raise LeaseLost(_SILENCE) from error
        if self._failure is not None:
            raise self._failure from error

    def report(self, event: Event) -> None:
        self._events.put(event)

    def should_stop(self) -> bool:
        asked = self._cancelled.is_set() or self._paused.is_set()
        return asked or self._failure is not None or self._is_overdue() or self._stopping()

    @property
    def is_waiting(self) -> bool:
        """Is something still to be stored, or waited for?"""
        return self._thread.is_alive()

    @property
    def cancelled(self) -> bool:
        """Whether a person asked to stop this run for good."""
        return self._cancelled.is_set()

    @property
    def paused(self) -> bool:
        """Whether a person asked to leave this run for now."""
        return self._paused.is_set() and not self.cancelled

    def _is_overdue(self) -> bool:
        """Is the lease over by this machine's own clock? Then another worker may have the run already."""
        return time.monotonic() - self._heard > store.LEASE_SECONDS

    def _work(self) -> None:
        try:
            open_ = True
            while open_:
                batch, open_ = self._next_batch()
                self._store(batch, self._samples(batch, rest=not open_))
        except (
            BaseException
        ) as error:  # handed to the thread that runs the migration, which stops and raises it
            self._failure = error
        finally:
            connection.close()

    def _next_batch(self) -> tuple[list[Event], bool]:
        """What was reported in one tick; False when nothing more will come."""
        until = time.monotonic() + _TICK
        batch: list[Event] = []
        while (left := until - time.monotonic()) > 0:
            try:
                event = self._events.get(timeout=left)
            except queue.Empty:
                break
            if event is None:
                return batch, False
            batch.append(event)
        return batch, True

    def _samples(self, batch: list[Event], *, rest: bool) -> list[LagSample]:
        """Of the lags in a batch what is to be kept: one in some seconds; with the `rest` when nothing more comes."""
        now = timezone.now()
        taken = [
            self._sampling.take(each, now) for each in batch if isinstance(each, FollowProgress | RoundMade)
        ]
        return [each for each in (*taken, self._sampling.rest() if rest else None) if each is not None]

    def _store(self, batch: list[Event], samples: list[LagSample]) -> None:
        """Store a batch; while the application's database is away, try again as long as the lease holds."""
        while True:
            asked = time.monotonic()
            try:
                self._heed(store.record(self._lease, batch, samples))
                self._heard = asked
                return
            except (OperationalError, InterfaceError) as error:
                if self._is_overdue():
                    raise LeaseLost(_SILENCE) from error
                log.warning("The application's database does not answer; trying again.")
                connection.close()
                time.sleep(_RETRY)

    def _heed(self, state: RunState) -> None:
        if state is RunState.CANCELLING:
            self._cancelled.set()
        elif state is RunState.PAUSING:
            self._paused.set()
