"""How many rows of the source a target is sure to refuse, because a value that it needs is missing."""

import re
from collections.abc import Sequence
from typing import Any

import psycopg
from psycopg import errors, sql

from schemadiff.core.errors import Refused
from schemadiff.core.mapping import ColumnPair
from schemadiff.core.options.required import Needs
from schemadiff.core.sql_guard import check_expression
from schemadiff.evidence.reading import reading, run_one, sentence_of

_TIMEOUT = "300s"


def rows_without_value(connection: psycopg.Connection[Any], needs: Sequence[Needs]) -> dict[Needs, int]:
    """The rows of each table that bring a null, or nothing at all, for a column that must not be null.

    Expressions are worked out for every row. `connection` must be idle. Raises Refused for an expression that is
    none, or that a row makes fail.
    """
    with reading(connection, statement_timeout=_TIMEOUT):
        return {need: _count(connection, need) for need in needs}


def _count(connection: psycopg.Connection[Any], need: Needs) -> int:
    table = sql.Identifier(*need.source).as_string(connection)
    conditions = ["true"] if need.unfilled else [_is_null(connection, pair) for pair in need.nullable]
    command = f"SELECT count(*) FROM {table} WHERE {' OR '.join(conditions)}"
    try:
        ((count,),) = run_one(connection, command)
    except psycopg.Error as exc:
        label = ".".join(need.source)
        raise Refused(
            f"Rows of {label} without a value could not be counted: {_without_values(exc)}"
        ) from exc
    return int(count or 0)


def _without_values(error: psycopg.Error) -> str:
    """The sentence is kept as evidence, which everybody in the project may see: PostgreSQL's own quotes the row."""
    if isinstance(error, psycopg.DataError | psycopg.IntegrityError | errors.RaiseException):
        kind = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(error).__name__).lower()
        return f"an expression fails on a row: {kind} (SQLSTATE {error.sqlstate})."
    return sentence_of(error)


def _is_null(connection: psycopg.Connection[Any], pair: ColumnPair) -> str:
    if pair.expression is None:
        return f"{sql.Identifier(pair.source or '').as_string(connection)} IS NULL"
    check_expression(pair.expression)
    return f"(\n{pair.expression}\n) IS NULL"
