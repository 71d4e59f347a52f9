"""Which rows changed since they were compared last: kept where changes are applied, in the same transaction.

A record (table `changed`) is of one table and one or many rows. It is taken away when its rows were found the same.
"""

import contextlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias
from uuid import UUID

import psycopg

from migration.engine.sessions import Session
from schemadiff.core.mapping import QualifiedName

KeyTexts: TypeAlias = tuple[str, ...]
"""A row's key on the side that it was changed on, each value as its cast to text writes it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedKeys:
    """Of one table, out of some records. `is_whole`: the table was emptied, too, so all of its rows count."""

    table: QualifiedName
    records: tuple[int, ...]
    keys: tuple[KeyTexts, ...]
    is_whole: bool


def written(keys: Iterable[KeyTexts], is_whole: bool = False) -> str:
    """As a record holds them: a JSON list, in which null stands for all rows of a table that was emptied."""
    return json.dumps([*([None] if is_whole else []), *keys])


def waiting(where: Session, run: UUID, upto: int, most: int) -> tuple[ChangedKeys, ...]:
    """The oldest records up to this one, by table; about `most` keys, or those of one record."""
    rows = where.execute(
        "SELECT id, source_schema, source_table, keys FROM (SELECT *, sum(json_array_length(keys::json)) "
        "OVER (ORDER BY id) AS together, row_number() OVER (ORDER BY id) AS place FROM (SELECT * FROM "
        "schemadiff.changed WHERE run = %s AND id <= %s ORDER BY id LIMIT %s) AS c) AS c "
        "WHERE together <= %s OR place = 1 ORDER BY id",
        [run, upto, most, most],
    ).fetchall()
    found: dict[QualifiedName, tuple[list[int], dict[KeyTexts | None, None]]] = {}
    for record, schema, name, keys in rows:
        records, known = found.setdefault((schema, name), ([], {}))
        records.append(record)
        known.update(dict.fromkeys(key and tuple(key) for key in json.loads(keys)))
    return tuple(
        ChangedKeys(
            table=table,
            records=tuple(records),
            keys=tuple(key for key in known if key is not None),
            is_whole=None in known,
        )
        for table, (records, known) in found.items()
    )


def count(where: Session, run: UUID) -> int:
    """How many rows wait to be compared again, each change counted; an emptied table as one."""
    row = where.execute(
        "SELECT coalesce(sum(json_array_length(keys::json)), 0)::bigint FROM schemadiff.changed WHERE run = %s",
        [run],
    ).fetchone()
    return int(row[0]) if row else 0


def settle(
    where: Session, run: UUID, done: ChangedKeys, again: Sequence[KeyTexts], *, is_whole: bool = False
) -> None:
    """Its rows were compared; those of `again`, or where it `is_whole` all of the table, are to be so once more."""
    with where.transaction():
        where.execute("DELETE FROM schemadiff.changed WHERE id = ANY(%s)", [list(done.records)])
        if again or is_whole:
            add(where, run, done.table, again, is_whole=is_whole)


def add(
    where: Session, run: UUID, table: QualifiedName, keys: Iterable[KeyTexts], *, is_whole: bool = False
) -> None:
    """These rows are to be compared. In the transaction of whatever was done to them."""
    where.execute(
        "INSERT INTO schemadiff.changed (run, source_schema, source_table, keys) VALUES (%s, %s, %s, %s)",
        [run, *table, written(keys, is_whole)],
    )


@contextlib.contextmanager
def alone(where: Session) -> Iterator[None]:
    """Nobody else compares by the record meanwhile, and puts back what was taken from it."""
    where.execute("SELECT pg_advisory_lock(hashtext('schemadiff changed'))")
    try:
        yield
    finally:
        if not where.closed:
            with contextlib.suppress(psycopg.Error):
                where.execute("SELECT pg_advisory_unlock(hashtext('schemadiff changed'))")


def newest(where: Session, run: UUID) -> int:
    """The last record; 0 where there is none."""
    row = where.execute(
        "SELECT coalesce(max(id), 0) FROM schemadiff.changed WHERE run = %s", [run]
    ).fetchone()
    return int(row[0]) if row else 0


def forget(where: Session, run: UUID, table: QualifiedName, upto: int) -> None:
    """The whole table was compared after these records were written."""
    where.execute(
        "DELETE FROM schemadiff.changed WHERE run = %s AND source_schema = %s AND source_table = %s AND id <= %s",
        [run, *table, upto],
    )
