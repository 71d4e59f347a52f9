"""A run's phases, one enumeration everywhere, and which may follow which."""

from enum import StrEnum


class Phase(StrEnum):
    """In the order in which a run goes through them; the last four are ends."""

    PREPARE = "prepare"  # same database? right fingerprint? rights? encodings?
    BACK_UP = "back_up"  # protected tables hashed, existing tables parked
    SCHEMA = "schema"  # types, tables, columns
    COPY = "copy"  # rows
    INDEXES = "indexes"  # keys, indexes, foreign keys, triggers
    SEQUENCES = "sequences"  # set to at least the greatest value
    FOLLOW = "follow"  # live runs only
    VERIFY = "verify"  # counts and hashes per key range
    CUT_OVER = "cut_over"  # live runs only
    WATCH = "watch"  # live runs only
    FINISH = "finish"  # the run is over and what it promised holds
    CANCELLED = "cancelled"
    FAILED = "failed"  # resumable
    ROLLED_BACK = "rolled_back"


LIVE_ONLY = frozenset({Phase.FOLLOW, Phase.CUT_OVER, Phase.WATCH})
ENDS = frozenset({Phase.FINISH, Phase.CANCELLED, Phase.ROLLED_BACK})
STOPPED = frozenset({Phase.CANCELLED, Phase.FAILED, Phase.ROLLED_BACK})


def phases_of(*, live: bool) -> tuple[Phase, ...]:
    """The phases that a run goes through when nothing stops it."""
    return tuple(phase for phase in Phase if phase not in STOPPED and (live or phase not in LIVE_ONLY))


def next_phase(phase: Phase, *, live: bool) -> Phase | None:
    """What follows `phase`; None after the last. Raises ValueError for a phase that the run does not have."""
    order = phases_of(live=live)
    position = order.index(phase)
    return order[position + 1] if position + 1 < len(order) else None
