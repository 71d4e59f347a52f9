"""Columns with values so wide that a copy needs a lot of memory: looked for before it begins, in bounded time."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import psycopg
from psycopg import sql

from migration.core.events import Level, Log
from migration.engine.queries import query
from migration.engine.sessions import Session
from schemadiff.core.mapping import Mapping, QualifiedName, TableMapping

WIDE = 100 * 1024 * 1024
"""Bytes of one value from which on its column is named."""

MOST_COMPRESSED = 256
"""By so much PostgreSQL's compression makes a value smaller at most: a table with less beside its rows has none."""

PATIENCE = 20.0  # seconds for all tables together
_MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class _Suspect:
    """A table that has enough stored beside its rows; `known` columns tell their width without being read."""

    table: QualifiedName
    columns: tuple[str, ...]
    known: tuple[str, ...]
    beside: int  # bytes


def wide_values(
    source: Session, mapping: Mapping, *, wide: int = WIDE, clock: Callable[[], float] = time.monotonic
) -> Iterator[Log]:
    """Warnings that name the columns. Tables that could not be looked through in time are named, too.

    A width is that of the whole value for text and bytea, for other types that of what is stored. The source's
    session is in a transaction.
    """
    deadline = clock() + PATIENCE
    unseen = []
    for suspect in _suspects(source, mapping, wide // MOST_COMPRESSED):
        left = deadline - clock()
        found = _widest(source, suspect, left) if left > 0 else None
        if found is None:
            unseen.append(suspect)
        else:
            yield from (_named(suspect.table, column, size) for column, size in found if size > wide)
    if unseen:
        yield _unseen(unseen, wide)


def _suspects(source: Session, mapping: Mapping, beside: int) -> list[_Suspect]:
    carried: dict[QualifiedName, list[Callable[[str], bool]]] = {}
    for entry in mapping.tables:
        carried.setdefault(entry.source, []).append(_columns_of(entry))
    rows = source.execute(
        query("wide_columns"),
        {"schemas": [s for s, _ in carried], "names": [name for _, name in carried], "beside": beside},
    ).fetchall()
    return [
        _Suspect(
            table=(schema, name),
            columns=chosen,
            known=tuple(known),
            beside=size,
        )
        for schema, name, columns, known, size in rows
        if (chosen := tuple(c for c in columns if any(reads(c) for reads in carried[schema, name])))
    ]


def _columns_of(entry: TableMapping) -> Callable[[str], bool]:
    """Is that source column read? An expression may read any."""
    if any(pair.expression for pair in entry.accepted()):
        return lambda column: True
    read = {pair.source for pair in entry.accepted()}
    return read.__contains__


def _widest(source: Session, suspect: _Suspect, seconds: float) -> list[tuple[str, int]] | None:
    """The width of each column's widest value; None if that took longer."""
    widths = sql.SQL(", ").join(
        sql.SQL("max({}({}))").format(
            sql.SQL("octet_length" if column in suspect.known else "pg_column_size"), sql.Identifier(column)
        )
        for column in suspect.columns
    )
    statement = sql.SQL("SELECT {} FROM {}").format(widths, sql.Identifier(*suspect.table))
    try:
        with source.transaction(force_rollback=True):  # SET LOCAL would outlive a savepoint that is kept
            source.execute(sql.SQL("SET LOCAL statement_timeout = {}").format(max(int(seconds * 1000), 1)))
            row = source.execute(statement).fetchone()
    except psycopg.errors.QueryCanceled:
        return None
    assert row is not None
    return [(column, size or 0) for column, size in zip(suspect.columns, row, strict=True)]


def _named(table: QualifiedName, column: str, size: int) -> Log:
    return Log(
        message=f"{'.'.join(table)}.{column} holds a value of {size / _MEGABYTE:,.0f} MB. Each copying process may "
        "need several times that in memory, and so may both servers: use fewer processes (--jobs 1), or leave "
        "the column out of the mapping and carry it by itself.",
        level=Level.WARNING,
    )


def _unseen(suspects: Sequence[_Suspect], wide: int) -> Log:
    return Log(
        message=f"Whether these tables hold values wider than {wide / _MEGABYTE:,.0f} MB could not be seen within "
        f"{PATIENCE:.0f} s. If they may, use fewer processes (--jobs 1).",
        level=Level.WARNING,
        details=tuple(
            f"{'.'.join(each.table)}: {each.beside / _MEGABYTE:,.0f} MB beside its rows" for each in suspects
        ),
    )
