"""Protected tables: counted and hashed before and after, so that all can see that they were left alone."""

from collections.abc import Callable, Sequence
from uuid import UUID

from migration.core.events import Event, Fingerprint, Task, TaskBegun, TaskDone
from migration.engine.hashing import fingerprint
from migration.engine.outlooks import planned_hashes
from migration.engine.sessions import Session
from schemadiff.core.mapping import QualifiedName

BEFORE = "before"
AFTER = "after"


def fingerprint_tables(
    target: Session,
    ledger_id: UUID,
    tables: Sequence[QualifiedName],
    when: str,
    report: Callable[[Event], None],
) -> tuple[Fingerprint, ...]:
    """Take, record and report them. What was taken `before` stays as it is when a run is resumed."""
    known = {} if when == AFTER else recorded(target, ledger_id, when)
    report(planned_hashes(target, [table for table in tables if table not in known]))
    taken = []
    for table in tables:
        name = ".".join(table)
        report(TaskBegun(task=Task.HASH, name=name))
        found = known.get(table) or fingerprint(target, table, when)
        _record(target, ledger_id, found)
        report(TaskDone(task=Task.HASH, name=name))
        report(found)
        taken.append(found)
    return tuple(taken)


def _record(target: Session, ledger_id: UUID, taken: Fingerprint) -> None:
    target.execute(
        "INSERT INTO schemadiff.protected (run, table_schema, table_name, moment, rows, digest) "
        "VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT (run, table_schema, table_name, moment) DO UPDATE "
        "SET rows = excluded.rows, digest = excluded.digest, taken_at = clock_timestamp()",
        [ledger_id, *taken.table, taken.when, taken.rows, taken.digest],
    )


def recorded(target: Session, ledger_id: UUID, when: str) -> dict[QualifiedName, Fingerprint]:
    """What the ledger has for that moment."""
    rows = target.execute(
        "SELECT table_schema, table_name, rows, digest FROM schemadiff.protected WHERE run = %s AND moment "
        "= %s",
        [ledger_id, when],
    ).fetchall()
    return {
        (row[0], row[1]): Fingerprint(table=(row[0], row[1]), when=when, rows=row[2], digest=row[3])
        for row in rows
    }


def changed(
    before: dict[QualifiedName, Fingerprint], after: Sequence[Fingerprint]
) -> tuple[QualifiedName, ...]:
    """The tables that are no longer as they were."""
    return tuple(
        each.table for each in after if (was := before.get(each.table)) and was.digest != each.digest
    )
