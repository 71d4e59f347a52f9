"""Profiles of columns' values for the matcher: one query a table, over a sample where it is big, bounded in time."""

import math
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import psycopg
from psycopg import errors

from schemadiff.core.columns import Column
from schemadiff.core.identifiers import qualified, quote
from schemadiff.core.mapping import QualifiedName
from schemadiff.core.matching.families import Family, family_of
from schemadiff.core.matching.values import FEWEST, SKETCH, TableProfiles, ValueProfile
from schemadiff.evidence.reading import reading, set_aside

Wanted: TypeAlias = Mapping[QualifiedName, Sequence[Column]]

ROWS = 20_000
"""About so many rows of a table are looked at."""

SECONDS = 20.0
"""After this no further table is begun, so that a comparison of thousands waits no longer."""

_TIMEOUT = "5s"  # of a table
_COLUMNS_AT_ONCE = 50
_FORMS = 5
_LONGEST = 200  # characters of a text

# The same value gives the same text whatever its type is, as far as the types hold the same sort of value.
_CANONICAL = {
    Family.INTEGER: "trim_scale({0}::numeric)::text",
    Family.NUMBER: "trim_scale({0}::numeric)::text",
    Family.DATE: "to_char({0}, 'YYYY-MM-DD')",
    Family.TIMESTAMP: "to_char({0}{1}, 'YYYY-MM-DD')",
    Family.TEXT: f"nullif(lower(btrim(left({{0}}::text, {_LONGEST}))), '')",
    Family.BOOLEAN: "{0}::text",
    Family.UUID: "{0}::text",
    Family.NETWORK: "{0}::text",
    Family.TIME: "{0}::text",
}
_NUMBER = {
    Family.INTEGER: "{0}::double precision",
    Family.NUMBER: "{0}::double precision",
    Family.DATE: "extract(epoch FROM {0})::double precision",
    Family.TIMESTAMP: "extract(epoch FROM {0})::double precision",
}


def read_profiles(
    connection: psycopg.Connection[Any], wanted: Wanted, *, clock: Callable[[], float] = time.monotonic
) -> TableProfiles:
    """Of the columns given by table. `connection` must be idle; it only reads.

    A table that may not be read, that somebody holds, or that takes longer than five seconds is left out, and so
    is what there is no time for.
    """
    found: dict[QualifiedName, dict[str, ValueProfile]] = {}
    ends = clock() + SECONDS
    with reading(connection, statement_timeout=_TIMEOUT):
        for table, columns in sorted(wanted.items(), key=lambda entry: entry[0]):
            if clock() > ends:
                break
            try:
                with set_aside(connection):
                    found[table] = _profiled(connection, table, columns)
            except _PASSED_OVER:
                continue
    return found


_PASSED_OVER = (
    errors.InsufficientPrivilege,
    errors.QueryCanceled,
    errors.LockNotAvailable,
    errors.UndefinedTable,
    errors.UndefinedColumn,
    errors.DataError,  # NaN and infinity have no canonical text in every version
)


def _profiled(
    connection: psycopg.Connection[Any], table: QualifiedName, columns: Sequence[Column]
) -> dict[str, ValueProfile]:
    place = _place(connection, table)
    known = [column for column in columns if _is_known(column)]
    found: dict[str, ValueProfile] = {}
    for start in range(0, len(known), _COLUMNS_AT_ONCE):
        chunk = known[start : start + _COLUMNS_AT_ONCE]
        rows = connection.execute(_query(place, chunk).encode()).fetchall()
        found |= {chunk[row[0]].name: _profile(row) for row in rows if row[1] >= FEWEST}
    return found


def _is_known(column: Column) -> bool:
    family, mark = family_of(column.type)
    return family in _CANONICAL and not mark


def _place(connection: psycopg.Connection[Any], table: QualifiedName) -> str:
    """The table, or as many of its pages as hold about so many rows by the planner's statistics."""
    row = connection.execute(
        "SELECT coalesce(sum(greatest(reltuples, 0)), 0)::float8, min(relkind::text) FROM pg_class WHERE oid IN"
        " (SELECT %(name)s::regclass UNION SELECT relid FROM pg_partition_tree(%(name)s::regclass) WHERE isleaf)",
        {"name": qualified(*table)},
    ).fetchone()
    rows = row[0] if row else 0.0
    if rows <= ROWS:
        return f"(SELECT * FROM {qualified(*table)} LIMIT {ROWS}) AS t"
    percent = max(0.0001, round(100 * ROWS / rows, 4))
    return f"{qualified(*table)} AS t TABLESAMPLE SYSTEM ({percent}) REPEATABLE (1)"


def _query(place: str, columns: Sequence[Column]) -> str:
    parts = []
    for number, column in enumerate(columns):
        family, _ = family_of(column.type)
        name = f"t.{quote(column.name)}"
        utc = " AT TIME ZONE 'UTC'" if "with time zone" in column.type or "timestamptz" in column.type else ""
        parts.append(f"{_CANONICAL[family].format(name, utc)} AS c{number}")
        parts.append(f"{_NUMBER.get(family, 'NULL::double precision').format(name)} AS n{number}")
    looked_at = f"WITH looked_at AS MATERIALIZED (SELECT {', '.join(parts)} FROM {place})"
    return f"{looked_at} {' UNION ALL '.join(_figures(number) for number in range(len(columns)))}"


def _figures(number: int) -> str:
    value, measured = f"c{number}", f"n{number}"
    hashed = f"('x' || left(md5({value}), 15))::bit(60)::bigint"
    form = f"regexp_replace(regexp_replace({value}, '[0-9]+', '9', 'g'), '[[:alpha:]]+', 'a', 'g')"
    return (
        f"SELECT {number}, count(*), count(*) - count({value}), count(DISTINCT {value}),"
        f" percentile_disc(0.05) WITHIN GROUP (ORDER BY {measured}),"
        f" percentile_disc(0.95) WITHIN GROUP (ORDER BY {measured}),"
        f" (SELECT array_agg(form ORDER BY many DESC, form) FROM (SELECT {form} AS form, count(*) AS many"
        f" FROM looked_at WHERE {value} IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT {_FORMS}) AS f),"
        f" (SELECT array_agg(many ORDER BY many DESC, form) FROM (SELECT {form} AS form, count(*) AS many"
        f" FROM looked_at WHERE {value} IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT {_FORMS}) AS f),"
        f" (SELECT array_agg(h ORDER BY h) FROM (SELECT DISTINCT {hashed} AS h FROM looked_at"
        f" WHERE {value} IS NOT NULL ORDER BY 1 LIMIT {SKETCH}) AS s) FROM looked_at"
    )


def _profile(row: tuple[Any, ...]) -> ValueProfile:
    _, rows, nulls, distinct, low, high, forms, counts, sketch = row
    values = rows - nulls
    return ValueProfile(
        rows=rows,
        nulls=nulls,
        distinct=distinct,
        low=_finite(low),
        high=_finite(high),
        forms=tuple((form, count / values) for form, count in zip(forms or (), counts or (), strict=True)),
        sketch=tuple(sketch or ()),
    )


def _finite(figure: float | None) -> float | None:
    return figure if figure is not None and math.isfinite(figure) else None
