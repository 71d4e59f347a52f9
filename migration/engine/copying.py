"""The copy of all tables: cut into chunks, carried by one process or several, counted as it goes."""

import contextlib
import itertools
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from migration.core.events import Event, Level, Log, RejectsGrouped, TableProgress, TableState
from migration.core.table_order import in_reference_order
from migration.engine import orphans, rejects
from migration.engine.accounts import written_rows
from migration.engine.building import Builders
from migration.engine.carriers import Shares, own_name
from migration.engine.carrying import Carriage
from migration.engine.chunk_copy import ChunkDone, ChunkJob
from migration.engine.chunking import TableChunks, cut_table
from migration.engine.collisions import TAKEN, explain_collisions
from migration.engine.estimates import sizes_of
from migration.engine.landing import Landing
from migration.engine.rows_written import check_deferrable_keys
from migration.engine.second_chance import try_again
from migration.engine.sessions import Session, fire_triggers, skip_triggers
from migration.engine.workers import InProcess, Processes
from schemadiff.core.counted import counted
from schemadiff.core.mapping import QualifiedName

PARALLEL_ROWS = 200_000  # from so many rows on, starting processes pays

Report = Callable[[Event], None]
ShouldStop = Callable[[], bool]
Offering = Callable[[], contextlib.AbstractContextManager[None]]
Paced = Callable[[Iterator[ChunkJob]], Iterator[ChunkJob | None]]  # None: not yet


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossing:
    """Both sides of a run: addresses for workers, sessions, and the snapshot that all reading shares."""

    source_dsn: str
    target_dsn: str
    source: Session
    target: Session
    snapshot: str


def copy_tables(
    crossing: Crossing,
    ledger_id: UUID,
    carriages: Sequence[Carriage],
    *,
    jobs: int,
    chunk_rows: int,
    report: Report,
    should_stop: ShouldStop,
    builders: Builders,
    paced: Paced = iter,
    offering: Offering = contextlib.nullcontext,
) -> None:
    """Carry what the ledger does not have yet. Raises RunFailed or RunStopped between or inside chunks.

    What `builders` have taken for a table begins when its last chunk is there; `paced` holds chunks back.
    Inside of `offering` others may carry chunks, too.
    """
    with _started(crossing, ledger_id, carriages, jobs) as started:
        tables = [
            cut_table(crossing.source, crossing.target, ledger_id, carriage, chunk_rows)
            for carriage in in_order(crossing.target, carriages)
        ]
        counters = {
            table.carriage.name: _Tally(crossing.target, ledger_id, table, report) for table in tables
        }
        loaded = [orphans.loaded_table(crossing.target, ledger_id, t.carriage, t.key) for t in tables]
        skipped = skip_triggers(crossing.target)
        # Whose foreign keys are checked row by row: by the server, or by whoever overwrites rows.
        checked = [each for each in loaded if not skipped or each.carriage.kept_by is not None]
        ways = _Ways(
            jobs=jobs,
            started=started,
            counters=counters,
            should_stop=should_stop,
            builders=builders,
            paced=paced,
            offering=contextlib.nullcontext if checked else offering,
            shares=Shares(crossing.target, ledger_id, report),
        )
        try:
            _carry_all(crossing, ledger_id, tables, ways, at_once=not checked)
            changed: Counter[QualifiedName] = Counter()
            if skipped:
                builders.finish_begun(should_stop)  # they may hold locks on what is looked at now
                changed.subtract(orphans.move_orphans(crossing.source, crossing.target, ledger_id, loaded))
            if checked:
                changed.update(try_again(crossing.source, crossing.target, ledger_id, checked, should_stop))
                orphans.explain_cascades(crossing.target, ledger_id, checked)
            explain_collisions(crossing.source, crossing.target, ledger_id, carriages)
        finally:
            if skipped:
                fire_triggers(crossing.target)
        if skipped:
            check_deferrable_keys(crossing.target, [each.carriage.target for each in loaded])
        for table, counter in counters.items():
            counter.finish(changed[table])
        ways.shares.tell()


@contextlib.contextmanager
def _started(
    crossing: Crossing, ledger_id: UUID, carriages: Sequence[Carriage], jobs: int
) -> Iterator[Processes | None]:
    """Processes that are made ready while the tables are cut, where the statistics promise enough for them."""
    sizes = sizes_of(crossing.source, sorted({carriage.source for carriage in carriages}))
    if jobs < 2 or sum(size.rows_at_most for size in sizes) < PARALLEL_ROWS:
        yield None
        return
    with _processes(crossing, ledger_id, jobs) as workers:
        yield workers


def _processes(crossing: Crossing, ledger_id: UUID, jobs: int) -> Processes:
    return Processes(crossing.source_dsn, crossing.target_dsn, ledger_id, crossing.snapshot, count=jobs)


def in_order(target: Session, carriages: Sequence[Carriage]) -> list[Carriage]:
    """In the order of the target's foreign keys."""
    tables = tuple(dict.fromkeys(carriage.target for carriage in carriages))
    references = [
        (table, reference.referred) for table in tables for reference in orphans.references_of(target, table)
    ]
    order = in_reference_order(tables, references)
    return sorted(carriages, key=lambda each: (order.index(each.target), each.place))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ways:
    """How the chunks are carried, and who is told."""

    jobs: int
    started: Processes | None
    counters: "dict[QualifiedName, _Tally]"
    should_stop: ShouldStop
    builders: Builders
    paced: Paced
    offering: Offering
    shares: Shares


