"""The transaction in which a catalog is read, and what is said when it cannot be."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias

import psycopg
from psycopg import errors

from schemadiff.core.errors import SchemadiffError
from schemadiff.introspection.queries import load

Connection: TypeAlias = psycopg.Connection[Any]

LOCK_TIMEOUT = "10s"
STATEMENT_TIMEOUT = "300s"

_LOCKED = """
SELECT coalesce(string_agg(DISTINCT format('%I.%I', n.nspname, c.relname), ', '), '')
FROM pg_catalog.pg_locks l
JOIN pg_catalog.pg_class c ON c.oid = l.relation
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE l.granted AND l.mode = 'AccessExclusiveLock' AND n.nspname !~ '^pg_'
  AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
"""


# "cache lookup failed" and the like: dropped after its row was seen and before its definition was printed.
_GONE = (
    *(errors.InternalError_, errors.UndefinedTable, errors.UndefinedObject, errors.UndefinedFunction),
    errors.UndefinedColumn,  # renamed: likenesses.sql asks for it
)


class CannotRead(SchemadiffError):
    """The catalog could not be read."""


class SchemaMoved(CannotRead):
    """The schema is being changed while it is read: try again when nobody alters it."""


@contextmanager
def reading(connection: Connection) -> Iterator[None]:
    """One READ ONLY REPEATABLE READ transaction with the settings under which definitions are printed.

    Raises CannotRead with a sentence for what PostgreSQL refuses. The connection must be in no transaction.
    """
    try:
        with connection.transaction():
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            connection.execute(
                load("session"), {"lock_timeout": LOCK_TIMEOUT, "statement_timeout": STATEMENT_TIMEOUT}
            )
            yield
    except errors.LockNotAvailable as exc:
        raise CannotRead(_lock_sentence(connection)) from exc
    except errors.QueryCanceled as exc:
        raise CannotRead(
            f"Reading the schema of {connection.info.dbname} was stopped after {STATEMENT_TIMEOUT}"
            " or by somebody on the server; try again when the server is less busy."
        ) from exc
    except _GONE as exc:
        raise SchemaMoved from exc
    except psycopg.Error as exc:
        if connection.closed:
            raise CannotRead(
                f"The schema of {connection.info.dbname} could not be read: the connection was lost. Try again when "
                "the server is back."
            ) from exc
        reason = (exc.diag.message_primary or str(exc)).strip().splitlines()[0]
        raise CannotRead(f"The schema of {connection.info.dbname} could not be read: {reason}.") from exc


def _lock_sentence(connection: Connection) -> str:
    row = connection.execute(_LOCKED).fetchone()
    names = row[0] if row and row[0] else "a table"
    return f"Another session has locked {names} for more than {LOCK_TIMEOUT}: try again when it has finished."
