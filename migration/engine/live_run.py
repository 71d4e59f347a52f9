"""The phases of a live run: catch up with the source, prove it while writes go on, keep up until the target leads."""

from collections.abc import Callable, Sequence

from migration.core.errors import RunFailed, RunStopped
from migration.core.events import Event, Log, TableChecked
from migration.core.phases import Phase
from migration.core.positions import Lsn
from migration.core.spec import RunSpec
from migration.engine import slots
from migration.engine.carrying import Carriage
from migration.engine.copying import Crossing
from migration.engine.failures import explained
from migration.engine.leaving import remove_from
from migration.engine.live import Beside, has_ended, wait_until
from migration.engine.live_verify import verify_live
from migration.engine.sessions import Session, open_source_for_following
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
        self._report, self._should_stop, self._opened = report, should_stop, opened
        self._beside: Beside | None = None

    def __enter__(self) -> "LiveRun":
        return self

    def __exit__(self, *_: object) -> None:
        if self._beside is not None:
            self._beside.end()

    def steps(self) -> dict[Phase, Callable[[], None]]:
        return {
            Phase.FOLLOW: self.follow,
            Phase.VERIFY: self.verify,
            Phase.CUT_OVER: self.cut_over,
            Phase.WATCH: self.watch,
        }

    def follow(self) -> None:
        """Until the target is behind by no more than a moment."""
        if self._is_over():
            return
        self._crossing.source.execute("ROLLBACK")  # its snapshot would keep the source from clearing up
        self._beside = Beside(self._crossing.source_dsn, self._crossing.target_dsn, self._spec).__enter__()
        self._wait(lambda: self._is_caught_up())
        settled = self._say(slots.SETTLE)
        self._wait(lambda: self._follower.position >= settled and self._is_caught_up())
        self._report(Log(message="The target has caught up with the source."))

    def verify(self) -> None:
        """What differs is looked at again when the follower has passed the place at which it was seen."""
        if self._is_over():
            return
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
        self._wait(self._is_over)

    def watch(self) -> None:
        """The source takes no more writes of the application; nothing is left to be followed."""
        if self._beside is not None:
            self._beside.end()
            self._beside.pump(self._report)

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


def leave_source(crossing: Crossing, spec: RunSpec, report: Callable[[Event], None]) -> None:
    """Remove what following had made on the source."""
    name = slots.name_for(spec.ledger_id)
    with explained(f"The slot {name} could not be removed from the source"):
        remove_from(crossing.source_dsn, crossing.target, spec.ledger_id)
    report(Log(message=f"The publication and the replication slot {name} are removed from the source."))
