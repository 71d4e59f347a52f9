"""How evidence is read: one command at a time, in a READ ONLY transaction that is rolled back."""

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any

import psycopg
from psycopg import errors, pq

_LONGEST = 300  # characters of a message
_ENCODING = "utf-8"


@contextlib.contextmanager
def reading(
    connection: psycopg.Connection[Any], *, statement_timeout: str = "30s", lock_timeout: str = "2s"
) -> Iterator[None]:
    """A READ ONLY REPEATABLE READ transaction that is rolled back; `connection` must be idle."""
    with connection.transaction(force_rollback=True):
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        connection.execute(
            "SELECT set_config('statement_timeout', %s, true), set_config('lock_timeout', %s, true),"
            " set_config('standard_conforming_strings', 'on', true)",  # as a user's SQL was read when checked
            [statement_timeout, lock_timeout],
        )
        yield


@contextlib.contextmanager
def set_aside(connection: psycopg.Connection[Any]) -> Iterator[None]:
    """A savepoint that is always rolled back to, so that an error inside spoils nothing that follows."""
    connection.execute("SAVEPOINT evidence")
    try:
        yield
    finally:
        if connection.info.transaction_status != pq.TransactionStatus.UNKNOWN:
            connection.execute("ROLLBACK TO SAVEPOINT evidence")
            connection.execute("RELEASE SAVEPOINT evidence")


def run_one(
    connection: psycopg.Connection[Any], command: str, values: Sequence[str | None] = ()
) -> list[tuple[str | None, ...]]:
    """The rows of exactly one command, as text; several commands are a syntax error by the extended protocol.

    `%` has no meaning in `command`; parameters are `$1`, `$2`… Raises psycopg's errors.
    """
    given = [None if value is None else value.encode(_ENCODING) for value in values]
    result = connection.pgconn.exec_params(command.encode(_ENCODING), given)
    checked(result)
    return [
        tuple(_text(result.get_value(row, column)) for column in range(result.nfields))
        for row in range(result.ntuples)
    ]


def checked(result: pq.abc.PGresult) -> pq.abc.PGresult:
    """`result`, or psycopg's error for it."""
    if result.status == pq.ExecStatus.FATAL_ERROR:
        raise errors.error_from_result(result, encoding=_ENCODING)
    return result


def sentence_of(error: psycopg.Error) -> str:
    """What PostgreSQL says, as a sentence."""
    text = error.diag.message_primary or str(error).strip() or type(error).__name__
    if len(text) > _LONGEST:  # PostgreSQL quotes a value whole, however long it is
        text = f"{text[:_LONGEST]}…"
    return text[0].upper() + (text if text.endswith((".", "!", "?")) else f"{text}.")[1:]


def _text(value: bytes | None) -> str | None:
    return None if value is None else value.decode(_ENCODING, errors="replace")
