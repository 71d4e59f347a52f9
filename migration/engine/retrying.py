"""Rejects tried again, once what refused them has been put right: only their rows are read, by their keys.

A batch of them is one transaction, which marks those that were taken; what is refused again gets its new reason.
The ledger's accounts stay balanced, and a later verification counts what was taken as written.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

import psycopg

from migration.core.events import Event, RejectsGrouped
from migration.core.phases import Phase
from migration.core.spec import RunSpec
from migration.engine import ledger, orphans, rejects, retries
from migration.engine.accounts import written_rows
from migration.engine.carrying import Carriage, carriages_of
from migration.engine.chunking import source_key
from migration.engine.collisions import explain_collisions
from migration.engine.copying import in_order
from migration.engine.failures import close_quietly, failure
from migration.engine.overwriting import begin_record, mark_overwritten
from migration.engine.places import Origin, is_origin, origin_of
from migration.engine.preconditions import check_sides
from migration.engine.repair import Consent
from migration.engine.sequences import set_sequences
from migration.engine.sessions import (
    Session,
    fire_triggers,
    name_of,
    only_run,
    open_source,
    open_target,
    read_snapshot,
    skip_triggers,
)
from migration.engine.table_retry import TableRetry
from migration.engine.target_leads import Rewriting, refuse, tables_of
from migration.engine.triggers import warning_for
from schemadiff.core.errors import NotFound, Refused
from schemadiff.core.mapping import QualifiedName

Report = Callable[[Event], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class RetriedTable:
    """What became of a table's rejects. `written` counts all rows of the run that are in the target now."""

    source: QualifiedName
    target: QualifiedName
    recovered: int
    written: int
    groups: tuple[RejectsGrouped, ...]

    @property
    def left(self) -> int:
        return sum(group.count for group in self.groups)


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryResult:
    """`number` is the retry's name in the target."""

    number: int
    tables: tuple[RetriedTable, ...]

    @property
    def recovered(self) -> int:
        return sum(table.recovered for table in self.tables)

    @property
    def left(self) -> int:
        return sum(table.left for table in self.tables)


def retry_rejects(
    source_dsn: str,
    target_dsn: str,
    ledger_id: UUID,
    consent: Consent,
    *,
    tables: Sequence[QualifiedName] = (),
    report: Report = lambda event: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> RetryResult:
    """Try the rejects of a run that has carried its rows again, of all its tables or of these source tables.

    Raises Refused, NotFound or SameDatabase before anything is written, RunFailed, RunStopped; whole batches stay.
    """
    sessions: list[Session] = []
    try:
        sessions.append(open_source(source_dsn))
        sessions.append(open_target(target_dsn))
        source, target = sessions
        here, _ = check_sides(source, target)
        with only_run(target), read_snapshot(source):
            _refuse_unfit(target, ledger_id)
            _refuse_another_source(source, target, ledger_id, origin_of(here, name_of(source)))
            spec = ledger.recorded_spec(target, ledger_id)
            refuse(target, tables_of(spec.mapping), Rewriting.RETRY)
            return _Retry(source, target, spec, report, should_stop).go(tables, consent)
    except psycopg.Error as exc:
        raise failure(exc, "The rejects could not be tried again", "Try them again") from exc
    finally:
        close_quietly(*sessions)


def _refuse_unfit(target: Session, ledger_id: UUID) -> None:
    run = ledger.find(target, ledger_id)
    carried = (Phase.VERIFY, Phase.FINISH)
    if run.phase is not Phase.FINISH and not (run.phase is Phase.FAILED and run.reached in carried):
        raise Refused(
            f"Run {ledger_id} is {run.phase.value.replace('_', ' ')}: its rejects can be tried again when all of its "
            "rows have been carried and it has not been put back. Resume it first."
        )


def _refuse_another_source(source: Session, target: Session, ledger_id: UUID, here: Origin) -> None:
    begun = ledger.origin(target, ledger_id)
    if not is_origin(begun, here):
        raise Refused(
            f"Run {ledger_id} was begun with the source {begun.name}, and {name_of(source)} is another database. "
            "Give the source that it began with."
        )


@dataclass(frozen=True, slots=True)
class _Retry:
    source: Session
    target: Session
    spec: RunSpec
    report: Report
    should_stop: Callable[[], bool]

    def go(self, tables: Sequence[QualifiedName], consent: Consent) -> RetryResult:
        patients = self._patients(self._carriages(tables))
        number = retries.begin(self.target, self.spec.ledger_id, consent.author, consent.reason)
        recovered = Counter[QualifiedName]()
        skipped = skip_triggers(self.target)
        try:
            for patient in patients:
                recovered[patient.carriage.name] += patient.retry(patient.rejected())
            while any(self._met_now(patient, recovered) for patient in patients):
                pass
        finally:
            if skipped:
                fire_triggers(self.target)
        orphans.explain_cascades(self.target, self.spec.ledger_id, [each.loaded for each in patients])
        explain_collisions(
            self.source, self.target, self.spec.ledger_id, [each.carriage for each in patients]
        )
        set_sequences(self.source, self.target, [each.carriage for each in patients])
        result = RetryResult(number=number, tables=tuple(self._told(each, recovered) for each in patients))
        retries.end(self.target, number, result.recovered, result.left)
        return result

    def _met_now(self, patient: TableRetry, recovered: Counter[QualifiedName]) -> int:
        """Rows that another one came for after they had been tried."""
        count = patient.retry(patient.rejected(orphans.MISSING)) if recovered.total() else 0
        recovered[patient.carriage.name] += count
        return count

    def _carriages(self, tables: Sequence[QualifiedName]) -> list[Carriage]:
        wanted = set(tables)
        entries = [
            each for each in self.spec.mapping.tables if not wanted or wanted & {each.source, each.name}
        ]
        if missing := wanted - {name for entry in entries for name in (entry.source, entry.name)}:
            named = ", ".join(sorted(".".join(name) for name in missing))
            raise NotFound(f"Run {self.spec.ledger_id} carries no table {named}.")
        with_rejects = {
            entry.name
            for entry in entries
            if rejects.count_rejects(self.target, self.spec.ledger_id, entry.name)
        }
        carriages = [
            each for each in carriages_of(self.target, self.spec.mapping.tables) if each.name in with_rejects
        ]
        if self.spec.overwrites and carriages:
            record = begin_record(self.target, self.spec, name_of(self.source))
            carriages = mark_overwritten(self.source, self.target, carriages, record)
        return carriages

    def _patients(self, carriages: Sequence[Carriage]) -> list[TableRetry]:
        """Parents before children; triggers that their rows fire are told."""
        if warning := warning_for(self.target, sorted({carriage.target for carriage in carriages})):
            self.report(warning)
        return [
            TableRetry(
                source=self.source,
                target=self.target,
                ledger_id=self.spec.ledger_id,
                carriage=carriage,
                key=source_key(self.source, carriage.source),
                report=self.report,
                should_stop=self.should_stop,
            )
            for carriage in in_order(self.target, carriages)
        ]

    def _told(self, patient: TableRetry, recovered: Counter[QualifiedName]) -> RetriedTable:
        table = patient.carriage.name
        return RetriedTable(
            source=table,
            target=patient.carriage.target,
            recovered=recovered[table],
            written=written_rows(self.target, self.spec.ledger_id, table),
            groups=rejects.grouped(self.target, self.spec.ledger_id, table),
        )
