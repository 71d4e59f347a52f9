"""Waiting for a server at libpq's level, with the other threads of this process at work meanwhile.

psycopg gives way to other threads while it waits in `execute`. libpq's own waits in PQgetCopyData, PQputCopyData and
PQgetResult, called through `pgconn`, do not: a source that stalls in the middle of a COPY would hold up the whole
process, with the threads in it that renew a lease, follow a source, or look whether the servers still answer.
"""

import contextlib
import select
from typing import TypeAlias

import psycopg
from psycopg import pq

Connection: TypeAlias = pq.abc.PGconn


def copied(reader: Connection) -> tuple[int, memoryview]:
    """The next piece of a COPY TO STDOUT, with its size; a negative size at its end."""
    size, data = reader.get_copy_data(1)
    while size == 0:
        _until_readable(reader)
        size, data = reader.get_copy_data(1)
    return size, data


def put(writer: Connection, data: bytes) -> None:
    """Give a piece of a COPY FROM STDIN away; comes back when the server has taken it. Raises OperationalError."""
    writer.put_copy_data(data)
    send(writer)


def send(connection: Connection) -> None:
    """Until everything that was said is on its way. Raises OperationalError."""
    while connection.flush():
        # What the server says meanwhile is taken in: neither side may wait for the other with full buffers.
        readable, _, _ = select.select([connection.socket], [connection.socket], [])
        if readable:
            connection.consume_input()


def result(connection: Connection) -> pq.abc.PGresult | None:
    """The next result; None at their end."""
    with contextlib.suppress(psycopg.OperationalError):  # the result says why
        send(connection)
        while connection.is_busy():
            _until_readable(connection)
    return connection.get_result()


def _until_readable(connection: Connection) -> None:
    select.select([connection.socket], [], [])
    connection.consume_input()
