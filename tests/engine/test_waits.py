"""While a COPY waits for a server, the other threads of the process go on."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
import pytest
from psycopg import pq

from migration.engine import waits
from schemadiff.embedded import EmbeddedServer
from tests.servers import MakeDatabase

_STALL = 0.4
_PIECE = b"x" * 16_000 + b"\n"


@pytest.fixture
def session(make_database: MakeDatabase, server16: EmbeddedServer) -> Iterator[psycopg.Connection]:
    with psycopg.connect(make_database(server16), autocommit=True) as made:
        yield made


@contextmanager
def others_at_work() -> Iterator[Callable[[], int]]:
    """How often another thread has had its turn since."""
    over, turns = threading.Event(), [0]

    def work() -> None:
        while not over.wait(0.01):
            turns[0] += 1

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        yield lambda: turns[0]
    finally:
        over.set()
        thread.join(60)


def test_rows_that_do_not_come_yet(session: psycopg.Connection) -> None:
    slow = f"CASE n WHEN 2 THEN pg_sleep({_STALL})::text ELSE repeat('x', 20000) END"
    session.pgconn.exec_(f"COPY (SELECT {slow} FROM generate_series(1, 2) AS n) TO STDOUT".encode())
    with others_at_work() as turns:
        assert waits.copied(session.pgconn)[0] == 20_001
        assert waits.copied(session.pgconn)[0] > 0
        assert turns() >= 10
    assert waits.copied(session.pgconn)[0] < 0
    ended = waits.result(session.pgconn)
    assert ended is not None
    assert ended.command_tuples == 2
    assert waits.result(session.pgconn) is None


def test_a_result_that_does_not_come_yet(session: psycopg.Connection) -> None:
    session.pgconn.send_query(f"SELECT pg_sleep({_STALL})".encode())
    with others_at_work() as turns:
        result = waits.result(session.pgconn)
        assert turns() >= 10
    assert result is not None
    assert result.status == pq.ExecStatus.TUPLES_OK
    assert waits.result(session.pgconn) is None


def test_a_server_that_takes_no_rows_just_now(session: psycopg.Connection) -> None:
    session.execute("CREATE TABLE taken (words text)")
    session.pgconn.exec_(b"COPY taken FROM STDIN")
    server = session.info.backend_pid
    os.kill(server, signal.SIGSTOP)
    awake = threading.Timer(_STALL, os.kill, (server, signal.SIGCONT))
    awake.start()
    began = time.monotonic()
    try:
        with others_at_work() as turns:
            while time.monotonic() - began < _STALL / 2 or turns() < 10:
                waits.put(session.pgconn, _PIECE)
                assert time.monotonic() - began < 20
    finally:
        awake.join()
    session.pgconn.put_copy_end()
    ended = waits.result(session.pgconn)
    assert ended is not None
    assert ended.status == pq.ExecStatus.COMMAND_OK
    assert waits.result(session.pgconn) is None
