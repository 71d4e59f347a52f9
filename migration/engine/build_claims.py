"""Statements that whoever comes may apply, listed in the ledger by the worker that leads the run.

Whoever takes one locks its row until the statement is committed, or undone: of a worker that dies the server undoes
the statement and the claim at once, and somebody else takes it.
"""

from collections.abc import Iterable
from uuid import UUID

from migration.engine.sessions import Session


def put(target: Session, ledger_id: UUID, positions: Iterable[int], mark: str) -> None:
    """These may be taken; `mark` is the schema's as long as the ledger has no statement."""
    with target.transaction(), target.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO schemadiff.builds (run, position, mark) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
            [(ledger_id, position, mark) for position in positions],
        )


def take(session: Session, ledger_id: UUID, position: int) -> bool:
    """Claim this one until the end of the session's transaction. False: somebody has it, or has done it."""
    row = session.execute(
        "SELECT FROM schemadiff.builds WHERE run = %s AND position = %s AND NOT in_vain FOR UPDATE SKIP LOCKED",
        [ledger_id, position],
    ).fetchone()
    return row is not None


def take_last(session: Session, ledger_id: UUID) -> tuple[int, str] | None:
    """Claim the last one that nobody has: its position and mark. Whoever leads begins with the first."""
    row = session.execute(
        "SELECT position, mark FROM schemadiff.builds WHERE run = %s AND NOT in_vain "
        "ORDER BY position DESC LIMIT 1 FOR UPDATE SKIP LOCKED",
        [ledger_id],
    ).fetchone()
    return (row[0], row[1]) if row else None


def strike(session: Session, ledger_id: UUID, position: int) -> None:
    """It is done; or nobody can have it."""
    session.execute("DELETE FROM schemadiff.builds WHERE run = %s AND position = %s", [ledger_id, position])


def strike_if_free(session: Session, ledger_id: UUID, position: int) -> bool:
    """Let nobody take it any more. False: somebody has it just now, or has done it."""
    struck = session.execute(
        "DELETE FROM schemadiff.builds WHERE (run, position) IN (SELECT run, position FROM schemadiff.builds "
        "WHERE run = %s AND position = %s FOR UPDATE SKIP LOCKED)",
        [ledger_id, position],
    )
    return struck.rowcount == 1


def give_up(session: Session, ledger_id: UUID, position: int, sqlstate: str) -> None:
    """It was tried in vain: that is for whoever leads, unless somebody else tries it just now."""
    session.execute(
        "UPDATE schemadiff.builds SET in_vain = true, sqlstate = %s WHERE (run, position) IN (SELECT run, position "
        "FROM schemadiff.builds WHERE run = %s AND position = %s FOR UPDATE SKIP LOCKED)",
        [sqlstate, ledger_id, position],
    )


def listed(target: Session, ledger_id: UUID) -> dict[int, str | None]:
    """Those that are not done, by position: the SQLSTATE with which one failed elsewhere, else None."""
    rows = target.execute(
        "SELECT position, CASE WHEN in_vain THEN sqlstate END FROM schemadiff.builds WHERE run = %s",
        [ledger_id],
    ).fetchall()
    return dict(rows)


def are_open(target: Session, ledger_id: UUID) -> bool:
    """Is there something that is not done, and was not tried in vain?"""
    row = target.execute(
        "SELECT EXISTS (SELECT FROM schemadiff.builds WHERE run = %s AND NOT in_vain)", [ledger_id]
    ).fetchone()
    return bool(row and row[0])


def clear(target: Session, ledger_id: UUID) -> None:
    """Nobody may take anything any more; waits for those who have."""
    target.execute("DELETE FROM schemadiff.builds WHERE run = %s", [ledger_id])
