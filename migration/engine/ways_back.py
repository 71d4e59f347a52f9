"""Where a run's way back stands, kept in the target: from before anything of it is made until all of it is gone."""

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID, uuid5

from psycopg.types.json import Jsonb

from migration.engine import ledger
from migration.engine.sessions import Session


class Leading(StrEnum):
    """What there is of a way back, and which side leads."""

    PLANNED = (
        "planned"  # the source leads; slot and publication may be on the target, the record in the source
    )
    OPEN = "open"  # the target leads, and what is written to it is brought into the source
    RETURNING = "returning"  # the target takes no more writes of the application, the source not yet
    RETURNED = "returned"  # the source leads again; something may be there still
    CLOSING = "closing"  # nothing is brought back any more; something may be there still
    ENDED = "ended"  # nothing is left of it
    NONE = "none"  # the target has taken over without


IS_FOLLOWED = frozenset({Leading.OPEN, Leading.RETURNING})
IS_THERE = frozenset(Leading) - {Leading.ENDED, Leading.NONE}


@dataclass(frozen=True, slots=True, kw_only=True)
class WayBack:
    """`fence` lifts the one that was raised on the target; empty where there is none. `reason` is why there is no
    way back, where somebody wanted none."""

    run: UUID
    leading: Leading
    fence: tuple[str, ...] = ()
    reason: str = ""


def reverse_of(run: UUID) -> UUID:
    """By what its way back is known: its slot and publication on the target, and the record in the source."""
    return uuid5(run, "way back")


def find(target: Session, run: UUID) -> WayBack | None:
    """None where nothing was ever made or decided."""
    return next((each for each in ways_back(target) if each.run == run), None)


def ways_back(target: Session) -> tuple[WayBack, ...]:
    """All that the target knows of."""
    if not ledger.exists(target) or not _exist(target):
        return ()
    rows = target.execute(
        "SELECT run, state, fence, reason FROM schemadiff.ways_back ORDER BY run"
    ).fetchall()
    return tuple(
        WayBack(run=row[0], leading=Leading(row[1]), fence=tuple(row[2] or ()), reason=row[3]) for row in rows
    )


def leading(target: Session, run: UUID) -> Leading | None:
    """As `find`, where no more is asked."""
    found = find(target, run)
    return found.leading if found is not None else None


def enter(target: Session, run: UUID, leading: Leading, reason: str = "") -> None:
    """On the disk before anything is done that it speaks of."""
    with target.transaction():
        target.execute("SET LOCAL synchronous_commit = on")
        target.execute(
            "INSERT INTO schemadiff.ways_back (run, state, reason) VALUES (%s, %s, %s) ON CONFLICT (run) "
            "DO UPDATE SET state = excluded.state, reason = excluded.reason, since = clock_timestamp()",
            [run, leading.value, reason],
        )


def keep_fence(target: Session, run: UUID, undoing: Sequence[str]) -> None:
    """Before the fence is raised on the target: whoever lifts it, be it after a crash, finds here how."""
    _fence(target, run, list(undoing))


def forget_fence(target: Session, run: UUID) -> None:
    """It has been lifted."""
    _fence(target, run, None)


@contextlib.contextmanager
def held(target: Session) -> Iterator[None]:
    """Nobody else decides about a way back meanwhile."""
    with target.transaction():
        target.execute("SELECT pg_advisory_xact_lock(hashtext('schemadiff way back'))")
        yield


def _fence(target: Session, run: UUID, undoing: list[str] | None) -> None:
    with target.transaction():
        target.execute("SET LOCAL synchronous_commit = on")
        target.execute(
            "UPDATE schemadiff.ways_back SET fence = %s WHERE run = %s",
            [None if undoing is None else Jsonb(undoing), run],
        )


def _exist(target: Session) -> bool:
    """A ledger of an earlier format has none."""
    row = target.execute("SELECT to_regclass('schemadiff.ways_back') IS NOT NULL").fetchone()
    return bool(row and row[0])
