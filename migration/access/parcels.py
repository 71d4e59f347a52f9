"""What waits to be reported: calls added up by stretches of time, in their order, each sent as the same parcel until
it is known to have arrived. Bounded, however long nobody takes them."""

from collections import deque
from dataclasses import dataclass, field
from itertools import count
from uuid import uuid4

from migration.access.aggregate import Aggregate
from migration.core.monitoring.report import MOST_AGO

MOST_PARCELS = 60
"""Ten minutes of an outage as fine as they were; of a longer one neighbours are put together."""


@dataclass(slots=True, kw_only=True)
class Parcel:
    """Calls of one stretch of time, on the clock of its process. `number` is given when it is first sent."""

    calls: Aggregate
    began: float
    ended: float
    number: int | None = None


@dataclass(slots=True)
class Parcels:
    """A queue of one process, whose name no other has. Not safe for threads: whoever uses it has a lock."""

    began: float
    process: str = field(default_factory=lambda: uuid4().hex)
    _open: Aggregate = field(default_factory=Aggregate)
    _closed: deque[Parcel] = field(default_factory=deque)
    _numbers: "count[int]" = field(default_factory=lambda: count(1))

    @property
    def open(self) -> Aggregate:
        """Where calls are added up now."""
        return self._open

    def close(self, now: float) -> None:
        """What was added up is a parcel from here on; one without calls only where nothing else would be sent."""
        if self._open.is_empty and self._closed:
            return
        self._closed.append(Parcel(calls=self._open, began=self.began, ended=now))
        self._open, self.began = Aggregate(), now
        if len(self._closed) > MOST_PARCELS:
            self._put_together()

    def first(self, now: float) -> Parcel | None:
        """The one to be sent. Those of more than a day ago are given up: nobody takes them any more."""
        while self._closed and now - self._closed[0].began > MOST_AGO:
            self._closed.popleft()
        if not self._closed:
            return None
        parcel = self._closed[0]
        if parcel.number is None:
            parcel.number = next(self._numbers)
        return parcel

    def is_newest(self, parcel: Parcel) -> bool:
        return self._closed[-1] is parcel

    def done(self, parcel: Parcel) -> None:
        """It arrived, or never will."""
        if self._closed and self._closed[0] is parcel:
            self._closed.popleft()

    def _put_together(self) -> None:
        """Each with its neighbour. The one that was sent already may have arrived, and stays as it is."""
        given = self._closed
        sent = [given.popleft()] if given[0].number is not None else []
        joined = [_joined(given.popleft(), given.popleft()) for _ in range(len(given) // 2)]
        self._closed = deque([*sent, *joined, *given])


def _joined(one: Parcel, other: Parcel) -> Parcel:
    one.calls.take_back(other.calls)
    return Parcel(calls=one.calls, began=one.began, ended=other.ended)
