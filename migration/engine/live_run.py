"""The phases of a live run: catch up with the source, prove it while writes go on, keep up until the target leads."""

import contextlib
import queue
from collections.abc import Callable, Sequence

from migration.core.errors import Overtaken, RunFailed, RunStopped
from migration.core.events import Event, Log, PhaseStarted, TableChecked
from migration.core.phases import Phase
from migration.core.positions import Lsn
from migration.core.spec import RunSpec
from migration.core.wal_limit import WalLimit
from migration.engine import changed_keys, followers, ledger, reverse, slots, ways_back
from migration.engine.carrying import Carriage
from migration.engine.changed_check import Direction
from migration.engine.copying import Crossing
from migration.engine.failures import explained
from migration.engine.followers import Following
from migration.engine.leaving import remove_from
from migration.engine.live import Beside, forward, has_ended, wait_until
from migration.engine.live_verify import verify_live
from migration.engine.rechecking import Rechecking
from migration.engine.sessions import Session, open_source_for_following
from migration.engine.settling import try_again
from migration.engine.table_check import differences

CAUGHT_UP = 1.0
"""Seconds of lag within which a follower has caught up."""


class LiveRun:
    """Begins to follow in the phase `follow`, and ends with the run.

    `opened` is told of sessions of its own, which are to be cut when their server says nothing any more.
    """

    def __init__(
        self,
        crossing: Crossing,
        spec: RunSpec,
        carriages: Callable[[], Sequence[Carriage]],
        report: Callable[[Event], None],
        should_stop: Callable[[], bool],
        opened: Callable[[Session], None],
    ) -> None:
        self._crossing, self._spec, self._carriages = crossing, spec, carriages
        self._report = WalLimit(spec.limits.wal_held, report).report
        self._should_stop, self._opened = should_stop, opened
        self._beside: Beside | None = None

    def __enter__(self) -> "LiveRun":
        return self

    def __exit__(self, *_: object) -> None:
        if self._beside is not None:
            self._beside.end()

    def steps(self) -> dict[Phase, Callable[[], None]]:
        return {
            Phase.FOLLOW: _unless_overtaken(self.follow),
            Phase.VERIFY: _unless_overtaken(self.verify),
            Phase.CUT_OVER: _unless_overtaken(self.cut_over),
            Phase.WATCH: self.watch,
        }

    def follow(self) -> None:
        """Until the target is behind by no more than a moment."""
        if self._is_over():
            return
        self._crossing.source.execute("ROLLBACK")  # its snapshot would keep the source from clearing up
        self._begin()
        self._wait(lambda: self._is_caught_up())
        settled = self._say(slots.SETTLE)
        self._wait(lambda: self._follower.position >= settled and self._is_caught_up())
        self._report(Log(message="The target has caught up with the source."))

    def verify(self) -> None:
        """What differs is looked at again when the follower has passed the place at which it was seen."""
        if self._is_over():
            return
        run, target = self._spec.ledger_id, self._crossing.target
        upto = changed_keys.newest(target, run)
        checked: list[TableChecked] = []
        for found in verify_live(
            self._crossing,
            self._spec.ledger_id,
            self._carriages(),
            self._follower,
            self._report,
            self._should_stop,
            self._opened,
        ):
            self._report(found)
            checked.append(found)
            if not found.differing and not found.unsure:
                changed_keys.forget(target, run, found.table, upto)
        different = [found for found in checked if found.differing]
        if different:
            raise RunFailed(differences(different))

    def cut_over(self) -> None:
        """Keeps up, until somebody says that the target has taken over."""
        if self._is_over():
            return
        self._report(
            Log(message="The target keeps up with the source. `manage.py cutover` lets it take over.")
        )
        self._keep_up(self._is_over)

    def _keep_up(self, is_over: Callable[[], bool]) -> None:
        """Compares meanwhile what changes, and all tables in turn."""
        carriages = tuple(self._carriages())
        self._wait_comparing(Direction(run=self._spec.ledger_id, carriages=carriages), carriages, is_over)

    def _wait_comparing(
        self, direction: Direction, whole: Sequence[Carriage], is_over: Callable[[], bool]
    ) -> None:
        said: queue.SimpleQueue[Event] = queue.SimpleQueue()
        with Rechecking(
            self._crossing, self._spec.ledger_id, direction, whole, self._follower, said.put, self._opened
        ):
            self._wait(lambda: self._has_heard(said) and is_over())

    def _has_heard(self, said: "queue.SimpleQueue[Event]") -> bool:
        """Hand on what another thread had to say; true when that is done."""
        with contextlib.suppress(queue.Empty):
            while True:
                self._report(said.get_nowait())
        return True

    def watch(self) -> None:
        """The target leads. What is written to it is brought into the source as long as there is a way back; when
        that has been gone, the source is followed again."""
        while True:
            self._leave_off()
            if not self._is_over():
                self._follow_again()
            elif ways_back.leading(self._crossing.target, self._spec.ledger_id) in ways_back.IS_FOLLOWED:
                leave_while_target_leads(self._crossing, self._spec)
                self._bring_back()
            else:
                return

    # ---------------------------------------------------------------------------- way back

    def _bring_back(self) -> None:
        """Until the way back is closed, or gone."""
        source, target = self._crossing.source, self._crossing.target
        source.execute(
            "ROLLBACK"
        )  # a resumed run's snapshot, which would keep the source from clearing up for hours
        plan = reverse.planned(source, target, self._spec)
        self._report(Log(message="What is written to the target is brought into the source."))
        self._beside = Beside(
            self._crossing.target_dsn, self._crossing.source_dsn, plan.way, try_again
        ).__enter__()

        def is_closed() -> bool:
            leading = ways_back.leading(target, self._spec.ledger_id)
            return leading not in ways_back.IS_FOLLOWED

        try:
            self._wait_comparing(reverse.direction(target, plan), (), is_closed)
        except RunFailed:
            if not is_closed():  # else the slot was taken away as it should be
                raise

    def _follow_again(self) -> None:
        """Until the target takes over once more."""
        ledger.enter(self._crossing.target, self._spec.ledger_id, Phase.CUT_OVER)
        self._report(PhaseStarted(phase=Phase.CUT_OVER))
        self._report(Log(message="The source leads again, and the target keeps up with it."))
        self._begin()
        _unless_overtaken(lambda: self._keep_up(self._is_over))()
        ledger.enter(self._crossing.target, self._spec.ledger_id, Phase.WATCH)
        self._report(PhaseStarted(phase=Phase.WATCH))

    def _begin(self) -> None:
        self._beside = Beside(
            self._crossing.source_dsn, self._crossing.target_dsn, forward(self._spec)
        ).__enter__()

    def _leave_off(self) -> None:
        """Whatever is followed. What it failed by has been said, or comes of being left."""
        if self._beside is not None:
            self._beside.end()
            self._beside = None

    # ------------------------------------------------------------------------------- below

    @property
    def _follower(self) -> Beside:
        assert self._beside is not None
        return self._beside

    def _say(self, word: bytes) -> Lsn:
        with explained("The source could not be written a word into its log"):
            permitted = open_source_for_following(self._crossing.source_dsn)
            try:
                return slots.say(permitted, word)
            finally:
                permitted.close()

    def _is_over(self) -> bool:
        return has_ended(self._crossing.target, self._spec.ledger_id)

    def _is_caught_up(self) -> bool:
        return self._follower.is_settled and self._follower.lag.is_within(CAUGHT_UP)

    def _wait(self, condition: Callable[[], bool]) -> None:
        if not wait_until(condition, self._follower, self._report, self._should_stop):
            raise RunStopped(
                "The run was stopped while it followed its source. Resumed, it goes on where it was."
            )


