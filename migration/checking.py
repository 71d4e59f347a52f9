"""USE CASE: a run's tables compared again, repaired, or its rejects tried again, in the background.

Asked for by people or by a schedule.
"""

import contextlib
import logging
import traceback
from collections.abc import Sequence
from typing import Any

import psycopg
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from migration import flag_board, jobs, store
from migration.core.checksums import Difference, DifferingRow, Sample
from migration.core.errors import RunFailed
from migration.core.events import Event, Log, TableChecked
from migration.core.phases import Phase
from migration.core.spec import RunSpec, spec_from_json
from migration.engine import repairs
from migration.engine.carrying import Carriage, Equality
from migration.engine.failures import explained, failure
from migration.engine.masked_rows import masked_pair
from migration.engine.repair import Consent, RepairResult, repair
from migration.engine.retrying import RetryResult, retry_rejects
from migration.engine.sessions import open_target_to_read
from migration.engine.side_by_side import LONGEST, RowPair, side_by_side
from migration.engine.target_leads import Rewriting, refuse, tables_of
from migration.engine.undo import undo
from migration.engine.verify import verify
from migration.models import Run, RunState, Verification
from migration.store import verifications
from migration.store.verifications import Ended, Wanted
from schemadiff.connections import dsn_of
from schemadiff.core.errors import Refused, SchemadiffError
from schemadiff.projects import masked_in
from schemadiff.secrets import redact

log = logging.getLogger(__name__)

Kind = Verification.Kind
_REWRITING = {Kind.REPAIR: Rewriting.REPAIR, Kind.RETRY: Rewriting.RETRY, Kind.UNDO: Rewriting.UNDO}


def request(run: Run, wanted: Wanted, user: User | None) -> Verification:
    """Have a worker do it. Raises Refused, or StillInUse where applications use what would be repaired."""
    refuse_unfit(run, wanted.kind)
    with transaction.atomic():
        verification, new = verifications.begin(run, wanted, user)
        if new:
            jobs.defer_verification(verification.pk)
        elif wanted.kind != Kind.VERIFY or verification.kind != Kind.VERIFY:
            raise Refused(
                f"{verification.get_kind_display()} #{verification.number} of run #{run.number} is under way. Wait "
                "until it has ended."
            )
    return verification


def refuse_unfit(run: Run, kind: Verification.Kind) -> None:
    """Raises Refused with the sentence why a run cannot be compared, or its target not be repaired, now."""
    carried = run.phase == Phase.FINISH or (
        run.phase == Phase.FAILED and run.reached in (Phase.VERIFY, Phase.FINISH)
    )
    if run.state != RunState.ENDED or not carried:
        raise Refused(
            f"Run #{run.number} has not carried all of its rows, so there is nothing to compare: it is "
            f"{run.get_state_display().lower()}."
        )
    if kind == Kind.VERIFY:
        return
    active = store.active_on(run.target)
    if active is not None:
        raise Refused(
            f"Run #{active.number} is working on {run.target.name}: change its rows when it has ended."
        )
    flag_board.refuse_while_used(run.project)
    if run.live:
        _refuse_while_target_leads(run, kind)


def _refuse_while_target_leads(run: Run, kind: Verification.Kind) -> None:
    """Raises Refused. Where the target does not answer nothing is said: whoever writes looks again."""
    with (
        contextlib.suppress(RunFailed),
        explained("The target could not be asked", "Try again"),
        open_target_to_read(dsn_of(run.target)) as target,
    ):
        refuse(target, tables_of(spec_from_json(run.spec).mapping), _REWRITING[Kind(kind)])


def record_of_overwriting(run: Run) -> int:
    """The repair in the target that keeps what the run overwrote. Raises Refused where there is none."""
    with (
        explained("What the run overwrote could not be looked up", "Try again"),
        open_target_to_read(dsn_of(run.target)) as target,
    ):
        found = repairs.of_run(target, run.ledger_id)
    if found is None:
        raise Refused(f"Run #{run.number} has overwritten nothing, or what it kept was removed since.")
    return found


def begin_due() -> None:
    """Ask for the verifications whose moment has come; what cannot be compared any more is left out."""
    for schedule in verifications.take_due(timezone.now()):
        try:
            request(schedule.run, Wanted(scheduled=True), None)
        except Refused as refusal:
            log.warning("Scheduled verification of run %s: %s", schedule.run_id, refusal)


def check(verification_id: int) -> None:
    """Do it and record how it went; one that has ended already is left as it is."""
    if not verifications.start(verification_id):
        return
    try:
        row = Verification.objects.select_related("run__project", "run__source", "run__target").get(
            pk=verification_id
        )
        verifications.end(verification_id, _Check(row).go())
    except SchemadiffError as error:
        verifications.fail(verification_id, redact(str(error)))
    except Exception as error:  # whoever waits must hear of it
        # The frames only: a driver's message may quote rows.
        frames = "".join(traceback.format_tb(error.__traceback__))
        log.error("Verification %s: %s\n%s", verification_id, type(error).__name__, frames)
        verifications.fail(verification_id, _sentence(error))


