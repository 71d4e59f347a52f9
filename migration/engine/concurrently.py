"""What runs CONCURRENTLY, in no transaction: whether an attempt that was cut off is done, and what it left behind."""

import contextlib

import psycopg
from psycopg import sql

from migration.engine.sessions import Session
from schemadiff.core.plan import Duration, Statement

_VALID = """
SELECT i.indisvalid FROM pg_catalog.pg_index i
JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = %s AND c.relname = %s
"""


def is_done(target: Session, statement: Statement) -> bool:
    """Whether the server finished it, though nobody was there to write that down."""
    valid = _is_valid(target, statement)
    if statement.duration is Duration.BUILDS_INDEX:
        return valid is True
    return statement.duration is Duration.WAITS and valid is None


def clear_up(target: Session, statement: Statement) -> None:
    """Remove the invalid index that building it left behind, if it did."""
    if statement.duration is Duration.BUILDS_INDEX and _is_valid(target, statement) is False:
        name = sql.Identifier(statement.ref.schema, statement.ref.name)
        target.execute(sql.SQL("DROP INDEX CONCURRENTLY {}").format(name))


def clear_up_if_possible(target: Session, statement: Statement) -> None:
    """After a failure, which is what is to be told of; what stays is removed when it is tried again."""
    if not target.closed:
        with contextlib.suppress(psycopg.Error):
            clear_up(target, statement)


def _is_valid(target: Session, statement: Statement) -> bool | None:
    """None where there is no such index."""
    row = target.execute(_VALID, [statement.ref.schema, statement.ref.name]).fetchone()
    return bool(row[0]) if row else None
