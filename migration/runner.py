"""A run, from two databases and a plan to rows that are proven to be the same.

Each phase leaves its mark in the target's ledger, in the same transaction as its work. So a run that was
killed, at whatever moment, goes on where it was, and does nothing twice.
"""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import psycopg

from migration.core.building import builds, checks, keys
from migration.core.chunks import CHUNK_ROWS
from migration.core.errors import RunFailed, RunStopped
from migration.core.events import Event, Level, Log, PhaseFinished, PhaseStarted
from migration.core.phases import Phase, phases_of
from migration.core.spec import RunSpec, refuse_data_loss
from migration.engine import apply, ledger, preconditions, protect, repairs
from migration.engine.accounts import Account, account_of, imbalance
from migration.engine.backup import back_up
from migration.engine.build_progress import watched_builds
from migration.engine.building import Builders
from migration.engine.carrying import Carriage, carriages_of
from migration.engine.comparing_run import ComparingRun
from migration.engine.copying import Crossing, copy_tables
from migration.engine.failures import close_quietly, explained, failure
from migration.engine.foreseen import foreseen
from migration.engine.held_before import note_what_is_there
from migration.engine.helping import offering_of, shared_builds, withdraw
from migration.engine.interrupting import Interrupting
from migration.engine.live import has_ended, snapshot_for
from migration.engine.live_run import LiveRun, leave_source, leave_way_back
from migration.engine.opening import open_ledger
from migration.engine.outlooks import planned_tasks, with_outlooks
from migration.engine.overwriting import mark_overwritten
from migration.engine.ownership import open_target_for, take_over
from migration.engine.places import Origin, origin_of
from migration.engine.sequences import set_sequences
from migration.engine.sessions import beside, name_of, only_run, open_source
from migration.engine.shared_checks import compare_tables
from migration.engine.statistics import analyze
from migration.engine.table_check import differences
from migration.engine.throttle import Gate, refuse_unseen
from migration.engine.watch import Watch, watching
from schemadiff.core.counted import counted
from schemadiff.core.errors import SchemadiffError
from schemadiff.core.plan import Section

