"""Rows that the target refused: kept in the target's ledger with key, row and reason, counted by reason.

The rows are people's data. They are written to `schemadiff.rejects` and nowhere else.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any
from uuid import UUID

import psycopg
from psycopg import sql

from migration.core.events import RejectsGrouped
from migration.core.reasons import sentence
from migration.engine import ledger
from migration.engine.carrying import Carriage
from migration.engine.keys import Key
from migration.engine.sessions import Session, open_target
from schemadiff.core.mapping import QualifiedName

_BATCH = 200
_CONTEXT_COLUMN = re.compile(r"COPY .*, column (.+?)(?:: |$)", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why one row was refused. `message` may quote the row; `reason` never does."""

    key: tuple[str, ...]
    sqlstate: str
    constraint: str
    column: str
    message: str
    reason: str
    unreadable: bool = False  # the source failed on it, not the target


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectedRow:
    """A reject as engineers and admins may see it."""

    table: QualifiedName
    target: QualifiedName
    key: tuple[str, ...]
    row: str  # JSON text of the source row
    sqlstate: str
    constraint: str
    column: str
    message: str
    reason: str


class Refusals:
    """Turns errors into refusals; knows which columns a target table's constraints are about."""

    def __init__(self, target: Session, table: QualifiedName) -> None:
        self._columns = _constraint_columns(target, table)

    def of(self, key: tuple[str, ...], error: psycopg.Error, *, unreadable: bool) -> Refusal:
        diag, code = error.diag, error.sqlstate or ""
        constraint = diag.constraint_name or ""
        column = diag.column_name or self._columns.get(constraint) or _column_in(diag.context)
        message = " ".join(part for part in (diag.message_primary, diag.message_detail) if part)
        return Refusal(
            key=key,
            sqlstate=code,
            constraint=constraint,
            column=column,
            message=message,
            reason=sentence(code, constraint=constraint, column=column),
            unreadable=unreadable,
        )


def _constraint_columns(target: Session, table: QualifiedName) -> dict[str, str]:
    rows = target.execute(
        "SELECT k.conname, string_agg(a.attname, ', ' ORDER BY a.attnum) FROM pg_catalog.pg_constraint k "
        "JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = ANY (k.conkey) "
        "WHERE k.conrelid = pg_catalog.to_regclass(%s) GROUP BY k.conname",
        [sql.Identifier(*table).as_string(target)],
    ).fetchall()
    return dict(rows)


def _column_in(context: str | None) -> str:
    found = _CONTEXT_COLUMN.search(context or "")
    return found.group(1) if found else ""


def keep(
    source: Session,
    target: Session,
    ledger_id: UUID,
    carriage: Carriage,
    key: Key,
    refusals: Sequence[Refusal],
) -> None:
    """Write refusals with their source rows to the ledger, in the target's transaction."""
    remaining = iter(refusals)
    while batch := tuple(islice(remaining, _BATCH)):
        rows = _source_rows(source, key, (refusal.key for refusal in batch))
        store(
            target,
            ledger_id,
            carriage,
            ((refusal, rows.get(refusal.key)) for refusal in batch),
            key,
            was_written=False,
        )


def store(
    target: Session,
    ledger_id: UUID,
    carriage: Carriage,
    refused: Iterable[tuple[Refusal, str | None]],
    key: Key,
    *,
    was_written: bool,
) -> None:
    """Insert rejects. A row's place is no key: it means nothing in another snapshot."""
    with (
        target.cursor() as cursor,
        cursor.copy(
            "COPY schemadiff.rejects (run, source_schema, source_table, target_schema, target_table, key, "
            '"row", sqlstate, "constraint", "column", message, reason, was_written, unreadable) FROM STDIN'
        ) as copy,
    ):
        for refusal, row in refused:
            copy.write_row(
                (
                    ledger_id,
                    *carriage.name,
                    *carriage.target,
                    None if key.physical else list(refusal.key),
                    row,
                    refusal.sqlstate,
                    refusal.constraint,
                    refusal.column,
                    refusal.message,
                    refusal.reason,
                    was_written,
                    refusal.unreadable,
                )
            )


def _source_rows(source: Session, key: Key, keys: Iterable[tuple[str, ...]]) -> dict[tuple[str, ...], str]:
    query = sql.SQL("SELECT {texts}, to_jsonb({alias}.*)::text FROM {table} WHERE {chosen}").format(
        texts=key.as_texts(),
        alias=sql.Identifier(key.table[1]),
        table=sql.Identifier(*key.table),
        chosen=key.one_of(keys),
    )
    return {tuple(row[0]): row[1] for row in source.execute(query)}


def source_rows(
    source: Session, key: Key, keys: Iterable[tuple[str, ...]]
) -> Iterator[tuple[tuple[str, ...], str]]:
    """Key and row (as JSON text) of these keys; those that the source does not have are left out."""
    remaining = iter(keys)
    while batch := tuple(islice(remaining, _BATCH)):
        yield from _source_rows(source, key, batch).items()


