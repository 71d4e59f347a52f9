"""The phases of a live run whose source gives no log: rounds of comparing until the target takes over."""

import time
from collections.abc import Callable, Sequence

from migration.core.errors import RunStopped
from migration.core.events import Event, Log, PhaseStarted, TableChecked
from migration.core.phases import Phase
from migration.core.rounds import LIMITS, RoundMade, is_near
from migration.core.spec import RunSpec
from migration.engine import followers, ledger
from migration.engine.carrying import Carriage
from migration.engine.copying import Crossing
from migration.engine.followers import Following
from migration.engine.live_run import LiveRun
from migration.engine.rounds import Rounds
from migration.engine.sessions import Session

_LOOK = 0.1


class ComparingRun(LiveRun):
    """As LiveRun, but that nobody reads the source's log. What comes back does so by the target's."""

    def __init__(
        self,
        crossing: Crossing,
        spec: RunSpec,
        carriages: Callable[[], Sequence[Carriage]],
        report: Callable[[Event], None],
        should_stop: Callable[[], bool],
        opened: Callable[[Session], None],
    ) -> None:
        super().__init__(crossing, spec, carriages, report, should_stop, opened)
        dsns = crossing.source_dsn, crossing.target_dsn
        self._rounds = Rounds(*dsns, spec, report, self._is_to_pause, opened)

    def follow(self) -> None:
        """Until more rounds bring the target no nearer."""
        if self._is_over():
            return
        self._crossing.source.execute("ROLLBACK")  # its snapshot would keep the source from clearing up
        self._report(Log(message=LIMITS))
        before: RoundMade | None = None
        while not is_near(made := self._round(), before):
            before = made

    def verify(self) -> None:
        """What one more round finds. Only when nobody writes can all be equal: the cut-over sees to that."""
        if self._is_over():
            return
        self._round()
        for found in self._rounds.checked:
            self._report(_as_repaired(found))

    def cut_over(self) -> None:
        """Keeps near, until somebody says that the target has taken over."""
        if self._is_over():
            return
        self._report(
            Log(message="The target is kept near the source. `manage.py cutover` lets it take over.")
        )
        self._keep_near()

    def _follow_again(self) -> None:
        """Until the target takes over once more."""
        ledger.enter(self._crossing.target, self._spec.ledger_id, Phase.CUT_OVER)
        self._report(PhaseStarted(phase=Phase.CUT_OVER))
        self._report(Log(message="The source leads again, and the target is kept near it."))
        self._keep_near()
        ledger.enter(self._crossing.target, self._spec.ledger_id, Phase.WATCH)
        self._report(PhaseStarted(phase=Phase.WATCH))

    # ------------------------------------------------------------------------------- below

    def _keep_near(self) -> None:
        made: RoundMade | None = None
        while not self._is_over():
            if self._is_fenced():
                self._rest(_LOOK)
                continue
            if made is not None:
                self._rest(self._spec.limits.between_rounds, unless=self._is_at_end)
            if not self._is_at_end():
                made = self._round_unless_fenced()

    def _round(self) -> RoundMade:
        made = self._rounds.make()
        self._report(made)
        return made

    def _round_unless_fenced(self) -> RoundMade | None:
        """A cut-over makes the last one by itself."""
        try:
            return self._round()
        except RunStopped:
            if self._should_stop():
                raise
            return None

    def _is_to_pause(self) -> bool:
        return self._should_stop() or self._is_at_end()

    def _is_at_end(self) -> bool:
        return self._is_fenced() or self._is_over()

    def _is_fenced(self) -> bool:
        follower = followers.find(self._crossing.target, self._spec.ledger_id)
        return follower is not None and follower.state is Following.FENCED

    def _rest(self, seconds: float, unless: Callable[[], bool] = lambda: False) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until and not unless():
            if self._should_stop():
                raise RunStopped(
                    "The run was stopped between two rounds. Resumed, it goes on with the next one."
                )
            time.sleep(_LOOK)


def _as_repaired(found: TableChecked) -> TableChecked:
    """What differed in the round has been made equal, and is told in its line."""
    return TableChecked(
        table=found.table,
        target=found.target,
        source_rows=found.source_rows,
        target_rows=found.target_rows,
        rejected_rows=found.rejected_rows,
        differing=0,
        method="compared in rounds; proven when writes stop",
    )
