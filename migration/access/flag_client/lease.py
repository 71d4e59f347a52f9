"""Permission to write: a lease that answers of the server renew, and a hold that they set."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from migration.access.errors import WriteNotPermitted
from migration.access.flag_client.answers import Held
from migration.access.switching import FlagState

_CLOCK: int = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def uptime() -> float:
    """Seconds that also pass while the machine sleeps, where the system has such a clock."""
    return time.clock_gettime(_CLOCK)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drain:
    """How far the writes of this process have come to rest, as it is reported to the server."""

    writes_in_flight: int
    holding: bool
    waiting: int


class WriteLease:
    """Says of each write whether it may begin, and counts those under way. Safe for threads.

    A write may begin while the lease lasts and the revision that the client holds asks for no hold. Which revision it
    begins under and that it is counted are one step: who is told "no writes in flight, holding" knows that no write
    of an earlier revision is left. A write that has begun is never interrupted.
    """

    def __init__(self, clock: Callable[[], float] = uptime) -> None:
        self._clock = clock
        self._changed = threading.Condition()
        self._held: Held | None = None
        self._until = 0.0
        self._in_flight = 0
        self._waiting = 0
        self._closed = False

    def renew(self, held: Held, *, sent: float) -> None:
        """The server answered the request that was sent at `sent` with, or confirmed, this revision."""
        with self._changed:
            self._held = held
            self._until = sent + held.lease
            self._changed.notify_all()

    def end(self) -> None:
        """No write begins any more: who waits is refused at once."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def drain(self) -> Drain:
        with self._changed:
            holding = self._held is not None and self._held.hold_writes
            return Drain(writes_in_flight=self._in_flight, holding=holding, waiting=self._waiting)

    @property
    def ends_in(self) -> float:
        """Seconds that are left; zero or less when it has ended."""
        with self._changed:
            return self._until - self._clock()

    @contextmanager
    def writing(self, *, within: float, why: Callable[[], str]) -> Iterator[FlagState]:
        """One write. Waits for the permission for at most `within` seconds, then raises WriteNotPermitted; `why` gives
        the sentence's cause where the lease has ended."""
        state = self._begin(within, why)
        try:
            yield state
        finally:
            with self._changed:
                self._in_flight -= 1

    def _begin(self, within: float, why: Callable[[], str]) -> FlagState:
        deadline = self._clock() + within
        with self._changed:
            while (permitted := self._permitted()) is None:
                left = deadline - self._clock()
                if left <= 0 or self._closed:
                    raise WriteNotPermitted(self._refusal(within, why))
                self._waiting += 1
                try:
                    self._changed.wait(left)
                finally:
                    self._waiting -= 1
            self._in_flight += 1
            return permitted.state

    def _permitted(self) -> Held | None:
        held = self._held
        if self._closed or held is None or held.hold_writes or self._clock() >= self._until:
            return None
        return held

    def _refusal(self, within: float, why: Callable[[], str]) -> str:
        if self._closed:
            return "The flag client is closed: nothing is written any more. Start it again."
        waited = f"within the {within:g} s that a write waits"
        if self._held is not None and self._held.hold_writes and self._clock() < self._until:
            return (
                f"Writes are held since revision {self._held.revision} of the flags, for a cut-over is prepared; they "
                f"were not released {waited}. Try again."
            )
        return f"There is no permission to write, and none came {waited}: {why()} Try again."
