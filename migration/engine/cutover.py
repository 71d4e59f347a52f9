"""The cut-over as a checklist: each step says what it found or did, and how it is undone. Up to the flip all of it is
undone by itself when a step fails."""

import contextlib
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import psycopg

from migration.core.errors import RunFailed
from migration.core.events import CutOverStep, Event, TableChecked
from migration.core.phases import Phase
from migration.core.positions import Lsn, text_of
from migration.core.spec import RunSpec
from migration.engine import fencing, followers, ledger, rejects, slots
from migration.engine.carrying import Carriage, carriage_of
from migration.engine.estimates import sizes_of
from migration.engine.failures import close_quietly, failure
from migration.engine.followers import Follower, Following
from migration.engine.live import Beside
from migration.engine.sequences import set_sequences
from migration.engine.sessions import Session, open_source_for_following, open_target
from migration.engine.table_check import Sides, differences
from migration.engine.verify import verify_tables
from migration.engine.watch import watching
from schemadiff.core.errors import Refused, SchemadiffError

LAG_LIMIT = 1.0
"""Seconds within which the target has to be up with the source before anything is stopped."""
CHECKED_ROWS = 200_000
"""So many rows, of the smallest tables, are compared once more while nobody writes."""

_PATIENCE = 30.0  # seconds that a place of the log may take to arrive
_LOOK = 0.01


class Switch(Protocol):
    """Who tells the application: its flags, or a person."""

    def look(self) -> str:
        """Are the clients reached? Raises Refused where one is not; nothing is changed."""

    def prepare(self) -> str:
        """Clients hold their writes from here on; says who has heard it."""

    def flip(self) -> str:
        """Writes live in the target."""

    def take_back(self) -> str:
        """As it was before `prepare`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """By which roles the application writes, and how many seconds its open transactions may take to end."""

    roles: tuple[str, ...]
    patience: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenOver:
    """`pause` is how long nothing could be written, in seconds."""

    pause: float
    rejects: int


def find_live_run(target: Session) -> tuple[RunSpec, Follower]:
    """The run that follows into this target. Raises Refused where there is none."""
    for follower in followers.followers(target):
        if follower.state is not Following.LEFT or followers.kept_fence(target, follower.run):
            return ledger.recorded_spec(target, follower.run), follower
    raise Refused("No run follows a source into this target. Begin one with `run … --follow`.")


@contextlib.contextmanager
def sides(source_dsn: str, target_dsn: str) -> Iterator[tuple[Session, Session]]:
    """PostgreSQL's errors leave as RunFailed."""
    source = target = None
    try:
        source, target = open_source_for_following(source_dsn), open_target(target_dsn)
        with watching({"source": (source_dsn, source), "target": (target_dsn, target)}):
            yield source, target
    except psycopg.Error as exc:
        raise failure(exc, "The cut-over could not go on") from exc
    finally:
        close_quietly(*(session for session in (source, target) if session is not None))


