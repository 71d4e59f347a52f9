"""Rows that a target table held before the run: never altered, and told from the run's own by their keys."""

from collections.abc import Sequence
from uuid import UUID

from psycopg import sql
from psycopg.types.json import Jsonb

from migration.core.errors import RunFailed
from migration.engine.carrying import Carriage
from migration.engine.keys import Key
from migration.engine.sessions import Session
from schemadiff.core.mapping import QualifiedName

_TOGETHER = 1_000  # keys a row: a row for each would cost more than the copy
_OF_TABLE = "run = %s AND target_schema = %s AND target_table = %s"


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
    with target.transaction():
        target.execute(f"DELETE FROM schemadiff.held WHERE {_OF_TABLE}", _of_table(ledger_id, carriage))
        target.execute(
            sql.SQL(
                "INSERT INTO schemadiff.held (run, target_schema, target_table, keys) "
                "SELECT {}, {}, {}, array_agg(key) FROM (SELECT ARRAY[{}]::text AS key, "
                "row_number() OVER () / {} AS part FROM {}) AS held GROUP BY part"
            ).format(
                sql.Literal(ledger_id),
                sql.Literal(carriage.target[0]),
                sql.Literal(carriage.target[1]),
                parts,
                sql.Literal(_TOGETHER),
                table,
            )
        )
    return int(row[0])


def hold(target: Session, ledger_id: UUID, carriage: Carriage, keys: Sequence[tuple[str, ...]]) -> None:
    """These rows stay in the target as they are, whatever the source has."""
    for start in range(0, len(keys), _TOGETHER):
        target.execute(
            "INSERT INTO schemadiff.held (run, target_schema, target_table, keys) VALUES (%s, %s, %s, "
            "ARRAY(SELECT ARRAY(SELECT jsonb_array_elements_text(key))::text FROM jsonb_array_elements(%s) AS key))",
            [ledger_id, *carriage.target, Jsonb([list(key) for key in keys[start : start + _TOGETHER]])],
        )


def empty_but_held(target: Session, ledger_id: UUID, carriage: Carriage, source_key: Key) -> None:
    """Delete all rows, but for those that were there before."""
    table = sql.Identifier(*carriage.target)
    columns = [carriage.target_column_of(column) for column in source_key.columns]
    if None in columns or not count_held(target, ledger_id, carriage):
        target.execute(sql.SQL("DELETE FROM {}").format(table))
        return
    parts = sql.SQL(", ").join(
        sql.SQL("{}::text").format(sql.Identifier(c.name)) for c in columns if c is not None
    )
    own = not_held(ledger_id, carriage, sql.SQL("ARRAY[{}]::text[]").format(parts))
    target.execute(sql.SQL("DELETE FROM {} WHERE {}").format(table, own))


def has_rows(target: Session, table: QualifiedName) -> bool:
    """Is at least one there?"""
    name = sql.Identifier(*table)
    return target.execute(sql.SQL("SELECT FROM {} LIMIT 1").format(name)).fetchone() is not None


def held_keys(target: Session, ledger_id: UUID, table: QualifiedName) -> frozenset[str]:
    """Their keys in this table of the target, as `text[]` prints them."""
    rows = target.execute(
        f"SELECT unnest(keys) FROM schemadiff.held WHERE {_OF_TABLE}", [ledger_id, *table]
    ).fetchall()
    return frozenset(row[0] for row in rows)


def count_held(target: Session, ledger_id: UUID, carriage: Carriage) -> int:
    """How many they were."""
    row = target.execute(
        f"SELECT coalesce(sum(cardinality(keys)), 0) FROM schemadiff.held WHERE {_OF_TABLE}",
        _of_table(ledger_id, carriage),
    ).fetchone()
    return int(row[0]) if row else 0


def forget_held(
    target: Session, ledger_id: UUID, carriage: Carriage, keys: Sequence[tuple[str, ...]]
) -> None:
    """These rows are the run's now: those of that key that were there before have gone."""
    if not keys:
        return
    gone = sql.SQL(", ").join(sql.SQL("{}::text[]::text").format(sql.Literal(list(key))) for key in keys)
    target.execute(
        sql.SQL(
            "UPDATE schemadiff.held SET keys = ARRAY(SELECT k FROM unnest(keys) AS k WHERE k <> ALL (g.gone)) "
            "FROM (SELECT ARRAY[{}] AS gone) AS g "
            "WHERE run = {} AND target_schema = {} AND target_table = {} AND keys && g.gone"
        ).format(gone, sql.Literal(ledger_id), *map(sql.Literal, carriage.target))
    )


def not_held(ledger_id: UUID, carriage: Carriage, key: sql.Composable) -> sql.Composable:
    """A condition: not a row that was there before. `key` is the row's, as text[]."""
    return sql.SQL(
        "NOT EXISTS (SELECT FROM schemadiff.held h, unnest(h.keys) AS was WHERE h.run = {run} "
        'AND h.target_schema = {schema} AND h.target_table = {name} AND was = {key}::text COLLATE "C")'
    ).format(
        run=sql.Literal(ledger_id),
        schema=sql.Literal(carriage.target[0]),
        name=sql.Literal(carriage.target[1]),
        key=key,
    )


def _of_table(ledger_id: UUID, carriage: Carriage) -> list[object]:
    return [ledger_id, *carriage.target]
