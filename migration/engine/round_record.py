"""The record of the rounds in the target: whoever cuts over, from whatever machine, finds here how long they take."""

from uuid import UUID

import psycopg
from psycopg.types.json import Jsonb

from migration.core.rounds import RoundMade
from migration.engine import repairs
from migration.engine.sessions import Session

_TABLE = """
CREATE TABLE IF NOT EXISTS schemadiff.rounds (
    run uuid NOT NULL REFERENCES schemadiff.runs ON DELETE CASCADE, number int NOT NULL,
    began_at timestamptz NOT NULL, seconds float8 NOT NULL, comparing float8 NOT NULL,
    differing bigint NOT NULL, repaired bigint NOT NULL, refused jsonb NOT NULL, PRIMARY KEY (run, number)
)
"""


def last(target: Session, run: UUID) -> RoundMade | None:
    """None where there was none yet."""
    try:
        row = target.execute(
            "SELECT number, began_at, seconds, comparing, differing, repaired, refused FROM schemadiff.rounds "
            "WHERE run = %s ORDER BY number DESC LIMIT 1",
            [run],
        ).fetchone()
    except psycopg.errors.UndefinedTable:
        return None
    if row is None:
        return None
    return RoundMade(
        number=row[0],
        began_at=row[1],
        seconds=row[2],
        comparing=row[3],
        differing=row[4],
        repaired=row[5],
        refused=tuple((reason, count) for reason, count in row[6]),
    )


def keep(target: Session, run: UUID, made: RoundMade) -> None:
    """Written through to disk."""
    with target.transaction():
        target.execute("SET LOCAL synchronous_commit = on")
        target.execute(_TABLE)
        target.execute(
            "INSERT INTO schemadiff.rounds VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
            [
                run,
                made.number,
                made.began_at,
                made.seconds,
                made.comparing,
                made.differing,
                made.repaired,
                Jsonb(made.refused),
            ],
        )


def forget_rows_before(target: Session, author: str, repair: int) -> None:
    """What earlier rounds replaced were former rows of the source: they are kept until the next round only."""
    if repairs.exists(target):
        target.execute("DELETE FROM schemadiff.repairs WHERE author = %s AND id < %s", [author, repair])