class CutOver:
    """One attempt."""

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

    def look(self) -> None:
        """What has to hold before anything is stopped; nothing is changed. Raises Refused."""
        self._refuse_ended()
        self._look_at_phase()
        self._look_at_clients()
        with self._followed():
            self._look_at_lag()
        fence = self._fence()
        self._say("fence", f"Would take the right to write from {', '.join(fence.roles)}.")

    def go(self) -> TakenOver:
        """All of it. Raises Refused before anything is stopped, RunFailed with everything undone."""
        self._refuse_ended()
        self._look_at_phase()
        self._look_at_clients()
        fence = self._fence()
        with self._followed():
            self._look_at_lag()
            paused = time.monotonic()
            try:
                self._stop_writes(fence)
                self._drain()
                self._check()
                self._set_sequences()
                self._flip()
            except (SchemadiffError, psycopg.Error, KeyboardInterrupt) as error:
                self._undo_all(error)
                raise
            pause = time.monotonic() - paused
        unled = (
            ""
            if self._beside is None
            else " Nobody leads the run just now: give `follow` once more to finish it."
        )
        self._say("watch", f"Nothing could be written for {pause:.2f} s.{unled}")
        return TakenOver(pause=pause, rejects=self._rejects())

    def _undo_all(self, error: BaseException) -> None:
        try:
            self.undo(Following.BEGUN)
        except (SchemadiffError, psycopg.Error) as exc:
            raise RunFailed(
                f"The cut-over failed ({error}) and could not be undone ({exc}). The application may be held back "
                "still: give `cutover … --back` as soon as both servers answer."
            ) from exc

    @property
    def has_taken_over(self) -> bool:
        return self._follower.state in (Following.ENDED, Following.LEFT)

    def go_back(self) -> None:
        """Whoever asks knows that what was written to a target that has taken over stays there."""
        self.undo(self._follower.state if self.has_taken_over else Following.BEGUN)

    def undo(self, state: Following) -> None:
        """Lift the fence and take the flags back, as far as there is something to be undone."""
        lifting = followers.kept_fence(self._target, self._run)
        if lifting:
            fencing.lift(self._source, lifting)
            self._say("lift the fence", "The application's roles may write to the source again.")
        followers.forget_fence(self._target, self._run, state)
        if self._switch is not None:
            self._say("take back", self._switch.take_back())

    # ------------------------------------------------------------------------------ before

    def _refuse_ended(self) -> None:
        if self.has_taken_over:
            raise Refused(f"Run {self._run} is cut over already: the target has taken over.")

    def _look_at_phase(self) -> None:
        phase = ledger.find(self._target, self._run)
        if phase.reached not in (Phase.CUT_OVER, Phase.WATCH):
            raise Refused(
                f"Run {self._run} is in the phase “{phase.reached.value}”: its rows are not compared yet. Let it go on "
                "until it says that the target keeps up."
            )
        refused = self._rejects()
        tables = len(self._spec.mapping.tables)
        self._say(
            "verified",
            f"{tables} tables were compared and are equal"
            + (f", but for {refused:,} rejects." if refused else "."),
        )

    def _look_at_clients(self) -> None:
        if self._switch is not None:
            self._say("clients", self._switch.look())

    def _look_at_lag(self) -> None:
        began = time.monotonic()
        self._reach(slots.say(self._source, slots.NOTE), LAG_LIMIT)
        self._say("lag", f"What the source said was in the target after {time.monotonic() - began:.2f} s.")

    def _fence(self) -> fencing.Fence:
        roles = self._terms.roles or fencing.writers(self._source)
        return fencing.planned(self._source, roles, [entry.source for entry in self._spec.mapping.tables])

    @contextlib.contextmanager
    def _followed(self) -> Iterator[None]:
        """By whoever does so now, or else by a follower of our own."""
        slot = slots.find_slot(self._source, slots.name_for(self._run))
        if slot is not None and slot.pid is not None:
            yield
            return
        with Beside(*self._dsns, self._spec) as self._beside:
            yield

    # ------------------------------------------------------------------------ while it is held

    def _stop_writes(self, fence: fencing.Fence) -> None:
        if self._switch is not None:
            self._say("prepare", self._switch.prepare(), "The flags go back to what they were.")
        followers.keep_fence(
            self._target, self._run, followers.kept_fence(self._target, self._run) or fence.lifting
        )
        ended = fencing.raise_fence(self._source, fence, self._terms.patience)
        self._say(
            "fence",
            f"{', '.join(fence.roles)} may write to the source no more; {ended} of their sessions were ended.",
            "cutover --back gives the rights back: " + "; ".join(fence.lifting),
        )

    def _drain(self) -> None:
        place = slots.say(self._source, slots.SETTLE)
        self._reach(place, _PATIENCE)
        self._say("drain", f"Everything up to {text_of(place)} of the source's log is in the target.")

    def _check(self) -> None:
        """The smallest tables once more, as many as go into the pause; the others were compared while they moved."""
        carriages = [carriage_of(self._target, entry) for entry in self._spec.mapping.tables]
        chosen = self._small(carriages)
        checked: list[TableChecked] = []
        looking = Sides(source=self._source, target=self._target, ledger_id=self._run)
        for found in verify_tables(looking, chosen, report=lambda event: None):
            checked.append(found)
        different = [found for found in checked if found.differing]
        if different:
            raise RunFailed(differences(different))
        left = len(carriages) - len(chosen)
        self._say(
            "final check",
            f"{len(chosen)} tables are equal while nobody writes"
            + (f"; {left} larger ones were compared while writes went on." if left else "."),
        )

    def _small(self, carriages: Sequence[Carriage]) -> list[Carriage]:
        by_table = {carriage.source: carriage for carriage in carriages}
        sizes = sorted(
            sizes_of(self._source, sorted(by_table)), key=lambda size: (size.rows or 0, size.table)
        )
        chosen, rows = [], 0
        for size in sizes:
            rows += size.rows or 0
            if rows > CHECKED_ROWS:
                break
            chosen.append(by_table[size.table])
        return chosen

    def _set_sequences(self) -> None:
        carriages = [carriage_of(self._target, entry) for entry in self._spec.mapping.tables]
        moved = set_sequences(self._source, self._target, carriages)
        self._say("sequences", f"{moved} were moved on.")

    def _flip(self) -> None:
        told = (
            self._switch.flip()
            if self._switch is not None
            else "No application was named: switch it over now."
        )
        followers.enter(self._target, self._run, Following.ENDED)
        self._say(
            "flip", told, "cutover --back --leave-writes, which leaves what was written to the target behind"
        )

    # ------------------------------------------------------------------------------- below

    def _reach(self, place: Lsn, patience: float) -> None:
        deadline = time.monotonic() + patience
        while True:
            follower = followers.find(self._target, self._run)
            if follower is not None and follower.applied >= place:
                return
            if self._beside is not None:
                self._beside.pump(lambda event: None)
            if time.monotonic() > deadline:
                raise RunFailed(
                    f"The target was not up with the source within {patience:g} s. Wait until it is near, then try "
                    "again; `follow` says how far it is."
                )
            time.sleep(_LOOK)

    def _rejects(self) -> int:
        tables = (entry.source for entry in self._spec.mapping.tables)
        return sum(rejects.count_rejects(self._target, self._run, table) for table in tables)

    def _say(self, name: str, did: str, undo: str = "") -> None:
        now = time.monotonic()
        self._report(CutOverStep(name=name, did=did, undo=undo, seconds=now - self._began))
        self._began = now
