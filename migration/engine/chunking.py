"""Cutting source tables into chunks, and keeping them in the ledger."""

from dataclasses import dataclass
from uuid import UUID

from psycopg import sql

from migration.core.chunks import Chunk, KeyRange, chunks_between
from migration.engine.carrying import EVERY_ROW, Carriage
from migration.engine.estimates import sizes_of
from migration.engine.keys import Key, find_key, place_key
from migration.engine.sessions import Session, run_one
from schemadiff.core.mapping import QualifiedName

_MANY = 4  # chunks, from which on counting the rows costs more than it tells


@dataclass(frozen=True, slots=True, kw_only=True)
class TableChunks:
    """What is to be carried of a table, and what the ledger says about it so far."""

    carriage: Carriage
    key: Key
    waiting: tuple[Chunk, ...]
    expected: int  # rows of all chunks, as they were counted, or supposed, when they were cut
    bytes_copied: int = 0
    seconds: float = 0.0


def source_key(source: Session, table: QualifiedName) -> Key:
    """The key that the table is cut by."""
    return find_key(source, table) or place_key(table)


def cut_table(
    source: Session, target: Session, ledger_id: UUID, carriage: Carriage, rows: int
) -> TableChunks:
    """The table's chunks of about `rows` rows: those of the ledger, or new ones if it has none."""
    key = source_key(source, carriage.source)
    if not is_cut(target, ledger_id, carriage.name):
        total, bounds = _measure(source, carriage, key, rows)
        _record(target, ledger_id, carriage.name, chunks_between(bounds), total)
    return chunks_of(target, ledger_id, carriage, key)


def _measure(
    source: Session, carriage: Carriage, key: Key, rows: int
) -> tuple[int, tuple[tuple[str, ...], ...]]:
    """Row count and inner bounds. A table without a key is one chunk: its rows have no lasting order.

    Large tables are not counted where the bounds can do without: the count is then that of the statistics.
    """
    if key.is_whole_number and carriage.where == EVERY_ROW:
        supposed = sum(size.rows or 0 for size in sizes_of(source, [carriage.source]))
        if supposed >= _MANY * rows and (even := _even_bounds(source, carriage, key, rows, supposed)):
            return supposed, even
    total = rows_to_carry(source, carriage)
    if key.physical or total <= rows:
        return total, ()
    if key.is_whole_number and (even := _even_bounds(source, carriage, key, rows, total)):
        return total, even
    query = sql.SQL(
        "SELECT texts FROM (SELECT {texts} AS texts, row_number() OVER (ORDER BY {keys}) AS n FROM "
        "{table} WHERE {where}) AS k "
        "WHERE n % {rows} = 0 AND n < {total} ORDER BY n"
    ).format(
        texts=key.as_texts(),
        keys=key.listed(),
        table=sql.Identifier(*carriage.source),
        where=carriage.where,
        rows=sql.Literal(rows),
        total=sql.Literal(total),
    )
    return total, tuple(tuple(row[0]) for row in run_one(source, query))


def rows_to_carry(source: Session, carriage: Carriage) -> int:
    """How many rows of the source table are on their way."""
    counted = run_one(
        source,
        sql.SQL("SELECT count(*) FROM {} WHERE {}").format(sql.Identifier(*carriage.source), carriage.where),
    ).fetchone()
    return int(counted[0]) if counted else 0


def _even_bounds(
    source: Session, carriage: Carriage, key: Key, rows: int, total: int
) -> tuple[tuple[str, ...], ...]:
    """Bounds by arithmetic, where at least every other number is a key; none elsewhere: gaps would tell.

    So a chunk spans at most 2 * `rows` numbers and has no more rows than that, however many there are in truth.
    """
    row = run_one(
        source,
        sql.SQL("SELECT min({key})::numeric, max({key})::numeric FROM {table} WHERE {where}").format(
            key=key.listed(), table=sql.Identifier(*carriage.source), where=carriage.where
        ),
    ).fetchone()
    if row is None or row[0] is None:
        return ()
    lowest, highest = int(row[0]), int(row[1])
    span = highest - lowest + 1
    if span > 2 * total:
        return ()
    width = -(-rows * span // min(total, span))
    return tuple((str(bound),) for bound in range(lowest + width - 1, highest, width))


def is_cut(target: Session, ledger_id: UUID, table: QualifiedName) -> bool:
    """Has the ledger this table's chunks? Before that, none of its rows can have been copied."""
    return (
        target.execute(
            "SELECT FROM schemadiff.chunks WHERE run = %s AND source_schema = %s AND source_table = %s "
            "LIMIT 1",
            [ledger_id, *table],
        ).fetchone()
        is not None
    )


def _record(
    target: Session, ledger_id: UUID, table: QualifiedName, chunks: tuple[Chunk, ...], total: int
) -> None:
    share = -(-total // len(chunks))
    rows = [
        (
            ledger_id,
            *table,
            chunk.number,
            _array(chunk.keys.after),
            _array(chunk.keys.upto),
            min(share, max(total - share * chunk.number, 0)),
        )
        for chunk in chunks
    ]
    with target.transaction(), target.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO schemadiff.chunks (run, source_schema, source_table, number, lo, hi, expected) "
            "VALUES (%s, %s, %s, %s, %s, %s, %s)",
            rows,
        )


def _array(bound: tuple[str, ...] | None) -> list[str] | None:
    return None if bound is None else list(bound)


def chunks_of(target: Session, ledger_id: UUID, carriage: Carriage, key: Key) -> TableChunks:
    """The table's chunks as the ledger has them."""
    rows = target.execute(
        "SELECT number, lo, hi, expected, copied_at IS NULL, coalesce(bytes, 0), coalesce(seconds, 0) "
        "FROM schemadiff.chunks WHERE run = %s AND source_schema = %s AND source_table = %s ORDER BY number",
        [ledger_id, *carriage.name],
    ).fetchall()
    return TableChunks(
        carriage=carriage,
        key=key,
        waiting=tuple(
            Chunk(number=row[0], keys=KeyRange(after=row[1] and tuple(row[1]), upto=row[2] and tuple(row[2])))
            for row in rows
            if row[4]
        ),
        expected=sum(row[3] for row in rows),
        bytes_copied=sum(row[5] for row in rows),
        seconds=sum(row[6] for row in rows),
    )
