"""A commit is in the source's log before anybody there sees it; how long depends on its standbys."""

import threading
from collections.abc import Iterator

import psycopg
import pytest

from migration.core.phases import Phase
from migration.engine import rechecking, visibility
from schemadiff.embedded import EmbeddedServer, throwaway
from tests.engine.live import LiveRun, assert_equal, fill, live_spec, wait_for
from tests.engine.running import ask, one
from tests.servers import MakeDatabase

pytestmark = pytest.mark.heavy

_MOVE = "UPDATE public.sold SET id = id + 100000 WHERE id = 7"


@pytest.fixture(scope="module")
def server() -> Iterator[EmbeddedServer]:
    """Of these tests alone: a setting holds up all commits."""
    with throwaway(16) as made:
        yield made


@pytest.fixture
def source(make_database: MakeDatabase, server: EmbeddedServer) -> Iterator[str]:
    dsn = make_database(server)
    yield dsn
    ask(dsn, "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots")


@pytest.fixture
def target(make_database: MakeDatabase, server18: EmbeddedServer) -> str:
    return make_database(server18)


@pytest.fixture
def live(source: str, target: str) -> Iterator[LiveRun]:
    fill(source, target, clients=20, sold=200)
    with LiveRun(source, target, live_spec(target)) as run:
        run.reaches(Phase.CUT_OVER)
        yield run


@pytest.fixture
def late(source: str, live: LiveRun) -> Iterator[threading.Thread]:
    """The key of a row with a long value changes, and the commit waits for a standby that there is not."""
    _wait_for_nobody(source)
    thread = threading.Thread(target=_do, args=[source, _MOVE], daemon=True)
    thread.start()
    try:
        yield thread
    finally:
        _no_standby(source)
        thread.join(60)
        assert not thread.is_alive()


def _wait_for_nobody(source: str) -> None:
    ask(source, "ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
    ask(source, "SELECT pg_reload_conf()")
    wait_for(lambda: one(source, "SHOW synchronous_standby_names") == "nobody", "the setting")
    ask(source, "CHECKPOINT")  # it is the checkpointer's word by which commits wait


def _do(source: str, statement: str) -> None:
    with psycopg.connect(source, autocommit=True) as session:
        session.execute("SET synchronous_commit = on")
        session.execute(statement.encode())


def _no_standby(source: str) -> None:
    ask(source, "ALTER SYSTEM RESET synchronous_standby_names")
    ask(source, "SELECT pg_reload_conf()")


def test_a_row_is_not_read_before_its_change_is_seen(
    source: str, target: str, live: LiveRun, late: threading.Thread
) -> None:
    """The log does not say the long value, so that the row has to be read; read too early it would be lost."""
    wait_for(lambda: "does not show yet what it wrote" in live.log(), "the follower to wait")
    assert one(source, "SELECT count(*) FROM public.sold WHERE id = 100007") == 0
    assert one(target, "SELECT count(*) FROM public.sales WHERE id = 7") == 1
    _no_standby(source)
    late.join(60)
    live.catches_up(source)
    assert_equal(source, target)
    assert one(target, "SELECT length(note) FROM public.sales WHERE id = 100007") == 3200


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(visibility, "PATIENCE", 1.5)


@pytest.mark.usefixtures("hasty", "late")
def test_a_standby_that_never_answers_stops_the_run(live: LiveRun) -> None:
    assert "wait for a synchronous standby that does not answer" in live.fails()


def test_a_row_is_no_difference_before_its_change_is_seen(
    source: str, target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The target has it already, and the source's sessions still show what was before."""
    monkeypatch.setattr(rechecking, "REST", 0.05)
    monkeypatch.setattr(rechecking, "SHARE", 0.9)
    fill(source, target, clients=20, sold=200)
    with LiveRun(source, target, live_spec(target)) as live:
        live.reaches(Phase.CUT_OVER)
        _wait_for_nobody(source)
        change = "UPDATE public.client SET name = 'late' WHERE id = 7"
        thread = threading.Thread(target=_do, args=[source, change], daemon=True)
        thread.start()
        try:
            there = "SELECT count(*) = 1 FROM public.customers WHERE full_name = 'late'"
            wait_for(lambda: bool(one(target, there)), "the change on the target")
            newest = int(one(target, "SELECT coalesce(max(id), 0) FROM schemadiff.changed"))
            again = f"SELECT coalesce(max(id), 0) >= {newest + 5} FROM schemadiff.changed"
            wait_for(lambda: bool(one(target, again)), "it to be looked at again and again")
        finally:
            _no_standby(source)
            thread.join(60)
        live.catches_up(source)
        wait_for(lambda: one(target, "SELECT count(*) FROM schemadiff.changed") == 0, "all to be compared")
        assert "differ" not in live.log()
    assert not thread.is_alive()
