"""Whether the source can work out a mapping's expressions at all: whatever the rows, before any is carried."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeAlias

import psycopg
from psycopg import errors, sql

from schemadiff.core.catalog import Catalog
from schemadiff.core.errors import Refused
from schemadiff.core.mapping import QualifiedName, TableMapping
from schemadiff.core.sql_guard import check_expression
from schemadiff.evidence.reading import run_one, sentence_of, set_aside

TypeOf: TypeAlias = Callable[[QualifiedName, str], str | None]
"""The type of a target table's column as the source may write it; None where it is not known."""

_TOLD = 3


def check_expressions(
    connection: psycopg.Connection[Any], entries: Iterable[TableMapping], type_of: TypeOf, *, otherwise: str
) -> None:
    """Raises Refused naming each expression that the source refuses whatever the row; `otherwise` ends the sentence.

    `connection` is the source's, inside of a transaction.
    """
    if refused := list(refused_expressions(connection, entries, type_of)):
        more = f" And {len(refused) - _TOLD} more." if len(refused) > _TOLD else ""
        raise Refused(
            f"The source refuses what the mapping asks of it. {' '.join(refused[:_TOLD])}{more} {otherwise}"
        )


def types_in(target: Catalog) -> TypeOf:
    """As the target's catalog has them."""

    def type_of(table: QualifiedName, name: str) -> str | None:
        found = target.table(*table)
        column = found.column(name) if found else None
        return column.type if column else None

    return type_of


def refused_expressions(
    connection: psycopg.Connection[Any], entries: Iterable[TableMapping], type_of: TypeOf
) -> Iterator[str]:
    """A sentence for each expression of a pair that carries data, and each condition, that PostgreSQL refuses.

    A name that is not there, a function that does not take the type, a value that cannot become the target
    column's. No row is read. `connection` is the source's, inside of a transaction. Raises Refused for what is
    not one expression.
    """
    for entry in entries:
        table = ".".join(entry.source)
        if entry.where is not None and (said := _refusal(connection, entry, entry.where, "boolean")):
            yield f"The condition “{entry.where}” of {table}: {said}"
        for pair in entry.accepted():
            if pair.expression is None:
                continue
            if said := _refusal(connection, entry, pair.expression, type_of(entry.target, pair.target)):
                into = f"{'.'.join(entry.target)}.{pair.target}"
                yield f"The expression “{pair.expression}” of {table} for {into}: {said}"


def _refusal(
    connection: psycopg.Connection[Any], entry: TableMapping, expression: str, type_: str | None
) -> str:
    """What PostgreSQL says; empty where it would work it out."""
    check_expression(expression)
    said = _tried(connection, entry, f"({expression}\n)::{type_}" if type_ else f"({expression}\n)")
    if (
        isinstance(said, errors.UndefinedObject | errors.InvalidSchemaName) and type_
    ):  # the target's type is not the source's
        said = _tried(connection, entry, f"({expression}\n)")
    return sentence_of(said) if said else ""


def _tried(
    connection: psycopg.Connection[Any], entry: TableMapping, value: str
) -> psycopg.ProgrammingError | None:
    """What a row's values are to blame for is none: constants are worked out even so."""
    table = sql.Identifier(*entry.source).as_string(connection)
    try:
        with set_aside(connection):
            run_one(connection, f"SELECT {value} FROM {table} LIMIT 0")
    except psycopg.ProgrammingError as exc:
        return exc
    except psycopg.DataError:
        return None
    return None
