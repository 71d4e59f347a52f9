"""Taking a repair back: every row that nobody has touched since becomes what it was, the last one first.

That is itself recorded as a repair, so nothing is lost by it either.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from itertools import groupby

import psycopg
from psycopg import sql

from migration.core.errors import RunStopped
from migration.core.events import Event
from migration.engine import repairs, triggers
from migration.engine.carrying import column_types
from migration.engine.failures import close_quietly, failure
from migration.engine.mending import remove_rows, write_rows
from migration.engine.repair import BATCH, Consent, RepairedTable, RepairResult
from migration.engine.repairs import TouchedRow
from migration.engine.row_parking import ROWS, Outcome, Patient, Repaired, equal, hash_of, patient_of, texts
from migration.engine.sessions import Session, fire_triggers, only_run, open_target, skip_triggers
from migration.engine.target_leads import Rewriting, refuse
from schemadiff.core.errors import Refused
from schemadiff.core.mapping import QualifiedName

CHANGED_SINCE = "it was changed after the repair, so it stays as it is"


def undo(
    target_dsn: str,
    number: int,
    consent: Consent,
    *,
    report: Callable[[Event], None] = lambda event: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> RepairResult:
    """Take repair `number` back. Raises NotFound or Refused with nothing written, RunFailed, RunStopped."""
    target = open_target(target_dsn)
    try:
        with only_run(target), ExitStack() as stack:
            refuse_unfit(target, number)
            _warn(target, number, report)
            if skip_triggers(target):
                stack.callback(fire_triggers, target)
            author, reason = consent.author, consent.reason
            undoing = repairs.begin(
                target, author=author, reason=reason, source=f"what repair {number} had kept", undoes=number
            )
            outcomes = _take_back(target, number, undoing, should_stop)
            repairs.end(target, undoing)
            tables = tuple(RepairedTable(table=each, outcome=outcomes[each]) for each in sorted(outcomes))
            return RepairResult(number=undoing, tables=tables)
    except psycopg.Error as exc:
        raise failure(exc, f"Repair {number} could not be undone", "Undo it again") from exc
    finally:
        close_quietly(target)


def refuse_unfit(target: Session, number: int) -> None:
    """Raises NotFound for an unknown repair, Refused for one that was undone, or where the target leads."""
    repairs.find(target, number)
    undone = next(
        (each.id for each in repairs.recorded(target) if each.undoes == number and each.ended), None
    )
    if undone is not None:
        raise Refused(f"Repair {number} was undone by repair {undone}; to have it back, undo that one.")
    refuse(target, repairs.touched_tables(target, number), Rewriting.UNDO)


def _warn(target: Session, number: int, report: Callable[[Event], None]) -> None:
    warning = triggers.warning_for(target, repairs.touched_tables(target, number), triggers.ANY_WRITE)
    if warning is not None:
        report(warning)


def _batches(target: Session, number: int) -> Iterator[tuple[TouchedRow, ...]]:
    last: int | None = None
    while rows := repairs.touched_rows(target, number, last, BATCH):
        last = rows[-1].id
        yield rows


def _take_back(
    target: Session, number: int, undoing: int, should_stop: Callable[[], bool]
) -> dict[QualifiedName, Outcome]:
    outcomes: dict[QualifiedName, Outcome] = {}
    patient: Patient | None = None
    for batch in _batches(target, number):
        for (table, key, new), same in groupby(batch, _place):
            if should_stop():
                raise RunStopped(f"Undoing repair {number} was stopped. What was taken back so far stays so.")
            if patient is None or (patient.table, patient.key) != (table, key):
                types = column_types(target, table)
                named = [each.column for each in types if not each.generated]
                patient = patient_of(target, table, named, key, types)
            outcomes.setdefault(table, Outcome()).add(_undo_rows(target, undoing, patient, list(same), new))
    return outcomes


def _place(row: TouchedRow) -> tuple[QualifiedName, tuple[str, ...], bool]:
    return row.table, row.key_columns, row.kind == Repaired.INSERTED


def _undo_rows(
    target: Session, undoing: int, patient: Patient, rows: Sequence[TouchedRow], new: bool
) -> Outcome:
    ids = [row.id for row in rows]
    if new:
        outcome = remove_rows(target, undoing, patient, _untouched(patient, ids))
    else:

        def fill(keys: Sequence[str]) -> None:
            _fill(target, patient, keys)

        outcome = write_rows(target, undoing, patient, [str(each) for each in ids], fill)
    left = len(rows) - outcome.count - sum(outcome.refused.values())
    if left:
        outcome.refuse(CHANGED_SINCE, left)
    return outcome


def _untouched(patient: Patient, ids: Sequence[int]) -> sql.Composable:
    """Rows `t` that are still as the repair left them."""
    return sql.SQL(
        "EXISTS (SELECT FROM schemadiff.repaired_rows p WHERE p.id = ANY ({ids}::bigint[]) "
        "AND p.key = {key} AND p.written = {hash}) AND ({columns}) IN ({keys})"
    ).format(
        ids=sql.Literal(list(ids)),
        key=texts("t", patient.key),
        hash=hash_of(patient, "t"),
        columns=sql.SQL(", ").join(sql.Identifier("t", name) for name in patient.key),
        keys=_keys(patient, ids),
    )


def _keys(patient: Patient, ids: Sequence[int]) -> sql.Composable:
    """The keys with their types, so that an index finds the rows."""
    types = {each.column: each.full for each in patient.types}
    parts = (
        sql.SQL("p.key[{}]::{}").format(sql.Literal(place), sql.SQL(types[name]))
        for place, name in enumerate(patient.key, 1)
    )
    return sql.SQL("SELECT {} FROM schemadiff.repaired_rows p WHERE p.id = ANY ({}::bigint[])").format(
        sql.SQL(", ").join(parts), sql.Literal(list(ids))
    )


def _fill(target: Session, patient: Patient, ids: Sequence[str]) -> None:
    """The rows as they were; one that was updated and has changed since is left out, or removed and is back."""
    former = sql.SQL(", ").join(
        sql.SQL("(p.former ->> {})::{}").format(sql.Literal(each.column), sql.SQL(each.full))
        for each in patient.types
    )
    target.execute(
        sql.SQL(
            "INSERT INTO {rows} SELECT {former} FROM schemadiff.repaired_rows p "
            "WHERE p.id = ANY ({ids}::bigint[])"
        ).format(rows=ROWS, former=former, ids=sql.Literal([int(each) for each in ids]))
    )
    target.execute(
        sql.SQL(
            "DELETE FROM {rows} r USING schemadiff.repaired_rows p WHERE p.id = ANY ({ids}::bigint[]) "
            "AND p.key = {key} AND coalesce((SELECT {hash} FROM {table} t WHERE {same} LIMIT 1), 0) "
            "<> coalesce(p.written, 0)"
        ).format(
            rows=ROWS,
            ids=sql.Literal([int(each) for each in ids]),
            key=texts("r", patient.key),
            hash=hash_of(patient, "t"),
            table=patient.name,
            same=equal("t", patient.key, "r", patient.key),
        )
    )