def _sentence(error: Exception) -> str:
    if isinstance(error, psycopg.Error):
        return str(failure(error, "The rows could not be compared"))
    return f"It was stopped by an unexpected error ({type(error).__name__}). The worker's log has more."


class _Check:
    """One verification on its way: what it was asked for, and what it has noted."""

    def __init__(self, row: Verification) -> None:
        self.row, self.run = row, row.run
        self.spec: RunSpec = spec_from_json(self.run.spec)
        self.source, self.target = dsn_of(self.run.source), dsn_of(self.run.target)
        self.notes: list[str] = []
        self.samples: dict[str, list[list[str]]] = {}

    def go(self) -> Ended:
        changed, retried = None, None
        kind = Kind(self.row.kind)
        if kind != Kind.VERIFY:
            refuse_unfit(self.run, kind)
        if kind == Kind.RETRY:
            retried = self._retry()
        elif kind != Kind.VERIFY:
            changed = self._repair() if kind == Kind.REPAIR else self._undo()
        checked = self._verify(self._sample())
        told: dict[str, Any] = {
            "tables": [_table(table) for table in checked],
            "notes": [redact(note) for note in self.notes],
            "repaired": _repaired(changed) if changed else [],
            "retried": _retried(retried) if retried else [],
        }
        return Ended(
            differing=sum(table.differing for table in checked),
            result=told,
            samples=self.samples,
            repair=changed.number if changed else None,
        )

    def _sample(self) -> Sample | None:
        return None if self.row.sample is None else Sample(percent=self.row.sample, seed=self.row.number)

    def _verify(self, sample: Sample | None = None) -> tuple[TableChecked, ...]:
        self.samples.clear()
        return verify(
            self.source,
            self.target,
            self.spec.mapping,
            ledger_id=self.run.ledger_id,
            equality=Equality.SEMANTIC if self.row.semantic else Equality.STRICT,
            sample=sample,
            report=self._note,
            note=self._keep,
        )

    def _repair(self) -> RepairResult | None:
        found = self._verify()
        self.notes.clear()
        if not any(table.differing for table in found):
            return None
        return repair(
            self.source,
            self.target,
            self.spec.mapping,
            found,
            self._consent(),
            protected=frozenset(self.spec.scope.protected),
            report=self._note,
        )

    def _undo(self) -> RepairResult:
        assert self.row.repair is not None
        return undo(self.target, self.row.repair, self._consent(), report=self._note)

    def _retry(self) -> RetryResult:
        result = retry_rejects(
            self.source, self.target, self.run.ledger_id, self._consent(), report=self._note
        )
        store.replace_rejects(self.run, result.tables)
        return result

    def _consent(self) -> Consent:
        author = self.row.requested_by.get_username() if self.row.requested_by else ""
        return Consent(author=author, reason=self.row.reason)

    def _note(self, event: Event) -> None:
        if isinstance(event, Log):
            self.notes.append(event.message)

    def _keep(self, carriage: Carriage, rows: Sequence[DifferingRow]) -> None:
        self.samples[".".join(carriage.name)] = [[row.difference.value, row.key] for row in rows]


def _table(table: TableChecked) -> dict[str, Any]:
    return {
        "source": ".".join(table.table),
        "target": ".".join(table.target),
        "source_rows": table.source_rows,
        "target_rows": table.target_rows,
        "rejected": table.rejected_rows,
        "differing": table.differing,
        "missing": table.missing,
        "surplus": table.surplus,
        "different": table.different,
        "method": table.method,
    }


def _repaired(result: RepairResult) -> list[dict[str, Any]]:
    return [
        {
            "target": ".".join(each.table),
            **{kind.value: count for kind, count in each.outcome.done.items()},
            "refused": each.outcome.refused,
        }
        for each in result.tables
    ]


def _retried(result: RetryResult) -> list[dict[str, Any]]:
    return [
        {"target": ".".join(each.target), "recovered": each.recovered, "left": each.left}
        for each in result.tables
    ]


def rows_of(
    verification: Verification, table: str, limit: int | None = None, longest: int = LONGEST
) -> tuple[RowPair, ...]:
    """The noted rows of a source table, or the first of them, as both sides are now: two queries. Raises RunFailed.

    What the project masks is not in them.
    """
    run = verification.run
    kept: list[list[str]] = verification.samples.get(table, [])
    if not kept:
        return ()
    spec = spec_from_json(run.spec)
    entry = next((each for each in spec.mapping.tables if ".".join(each.name) == table), None)
    if entry is None:
        return ()
    rows = [DifferingRow(difference=Difference(word), key=key) for word, key in kept[:limit]]
    equality = Equality.SEMANTIC if verification.semantic else Equality.STRICT
    found = side_by_side(dsn_of(run.source), dsn_of(run.target), entry, rows, equality, longest)
    masked = masked_in(run.project)
    return tuple(masked_pair(row, entry, masked) for row in found) if masked.columns else found
