"""Making the target's differing rows the source's again: just those, each kept first as it was.

Surplus rows go first, children before their parents; then missing and different rows are copied, parents first.
What refers in circles needs several rounds: they end when one has changed nothing.
"""

from collections.abc import Callable, Generator, Sequence
from contextlib import AbstractContextManager, ExitStack, closing
from dataclasses import dataclass, replace
from itertools import islice

import psycopg

from migration.core.checksums import Difference, DifferingRow
from migration.core.errors import RunFailed, RunStopped
from migration.core.events import Event, Level, Log, TableChecked
from migration.engine import compared, ledger, repairs, triggers
from migration.engine.carrying import Carriage, carriages_of, column_types
from migration.engine.copying import in_order
from migration.engine.failures import close_quietly, failure
from migration.engine.keys import Key
from migration.engine.mending import remove_rows, write_rows
from migration.engine.preconditions import check_sides
from migration.engine.row_parking import ROWS_TABLE, Outcome, Patient, patient_of
from migration.engine.rows_written import check_deferrable_keys
from migration.engine.sessions import (
    Session,
    fire_triggers,
    join_snapshot,
    name_of,
    open_source,
    open_target,
    open_target_to_read,
    read_snapshot,
    skip_triggers,
)
from migration.engine.sorting_out import Failed, Loading, attempt
from migration.engine.table_check import Sides, TableView, view_of
from migration.engine.target_leads import only_repair
from migration.engine.verify import latest_run
from schemadiff.core.errors import Refused
from schemadiff.core.mapping import Mapping, QualifiedName

BATCH = 500
"""Rows of one transaction."""

