"""A replication connection to the source: the change stream as it comes, and our answers."""

import select
import time
from datetime import UTC, datetime

import psycopg
from psycopg import pq, sql

from migration.core.errors import RunFailed
from migration.core.positions import Lsn, text_of
from migration.core.streaming import Piece, piece_of, status
from migration.engine.failures import close_quietly
from migration.engine.sessions import Session, patient
from schemadiff.connection_errors import explain

# What PostgreSQL writes as text must not depend on the role's settings: the target reads it under the same ones.
_PINNED = (
    "SET client_encoding = 'UTF8'",
    "SET timezone = 'UTC'",
    "SET datestyle = 'ISO, YMD'",
    "SET intervalstyle = 'postgres'",
    "SET extra_float_digits = 3",
    "SET bytea_output = 'hex'",
    "SET lc_monetary = 'C'",
    "SET statement_timeout = 0",
    "SET lock_timeout = 0",
    "SET wal_sender_timeout = '5min'",  # a change may have to wait for a lock in the target
)
_TAKEN = 60.0  # seconds in which the source has to take an answer of ours


class Stream:
    """One replication connection. It is its user's alone: no other thread may touch it."""

    def __init__(self, source_dsn: str) -> None:
        """Raises RunFailed with a sentence when the source cannot be reached or gives no such connection."""
        try:
            self.session: Session = psycopg.connect(
                patient(source_dsn), autocommit=True, application_name="schemadiff", replication="database"
            )
        except psycopg.OperationalError as exc:
            raise RunFailed(
                f"The source gives no connection for its change stream. {explain(exc, source_dsn)}"
            ) from exc
        try:
            for setting in _PINNED:
                self.session.execute(setting)
        except BaseException:
            close_quietly(self.session)
            raise
        self._received: Lsn = 0

    @property
    def pid(self) -> int:
        """The server process at the other end."""
        return self.session.info.backend_pid

    def start(self, slot: str, publication: str, after: Lsn) -> None:
        """From here on the connection only streams: transactions whose commit lies behind `after`."""
        command = sql.SQL(
            "START_REPLICATION SLOT {} LOGICAL {} (proto_version '1', publication_names {}, messages 'true')"
        ).format(
            sql.Identifier(slot),
            sql.SQL(text_of(after)),
            sql.Literal(sql.Identifier(publication).as_string(self.session)),
        )
        pgconn = self.session.pgconn
        result = pgconn.exec_(command.as_bytes(self.session))
        if result.status != pq.ExecStatus.COPY_BOTH:
            raise psycopg.errors.error_from_result(result)
        self._received = after

    def next(self) -> Piece | None:
        """What has come already; None if nothing has."""
        pgconn = self.session.pgconn
        size, data = pgconn.get_copy_data(1)
        if size == 0:
            pgconn.consume_input()
            size, data = pgconn.get_copy_data(1)
        if size == 0:
            return None
        if size < 0:
            raise self._end()
        piece = piece_of(bytes(data))
        return piece

    def wait(self, seconds: float) -> None:
        """Until something comes, or the time is over."""
        select.select([self.session.fileno()], [], [], seconds)

    def answer(self, *, received: Lsn, flushed: Lsn) -> None:
        """Tell the source what it need not keep any more."""
        pgconn = self.session.pgconn
        pgconn.put_copy_data(status(received=received, flushed=flushed, now=datetime.now(UTC)))
        deadline = time.monotonic() + _TAKEN
        while pgconn.flush():
            if time.monotonic() > deadline:
                raise psycopg.OperationalError(f"the source has taken no answer for {_TAKEN:g} s")
            select.select([], [self.session.fileno()], [], 1.0)

    def _end(self) -> psycopg.Error:
        result = self.session.pgconn.get_result()
        if result is not None and result.error_message:
            return psycopg.errors.error_from_result(result)
        return psycopg.OperationalError("the source ended the change stream")
