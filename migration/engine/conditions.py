"""Rows that a mapping's conditions leave out: counted before anything is written, for they are in no account."""

from collections.abc import Iterator, Sequence

from psycopg import sql

from migration.core.events import Level, Log
from migration.engine.carrying import condition_of
from migration.engine.failures import explained
from migration.engine.sessions import Session, run_one
from schemadiff.core.mapping import Mapping, QualifiedName, TableMapping


def rows_left_out(source: Session, mapping: Mapping) -> Iterator[Log]:
    """For each source table that is carried under conditions only, how many rows meet none of them.

    The source's session is in a transaction. Raises RunFailed naming the table where the source refuses a condition.
    """
    for table in sorted({entry.source for entry in mapping.tables}):
        entries = mapping.all_for_source(table)
        if any(entry.where is not None for entry in entries):
            yield from _told(source, table, entries)


def _told(source: Session, table: QualifiedName, entries: Sequence[TableMapping]) -> Iterator[Log]:
    name = ".".join(table)
    met = sql.SQL(" OR ").join(sql.SQL("({}) IS TRUE").format(condition_of(entry)) for entry in entries)
    query = sql.SQL("SELECT count(*), count(*) FILTER (WHERE NOT ({})) FROM {}").format(
        met, sql.Identifier(*table)
    )
    with explained(f"The conditions under which rows of “{name}” are carried could not be tried"):
        row = run_one(source, query).fetchone()
    assert row is not None
    if row[1]:
        yield Log(
            message=f"{row[1]:,} of the {row[0]:,} rows of {name} meet no condition of the mapping: they go nowhere.",
            level=Level.WARNING,
        )
