"""The source of a rehearsal: the application's queries as they work on it, and what is counted in its rows once for
all options. No Django."""

import contextlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg

from migration.scratch import replayed
from migration.scratch_places import Places
from schemadiff.core.catalog import Catalog
from schemadiff.core.mapping import QualifiedName
from schemadiff.core.options.option import Option
from schemadiff.databases import connect
from schemadiff.evidence.profiles import NonNullCounts, count_non_null, row_counts
from schemadiff.evidence.queries import Judged, NamedQuery, judge


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRows:
    """The source's rows, and what was counted in them once for all options."""

    connection: psycopg.Connection[Any]
    values: NonNullCounts
    counts: Mapping[QualifiedName, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """`rows` is None where only the source's schema is known."""

    description: str = ""
    search_path: str = "public"
    judged: tuple[Judged, ...] = ()
    rows: SourceRows | None = None


@contextlib.contextmanager
def source_of(
    dsn: str | None,
    catalog: Catalog,
    options: Sequence[Option],
    queries: Sequence[NamedQuery],
    places: Places,
) -> Iterator[Source]:
    """The source itself, or a replica of its schema where only that is known and queries are to be judged."""
    if dsn is not None:
        with connect(dsn) as connection:
            yield Source(
                description=f"the source (PostgreSQL {connection.info.server_version // 10000})",
                search_path=_search_path(connection),
                judged=judge(connection, queries),
                rows=_counted(connection, catalog, options),
            )
    elif queries:
        with replayed(catalog, places) as scratch, scratch.unchanged() as connection:
            judged = judge(connection, queries)
            yield Source(description=f"the source's schema on {scratch.description}", judged=judged)
    else:
        yield Source()


def _counted(connection: psycopg.Connection[Any], source: Catalog, options: Iterable[Option]) -> SourceRows:
    """Every column of every table in any option's scope; a partition is counted with its table."""
    scope = {name for option in options for name in option.scope.tables}
    tables = [t for t in source.tables if t.qualified in scope and t.partition_of not in scope]
    columns = [(table.qualified, column.name) for table in tables for column in table.columns]
    return SourceRows(
        connection=connection,
        values=count_non_null(connection, columns),
        counts=row_counts(connection, [table.qualified for table in tables]),
    )


def _search_path(connection: psycopg.Connection[Any]) -> str:
    row = connection.execute("SELECT current_setting('search_path')").fetchone()
    return str(row[0]) if row else "public"
