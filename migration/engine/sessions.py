"""Opening the two databases the way a run needs them: pinned settings, one snapshot, one run at a time."""

import contextlib
import os
import socket
from collections.abc import Callable, Generator, Iterator
from itertools import chain, islice
from typing import Any, Generic, TypeAlias, TypeVar

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.rows import args_row

from migration.core.errors import RunFailed
from migration.engine.failures import close_quietly, explained
from schemadiff.connection_errors import explain
from schemadiff.core.errors import Refused

Session: TypeAlias = psycopg.Connection[Any]
_Row = TypeVar("_Row")

# Text that PostgreSQL writes must not depend on the server's or the role's settings: hashes are made of it.
_PINNED = (
    "SET client_encoding = 'UTF8'",
    "SET timezone = 'UTC'",
    "SET datestyle = 'ISO, YMD'",
    "SET intervalstyle = 'postgres'",
    "SET extra_float_digits = 3",
    "SET bytea_output = 'hex'",
    "SET standard_conforming_strings = on",  # as expressions were read when they were checked
    "SET row_security = off",  # an error instead of rows that are silently left out
    "SET idle_in_transaction_session_timeout = 0",
    # Both sides, and several tables, are at work at once anyway; helpers that hand on rows double the work of a sum.
    "SET max_parallel_workers_per_gather = 0",
    # The server's end asks whether ours is alive: else a dead run's locks are held for hours.
    "SET tcp_keepalives_idle = 15",
    "SET tcp_keepalives_interval = 5",
    "SET tcp_keepalives_count = 4",
)
_SOURCE = (
    "SET lock_timeout = '10s'",
    "SET statement_timeout = '2h'",
    "SET default_transaction_read_only = on",
)
TARGET_LIMITS = ("30s", "0")
"""lock_timeout and statement_timeout of a target's session; a plan's statements have their own."""

_TARGET = (
    f"SET lock_timeout = '{TARGET_LIMITS[0]}'",
    f"SET statement_timeout = '{TARGET_LIMITS[1]}'",
    "SET synchronous_commit = off",  # safe: work and ledger row share a transaction, ends are written through
    "SET check_function_bodies = off",
    "SET tcp_user_timeout = '2min'",  # not on the source: what it sends may have to wait for the target
)
# Our end: 35 s without an answer. What is sent and not taken may wait for a lock or a disk, so that has minutes.
_PATIENT = {
    "connect_timeout": "10",
    "keepalives_idle": "15",
    "keepalives_interval": "5",
    "keepalives_count": "4",
    "tcp_user_timeout": "300000",
}
_RUN_LOCK = 0x736368656D61  # "schema": the advisory lock of a run
_STREAMED = 1_000  # rows handed on at a time
_LOCK_PATIENCE = "5s"  # a killed run's session may need a moment to notice


def open_source(dsn: str) -> Session:
    """A read-only session. Raises RunFailed with a sentence when the source cannot be reached."""
    return _open(dsn, "source", (*_PINNED, *_SOURCE))


def open_target(dsn: str) -> Session:
    """A writing session. Raises RunFailed with a sentence when the target cannot be reached."""
    return _open(dsn, "target", (*_PINNED, *_TARGET))


def beside(first: Session, open_other: Callable[[str], Session], dsn: str) -> tuple[Session, Session]:
    """Both; where the other cannot be opened the first is closed."""
    try:
        return first, open_other(dsn)
    except BaseException:
        close_quietly(first)
        raise


def open_target_to_read(dsn: str) -> Session:
    """As `open_target`, for those who only look: a write is an error."""
    return _open(dsn, "target", (*_PINNED, *_TARGET, "SET default_transaction_read_only = on"))


def open_source_for_following(dsn: str) -> Session:
    """May write on the source: for what following takes there (publication, slot, heartbeat, fence) only."""
    return _open(dsn, "source", (*_PINNED, *_SOURCE, "SET default_transaction_read_only = off"))


def patient(dsn: str) -> str:
    """The address with what it does not say itself about waiting: a server that is cut off is noticed."""
    said = conninfo_to_dict(dsn)
    return make_conninfo(dsn, **{name: value for name, value in _PATIENT.items() if name not in said})


def _open(dsn: str, side: str, settings: tuple[str, ...]) -> Session:
    try:
        session = psycopg.connect(
            patient(dsn),
            autocommit=True,
            application_name="schemadiff",
            prepare_threshold=None,
        )
    except psycopg.OperationalError as exc:
        raise RunFailed(f"The {side} cannot be opened. {explain(exc, dsn)}") from exc
    try:
        with explained(f"The {side} cannot be opened", then="Try again"):
            _pin(session, settings)
    except BaseException:
        close_quietly(session)
        raise
    return session


def _pin(session: Session, settings: tuple[str, ...]) -> None:
    session.execute("; ".join(settings))
    session.execute(
        "SELECT set_config(name, '0', false) FROM pg_settings "
        "WHERE name IN ('idle_session_timeout', 'transaction_timeout')"
    )
    with contextlib.suppress(psycopg.Error):  # not every system can look in the middle of a statement
        session.execute("SET client_connection_check_interval = '10s'")


