"""Does the target of a cut-over lead? Then it has what the application wrote, and the source what was before that."""

import contextlib
from collections.abc import Collection, Iterator
from enum import Enum
from uuid import UUID

from migration.core.events import Level, Log
from migration.engine import followers, ledger, ways_back
from migration.engine.followers import Follower, Following
from migration.engine.sessions import Session, only_run
from migration.engine.ways_back import Leading
from schemadiff.core.errors import Refused
from schemadiff.core.mapping import Mapping, QualifiedName

_HAS_TAKEN_OVER = frozenset({Following.ENDED, Following.LEFT})


class Rewriting(Enum):
    """What writes rows or puts tables as they were before the cut-over, and what that does to the application's."""

    REPAIR = "repair", "a repair would put back to the source's what the application has written to it since"
    RETRY = (
        "try the rejects again",
        "rejects tried again are rows of before that, and may take the place of what the application has written to "
        "it since",
    )
    UNDO = (
        "undo the repair",
        "undoing a repair would put back what was there before it, and take out rows that what the application has "
        "written to it since may refer to",
    )
    RESTORE = (
        "put the tables back",
        "putting tables back would take those away that the application writes to, with what it has written to them "
        "since",
    )
    RUN = (
        "begin the run",
        "a run into its tables would write among what the application has written to them since, or take them away",
    )

    def __init__(self, words: str, harm: str) -> None:
        self.words, self.harm = words, harm


_INSTEAD = {
    Leading.PLANNED: "A cut-over of run {run} is under way or was broken off. Give `cutover` again, which goes on with "
    "it, or `cutover --back`; {words} when the source leads.",
    Leading.OPEN: "Go back first (`cutover --back`), and {words} when the source leads{or_there}.",
    Leading.RETURNING: "It is being taken back just now: `cutover --back` goes on with that. Then {words}, when the "
    "source leads.",
    Leading.NONE: "Nothing brings back what was written to it{so_there}. Where that is to be given up, go back first "
    "(`cutover --back --leave-writes`), and {words} then.",
}
_THERE = {
    "or_there": "; or write the rows once more on the target, as they have to be",
    "so_there": ", so put the rows right there, one by one",
}
_NOWHERE_ELSE = dict.fromkeys(_THERE, "")  # whole tables have no such way


def refuse(target: Session, tables: Collection[QualifiedName], what: Rewriting) -> None:
    """Raises Refused where these tables of the target, written so, would lose what the application wrote to them."""
    for run, leading in _led(target, tables):
        there = _NOWHERE_ELSE if what in (Rewriting.RESTORE, Rewriting.RUN) else _THERE
        told = _INSTEAD[leading].format(run=run, words=what.words, **there)
        if leading is not Leading.PLANNED:
            told = f"The target leads since run {run} was cut over: {what.harm}. {told}"
        raise Refused(f"{told} Nothing was written.")


def warning_for(target: Session, mapping: Mapping) -> Log | None:
    """For whoever compares these tables; None while the source leads."""
    for run, leading in _led(target, tables_of(mapping)):
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
        refuse(target, tables_of(mapping), Rewriting.REPAIR)
        yield


def tables_of(mapping: Mapping) -> frozenset[QualifiedName]:
    """The target's."""
    return frozenset(entry.target for entry in mapping.tables)


def _led(target: Session, tables: Collection[QualifiedName]) -> Iterator[tuple[UUID, Leading]]:
    """The runs into these tables by which the target leads or is about to, with how it came to that."""
    for follower in followers.followers(target):
        leading = _leading(target, follower)
        if leading is None:
            continue
        spec = ledger.recorded_spec(target, follower.run)
        if not tables_of(spec.mapping).isdisjoint(tables):
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
