"""A process that forks, as web servers do: the child is a client of its own."""

import os
import signal
import threading
from collections.abc import Callable, Iterator

import pytest

from migration.access.flag_client import FlagClient
from tests.access.flag_server import PATIENCE, FlagServer, until

pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning")


@pytest.fixture
def server() -> Iterator[FlagServer]:
    with FlagServer() as running:
        yield running


def in_a_child(work: Callable[[], bool]) -> None:
    """Fork, do it there, and fail here if it was not true there."""
    pid = os.fork()
    if pid == 0:
        try:
            os._exit(0 if work() else 1)
        finally:
            os._exit(2)
    ended: list[int] = []

    def has_ended() -> bool:
        found, status = os.waitpid(pid, os.WNOHANG)
        ended.extend([status] if found else [])
        return bool(found)

    try:
        until(has_ended, "the child's end")
    except AssertionError:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        raise
    assert os.waitstatus_to_exitcode(ended[0]) == 0


def names(server: FlagServer) -> set[str]:
    return {asked.context["targetingKey"] for asked in server.asked}


def test_the_child_reads_at_once_and_asks_under_its_own_name(server: FlagServer) -> None:
    with FlagClient(server.settings()) as client:

        def work() -> bool:
            read = client.current().revision == 1 and not client.is_fresh
            with client.writing(within=PATIENCE) as state:
                return read and state.revision == 1 and client.is_fresh

        in_a_child(work)
        assert len(names(server)) == 2 and client.name in names(server)
        connections = {asked.connection for asked in server.asked}
        for connection in connections:
            of_one = [asked for asked in server.asked if asked.connection == connection]
            assert len({asked.context["targetingKey"] for asked in of_one}) == 1
        asked = len(server.asked)
        until(lambda: len(server.asked) > asked + 2, "the parent goes on over its own connection")
        assert client.is_fresh


def test_a_write_under_way_and_a_taken_lock_stay_with_the_parent(server: FlagServer) -> None:
    with FlagClient(server.settings()) as client, client.writing(within=PATIENCE):
        stop = threading.Event()

        def hammer() -> None:
            while not stop.is_set():
                with client.writing(within=PATIENCE):
                    client.drain  # noqa: B018  the lock is taken as often as can be

        busy = [threading.Thread(target=hammer, daemon=True) for _ in range(3)]
        for each in busy:
            each.start()
        for _ in range(5):
            in_a_child(lambda: client.drain.writes_in_flight == 0 and client.current().revision == 1)
        stop.set()
        for each in busy:
            each.join(PATIENCE)
        assert client.drain.writes_in_flight == 1


def test_a_closed_client_stays_closed_in_the_child(server: FlagServer) -> None:
    client = FlagClient(server.settings())
    client.start()
    client.close()
    asked = len(server.asked)
    in_a_child(lambda: client.current().revision == 1 and not client.is_fresh)
    assert len(server.asked) == asked