Report = Callable[[Event], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """Who lets the target be changed, and why."""

    author: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RepairedTable:
    table: QualifiedName
    outcome: Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class RepairResult:
    """`number` is the repair's name in the target."""

    number: int
    tables: tuple[RepairedTable, ...]

    @property
    def rows(self) -> int:
        return sum(each.outcome.count for each in self.tables)


def protected_in(target: Session) -> frozenset[QualifiedName]:
    """The tables that any run recorded in the target was told to protect."""
    return frozenset(
        table for run in ledger.runs(target) for table in ledger.recorded_spec(target, run.id).scope.protected
    )


def refuse_protected(mapping: Mapping, protected: frozenset[QualifiedName]) -> None:
    """Raises Refused naming the protected tables that would be repaired."""
    named = sorted(".".join(entry.target) for entry in mapping.tables if entry.target in protected)
    if named:
        raise Refused(
            f"{', '.join(named)}: protected, so no row of it is touched. Repair the other tables by naming them "
            "with --tables. Nothing was written."
        )


def repair(
    source_dsn: str,
    target_dsn: str,
    mapping: Mapping,
    found: Sequence[TableChecked],
    consent: Consent,
    *,
    protected: frozenset[QualifiedName] = frozenset(),
    report: Report = lambda event: None,
    should_stop: Callable[[], bool] = lambda: False,
    alone: Callable[[Session, Mapping], AbstractContextManager[object]] = only_repair,
    watched: Callable[[Session], None] = lambda session: None,
) -> RepairResult:
    """Repair the tables in which a verification `found` differences. Verify again afterwards.

    `alone` keeps others from writing to the target meanwhile, and refuses where it leads; a run that repairs has seen
    to that itself. `watched` is told of each session, to be cut when its server says nothing any more.

    Raises Refused or SameDatabase before anything is written, RunFailed, RunStopped; whole batches stay then.
    """
    differing = {each.table for each in found if each.differing}
    wanted = Mapping(tables=tuple(entry for entry in mapping.tables if entry.name in differing))
    sessions: list[Session] = []
    try:
        for opened in (open_source, open_source):
            sessions.append(opened(source_dsn))
        for opened in (open_target_to_read, open_target):
            sessions.append(opened(target_dsn))
        for session in sessions:
            watched(session)
        reading, copying, looking, writing = sessions
        check_sides(reading, writing)
        refuse_protected(wanted, protected | protected_in(writing))
        with alone(writing, wanted), read_snapshot(reading) as snapshot:
            join_snapshot(copying, snapshot)
            sides = Sides(source=reading, target=looking, ledger_id=latest_run(writing))
            carriages = [each for each in carriages_of(writing, mapping.tables) if each.name in differing]
            return _Surgery(sides, copying, writing, report, should_stop).go(carriages, consent)
    except psycopg.Error as exc:
        raise failure(exc, "The rows could not be repaired", "Repair them again") from exc
    finally:
        close_quietly(*sessions)


@dataclass(frozen=True, slots=True)
class _Surgery:
    """Two sessions that look for differing rows, two that copy them meanwhile."""

    sides: Sides
    copying: Session
    writing: Session
    report: Report
    should_stop: Callable[[], bool]

    def go(self, carriages: Sequence[Carriage], consent: Consent) -> RepairResult:
        with ExitStack() as stack:
            tables = [carriage.target for carriage in carriages]
            warning = triggers.warning_for(self.writing, tables, triggers.ANY_WRITE)
            if warning is not None:
                self.report(warning)
            if skip_triggers(self.writing):
                stack.callback(fire_triggers, self.writing)
            number = repairs.begin(
                self.writing,
                author=consent.author,
                reason=consent.reason,
                source=name_of(self.sides.source),
            )
            outcomes = self._rounds(number, self._with_keys(carriages))
            repairs.end(self.writing, number)
            check_deferrable_keys(self.writing, tables)
        repaired = (RepairedTable(table=table, outcome=outcomes[table]) for table in sorted(outcomes))
        return RepairResult(number=number, tables=tuple(repaired))

    def _with_keys(self, carriages: Sequence[Carriage]) -> list[Carriage]:
        kept = []
        for carriage in in_order(self.writing, carriages):
            if compared.shared_key(self.sides.source, self.writing, carriage):
                kept.append(carriage)
            else:
                self.report(
                    Log(
                        message=f"{'.'.join(carriage.target)} has no key that tells its rows apart, so it cannot be "
                        "repaired row by row. Empty it and copy it anew.",
                        level=Level.WARNING,
                    )
                )
        return kept

    def _rounds(self, number: int, carriages: Sequence[Carriage]) -> dict[QualifiedName, Outcome]:
        """What was done is added up; of what was refused only the last round's counts."""
        total = {carriage.target: Outcome() for carriage in carriages}
        changed = True
        while changed:
            this_round = {table: Outcome() for table in total}
            for carriage in reversed(carriages):
                this_round[carriage.target].add(self._remove(number, carriage))
            for carriage in carriages:
                this_round[carriage.target].add(self._write(number, carriage))
            changed = any(each.count for each in this_round.values()) and any(
                each.refused for each in this_round.values()
            )
            for table, outcome in this_round.items():
                total[table].refused.clear()
                total[table].add(outcome)
        return total

    def _remove(self, number: int, carriage: Carriage) -> Outcome:
        view = self._view(carriage)
        patient = self._patient(view)
        outcome = Outcome()
        with closing(self._batches(view, (Difference.SURPLUS,), outcome)) as batches:
            for keys in batches:
                chosen = view.faces[1].aliased("t").with_keys(keys)
                outcome.add(remove_rows(self.writing, number, patient, chosen))
        return outcome

    def _write(self, number: int, carriage: Carriage) -> Outcome:
        view = self._view(carriage)
        patient = self._patient(view)
        outcome = Outcome()

        def fill(keys: Sequence[str]) -> None:
            self._copy(view, keys)

        with closing(self._batches(view, (Difference.MISSING, Difference.DIFFERENT), outcome)) as batches:
            for keys in batches:
                outcome.add(write_rows(self.writing, number, patient, keys, fill))
        return outcome

    def _copy(self, view: TableView, keys: Sequence[str]) -> None:
        carriage = replace(view.carriage, target=ROWS_TABLE)
        loading = Loading(
            source=self.copying,
            target=self.writing,
            carriage=carriage,
            key=Key(table=carriage.source, columns=(), types=()),
            should_stop=self.should_stop,
        )
        copied = attempt(loading, view.faces[0].with_keys(keys), ordered=False)
        if isinstance(copied, Failed):
            raise copied.error

    def _batches(
        self, view: TableView, wanted: Sequence[Difference], outcome: Outcome
    ) -> Generator[Sequence[str], None, None]:
        """Keys of differing rows; each once, for a key that comes several times differs several times."""
        with closing(view.differing()) as differing:
            rows = (
                row.key
                for row in differing
                if row.difference in wanted and not self._is_taken(row, view.carriage, outcome)
            )
            while batch := tuple(dict.fromkeys(islice(rows, BATCH))):
                if self.should_stop():
                    raise RunStopped(
                        f"The repair was stopped at “{'.'.join(view.carriage.target)}”. What was repaired so far "
                        "stays."
                    )
                yield batch

    def _is_taken(self, row: DifferingRow, carriage: Carriage, outcome: Outcome) -> bool:
        """What came from another source table is not overwritten."""
        if row.taken:
            others = (".".join(each.name) for each in carriage.together if each.name != carriage.name)
            outcome.refuse(f"a row with the same key came from {' or '.join(others)}", 1)
        return row.taken

    def _view(self, carriage: Carriage) -> TableView:
        view = view_of(self.sides, carriage)
        if view is None:
            raise RunFailed(f"“{'.'.join(carriage.target)}” lost its key meanwhile. Verify again.")
        return view

    def _patient(self, view: TableView) -> Patient:
        carriage = view.carriage
        return patient_of(
            self.writing,
            carriage.target,
            [column.name for column in carriage.columns],
            [column.name for column in view.key],
            column_types(self.writing, carriage.target),
        )
