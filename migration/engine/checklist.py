"""What the cut-over and the way back have in common: both sides, the terms, and steps that say what they did."""

import contextlib
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

import psycopg

from migration.core.errors import RunFailed
from migration.core.events import CutOverStep, Event, TableChecked
from migration.core.positions import Lsn
from migration.core.spec import RunSpec
from migration.engine import followers, ledger, rejects
from migration.engine.carrying import Carriage, carriage_of
from migration.engine.changed_check import ChangedCheck, Compared, rows_differ
from migration.engine.estimates import sizes_of
from migration.engine.failures import close_quietly, failure
from migration.engine.followers import Follower, Following
from migration.engine.live import Beside
from migration.engine.sessions import Session, beside, open_source_for_following, open_target
from migration.engine.table_check import Sides, differences
from migration.engine.verify import verify_tables
from migration.engine.watch import watching
from schemadiff.core.counted import counted
from schemadiff.core.errors import Refused
from schemadiff.core.mapping import Mapping

LAG_LIMIT = 1.0
"""Seconds within which the other side has to be up with the one that leads before anything is stopped."""
CHECKED_ROWS = 200_000
"""So many rows, of the smallest tables, are compared once more while nobody writes."""
CHANGED_ROWS = 5_000
"""No more changes than so many may be left to be compared while nobody writes."""
LATE_ROWS = 20_000
"""Nor may there be more when writes have stopped: those of the last moment come along."""
PATIENCE = 30.0
"""Seconds that a place of the log may take to arrive."""
DRAIN = 10.0
"""The same, while nobody may write."""

_LOOK = 0.01
_ROUNDS = 10  # so often what was changed meanwhile is looked at


class Switch(Protocol):
    """Who tells the application: its flags, or a person."""

    def look(self) -> str:
        """Are the clients reached? Raises Refused where one is not; nothing is changed."""

    def prepare(self) -> str:
        """Clients hold their writes from here on; says who has heard it."""

    def flip(self) -> str:
        """Writes live in the other database."""

    def take_back(self) -> str:
        """As it was before `prepare`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """By which roles the application writes, and how many seconds its open transactions may take to end.

    `no_way_back` is why none is wanted; empty: what is written to the target comes back into the source.
    `leaves_writes`: on the way back, what the source refuses stays in the target only.
    """

    roles: tuple[str, ...]
    patience: float = 1.0
    no_way_back: str = ""
    leaves_writes: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenOver:
    """`pause` is how long nothing could be written, in seconds."""

    pause: float
    rejects: int


def find_live_run(target: Session) -> tuple[RunSpec, Follower]:
    """The run that follows into this target. Raises Refused where there is none."""
    for follower in followers.followers(target):
        ledger.refuse_other_format(target)
        if follower.state is not Following.LEFT or followers.kept_fence(target, follower.run):
            return ledger.recorded_spec(target, follower.run), follower
    raise Refused("No run follows a source into this target. Begin one with `run … --follow`.")


@contextlib.contextmanager
def sides(source_dsn: str, target_dsn: str) -> Iterator[tuple[Session, Session]]:
    """PostgreSQL's errors leave as RunFailed."""
    source = target = None
    try:
        source, target = beside(open_source_for_following(source_dsn), open_target, target_dsn)
        with watching({"source": (source_dsn, source), "target": (target_dsn, target)}):
            yield source, target
    except psycopg.Error as exc:
        raise failure(exc, "The cut-over could not go on", "Try it again or go back") from exc
    finally:
        close_quietly(*(session for session in (source, target) if session is not None))


