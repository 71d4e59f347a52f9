"""Who waits for a statement, what its time grows with, and how long it may wait and take."""

from dataclasses import dataclass
from enum import Enum


class Lock(Enum):
    """The strongest table lock a statement takes (PostgreSQL manual, 13.3.1)."""

    NONE = "none"
    SHARE_UPDATE_EXCLUSIVE = "share update exclusive"  # readers and writers go on
    SHARE = "share"  # readers go on, writers wait
    SHARE_ROW_EXCLUSIVE = "share row exclusive"
    ACCESS_EXCLUSIVE = "access exclusive"  # readers and writers wait


class Duration(Enum):
    """What the time of a statement grows with, once it has its locks."""

    INSTANT = "instant"  # with nothing: only the catalog changes
    READS_ROWS = "reads every row"  # to check them, or to find the highest value
    BUILDS_INDEX = "builds an index"  # reads every row and writes an index
    RUNS_QUERY = "runs a query"  # a materialized view is filled: as long as its query
    REWRITES_ROWS = "rewrites every row"  # the table and all its indexes are written anew
    WAITS = "waits for transactions"  # for all that began before it, and has little to do itself


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """As `lock_timeout` and `statement_timeout` take them; `0` is no limit."""

    lock: str
    statement: str


NO_LIMIT = "0"

_HARMLESS = (Lock.NONE, Lock.SHARE_UPDATE_EXCLUSIVE)
_AT_ONCE = "1min"  # what only changes the catalog and is not done by then will not be
_BLOCKING = "1h"  # nobody is kept from a table for longer

# Whoever comes after a statement that waits for its lock waits behind it.
_PATIENCE = {
    Lock.NONE: "30s",
    Lock.SHARE_UPDATE_EXCLUSIVE: "30s",
    Lock.SHARE: "5s",
    Lock.SHARE_ROW_EXCLUSIVE: "5s",
    Lock.ACCESS_EXCLUSIVE: "3s",
}
_WITH_WAITS = "10min"  # CONCURRENTLY: waiting for other transactions counts as waiting for a lock


def timeouts_for(lock: Lock, duration: Duration, *, concurrent: bool) -> Timeouts:
    """Short where others would wait behind it, none where nobody does. `concurrent`: it runs CONCURRENTLY."""
    patience = _WITH_WAITS if concurrent else _PATIENCE[lock]
    if duration is Duration.INSTANT:
        return Timeouts(lock=patience, statement=_AT_ONCE)
    return Timeouts(lock=patience, statement=NO_LIMIT if lock in _HARMLESS else _BLOCKING)