def grouped(target: Session, ledger_id: UUID, table: QualifiedName) -> tuple[RejectsGrouped, ...]:
    """The table's rejects so far, by reason; the most frequent first."""
    rows = target.execute(
        'SELECT sqlstate, "constraint", "column", reason, count(*) FROM schemadiff.rejects '
        "WHERE run = %s AND source_schema = %s AND source_table = %s AND NOT recovered "
        'GROUP BY sqlstate, "constraint", "column", reason ORDER BY count(*) DESC, reason',
        [ledger_id, *table],
    ).fetchall()
    return tuple(
        RejectsGrouped(
            table=table, sqlstate=row[0], constraint=row[1], column=row[2], reason=row[3], count=row[4]
        )
        for row in rows
    )


def rejected_keys(target: Session, ledger_id: UUID, table: QualifiedName) -> frozenset[str]:
    """The source keys of a table's rejects, as `text[]` prints them."""
    rows = target.execute(
        "SELECT key::text FROM schemadiff.rejects "
        "WHERE run = %s AND source_schema = %s AND source_table = %s AND key IS NOT NULL AND NOT recovered",
        [ledger_id, *table],
    ).fetchall()
    return frozenset(row[0] for row in rows)


def unreadable_keys(target: Session, ledger_id: UUID, table: QualifiedName) -> tuple[tuple[str, ...], ...]:
    """The source keys of rows that the mapping's expressions fail on."""
    rows = target.execute(
        "SELECT key FROM schemadiff.rejects WHERE run = %s AND source_schema = %s AND source_table = %s "
        "AND key IS NOT NULL AND unreadable AND NOT recovered ORDER BY id",
        [ledger_id, *table],
    ).fetchall()
    return tuple(tuple(row[0]) for row in rows)


def keys_of(
    target: Session, ledger_id: UUID, table: QualifiedName, sqlstate: str | None = None
) -> list[tuple[str, ...]]:
    """The source keys of a table's rejects, or of those with that SQLSTATE."""
    rows = target.execute(
        "SELECT key FROM schemadiff.rejects WHERE run = %s AND source_schema = %s AND source_table = %s "
        "AND key IS NOT NULL AND NOT recovered AND sqlstate = coalesce(%s, sqlstate) ORDER BY id",
        [ledger_id, *table, sqlstate],
    ).fetchall()
    return [tuple(row[0]) for row in rows]


def mark_recovered(
    target: Session, ledger_id: UUID, table: QualifiedName, keys: Sequence[tuple[str, ...]]
) -> None:
    """They are no rejects any more, and their values not to be kept."""
    with target.cursor() as cursor:
        cursor.executemany(
            'UPDATE schemadiff.rejects SET recovered = true, "row" = NULL, message = reason '
            "WHERE run = %s AND source_schema = %s AND source_table = %s AND key = %s",
            [(ledger_id, *table, list(key)) for key in keys],
        )


def reword(
    target: Session,
    ledger_id: UUID,
    table: QualifiedName,
    refused: Sequence[tuple[Refusal, str | None]],
) -> None:
    """Rejects that were refused again, with the row (as JSON text) and the reason as they are now."""
    with target.cursor() as cursor:
        cursor.executemany(
            'UPDATE schemadiff.rejects SET sqlstate = %s, "constraint" = %s, "column" = %s, message = %s, '
            'reason = %s, unreadable = %s, "row" = coalesce(%s::jsonb, "row") '
            "WHERE run = %s AND source_schema = %s AND source_table = %s AND key = %s AND NOT recovered",
            [
                (
                    each.sqlstate,
                    each.constraint,
                    each.column,
                    each.message,
                    each.reason,
                    each.unreadable,
                    row,
                    ledger_id,
                    *table,
                    list(each.key),
                )
                for each, row in refused
            ],
        )


def count_rejects(target: Session, ledger_id: UUID, table: QualifiedName) -> int:
    """How many rows of that source table were refused."""
    row = target.execute(
        "SELECT count(*) FROM schemadiff.rejects "
        "WHERE run = %s AND source_schema = %s AND source_table = %s AND NOT recovered",
        [ledger_id, *table],
    ).fetchone()
    return int(row[0]) if row else 0


def rejected_rows(
    target_dsn: str, ledger_id: UUID, table: QualifiedName, limit: int = 50, reason: str = ""
) -> tuple[RejectedRow, ...]:
    """The first rejects of a source table, or those for one reason; with values, for those who may see them."""
    with open_target(target_dsn) as target:
        if not ledger.exists(target):
            return ()
        rows: list[Any] = target.execute(
            'SELECT target_schema, target_table, key, "row"::text, sqlstate, "constraint", "column", '
            "message, reason "
            "FROM schemadiff.rejects "
            "WHERE run = %s AND source_schema = %s AND source_table = %s AND NOT recovered "
            "AND (%s = '' OR reason = %s) ORDER BY id LIMIT %s",
            [ledger_id, *table, reason, reason, limit],
        ).fetchall()
    return tuple(
        RejectedRow(
            table=table,
            target=(row[0], row[1]),
            key=tuple(row[2] or ()),
            row=row[3] or "{}",
            sqlstate=row[4],
            constraint=row[5],
            column=row[6],
            message=row[7],
            reason=row[8],
        )
        for row in rows
    )
