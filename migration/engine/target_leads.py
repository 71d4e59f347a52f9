"""Does the target of a cut-over lead? Then it has what the application wrote, and the source what was before that."""

import contextlib
from collections.abc import Iterator
from uuid import UUID

from migration.core.events import Level, Log
from migration.engine import followers, ledger, ways_back
from migration.engine.followers import Follower, Following
from migration.engine.sessions import Session, only_run
from migration.engine.ways_back import Leading
from schemadiff.core.errors import Refused
from schemadiff.core.mapping import Mapping

_HAS_TAKEN_OVER = frozenset({Following.ENDED, Following.LEFT})

_INSTEAD = {
    Leading.PLANNED: "A cut-over of run {run} is under way or was broken off. Give `cutover` again, which goes on with "
    "it, or `cutover --back`; repair when the source leads.",
    Leading.OPEN: "Go back first (`cutover --back`), and repair when the source leads; or write the rows once more on "
    "the target, as they have to be.",
    Leading.RETURNING: "It is being taken back just now: `cutover --back` goes on with that. Repair when the source "
    "leads.",
    Leading.NONE: "Nothing brings back what was written to it, so put the rows right there, one by one. Where that is "
    "to be given up, go back first (`cutover --back --leave-writes`), and repair then.",
}


def refuse_repair(target: Session, mapping: Mapping) -> None:
    """Raises Refused where rows of these tables, made the source's again, would lose what was written to the target."""
    for run, leading in _led(target, mapping):
        told = _INSTEAD[leading].format(run=run)
        if leading is not Leading.PLANNED:
            told = (
                f"The target leads since run {run} was cut over: a repair would put back to the source's what the "
                f"application has written to it since. {told}"
            )
        raise Refused(f"{told} Nothing was written.")


def warning_for(target: Session, mapping: Mapping) -> Log | None:
    """For whoever compares these tables; None while the source leads."""
    for run, leading in _led(target, mapping):
        if leading is not Leading.PLANNED:
            return Log(
                message=f"The target leads since run {run} was cut over: what differs may be what was written to it "
                "since, and right.",
                level=Level.WARNING,
            )
    return None


@contextlib.contextmanager
def only_repair(target: Session, mapping: Mapping) -> Iterator[None]:
    """Nobody else writes these tables meanwhile, and the source leads. Raises Refused."""
    with only_run(target):
        refuse_repair(target, mapping)
        yield


def _led(target: Session, mapping: Mapping) -> Iterator[tuple[UUID, Leading]]:
    """The runs into these tables by which the target leads or is about to, with how it came to that."""
    tables = {entry.target for entry in mapping.tables}
    for follower in followers.followers(target):
        leading = _leading(target, follower)
        if leading is None:
            continue
        spec = ledger.recorded_spec(target, follower.run)
        if tables & {entry.target for entry in spec.mapping.tables}:
            yield follower.run, leading


def _leading(target: Session, follower: Follower) -> Leading | None:
    """`NONE` where nothing is brought back, whatever the reason; None where the source leads."""
    leading = ways_back.leading(target, follower.run)
    if leading in (Leading.PLANNED, Leading.OPEN, Leading.RETURNING):
        return leading
    if follower.state is Following.FENCED:
        return Leading.PLANNED  # the application may have heard already that the target leads
    if follower.state in _HAS_TAKEN_OVER and followers.kept_fence(target, follower.run):
        return Leading.NONE  # who goes back has lifted the fence
    return None
