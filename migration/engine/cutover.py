"""The cut-over as a checklist: each step says what it found or did, and how it is undone. Up to the flip all of it is
undone by itself when a step fails."""

import contextlib
import time
from collections.abc import Iterator

import psycopg

from migration.core.errors import RunFailed
from migration.core.phases import Phase
from migration.core.positions import text_of
from migration.engine import fencing, followers, last_rounds, ledger, rechecks, reverse, slots, ways_back
from migration.engine.carrying import carriage_of
from migration.engine.changed_check import ADVICE, ChangedCheck, Direction
from migration.engine.checklist import DRAIN, LAG_LIMIT, PATIENCE, Checklist, Switch, TakenOver, Terms, sides
from migration.engine.failures import in_brief
from migration.engine.followers import Following
from migration.engine.live import Beside, forward
from migration.engine.reverse import Planned
from migration.engine.sequences import set_sequences
from migration.engine.table_check import Sides
from migration.engine.ways_back import Leading
from schemadiff.core.counted import counted
from schemadiff.core.errors import Refused, SchemadiffError

__all__ = ["CutOver", "Switch", "TakenOver", "Terms", "sides"]

_LATE = (
    "The target was not up with the source within {patience:g} s. Wait until it is near, then try again; `follow` says "
    "how far it is."
)


