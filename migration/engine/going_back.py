"""The way back as a checklist: the cut-over turned round. What was written to the target is in the source before the
source leads again; up to that moment all of it is undone by itself when a step fails."""

import contextlib
import time
from collections.abc import Iterator
from uuid import UUID

import psycopg

from migration.core.errors import RunFailed
from migration.core.positions import text_of
from migration.engine import fencing, followers, rejects, reverse, slots, ways_back
from migration.engine.carrying import carriage_of
from migration.engine.changed_check import ADVICE_BACK, ChangedCheck
from migration.engine.checklist import DRAIN, LAG_LIMIT, PATIENCE, Checklist, Switch, TakenOver, Terms, sides
from migration.engine.failures import in_brief
from migration.engine.followers import Following
from migration.engine.live import Beside
from migration.engine.reverse import Planned
from migration.engine.sequences import set_sequences
from migration.engine.sessions import Session
from migration.engine.settling import try_again
from migration.engine.table_check import Sides
from migration.engine.ways_back import Leading
from schemadiff.core.counted import counted
from schemadiff.core.errors import Refused, SchemadiffError

__all__ = ["GoingBack", "Switch", "TakenOver", "Terms", "is_possible", "sides"]

_LATE = (
    "The source was not up with the target within {patience:g} s. Wait until it is near, then try again; `follow` says "
    "how far it is."
)


