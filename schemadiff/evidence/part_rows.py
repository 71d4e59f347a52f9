"""How a split table's rows are divided: how many each condition takes, how many none does, how many several do."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import errors

from schemadiff.core.errors import Refused
from schemadiff.core.identifiers import qualified
from schemadiff.core.mapping import QualifiedName
from schemadiff.core.sql_guard import check_expression
from schemadiff.evidence.profiles import sample_percent
from schemadiff.evidence.reading import reading, run_one, sentence_of

_TIMEOUT = "10s"
EXACT_UP_TO = 500_000_000
"""Bytes of a table; of a larger one a sample of its pages is looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartRows:
    """Rows of the source table; `taken` has a count for each condition, in their order.

    `percent`: the share of the table that was looked at, from which the counts are worked out; None for all of it.
    """

    total: int
    taken: tuple[int, ...]
    by_none: int
    by_several: int
    percent: float | None = None


def part_rows(
    connection: psycopg.Connection[Any],
    table: QualifiedName,
    conditions: Sequence[str | None],
    *,
    exact_up_to: int = EXACT_UP_TO,
) -> PartRows:
    """READ ONLY; None takes every row. Values are not told.

    Raises Refused for a condition that is not one expression, or not true or false, that fails on a row, and where the
    rows cannot be counted in time. `connection` must be idle.
    """
    for condition in conditions:
        if condition is not None:
            check_expression(condition)
    try:
        with reading(connection, statement_timeout=_TIMEOUT):
            for condition in conditions:
                if condition is not None:
                    _refuse_other_than_boolean(connection, table, condition)
            percent = sample_percent(connection, table, exact_up_to)
            return _counted(connection, table, conditions, percent)
    except psycopg.Error as exc:
        raise Refused(f"Rows of {'.'.join(table)} could not be counted: {_why(exc)}") from exc


def _refuse_other_than_boolean(
    connection: psycopg.Connection[Any], table: QualifiedName, condition: str
) -> None:
    try:
        run_one(connection, f"SELECT FROM {qualified(*table)} WHERE ({condition}\n) LIMIT 0")
    except errors.DatatypeMismatch as exc:
        raise Refused(
            f"“{condition}” is not true or false for a row: {sentence_of(exc)} Write a comparison, "
            "such as kind = 'lead'."
        ) from exc
    except psycopg.ProgrammingError as exc:
        raise Refused(f"The source refuses “{condition}”: {sentence_of(exc)}") from exc


def _counted(
    connection: psycopg.Connection[Any],
    table: QualifiedName,
    conditions: Sequence[str | None],
    percent: float | None,
) -> PartRows:
    columns = ", ".join(
        f"({'true' if each is None else f'({each}{chr(10)}) IS TRUE'}) AS c{number}"
        for number, each in enumerate(conditions)
    )
    names = [f"c{number}" for number in range(len(conditions))]
    several = " + ".join(f"{name}::int" for name in names)
    figures = ", ".join(f"count(*) FILTER (WHERE {name})" for name in names)
    sampled = "" if percent is None else f" TABLESAMPLE SYSTEM ({percent}) REPEATABLE (1)"
    ((total, *taken, none, more),) = run_one(
        connection,
        f"SELECT count(*), {figures}, count(*) FILTER (WHERE {several} = 0), count(*) FILTER (WHERE {several} > 1)"
        f" FROM (SELECT {columns} FROM {qualified(*table)}{sampled}) AS divided",
    )
    scale = 100 / percent if percent else 1
    return PartRows(
        total=round(int(total or 0) * scale),
        taken=tuple(round(int(each or 0) * scale) for each in taken),
        by_none=round(int(none or 0) * scale),
        by_several=round(int(more or 0) * scale),
        percent=percent,
    )


def _why(exc: psycopg.Error) -> str:
    """Without values: PostgreSQL's own words about a row quote it."""
    match exc:
        case errors.QueryCanceled() | errors.LockNotAvailable():
            return f"it took longer than {_TIMEOUT}, or the table was locked. Try again, or write a simpler condition."
        case errors.InsufficientPrivilege():
            return "the role may not read it. Grant SELECT on it."
        case psycopg.DataError():
            return f"a condition fails on a row (SQLSTATE {exc.sqlstate})."
        case _:
            return sentence_of(exc)
