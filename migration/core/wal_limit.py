"""How much of its log a source may hold for a run before somebody is told."""

from collections.abc import Callable

from migration.core.events import Event, FollowProgress, Level, Log

_ENOUGH = 0.8  # of the limit: below it the next excess is worth a word again
_MB = 1_048_576


class WalLimit:
    """Hands events on, and adds a warning where the held log has passed the limit (in bytes; None: there is none)."""

    def __init__(self, limit: int | None, report: Callable[[Event], None]) -> None:
        self._limit, self._report, self._is_told = limit, report, False

    def report(self, event: Event) -> None:
        self._report(event)
        if self._limit is None or not isinstance(event, FollowProgress):
            return
        if event.held > self._limit and not self._is_told:
            self._is_told = True
            self._report(Log(message=_told(event, self._limit), level=Level.WARNING))
        elif event.held < self._limit * _ENOUGH:
            self._is_told = False


def _told(event: FollowProgress, limit: int) -> str:
    if event.side == "target":
        return (
            f"The target holds {event.held / _MB:,.0f} MB of its log for the way back, {limit / _MB:,.0f} MB are "
            f"allowed. The source is behind by {event.lag_bytes / _MB:,.0f} MB: if that falls it is only slow; else "
            "end what is in its way on the source, or a transaction that has been open on the target for long. To "
            "give the way back up: `cutover … --end-way-back`. What the target keeps at most is its "
            "max_slot_wal_keep_size."
        )
    return (
        f"The source holds {event.held / _MB:,.0f} MB of its log for this run, {limit / _MB:,.0f} MB are allowed. The "
        f"target is behind by {event.lag_bytes / _MB:,.0f} MB: if that falls it is only slow; else end what is in its "
        "way on the target, or a transaction that has been open on the source for long. To give up, stop the run and "
        "let `clean TARGET --source SOURCE` remove the slot. What the source keeps at most is its "
        "max_slot_wal_keep_size."
    )