class Checklist:
    """One attempt. Steps are told as they are done; each attempt is of the run that follows into the target."""

    def __init__(
        self,
        source_dsn: str,
        target_dsn: str,
        source: Session,
        target: Session,
        terms: Terms,
        switch: Switch | None,
        report: Callable[[Event], None],
    ) -> None:
        self._dsns, self._source, self._target = (source_dsn, target_dsn), source, target
        self._terms, self._switch, self._report = terms, switch, report
        self._spec, self._follower = find_live_run(target)
        self._run = self._spec.ledger_id
        self._began = time.monotonic()
        self._beside: Beside | None = None

    def _say(self, name: str, did: str, undo: str = "") -> None:
        now = time.monotonic()
        self._report(CutOverStep(name=name, did=did, undo=undo, seconds=now - self._began))
        self._began = now

    def _look_at_clients(self) -> None:
        if self._switch is not None:
            self._say("clients", self._switch.look())

    def _reach(self, where: Session, run: UUID, place: Lsn, patience: float, late: str) -> None:
        """Until that place of the other side's log is applied. Raises RunFailed with `late` if it takes longer."""
        deadline = time.monotonic() + patience
        while True:
            follower = followers.find(where, run)
            if follower is not None and follower.applied >= place:
                return
            if self._beside is not None:
                self._beside.pump(lambda event: None)
            if time.monotonic() > deadline:
                raise RunFailed(late.format(patience=patience))
            time.sleep(_LOOK)

    def _look_at_changes(
        self, check: ChangedCheck, where: Session, run: UUID, late: str, advice: str
    ) -> None:
        """Rows that changed since they were compared, until few enough are left for the time in which nobody writes.

        `where` is the side that they go to, and `run` by what it knows of them. Raises Refused.
        """
        found = Compared()
        for _ in range(_ROUNDS):
            found += check.all(lambda place: self._reach(where, run, place, PATIENCE, late))
            if found.differing:
                raise Refused(rows_differ(found, advice))
            left = check.waiting()
            if left <= CHANGED_ROWS:
                break
        else:
            raise Refused(
                f"Rows change faster than they can be compared: after {found.rows:,} of them {left:,} are left, and no "
                f"more than {CHANGED_ROWS:,} are compared while nobody writes. Try again when less is written."
            )
        self._say(
            "changed rows",
            f"Compared again, and equal: {counted(found.rows, 'row')} that changed since. Left for the final check: "
            f"{counted(left, 'change')}.",
        )

    def _compare(self, mapping: Mapping, check: ChangedCheck, advice: str, *, tables: bool = True) -> str:
        """All rows that changed since they were compared, and the smallest tables as a whole, as many as go into the
        pause. Raises RunFailed where they differ."""
        left = check.waiting()
        if left > LATE_ROWS:
            raise RunFailed(
                f"{counted(left, 'change')} came in the last moment, more than the {LATE_ROWS:,} that can be compared "
                "while nobody writes: everything is as before. Try again when less is written."
            )
        changed = check.rest()
        if changed.differing:
            raise RunFailed(rows_differ(changed, advice))
        said = f"Compared while nobody writes, and equal: {counted(changed.rows, 'row')} that changed since"
        if not tables:
            return f"{said}."
        carriages = [carriage_of(self._target, entry) for entry in mapping.tables]
        chosen = self._small(carriages)
        checked: list[TableChecked] = []
        looking = Sides(source=self._source, target=self._target, ledger_id=self._run)
        for found in verify_tables(looking, chosen, report=lambda event: None):
            checked.append(found)
        different = [found for found in checked if found.differing]
        if different:
            raise RunFailed(differences(different, advice))
        larger = len(carriages) - len(chosen)
        return f"{said}, {counted(len(chosen), 'table')} as a whole" + (
            f"; as a whole, {counted(larger, 'larger one')} only while writes went on." if larger else "."
        )

    def _small(self, carriages: Sequence[Carriage]) -> list[Carriage]:
        by_table = {carriage.source: carriage for carriage in carriages}
        sizes = sorted(
            sizes_of(self._source, sorted(by_table)), key=lambda size: (size.rows_at_most, size.table)
        )
        chosen, rows = [], 0
        for size in sizes:
            rows += size.rows_at_most
            if rows > CHECKED_ROWS:
                break
            chosen.append(by_table[size.table])
        return chosen

    def _rejects(self) -> int:
        tables = (entry.source for entry in self._spec.mapping.tables)
        return sum(rejects.count_rejects(self._target, self._run, table) for table in tables)