class CutOver(Checklist):
    """From the source to the target."""

    def look(self) -> None:
        """What has to hold before anything is stopped; nothing is changed. Raises Refused."""
        self._refuse_ended()
        self._look_at_phase()
        self._look_at_clients()
        self._look_at_way_back()
        with self._followed():
            self._look_at_lag()
            self._look_at_changed_rows()
        fence = self._fence()
        self._say("fence", f"Would take the right to write from {', '.join(fence.roles)}.")

    def go(self) -> TakenOver:
        """All of it. Raises Refused before anything is stopped, RunFailed with everything undone."""
        self._refuse_ended()
        self._look_at_phase()
        self._look_at_clients()
        way_back = self._look_at_way_back()
        fence = self._fence()
        with self._followed():
            self._look_at_lag()
            self._look_at_changed_rows()
            paused = time.monotonic()
            try:
                if not self._was_ready():
                    self._make_way_back(way_back)
                    paused = time.monotonic()
                    self._stop_writes(fence)
                    self._drain()
                    self._say("final check", self._final_check())
                    self._set_sequences()
                    self._open_way_back(way_back)
                self._flip()
            except (SchemadiffError, psycopg.Error, KeyboardInterrupt) as error:
                self._undo_all(error)
                raise
            pause = time.monotonic() - paused
        self._say("watch", f"Nothing could be written for {pause:.2f} s.{self._what_next(way_back)}")
        return TakenOver(pause=pause, rejects=self._rejects())

    def _undo_all(self, error: BaseException) -> None:
        try:
            self.undo(Following.BEGUN)
        except (SchemadiffError, psycopg.Error) as exc:
            raise RunFailed(
                f"The cut-over failed ({in_brief(error)}) and could not be undone ({in_brief(exc)}). The application "
                "may be held back still: give `cutover … --back` as soon as both servers answer."
            ) from exc

    @property
    def has_taken_over(self) -> bool:
        return self._follower.state in (Following.ENDED, Following.LEFT)

    def go_back(self) -> None:
        """Whoever asks knows that what was written to a target that has taken over stays there."""
        self.undo(self._follower.state if self.has_taken_over else Following.BEGUN)

    def look_back(self) -> None:
        """What `go_back` would undo; nothing is changed."""
        lifting = followers.kept_fence(self._target, self._run)
        self._say("fence", f"Would be lifted: {'; '.join(lifting)}" if lifting else "None is up.")
        is_there = ways_back.leading(self._target, self._run) in ways_back.IS_THERE
        self._say("way back", "What there is of one would be removed." if is_there else "There is none.")

    def undo(self, state: Following) -> None:
        """Lift the fence and take the flags back, as far as there is something to be undone."""
        lifting = followers.kept_fence(self._target, self._run)
        if lifting:
            fencing.lift(self._source, lifting)
            self._say("lift the fence", "The application's roles may write to the source again.")
        followers.forget_fence(self._target, self._run, state)
        if self._switch is not None:
            self._say("take back", self._switch.take_back())
        if ways_back.leading(self._target, self._run) in ways_back.IS_THERE:
            reverse.leave(self._source, self._target, self._run)
            self._say(
                "way back", "Slot and publication are removed from the target, the record from the source."
            )

    # ------------------------------------------------------------------------------ before

    def _refuse_ended(self) -> None:
        if ways_back.leading(self._target, self._run) is Leading.RETURNING:
            raise Refused(
                f"Run {self._run} is being taken back to its source: `cutover … --back` goes on with that, and "
                "`cutover … --stay` lets the target lead on."
            )
        if self.has_taken_over:
            raise Refused(f"Run {self._run} is cut over already: the target has taken over.")

    def _look_at_phase(self) -> None:
        phase = ledger.find(self._target, self._run)
        if phase.reached not in (Phase.CUT_OVER, Phase.WATCH):
            raise Refused(
                f"Run {self._run} is in the phase “{phase.reached.value}”: its rows are not compared yet. Let it go on "
                "until it says that the target keeps up."
            )
        seen = rechecks.rechecked(self._target, self._run)
        if wrong := [".".join(each.table) for each in seen if each.differing]:
            raise Refused(
                f"{', '.join(wrong)}: rows differed when the tables were compared again while the target kept up. "
                "`verify` says which, `verify --repair` puts them right; the next comparison then finds them equal."
            )
        refused = self._rejects()
        tables = len(self._spec.mapping.tables)
        self._say(
            "verified",
            f"{counted(tables, 'table')} compared and equal"
            + (f", but for {counted(refused, 'reject')}." if refused else ".")
            + rechecks.sentence(seen, tables),
        )

    def _look_at_lag(self) -> None:
        if self._spec.compares:
            self._say("rounds", last_rounds.prospect(self._target, self._run))
            return
        if self._beside is not None:  # it has only begun
            self._reach(self._target, self._run, slots.say(self._source, slots.NOTE), PATIENCE, _LATE)
        began = time.monotonic()
        place = slots.say(self._source, slots.NOTE)
        self._reach(self._target, self._run, place, LAG_LIMIT, _LATE)
        self._say("lag", f"What the source said was in the target after {time.monotonic() - began:.2f} s.")

    def _look_at_changed_rows(self) -> None:
        if not self._spec.compares:
            self._look_at_changes(self._changed(), self._target, self._run, _LATE, ADVICE)

    def _changed(self) -> ChangedCheck:
        carriages = tuple(carriage_of(self._target, entry) for entry in self._spec.mapping.tables)
        sides = Sides(source=self._source, target=self._target, ledger_id=self._run)
        return ChangedCheck(sides, Direction(run=self._run, carriages=carriages))

    def _fence(self) -> fencing.Fence:
        roles = self._terms.roles or fencing.writers(self._source)
        return fencing.planned(self._source, roles, [entry.source for entry in self._spec.mapping.tables])

    @contextlib.contextmanager
    def _followed(self) -> Iterator[None]:
        """By whoever does so now, or else by a follower of our own. Nobody follows where rows are compared."""
        if self._spec.compares:
            yield
            return
        slot = slots.find_slot(self._source, slots.name_for(self._run))
        if slot is not None and slot.pid is not None:
            yield
            return
        with Beside(*self._dsns, forward(self._spec)) as self._beside:
            yield

    # ---------------------------------------------------------------------------- way back

    def _look_at_way_back(self) -> Planned | None:
        """Raises Refused where there is none and nobody said that none is wanted."""
        if self._terms.no_way_back:
            self._say("way back", f"There will be none: {self._terms.no_way_back}")
            return None
        plan = reverse.planned(self._source, self._target, self._spec)
        reverse.check(self._source, self._target, plan)
        limits = plan.limits()
        self._say(
            "way back",
            f"What is written to the target will be brought into the source: {counted(len(plan.inverses), 'table')}."
            + (f" Not as it is: {' '.join(limits)}" if limits else ""),
        )
        return plan

    def _was_ready(self) -> bool:
        """Was an attempt killed when all was done but for the flip? Clients may write to the target since."""
        planned = ways_back.leading(self._target, self._run) in (Leading.PLANNED, Leading.OPEN)
        fenced = followers.kept_fence(self._target, self._run)
        return planned and bool(fenced) and reverse.is_open(self._source, self._run)

    def _make_way_back(self, plan: Planned | None) -> None:
        """Before anything is stopped: a new slot waits for transactions that are open."""
        if ways_back.leading(self._target, self._run) in ways_back.IS_THERE:
            reverse.leave(self._source, self._target, self._run)
        if plan is None:
            ways_back.enter(self._target, self._run, Leading.NONE, self._terms.no_way_back)
            return
        reverse.make(self._dsns[1], self._source, self._target, plan)
        self._say(
            "reverse slot",
            f"On the target the publication and the replication slot {slots.name_for(plan.way.run)} are made, in the "
            "source the record of what comes back (schema schemadiff).",
            "They are removed.",
        )

    def _open_way_back(self, plan: Planned | None) -> None:
        """Nobody writes to either side."""
        if plan is not None:
            reverse.open_way(self._source, self._target, plan)
            ways_back.enter(self._target, self._run, Leading.OPEN)
        known = ways_back.find(self._target, self._run)
        if known is not None and known.fence:
            fencing.lift(self._target, known.fence)
            ways_back.forget_fence(self._target, self._run)
            self._say("lift the fence", "The application's roles may write to the target again.")

    def _what_next(self, plan: Planned | None) -> str:
        if self._beside is not None:
            return (
                " Nobody leads the run just now. Where no worker takes it up, give `follow` once more to "
                + ("finish it." if plan is None else "bring back what is written to the target.")
            )
        return (
            "" if plan is None else " What is written to the target comes back into the source from now on."
        )

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
            f"{', '.join(fence.roles)} may write to the source no more; {counted(ended, 'session')} ended.",
            "cutover --back gives the rights back: " + "; ".join(fence.lifting),
        )

    def _drain(self) -> None:
        if self._spec.compares:
            self._say("last round", last_rounds.bring_level(*self._dsns, self._spec, self._report))
            return
        place = slots.say(self._source, slots.SETTLE)
        self._reach(self._target, self._run, place, DRAIN, _LATE)
        self._say("drain", f"Everything up to {text_of(place)} of the source's log is in the target.")

    def _final_check(self) -> str:
        if self._spec.compares:
            return last_rounds.PROVEN
        return self._compare(self._spec.mapping, self._changed(), ADVICE)

    def _set_sequences(self) -> None:
        carriages = [carriage_of(self._target, entry) for entry in self._spec.mapping.tables]
        moved = set_sequences(self._source, self._target, carriages)
        self._say("sequences", f"{counted(moved, 'sequence')} moved on.")

    def _flip(self) -> None:
        told = (
            self._switch.flip()
            if self._switch is not None
            else "No application was named: switch it over now."
        )
        followers.enter(self._target, self._run, Following.ENDED)
        self._say("flip", told, self._way_to_undo())

    def _way_to_undo(self) -> str:
        if ways_back.leading(self._target, self._run) is Leading.OPEN:
            return "cutover --back, which brings along what was written to the target"
        return "cutover --back --leave-writes, which leaves what was written to the target behind"
