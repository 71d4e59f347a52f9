"""What ways back have left: on the target a slot, a publication and a fence, in the source the record."""

from collections.abc import Iterator
from uuid import UUID

from migration.engine import ledger, reverse, slots, ways_back
from migration.engine.failures import close_quietly
from migration.engine.leaving import opened_source
from migration.engine.sessions import Session
from migration.engine.ways_back import WayBack, reverse_of


def ways_left(target: Session, run: UUID | None) -> tuple[WayBack, ...]:
    """Those of which something is there still; of all runs, or of that one."""
    return tuple(
        each
        for each in ways_back.ways_back(target)
        if each.leading in ways_back.IS_THERE and run in (None, each.run)
    )


def fences_left(target: Session, run: UUID | None) -> tuple[WayBack, ...]:
    """Those whose fence stands on the target."""
    return tuple(each for each in ways_back.ways_back(target) if each.fence and run in (None, each.run))


def told(target: Session, way: WayBack) -> Iterator[tuple[str, str, int, str]]:
    """What there is: kind, name, bytes, and a sentence."""
    name = slots.name_for(reverse_of(way.run))
    slot = slots.find_slot(target, name)
    held = "is gone already" if slot is None else "is so much of its log that it holds back"
    yield (
        "replication slot",
        name,
        slot.held if slot is not None else 0,
        f"On the target itself, for the way back, with the publication of that name; it {held}.",
    )
    where = ledger.origin(target, way.run).name
    yield (
        "record",
        f"{ledger.SCHEMA} in {where}",
        0,
        "In the source the record of what came back. Without it nothing more comes back.",
    )


def remove_way(source_dsn: str | None, target: Session, way: WayBack) -> None:
    """All of it; without a source, which is gone then, what is on the target. Raises Refused for another source."""
    if source_dsn is None:
        slots.remove(target, slots.name_for(reverse_of(way.run)))
        return
    source = opened_source(source_dsn, target, way.run)
    try:
        reverse.leave(source, target, way.run)
    finally:
        close_quietly(source)