def _carry_all(
    crossing: Crossing, ledger_id: UUID, tables: Sequence[TableChunks], ways: _Ways, *, at_once: bool
) -> None:
    """All tables side by side, or, where foreign keys are checked row by row, one after the other.

    Side by side the largest come first: most of what there is to build is then beside the copy of the others. Of those
    that go into one table each waits for the one before it: which row of a key comes first is no matter of luck.
    """
    groups = _rounds(tables) if at_once else [[table] for table in tables]
    waiting = sum(table.expected for table in tables if table.waiting)
    if sum(table.expected for table in tables) < PARALLEL_ROWS:
        ways.builders.leave_all()
    landing = Landing(crossing.target, tables if at_once else (), ways.builders)
    if ways.jobs > 1 and waiting >= PARALLEL_ROWS and any(len(table.waiting) > 1 for table in tables):
        with ways.started or _processes(crossing, ledger_id, ways.jobs) as workers, ways.offering():
            _carry_groups(workers, ledger_id, groups, ways, landing)
    else:
        here = InProcess(crossing.source, crossing.target)
        _carry_groups(here, ledger_id, groups, ways, landing)


def _rounds(tables: Sequence[TableChunks]) -> list[list[TableChunks]]:
    places = sorted({table.carriage.place for table in tables})
    return [
        sorted((each for each in tables if each.carriage.place == place), key=_rows, reverse=True)
        for place in places
    ]


def _rows(table: TableChunks) -> int:
    return table.expected


def _carry_groups(
    workers: InProcess | Processes,
    ledger_id: UUID,
    groups: Sequence[Sequence[TableChunks]],
    ways: _Ways,
    landing: Landing,
) -> None:
    for group in groups:
        waiting: list[ChunkJob] = list(jobs_of(ledger_id, group))
        first: tuple[None, ...] = ()
        while waiting:
            jobs = itertools.chain(first, ways.paced(iter(waiting)))
            waiting, first = [], (None,)  # in the rounds after the first one the look is not at once
            for job, done in workers.carry(jobs, ways.should_stop, ways.builders):
                if done is None:
                    waiting.append(job)
                    continue
                ways.counters[job.carriage.name].add(done)
                ways.shares.tell_sometimes()
                landing.landed(job.carriage.target)


def jobs_of(ledger_id: UUID, tables: Sequence[TableChunks], offer: str = "") -> Iterator[ChunkJob]:
    """What the ledger does not have yet, to be carried by this process; `offer` as in ChunkJob."""
    carrier = own_name()
    for table in tables:
        for chunk in table.waiting:
            yield ChunkJob(
                ledger_id=ledger_id,
                carriage=table.carriage,
                key=table.key,
                chunk=chunk,
                carrier=carrier,
                offer=offer,
            )


class _Tally:
    """Counts one table's rows and reports them after each chunk."""

    def __init__(self, target: Session, ledger_id: UUID, table: TableChunks, report: Report) -> None:
        self._target, self._ledger_id, self._table, self._report = target, ledger_id, table, report
        self._waiting = len(table.waiting)
        self._rejects = rejects.count_rejects(target, ledger_id, table.carriage.name)
        self._written = written_rows(target, ledger_id, table.carriage.name)
        self._bytes, self._seconds = table.bytes_copied, table.seconds
        # They may come right yet, or get another reason.
        self._uncertain = {orphans.MISSING, *((TAKEN,) if table.carriage.together else ())}
        begun = self._written or self._rejects
        self._tell(TableState.COPYING if begun else TableState.NOT_STARTED)

    def add(self, done: ChunkDone) -> None:
        self._waiting -= 1
        self._written += done.written
        self._rejects += done.rejects
        self._bytes += done.bytes
        self._seconds += done.seconds
        if done.deadlocks:
            self._tell_deadlocks(done.deadlocks)
        if done.rejects:
            self._tell_rejects(lambda group: group.sqlstate not in self._uncertain)
        self._tell(TableState.COPYING if self._waiting else TableState.COPIED)

    def finish(self, change: int) -> None:
        """The table's last word. By `change` rows more (or fewer) met their foreign keys in the end."""
        self._written += change
        self._rejects -= change
        where = ".".join(self._table.carriage.target)
        if change < 0:
            message = f"Rejected, for foreign keys are not met: {counted(-change, 'row')} of {where}."
            self._report(Log(message=message, level=Level.WARNING))
        elif change > 0:
            self._report(
                Log(
                    message=f"Taken once the referenced rows were there: {counted(change, 'row')} of {where}."
                )
            )
        if self._rejects:
            self._tell_rejects(lambda group: True)
        self._tell(TableState.COPIED)

    def _tell(self, state: TableState) -> None:
        self._report(
            TableProgress(
                table=self._table.carriage.name,
                target=self._table.carriage.target,
                state=state,
                rows_total=max(self._table.expected if self._waiting else 0, self._written + self._rejects),
                rows_written=self._written,
                rejects=self._rejects,
                bytes_copied=self._bytes,
                seconds=self._seconds,
            )
        )

    def _tell_deadlocks(self, count: int) -> None:
        where = ".".join(self._table.carriage.target)
        times = "once" if count == 1 else f"{count} times"
        message = (
            f"A chunk of {where} was in a deadlock with another session {times}, and was carried after that."
        )
        self._report(Log(message=message, level=Level.WARNING))

    def _tell_rejects(self, is_certain: Callable[[RejectsGrouped], bool]) -> None:
        groups = rejects.grouped(self._target, self._ledger_id, self._table.carriage.name)
        for group in filter(is_certain, groups):
            self._report(group)