__all__ = ["RunResult", "RunSpec", "never", "run"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunResult:
    """What became of the rows: read = written + rejects. `differing` is 0: with differences a run fails."""

    phase: Phase
    rows_read: int
    rows_written: int
    rejects: int
    differing: int


def never() -> bool:
    """The run is not to stop."""
    return False


def run(
    source_dsn: str,
    target_dsn: str,
    spec: RunSpec,
    *,
    report: Callable[[Event], None],
    should_stop: Callable[[], bool] = never,
    hands_back: Callable[[], bool] = never,
    resume: bool = False,
    takes_over: bool = False,
    chunk_rows: int = CHUNK_ROWS,
) -> RunResult:
    """Carry out the plan and the copy, and prove the result.

    With `resume` a run that was begun goes on; one that had not got as far as its ledger row begins. Raises
    Refused, SameDatabase and TargetMoved before anything is written, RunFailed (resumable), RunStopped.
    `hands_back` says, when the run was stopped, that another attempt is to follow: it is not cancelled then.
    With `takes_over` an attempt that is still at work on the target is ended first: the caller knows that it has
    lost the right to.
    """
    refuse_data_loss(spec.plan)
    report = with_outlooks(report, streams=spec.jobs)
    source = target = None
    try:
        source, target = beside(open_source(source_dsn), partial(open_target_for, spec.ledger_id), target_dsn)
        sides = {"source": (source_dsn, source), "target": (target_dsn, target)}
        with explained("The run could not begin"):
            here, _ = preconditions.check_sides(source, target)
            if takes_over:
                take_over(target, spec.ledger_id)
        with watching(sides) as watch, only_run(target):
            origin = origin_of(here, name_of(source))
            is_new = open_ledger(source, target, spec, origin, resume=resume)
            with snapshot_for(
                source_dsn, source, target, spec, report, watch.heeded(should_stop)
            ) as snapshot:
                crossing = Crossing(
                    source_dsn=source_dsn,
                    target_dsn=target_dsn,
                    source=source,
                    target=target,
                    snapshot=snapshot,
                )
                journey = _Journey(
                    crossing, spec, origin, report, watch, should_stop, hands_back, chunk_rows, is_new=is_new
                )
                return journey.go()
    except psycopg.Error as exc:
        raise failure(exc, "The run could not go on") from exc
    finally:
        close_quietly(*(session for session in (source, target) if session is not None))


class _Journey:
    """One attempt at a run. The phases are methods, in their order."""

    def __init__(
        self,
        crossing: Crossing,
        spec: RunSpec,
        origin: Origin,
        report: Callable[[Event], None],
        watch: Watch,
        should_stop: Callable[[], bool],
        hands_back: Callable[[], bool],
        chunk_rows: int,
        *,
        is_new: bool,
    ) -> None:
        self.crossing, self.source, self.target = crossing, crossing.source, crossing.target
        self.spec, self.report, self.chunk_rows = spec, report, chunk_rows
        self.watch, self.asked, self.should_stop = watch, should_stop, watch.heeded(should_stop)
        self.origin, self.hands_back = origin, hands_back
        self.is_new = is_new  # was it begun by this attempt?
        self.mark = ""  # the target's schema as `prepare` saw it

    def go(self) -> RunResult:
        """All phases. What has been done before is found in the ledger and left alone."""
        if ledger.find(self.target, self.spec.ledger_id).phase is Phase.FINISH:
            return self._result()
        steps: dict[Phase, Callable[[], None]] = {
            Phase.PREPARE: self.prepare,
            Phase.BACK_UP: self.back_up,
            Phase.SCHEMA: self.schema,
            Phase.COPY: self.copy,
            Phase.INDEXES: self.indexes,
            Phase.SEQUENCES: self.sequences,
            Phase.VERIFY: self.verify,
            Phase.FINISH: self.finish,
        }
        with self._endings(), contextlib.ExitStack() as self.opened:
            if self.spec.live:
                kind = ComparingRun if self.spec.compares else LiveRun
                live = self.opened.enter_context(
                    kind(
                        self.crossing,
                        self.spec,
                        self._carriages,
                        self.report,
                        self.should_stop,
                        self.watch.also,
                    )
                )
                steps |= live.steps()
            for phase in self._phases():
                with self._phase(phase):
                    steps[phase]()
        return self._result()

    def _phases(self) -> tuple[Phase, ...]:
        """Of a target that has taken over nothing is touched any more."""
        if self.spec.live and has_ended(self.target, self.spec.ledger_id):
            return (Phase.WATCH, Phase.FINISH)
        return phases_of(live=self.spec.live)

    # ------------------------------------------------------------------------------ phases

    def prepare(self) -> None:
        """Nothing is written before all of this holds; only the ledger is there by now."""
        preconditions.check_rights(self.source, self.target, self.spec)
        refuse_unseen(self.source, self.spec.limits)
        withdraw(self.target, self.spec.ledger_id)
        apply.settle(self.target, self.spec)
        self.mark = preconditions.check_target(self.target, self.spec)
        for warning in foreseen(self.source, self.target, self.spec) if self.is_new else ():
            self.report(warning)

    def back_up(self) -> None:
        """Protected tables are counted and hashed, existing tables dumped where that is asked for, and put aside."""
        protected = self.spec.scope.protected
        protect.fingerprint_tables(self.target, self.spec.ledger_id, protected, protect.BEFORE, self.report)
        back_up(self.crossing.target_dsn, self.target, self.spec, self.report, self.should_stop)
        self._apply(Section.PARK)

    def schema(self) -> None:
        """Types, tables, columns."""
        self._foresee(Section.PRE_DATA)
        with self._watched_builds():
            self._apply(Section.PRE_DATA)

    def copy(self) -> None:
        """Rows, chunk by chunk."""
        carriages = self._carriages()
        self._foresee(Section.POST_DATA)
        record = note_what_is_there(
            self.source, self.target, self.spec, carriages, self.origin.name, self.report
        )
        if record is not None:
            carriages = mark_overwritten(self.source, self.target, carriages, record)
        self.builders = self._open_builders()
        self.builders.take(builds(self.spec.plan, self._applied()))
        with contextlib.closing(self._gate()) as gate, self._watched_builds():
            copy_tables(
                self.crossing,
                self.spec.ledger_id,
                carriages,
                jobs=self.spec.jobs,
                chunk_rows=self.spec.limits.chunk_rows(self.chunk_rows),
                report=self.report,
                should_stop=self.should_stop,
                builders=self.builders,
                paced=gate.paced,
                offering=offering_of(self.spec, self.target, self.crossing.snapshot, self.report),
            )
        if record is not None:
            repairs.end(self.target, record)
        if self.builders.built:
            self.report(Log(message=f"Keys and indexes built beside the copy: {self.builders.built}."))

    def indexes(self) -> None:
        """Keys, indexes, foreign keys, triggers, views; what is left of them after the copy."""
        self._foresee(Section.POST_DATA)
        with self._watched_builds():
            self._build_side_by_side()
            self._apply(Section.POST_DATA)
        analyze(self.target, [entry.target for entry in self.spec.mapping.tables], self.report)

    def sequences(self) -> None:
        """No value is given out twice."""
        moved = set_sequences(self.source, self.target, self._carriages(), self.report)
        self.report(Log(message=f"{counted(moved, 'sequence')} moved on."))

    def verify(self) -> None:
        """Both sides hold the same rows, as the source was when the copy's snapshot was taken."""
        checked = compare_tables(
            self.crossing,
            self.spec.ledger_id,
            self._carriages(),
            jobs=self.spec.jobs,
            offering=offering_of(self.spec, self.target, self.crossing.snapshot, self.report),
            report=self.report,
            should_stop=self.should_stop,
            opened=self.watch.also,
        )
        different = [found for found in checked if found.differing]
        if different:
            raise RunFailed(differences(different))

    def finish(self) -> None:
        """What was promised holds: protected tables as they were, every row accounted for."""
        if self.spec.live:
            leave_way_back(self.crossing, self.spec, self.report)
            leave_source(self.crossing, self.spec, self.report)
        self._look_at_protected()
        for account in self._accounts():
            if not account.is_balanced:
                raise RunFailed(imbalance(account))

    # ------------------------------------------------------------------------------- below

    @contextlib.contextmanager
    def _phase(self, phase: Phase) -> Iterator[None]:
        if self.should_stop():
            raise RunStopped(f"The run was stopped before the phase “{phase.value}”.")
        if phase is not Phase.FINISH:
            ledger.enter(self.target, self.spec.ledger_id, phase)
        self.report(PhaseStarted(phase=phase))
        yield
        if phase is Phase.FINISH:
            ledger.enter(self.target, self.spec.ledger_id, phase)
        self.report(PhaseFinished(phase=phase))

    @contextlib.contextmanager
    def _endings(self) -> Iterator[None]:
        """A run that stops for good says so in the ledger, if the target is still there to be told."""
        interrupting = Interrupting((self.source, self.target), self.asked)
        try:
            yield
        except (SchemadiffError, psycopg.Error) as error:
            interrupting.end()
            if not isinstance(error, RunStopped) and not interrupting.has_cancelled:
                self._leave(Phase.FAILED)
                raise
            if not self.hands_back():
                self._leave(Phase.CANCELLED)
            if isinstance(error, RunStopped):
                raise
            raise RunStopped("The run was stopped in the middle of a statement, which is undone.") from error
        finally:
            interrupting.end()

    def _leave(self, phase: Phase) -> None:
        with contextlib.suppress(psycopg.Error):
            ledger.enter(self.target, self.spec.ledger_id, phase)

    def _foresee(self, section: Section) -> None:
        """Say how much the statements of a section have to read."""
        done = [position for position, state in self._applied().items() if state == "applied"]
        for planned in planned_tasks(self.source, self.target, self.spec, section, done):
            self.report(planned)

    def _applied(self) -> dict[int, str]:
        return ledger.applied(self.target, self.spec.ledger_id)

    def _apply(self, section: Section) -> None:
        count = apply.apply_section(
            self.target,
            self.spec,
            section,
            mark=self.mark,
            report=self.report,
            should_stop=self.should_stop,
        )
        self.report(Log(message=f"{counted(count, 'statement')} of the section {section.value} applied."))

    def _watched_builds(self) -> contextlib.AbstractContextManager[None]:
        return watched_builds(
            self.crossing.target_dsn, self.spec.ledger_id, self.spec.plan, self.report, self.watch.also
        )

    def _gate(self) -> Gate:
        return Gate(self.crossing.source_dsn, self.target, self.spec.ledger_id, self.spec.limits, self.report)

    def _open_builders(self) -> Builders:
        """A run with one job does one thing after the other."""
        builders = Builders(
            self.crossing.target_dsn,
            self.target,
            self.spec.ledger_id,
            self.mark,
            count=self.spec.jobs if self.spec.jobs > 1 else 0,
            report=self.report,
            opened=self.watch.also,
        )
        return self.opened.enter_context(contextlib.closing(builders))

    def _build_side_by_side(self) -> None:
        """Indexes first, what becomes a key of them, then the foreign keys that refer to these."""
        before = self.builders.built
        self.builders.make_all_ready()
        snapshot = self.crossing.snapshot
        with shared_builds(self.builders, self.spec, self.target, snapshot, self.report):
            self.builders.finish(self.should_stop)
            for stage in (keys, checks):
                self.builders.take(stage(self.spec.plan, self._applied()))
                self.builders.finish(self.should_stop)
        count, others = self.builders.built - before, self.builders.built_elsewhere
        if count or others:
            told = f"Keys, indexes and foreign keys built side by side: {count}"
            told += f", and {others} by other workers." if others else "."
            self.report(Log(message=told))

    def _carriages(self) -> list[Carriage]:
        return carriages_of(self.target, self.spec.mapping.tables)

    def _look_at_protected(self) -> None:
        ledger_id, protected = self.spec.ledger_id, self.spec.scope.protected
        before = protect.recorded(self.target, ledger_id, protect.BEFORE)
        after = protect.fingerprint_tables(self.target, ledger_id, protected, protect.AFTER, self.report)
        for table in protect.changed(before, after):
            self.report(
                Log(
                    message=f"{'.'.join(table)} was changed meanwhile: by others, or by triggers of the carried "
                    "tables. No statement of this run touches it.",
                    level=Level.WARNING,
                )
            )

    def _accounts(self) -> list[Account]:
        return [account_of(self.target, self.spec.ledger_id, carriage) for carriage in self._carriages()]

    def _result(self) -> RunResult:
        accounts = self._accounts()
        return RunResult(
            phase=Phase.FINISH,
            rows_read=sum(account.read for account in accounts),
            rows_written=sum(account.written for account in accounts),
            rejects=sum(account.refused for account in accounts),
            differing=0,
        )