@contextlib.contextmanager
def read_snapshot(source: Session, like: str | None = None) -> Iterator[str]:
    """Hold one snapshot of the source open; yields the name by which other sessions share it.

    `like` is another session's snapshot, which this one is to see the same as.
    """
    if like is None:
        source.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    else:
        join_snapshot(source, like)
    try:
        row = source.execute("SELECT pg_export_snapshot()").fetchone()
        assert row is not None
        yield row[0]
    finally:
        if not source.closed:
            with contextlib.suppress(psycopg.Error):
                source.execute("ROLLBACK")


def join_snapshot(source: Session, snapshot: str) -> None:
    """Begin a transaction that sees what the snapshot's owner sees. Raises RunFailed when that has gone."""
    source.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    try:
        source.execute(sql.SQL("SET TRANSACTION SNAPSHOT {}").format(sql.Literal(snapshot)))
    except (psycopg.errors.InvalidParameterValue, psycopg.errors.UndefinedObject) as exc:
        raise RunFailed(
            "The snapshot of the source that this copy reads is gone: the session that held it has ended. Resume the "
            "run: it takes a new one for what is not copied yet."
        ) from exc


@contextlib.contextmanager
def only_run(target: Session) -> Iterator[None]:
    """Make this the only run on the target as long as the session lives. Raises Refused if there is one."""
    try:
        with target.transaction():
            target.execute(sql.SQL("SET LOCAL lock_timeout = {}").format(sql.Literal(_LOCK_PATIENCE)))
            target.execute(sql.SQL("SELECT pg_advisory_lock({})").format(sql.Literal(_RUN_LOCK)))
    except psycopg.errors.LockNotAvailable as exc:
        raise Refused(
            f"Another run is at work on the target {name_of(target)}{_holder(target)}. Wait until it has "
            "ended, "
            "or cancel it; two runs would write the same tables."
        ) from exc
    try:
        yield
    finally:
        if not target.closed:
            with contextlib.suppress(psycopg.Error):
                target.execute(sql.SQL("SELECT pg_advisory_unlock({})").format(sql.Literal(_RUN_LOCK)))


def _holder(target: Session) -> str:
    row = target.execute(
        "SELECT a.pid, to_char(a.backend_start, 'YYYY-MM-DD HH24:MI') FROM pg_locks l "
        "JOIN pg_stat_activity a USING (pid) WHERE l.locktype = 'advisory' AND l.granted "
        "AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()) "
        "AND (l.classid::bigint << 32 | l.objid::bigint) = %s",
        [_RUN_LOCK],
    ).fetchone()
    return f" (server process {row[0]}, connected since {row[1]} UTC)" if row else ""


@contextlib.contextmanager
def qualified_names(session: Session) -> Iterator[None]:
    """Inside, `format_type` and the like qualify every name. Not for use inside another transaction."""
    with session.transaction():
        session.execute("SET LOCAL search_path = ''")
        yield


def run_one(session: Session, query: sql.Composed) -> psycopg.Cursor[Any]:
    """Send what may hold a mapping's expression: exactly one command, by the extended protocol.

    psycopg sends a query without parameters by the simple protocol, which takes several, unless binary results
    are asked for.
    """
    return session.execute(query, binary=True)


class Streamed(Generic[_Row]):
    """As `run_one`; the rows are handed on as they come, and the server waits for whoever reads them.

    It is at work when this has been made. Until the last row is read the session takes no other statement, so whoever
    stops before that closes it: even a ROLLBACK would wait for ever.
    """

    def __init__(self, session: Session, query: sql.Composed, make: Callable[..., _Row]) -> None:
        self._rows = _stream(session, query, make)
        self._first = list(islice(self._rows, 1))

    def __iter__(self) -> Iterator[_Row]:
        return chain(self._first, self._rows)

    def close(self) -> None:
        self._rows.close()


def _stream(session: Session, query: sql.Composed, make: Callable[..., _Row]) -> Generator[_Row, None, None]:
    with session.cursor(row_factory=args_row(make)) as cursor:
        yield from cursor.stream(query, binary=True, size=_STREAMED)


def shut(session: Session) -> None:
    """From another thread than the one that waits for it, which then sees the end of the stream."""
    if session.closed:
        return
    with contextlib.suppress(OSError, psycopg.Error), socket.socket(fileno=os.dup(session.fileno())) as end:
        end.shutdown(socket.SHUT_RDWR)


def name_of(session: Session) -> str:
    """How sentences name a database: without password."""
    info = session.info
    return f"{info.dbname} on {info.host or 'the local socket'}:{info.port}"


def may_make_temporary(target: Session) -> bool:
    """May the role make tables of the session's own?"""
    row = target.execute("SELECT has_database_privilege(current_database(), 'TEMP')").fetchone()
    return bool(row and row[0])


def skip_triggers(target: Session) -> bool:
    """Load without foreign-key and user triggers, where the role may. Says whether it could."""
    try:
        target.execute("SET session_replication_role = replica")
    except psycopg.errors.InsufficientPrivilege:
        return False
    return True


def fire_triggers(target: Session) -> None:
    """After `skip_triggers`; of a session that is broken nothing is asked any more."""
    with contextlib.suppress(psycopg.OperationalError):
        target.execute("RESET session_replication_role")
