"""The record of repairs in the target: who, when, why, from where, and every row that was touched."""

from dataclasses import dataclass
from uuid import UUID

from migration.engine import ledger
from migration.engine.queries import query
from migration.engine.sessions import Session
from schemadiff.core.errors import NotFound
from schemadiff.core.mapping import QualifiedName

TABLES = ("repaired_rows", "repairs")


@dataclass(frozen=True, slots=True, kw_only=True)
class Repair:
    """A repair as it is recorded. `ended` is False for one that was broken off."""

    id: int
    author: str
    reason: str
    source: str
    undoes: int | None
    started_at: str
    ended: bool
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TouchedRow:
    """One row that a repair touched; its values stay in the target."""

    id: int
    table: QualifiedName
    key_columns: tuple[str, ...]
    key: tuple[str, ...]
    kind: str


def exists(target: Session) -> bool:
    """Was anything ever repaired in this target?"""
    row = target.execute("SELECT to_regclass('schemadiff.repairs') IS NOT NULL").fetchone()
    return bool(row and row[0])


def of_run(target: Session, ledger_id: UUID) -> int | None:
    """The record of what that run overwrites, if it has begun one."""
    if not exists(target):
        return None
    row = target.execute("SELECT max(id) FROM schemadiff.repairs WHERE run = %s", [ledger_id]).fetchone()
    return row[0] if row else None


def begin(
    target: Session,
    *,
    author: str,
    reason: str,
    source: str,
    undoes: int | None = None,
    run: UUID | None = None,
) -> int:
    """Record that a repair begins; returns its number."""
    with ledger.locked(target):
        target.execute(query("repairs"))
    row = target.execute(
        "INSERT INTO schemadiff.repairs (author, reason, source, undoes, run) VALUES (%s, %s, %s, %s, %s) "
        "RETURNING id",
        [author, reason, source, undoes, run],
    ).fetchone()
    assert row is not None
    return int(row[0])


def end(target: Session, repair: int) -> None:
    """Record that it is done, and write it through to disk with all that came before."""
    with target.transaction():
        target.execute("SET LOCAL synchronous_commit = on")
        target.execute("UPDATE schemadiff.repairs SET ended_at = clock_timestamp() WHERE id = %s", [repair])


def recorded(target: Session) -> tuple[Repair, ...]:
    """All repairs, the latest first."""
    if not exists(target):
        return ()
    rows = target.execute(
        "SELECT r.id, r.author, r.reason, r.source, r.undoes, "
        "to_char(r.started_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS'), r.ended_at IS NOT NULL, "
        "(SELECT count(*) FROM schemadiff.repaired_rows t WHERE t.repair = r.id) "
        "FROM schemadiff.repairs r ORDER BY r.id DESC"
    ).fetchall()
    return tuple(
        Repair(
            id=row[0],
            author=row[1],
            reason=row[2],
            source=row[3],
            undoes=row[4],
            started_at=row[5],
            ended=row[6],
            rows=row[7],
        )
        for row in rows
    )


def find(target: Session, repair: int) -> Repair:
    """One repair. Raises NotFound."""
    known = recorded(target)
    for each in known:
        if each.id == repair:
            return each
    listed = ", ".join(str(each.id) for each in known) or "none"
    raise NotFound(f"The target knows no repair {repair}. It knows: {listed}.")


def touched_tables(target: Session, repair: int) -> tuple[QualifiedName, ...]:
    """The tables that it touched rows of, by name."""
    rows = target.execute(
        "SELECT DISTINCT target_schema, target_table FROM schemadiff.repaired_rows WHERE repair = %s ORDER BY 1, 2",
        [repair],
    )
    return tuple((row[0], row[1]) for row in rows)


def touched_rows(target: Session, repair: int, before: int | None, limit: int) -> tuple[TouchedRow, ...]:
    """Some of its rows, the last first; of those recorded `before` that one."""
    rows = target.execute(
        "SELECT id, target_schema, target_table, key_columns, key, kind FROM schemadiff.repaired_rows "
        "WHERE repair = %(repair)s AND (%(before)s::bigint IS NULL OR id < %(before)s) "
        "ORDER BY id DESC LIMIT %(limit)s",
        {"repair": repair, "before": before, "limit": limit},
    ).fetchall()
    return tuple(
        TouchedRow(
            id=row[0], table=(row[1], row[2]), key_columns=tuple(row[3]), key=tuple(row[4]), kind=row[5]
        )
        for row in rows
    )


def remove(target: Session) -> None:
    """Drop the record, and with it the rows that were kept."""
    for table in TABLES:
        target.execute(f"DROP TABLE IF EXISTS schemadiff.{table}".encode())