def _unless_overtaken(step: Callable[[], None]) -> Callable[[], None]:
    """Done, too, when the target leads meanwhile."""

    def tried() -> None:
        with contextlib.suppress(Overtaken):
            step()

    return tried


def leave_while_target_leads(crossing: Crossing, spec: RunSpec) -> None:
    """Remove what following had made on the source, unless somebody is about to go back and needs it again."""
    if spec.compares:
        return
    with ways_back.held(crossing.target):
        leading = ways_back.leading(crossing.target, spec.ledger_id)
        if leading is ways_back.Leading.OPEN and has_ended(crossing.target, spec.ledger_id):
            remove_from(crossing.source_dsn, crossing.target, spec.ledger_id)


def leave_way_back(crossing: Crossing, spec: RunSpec, report: Callable[[Event], None]) -> None:
    """Remove what a way back had made on the target and in the source."""
    if ways_back.leading(crossing.target, spec.ledger_id) not in ways_back.IS_THERE:
        return
    permitted = open_source_for_following(crossing.source_dsn)
    try:
        with explained("What the way back has made could not be removed"):
            reverse.leave(permitted, crossing.target, spec.ledger_id)
    finally:
        permitted.close()
    report(Log(message="The slot of the way back is removed from the target, its record from the source."))


def leave_source(crossing: Crossing, spec: RunSpec, report: Callable[[Event], None]) -> None:
    """Remove what following had made on the source."""
    if spec.compares:
        followers.enter(crossing.target, spec.ledger_id, Following.LEFT)
        return
    name = slots.name_for(spec.ledger_id)
    with explained(f"The slot {name} could not be removed from the source"):
        remove_from(crossing.source_dsn, crossing.target, spec.ledger_id)
    report(Log(message=f"The publication and the replication slot {name} are removed from the source."))
