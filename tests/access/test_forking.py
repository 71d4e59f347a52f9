"""A data layer in a process that forks, as web servers do: the child has connections and second calls of its own."""

import os
import signal
import threading
from collections.abc import Callable
from dataclasses import replace

import pytest

from migration.access.errors import AccessError
from migration.access.pool import Pool
from migration.core.flags import Flags
from tests.access.carried import FEW
from tests.access.world import CLIENT, COMPANY, World, until
from tests.engine.running import ask

pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning")

DUAL = Flags(use_repository_pattern=True, enable_dual_write=True)


def begin_child(work: Callable[[], bool]) -> int:
    pid = os.fork()
    if pid == 0:
        try:
            os._exit(0 if work() else 1)
        finally:
            os._exit(2)
    return pid


def has_succeeded(pid: int) -> bool:
    """A child that hangs is ended, and has not."""
    ended: list[int] = []

    def is_over() -> bool:
        found, status = os.waitpid(pid, os.WNOHANG)
        if found:
            ended.append(os.waitstatus_to_exitcode(status))
        return bool(found)

    try:
        until(is_over, 20)
    except AssertionError:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        raise
    return ended == [0]


def test_parent_and_child_ask_at_the_same_time_and_get_their_own_answers(world: World) -> None:
    with world.layer(Flags()) as layer:
        assert layer.get_company(COMPANY).error is None
        staff = [row["yclients_id"] for row in layer.get_staff(COMPANY).data]

        def asks(numbers: list[int]) -> bool:
            answers = [layer.get_staff_by_id(number, COMPANY) for number in numbers]
            return [a.data and a.data["yclients_id"] for a in answers] == numbers

        child = begin_child(lambda: asks(staff[:1] * 200))
        assert asks(staff[1:2] * 200)
        assert has_succeeded(child)
        assert asks(staff), "the child's end took no connection away"


def test_a_pool_left_to_the_parent_is_not_closed_by_the_child(world: World) -> None:
    pool = Pool(world.source, replace(FEW, max_size=1), "source")
    pool.open()
    backend = "SELECT pg_backend_pid() AS pid"
    mine = pool.fetch(backend)

    def has_another() -> bool:
        other = pool.fetch(backend)
        pool.close()
        return other != mine

    assert has_succeeded(begin_child(has_another))
    assert pool.fetch(backend) == mine, "the same session goes on"
    pool.close()
    assert has_succeeded(begin_child(lambda: not is_open(pool))), "what was closed stays closed"


def is_open(pool: Pool) -> bool:
    try:
        pool.give_back(pool.take())
    except AccessError:
        return False
    return True


@pytest.mark.heavy
def test_the_child_makes_second_calls_of_its_own(world: World) -> None:
    name = "SELECT name FROM clients WHERE yclients_id = 1"
    with world.layer(DUAL) as layer:
        assert layer.upsert_client(CLIENT).error is None and layer.drain(10)
        stop = threading.Event()
        busy = threading.Thread(target=lambda: [layer.get_company(COMPANY) for _ in iter(stop.is_set, True)])
        busy.start()

        def writes() -> bool:
            answer = layer.upsert_client(CLIENT | {"name": "child"})
            return answer.error is None and layer.drain(10)

        children = [begin_child(writes) for _ in range(3)]
        assert [has_succeeded(child) for child in children] == [True] * 3
        stop.set()
        busy.join(60)
        assert ask(world.source, name) == ask(world.target, name) == [("child",)]
        assert layer.upsert_client(CLIENT).error is None and layer.drain(10)
        assert ask(world.target, name) == [(CLIENT["name"],)]
