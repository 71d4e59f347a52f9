"""The record of retries in the target: of which run's rejects, who, when, why, and what came of it."""

from uuid import UUID

from migration.engine.sessions import Session

_TABLE = """
CREATE TABLE IF NOT EXISTS schemadiff.retries (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    run uuid NOT NULL REFERENCES schemadiff.runs ON DELETE CASCADE,
    author text NOT NULL,
    reason text NOT NULL,
    started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    ended_at timestamptz, -- NULL: broken off
    recovered bigint,
    remaining bigint
)
"""


def begin(target: Session, ledger_id: UUID, author: str, reason: str) -> int:
    """Record that a retry begins; returns its number."""
    target.execute(_TABLE)
    row = target.execute(
        "INSERT INTO schemadiff.retries (run, author, reason) VALUES (%s, %s, %s) RETURNING id",
        [ledger_id, author, reason],
    ).fetchone()
    assert row is not None
    return int(row[0])


def end(target: Session, number: int, recovered: int, remaining: int) -> None:
    """Record what came of it, and write it through to disk with all that came before."""
    with target.transaction():
        target.execute("SET LOCAL synchronous_commit = on")
        target.execute(
            "UPDATE schemadiff.retries SET ended_at = clock_timestamp(), recovered = %s, remaining = %s WHERE id = %s",
            [recovered, remaining, number],
        )