class GoingBack(Checklist):
    """From the target to the source. The terms' roles are those by which the application writes to the target."""

    def look(self) -> None:
        """What has to hold before anything is stopped; nothing is changed. Raises Refused."""
        plan = self._look_at_way_back()
        self._look_at_clients()
        fence = self._fence()
        with self._followed(plan):
            self._look_at_lag()
            self._look_at_rejects(plan)
            self._look_at_changes(self._changed(plan), self._source, plan.way.run, _LATE, ADVICE_BACK)
        self._say("fence", f"Would take the right to write to the target from {', '.join(fence.roles)}.")

    def go(self) -> TakenOver:
        """All of it. Raises Refused before anything is stopped, RunFailed with everything undone.

        Of one that was killed when the source led again already, the rest.
        """
        plan = self._look_at_way_back()
        pause = self._lead_on() if self._has_turned() else self._turn(plan)
        left = self._rejects_back(plan)
        reverse.leave(self._source, self._target, self._run)
        self._say(
            "reverse slot", "Slot and publication are removed from the target, the record from the source."
        )
        self._say(
            "watch", f"Nothing could be written for {pause:.2f} s. The source leads again.{self._what_next()}"
        )
        return TakenOver(pause=pause, rejects=left)

    def end(self) -> None:
        """No way back is wanted any more: what there is of it is removed, and nothing is brought back from now on."""
        with ways_back.held(self._target):
            if ways_back.leading(self._target, self._run) not in (Leading.OPEN, Leading.CLOSING):
                raise Refused(f"Run {self._run} has no way back that is open, so there is none to be ended.")
            ways_back.enter(self._target, self._run, Leading.CLOSING)
        reverse.leave(self._source, self._target, self._run)
        self._say(
            "reverse slot", "Slot and publication are removed from the target, the record from the source."
        )

    # ------------------------------------------------------------------------------ before

    def _look_at_way_back(self) -> Planned:
        if not is_possible(self._source, self._target, self._run):
            raise Refused(
                f"Nothing brings back what was written to the target since run {self._run} was cut over. "
                "--leave-writes goes back without it."
            )
        return reverse.planned(self._source, self._target, self._spec)

    def _has_turned(self) -> bool:
        """Does the source lead already, and the fence is up still?"""
        return ways_back.leading(self._target, self._run) is Leading.RETURNED

    def _look_at_lag(self) -> None:
        if self._beside is not None:  # it has only begun
            self._arrives(slots.NOTE, PATIENCE)
        began = time.monotonic()
        self._arrives(slots.NOTE, LAG_LIMIT)
        self._say("lag", f"What the target said was in the source after {time.monotonic() - began:.2f} s.")

    def _look_at_rejects(self, plan: Planned) -> None:
        refused = self._rejects_back(plan)
        if refused and not self._terms.leaves_writes:
            raise Refused(
                f"The source refuses {counted(refused, 'row')} that the target has; in its schema schemadiff the table "
                "rejects says why. Put right what is refused, or give --leave-writes: then it stays in the target only."
            )
        self._say(
            "refused",
            f"The source refuses {counted(refused, 'row')} of the target." if refused else "Nothing is.",
        )

    def _fence(self) -> fencing.Fence:
        roles = self._terms.roles or fencing.writers(self._target)
        return fencing.planned(
            self._target, roles, [entry.target for entry in self._spec.mapping.tables], side="target"
        )

    @contextlib.contextmanager
    def _followed(self, plan: Planned) -> Iterator[None]:
        """By whoever does so now, or else by a follower of our own."""
        slot = slots.find_slot(self._target, slots.name_for(plan.way.run))
        if slot is not None and slot.pid is not None:
            yield
            return
        source_dsn, target_dsn = self._dsns
        with Beside(target_dsn, source_dsn, plan.way, try_again) as self._beside:
            yield

    # ------------------------------------------------------------------------ while it is held

    def _turn(self, plan: Planned) -> float:
        """Until the source leads; for how many seconds nothing could be written."""
        self._look_at_clients()
        fence = self._fence()
        self._take_up()
        with self._followed(plan):
            self._look_at_lag()
            self._look_at_rejects(plan)
            self._look_at_changes(self._changed(plan), self._source, plan.way.run, _LATE, ADVICE_BACK)
            try:
                self._get_ready_to_follow()
                paused = time.monotonic()
                self._stop_writes(fence)
                self._drain()
                self._check(plan)
                self._set_sequences(plan)
                self._begin_to_follow()
            except (SchemadiffError, psycopg.Error, KeyboardInterrupt) as error:
                self._undo_all(error)
                raise
            self._let_source_lead()
            return time.monotonic() - paused  # before a follower of our own is waited for

    def _lead_on(self) -> float:
        began = time.monotonic()
        self._let_source_lead()
        return time.monotonic() - began

    def _take_up(self) -> None:
        """Of one that was killed when the source was about to lead: it takes what is written to the target still."""
        follower = reverse.follower_of(self._source, self._run)
        if follower is not None and follower.state is Following.ENDED:
            followers.enter(self._source, follower.run, Following.BEGUN)

    def _get_ready_to_follow(self) -> None:
        """The target is to be kept up again. A new slot waits for transactions that are open, so it is made now."""
        with ways_back.held(self._target):
            ways_back.enter(self._target, self._run, Leading.RETURNING)
        if self._spec.compares:
            return  # the next round finds what was written to the source
        name = slots.name_for(self._run)
        slots.remove(self._source, name)
        slots.publish(self._source, name, [entry.source for entry in self._spec.mapping.tables])
        reverse.make_slot(self._dsns[0], self._source, name, "source")
        self._say(
            "slot",
            f"On the source the publication and the replication slot {name} are made again, by which the target is "
            "kept up from then on.",
            "They are removed.",
        )

    def _stop_writes(self, fence: fencing.Fence) -> None:
        if self._switch is not None:
            self._say("prepare", self._switch.prepare(), "The flags go back to what they were.")
        known = ways_back.find(self._target, self._run)
        ways_back.keep_fence(self._target, self._run, (known and known.fence) or fence.lifting)
        ended = fencing.raise_fence(self._target, fence, self._terms.patience)
        self._say(
            "fence",
            f"{', '.join(fence.roles)} may write to the target no more; {counted(ended, 'session')} ended.",
            "given back by: " + "; ".join(fence.lifting),
        )

    def _drain(self) -> None:
        place = self._arrives(slots.SETTLE, DRAIN)
        self._say("drain", f"Everything up to {place} of the target's log is in the source.")

    def _check(self, plan: Planned) -> None:
        """What comes back for certain has to be there."""
        refused = self._rejects_back(plan)
        did = self._compare(plan.certain, self._changed(plan), ADVICE_BACK, tables=not refused)
        left_out = " Left out: rows that the source refuses stay in the target only." if refused else ""
        self._say("final check", did + left_out)

    def _changed(self, plan: Planned) -> ChangedCheck:
        sides = Sides(source=self._source, target=self._target, ledger_id=self._run)
        return ChangedCheck(sides, reverse.direction(self._target, plan))

    def _set_sequences(self, plan: Planned) -> None:
        carriages = [carriage_of(self._source, entry) for entry in plan.way.mapping.tables]
        moved = set_sequences(self._target, self._source, carriages)
        self._say("sequences", f"{counted(moved, 'sequence')} of the source moved on.")

    def _begin_to_follow(self) -> None:
        """What the source has by now came from the target: only what is written to it from here on goes there."""
        if self._spec.compares:
            followers.enter(self._target, self._run, Following.BEGUN)
            ways_back.enter(self._target, self._run, Leading.RETURNED)
            self._say("follow", "The target is kept near the source again, by rounds of comparing.")
            return
        followers.enter(self._source, ways_back.reverse_of(self._run), Following.ENDED)
        place = slots.inserted(self._source)
        followers.begin(self._target, self._run, place)
        ways_back.enter(self._target, self._run, Leading.RETURNED)
        self._say("follow", f"From {text_of(place)} of the source's log on the target is kept up again.")

    def _let_source_lead(self) -> None:
        """Given once more it does the rest, where it fails in the middle."""
        lifting = followers.kept_fence(self._target, self._run)
        if lifting:
            fencing.lift(self._source, lifting)
            followers.forget_fence(self._target, self._run, Following.BEGUN)
            self._say("lift the fence", "The application's roles may write to the source again.")
        told = (
            self._switch.flip()
            if self._switch is not None
            else "No application was named: switch it over now."
        )
        self._say("flip", told, "cutover, which lets the target take over again")

    # --------------------------------------------------------------------------------- undo

    def undo(self) -> None:
        """The target leads as before, as far as there is something to be undone."""
        known = ways_back.find(self._target, self._run)
        if known is None or known.leading is not Leading.RETURNING:
            raise Refused(f"Run {self._run} is not being taken back, so there is nothing to be undone.")
        if known.fence:
            fencing.lift(self._target, known.fence)
            ways_back.forget_fence(self._target, self._run)
            self._say("lift the fence", "The application's roles may write to the target again.")
        self._take_up()
        slots.remove(self._source, slots.name_for(self._run))
        followers.forget_slot(self._target, self._run)
        ways_back.enter(self._target, self._run, Leading.OPEN)
        if self._switch is not None:
            self._say("take back", self._switch.take_back())

    def _undo_all(self, error: BaseException) -> None:
        try:
            self.undo()
        except (SchemadiffError, psycopg.Error) as exc:
            raise RunFailed(
                f"The way back failed ({in_brief(error)}) and could not be undone ({in_brief(exc)}). The application "
                "may be held back still: give `cutover … --back` again as soon as both servers answer."
            ) from exc

    # ------------------------------------------------------------------------------- below

    def _arrives(self, word: bytes, patience: float) -> str:
        """A word in the target's log; where it is, once the source has all that was before it."""
        place = slots.say(self._target, word)
        self._reach(self._source, ways_back.reverse_of(self._run), place, patience, _LATE)
        return text_of(place)

    def _rejects_back(self, plan: Planned) -> int:
        if reverse.follower_of(self._source, self._run) is None:
            return 0  # the record was removed by one that was killed then
        tables = (entry.source for entry in plan.way.mapping.tables)
        return sum(rejects.count_rejects(self._source, plan.way.run, table) for table in tables)

    def _what_next(self) -> str:
        if self._beside is not None:
            return (
                " Nobody leads the run just now. Where no worker takes it up, give `follow` once more to keep the "
                "target up."
            )
        return " The target is kept up with it."


def is_possible(source: Session, target: Session, run: UUID) -> bool:
    """Is there a way back that loses nothing, or one that was not gone to its end?"""
    leading = ways_back.leading(target, run)
    if leading is Leading.PLANNED:  # killed between the place being written down and the flip
        return reverse.is_open(source, run)
    return leading in (Leading.OPEN, Leading.RETURNING, Leading.RETURNED)
