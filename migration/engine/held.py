"""Rows that a target table held before the run: never altered, and told from the run's own by their keys."""

from uuid import UUID

from psycopg import sql

from migration.core.errors import RunFailed
from migration.engine.carrying import Carriage
from migration.engine.keys import Key
from migration.engine.sessions import Session


def note_held_rows(target: Session, ledger_id: UUID, carriage: Carriage, source_key: Key) -> int:
    """Write down the keys of the rows that are there already; returns how many.

    Raises RunFailed if there are some and they could not be told from the rows to come.
    """
    table = sql.Identifier(*carriage.target)
    row = target.execute(sql.SQL("SELECT count(*) FROM {}").format(table)).fetchone()
    if row is None or not row[0]:
        return 0
    columns = [carriage.target_column_of(column) for column in source_key.columns]
    if source_key.physical or None in columns:
        raise RunFailed(
            f"“{'.'.join(carriage.target)}” already holds {row[0]:,} rows, and the key of "
            f"“{'.'.join(carriage.source)}” is not carried over, so they could not be told from the new "
            "ones. "
            "Map its key columns as they are, or empty the table first."
        )
    parts = sql.SQL(", ").join(
        sql.SQL("{}::text").format(sql.Identifier(c.name)) for c in columns if c is not None
    )
    target.execute(
        sql.SQL(
            "INSERT INTO schemadiff.held (run, target_schema, target_table, key) "
            "SELECT {}, {}, {}, ARRAY[{}]::text FROM {} ON CONFLICT DO NOTHING"
        ).format(
            sql.Literal(ledger_id),
            sql.Literal(carriage.target[0]),
            sql.Literal(carriage.target[1]),
            parts,
            table,
        )
    )
    return int(row[0])


def held_keys(target: Session, ledger_id: UUID, carriage: Carriage) -> frozenset[str]:
    """Their keys, as `text[]` prints them."""
    rows = target.execute(
        "SELECT key FROM schemadiff.held WHERE run = %s AND target_schema = %s AND target_table = %s",
        [ledger_id, *carriage.target],
    ).fetchall()
    return frozenset(row[0] for row in rows)
