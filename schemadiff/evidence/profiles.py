"""How many values there are: one query a table, counted, or estimated from a sample and then said so."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import errors, sql

from schemadiff.core.errors import NotFound, Refused
from schemadiff.core.mapping import QualifiedName
from schemadiff.evidence.reading import reading

EXACT_UP_TO = 2 * 1024**3
"""Bytes of a table's heap; a greater one is sampled."""

_SAMPLE_SHARE = 8  # a sample is at most this part of what would be read as a whole
_AT_ONCE = 500  # a SELECT gives at most 1,664 columns
_TIMEOUT = "300s"


@dataclass(frozen=True, slots=True, kw_only=True)
class NonNullCounts:
    """`how` says in a sentence how they were obtained; `sampled` lists the tables that were estimated."""

    counts: dict[tuple[QualifiedName, str], int]
    sampled: tuple[QualifiedName, ...] = ()

    @property
    def how(self) -> str:
        if not self.sampled:
            return "Counted on the source: count(column) over every row."
        listed = ", ".join(".".join(table) for table in self.sampled)
        return f"Counted on the source; estimated from a sample of the pages of {listed}."


def non_null_counts(
    connection: psycopg.Connection[Any], columns: Sequence[tuple[QualifiedName, str]]
) -> dict[tuple[QualifiedName, str], int]:
    """How many values of each column are not null. See `count_non_null` for how they were obtained."""
    return count_non_null(connection, columns).counts


def count_non_null(
    connection: psycopg.Connection[Any],
    columns: Sequence[tuple[QualifiedName, str]],
    *,
    exact_up_to: int = EXACT_UP_TO,
) -> NonNullCounts:
    """One pass over each table, in one READ ONLY transaction. `connection` must be idle.

    Raises NotFound for a table or column that is not there, Refused where reading is not allowed or takes
    too long.
    """
    wanted: dict[QualifiedName, list[str]] = defaultdict(list)
    for table, column in columns:
        wanted[table].append(column)
    counts: dict[tuple[QualifiedName, str], int] = {}
    sampled = []
    with reading(connection, statement_timeout=_TIMEOUT):
        for table, names in sorted(wanted.items()):
            percent = sample_percent(connection, table, exact_up_to)
            if percent is not None:
                sampled.append(table)
            for chunk in _chunks(names):
                counts.update(_counted(connection, table, chunk, percent))
    return NonNullCounts(counts=counts, sampled=tuple(sampled))


def row_counts(
    connection: psycopg.Connection[Any], tables: Sequence[QualifiedName]
) -> dict[QualifiedName, int]:
    """Every row counted, in one READ ONLY transaction. Raises as `count_non_null` does."""
    with reading(connection, statement_timeout=_TIMEOUT):
        return {
            table: _fetched(connection, table, sql.SQL("SELECT count(*) FROM {}").format(_name(table)))[0]
            for table in sorted(set(tables))
        }


def _counted(
    connection: psycopg.Connection[Any], table: QualifiedName, names: Sequence[str], percent: float | None
) -> dict[tuple[QualifiedName, str], int]:
    counted = sql.SQL(", ").join(sql.SQL("count({})").format(sql.Identifier(name)) for name in names)
    statement = sql.SQL("SELECT {} FROM {}").format(counted, _name(table))
    if percent is not None:
        statement += sql.SQL(" TABLESAMPLE SYSTEM ({}) REPEATABLE (1)").format(sql.Literal(percent))
    figures = _fetched(connection, table, statement)
    scale = 100 / percent if percent else 1
    return {(table, name): round(figure * scale) for name, figure in zip(names, figures, strict=True)}


def sample_percent(
    connection: psycopg.Connection[Any], table: QualifiedName, exact_up_to: int
) -> float | None:
    """None for a table that is small enough to be read as a whole. Partitions count together."""
    query = sql.SQL(
        "SELECT coalesce(sum(pg_relation_size(relid)), 0)::bigint FROM"
        " (SELECT {0}::regclass UNION SELECT relid FROM pg_partition_tree({0}::regclass)) AS part(relid)"
    ).format(sql.Literal(_name(table).as_string(connection)))
    size = _fetched(connection, table, query)[0]
    return max(0.01, round(100 * exact_up_to / _SAMPLE_SHARE / size, 4)) if size > exact_up_to else None


def _fetched(
    connection: psycopg.Connection[Any], table: QualifiedName, statement: sql.Composed
) -> tuple[Any, ...]:
    label = ".".join(table)
    try:
        row = connection.execute(statement).fetchone()
    except (errors.UndefinedTable, errors.UndefinedColumn, errors.InvalidSchemaName) as exc:
        raise NotFound(f"Values of {label} cannot be counted: {exc.diag.message_primary}.") from exc
    except errors.InsufficientPrivilege as exc:
        raise Refused(
            f"Values of {label} cannot be counted: the role may not read it. Grant SELECT on it."
        ) from exc
    except (errors.QueryCanceled, errors.LockNotAvailable) as exc:
        raise Refused(f"Values of {label} could not be counted in time: {exc.diag.message_primary}.") from exc
    return tuple(row or ())


def _name(table: QualifiedName) -> sql.Identifier:
    return sql.Identifier(*table)


def _chunks(names: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(names), _AT_ONCE):
        yield names[start : start + _AT_ONCE]
