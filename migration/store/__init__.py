"""Runs as rows. Whoever works on a run holds its lease, and every change of theirs is filtered by it."""

from migration.store.events import record
from migration.store.leases import (
    LEASE_SECONDS,
    Lease,
    abandoned,
    claim,
    end,
    enter,
    give_back,
    held_until,
    renew,
)
from migration.store.runs import (
    active_on,
    add_run,
    ask_to_stop,
    end_for_good,
    end_queued,
    lock_project,
    mark_rolled_back,
    note,
    queue_again,
)

__all__ = [
    "LEASE_SECONDS",
    "Lease",
    "abandoned",
    "active_on",
    "add_run",
    "ask_to_stop",
    "claim",
    "end",
    "end_for_good",
    "end_queued",
    "enter",
    "give_back",
    "held_until",
    "lock_project",
    "mark_rolled_back",
    "note",
    "queue_again",
    "record",
    "renew",
]
