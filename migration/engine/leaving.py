"""Removing from the source what following has made there, and saying so in the target."""

from uuid import UUID

from migration.engine import followers, ledger, slots
from migration.engine.failures import close_quietly
from migration.engine.followers import Follower, Following
from migration.engine.places import is_origin, origin_of, place_of
from migration.engine.sessions import Session, name_of, open_source_for_following
from migration.engine.slots import Slot
from schemadiff.core.errors import Refused


def on_source(target: Session, ledger_id: UUID | None) -> tuple[Follower, ...]:
    """The runs (or that run) of which there may be a slot on their source still."""
    return tuple(
        each
        for each in followers.followers(target)
        if each.slot and each.state is not Following.LEFT and ledger_id in (None, each.run)
    )


def remove_from(source_dsn: str, target: Session, run: UUID) -> None:
    """Slot and publication. Raises Refused if it is not the source that the run follows."""
    source = opened_source(source_dsn, target, run)
    try:
        slots.remove(source, slots.name_for(run))
    finally:
        close_quietly(source)
    followers.enter(target, run, Following.LEFT)


def slot_of(source_dsn: str, target: Session, run: UUID) -> Slot | None:
    """As it is on the source; None where there is none. Raises Refused as `remove_from`."""
    source = opened_source(source_dsn, target, run)
    try:
        return slots.find_slot(source, slots.name_for(run))
    finally:
        close_quietly(source)


def opened_source(source_dsn: str, target: Session, run: UUID) -> Session:
    """May write there. Raises Refused if it is not the source that the run follows."""
    source = open_source_for_following(source_dsn)
    begun, here = ledger.origin(target, run), origin_of(place_of(source), name_of(source))
    if not is_origin(begun, here):
        close_quietly(source)
        raise Refused(
            f"Run {run} follows {begun.name}, and {here.name} is another database. Nothing was removed."
        )
    return source
