"""The application's own database dies (kill -9) under a worker that leads a live run: while it keeps up."""

import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.contrib.auth.models import User
from django.db import connections

from migration import runs
from migration.engine import followers
from migration.engine.sessions import open_target
from migration.models import Run
from schemadiff import comparison as use_case
from schemadiff.core.options.option import OptionName
from schemadiff.embedded import EmbeddedServer, throwaway
from schemadiff.models import Project
from schemadiff.store import record_decision
from tests.engine.running import ask, one
from tests.servers import MakeDatabase
from tests.test_worker import ended, now, saved
from tests.worker_process import Worker, forget_jobs, until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.heavy]

_TABLE = "CREATE TABLE public.first (id integer PRIMARY KEY, name text NOT NULL)"
_FILL = "INSERT INTO public.first SELECT n, 'row ' || n FROM generate_series(1, 5000) n"
_HASH = "SELECT count(*), md5(string_agg(f::text, '|' ORDER BY id)) FROM public.first f"
_COUNTED = "SELECT (inserts + updates + deletes)::int FROM schemadiff.followed"


@pytest.fixture
def source(make_database: MakeDatabase, server16: EmbeddedServer) -> Iterator[str]:
    dsn = make_database(server16, f"{_TABLE}; {_FILL}")
    yield dsn
    ask(
        dsn,
        "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE database = current_database()",
    )


@pytest.fixture
def target() -> Iterator[str]:
    """On a server of its own: the application's database is on the one that dies."""
    with throwaway(18) as server:
        ask(server.dsn(), _TABLE)
        yield server.dsn()


class Changing:
    """One row a transaction, and how many."""

    def __init__(self, dsn: str) -> None:
        self._dsn, self._over, self.count = dsn, threading.Event(), 0
        self._thread = threading.Thread(target=self._work, daemon=True)

    def __enter__(self) -> "Changing":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join(20)
        assert not self._thread.is_alive()

    def _work(self) -> None:
        with psycopg.connect(self._dsn, autocommit=True) as session:
            while not self._over.wait(0.01):
                done = session.execute("UPDATE public.first SET name = %s WHERE id = %s", self._change())
                self.count += done.rowcount

    def _change(self) -> tuple[str, int]:
        return f"change {self.count}", 1 + self.count * 37 % 5_000


def dies(server: EmbeddedServer) -> None:
    """SIGKILL; started again it recovers."""
    connections.close_all()
    server.kill()
    server.restart()
    connections.close_all()


def counted(target: str) -> int:
    return int(one(target, _COUNTED))


def test_the_run_goes_on(source: str, target: str, server18: EmbeddedServer, tmp_path: Path) -> None:
    user = User.objects.create_user("ana")
    project = Project.objects.create(slug="one", name="One table")
    found = use_case.compare(project, saved(project, "from", source), saved(project, "to", target), user=user)
    record_decision(found, OptionName.HYBRID, reason="It fits.", why_not={}, user=user)
    run = runs.create_run(project, found, OptionName.HYBRID, user=user, reason="Now.", live=True)
    worker = Worker(tmp_path / "worker.log")
    try:
        worker.wait_until_ready()
        until(lambda: now(run).phase == "cut_over", "it keeps up")
        with Changing(source) as changing:
            until(lambda: counted(target) > 0, "changes")
            dies(server18)
            before = counted(target)
            until(lambda: counted(target) > before + 100, "the run goes on", 150)
        until(lambda: counted(target) == changing.count, "all changes")
        with open_target(target) as session:
            followers.enter(session, Run.objects.get(pk=run.pk).ledger_id, followers.Following.ENDED)
        assert ended(run).phase == "finish"
    finally:
        if worker.process.poll() is None:
            worker.kill()
        forget_jobs()
    assert ask(source, _HASH) == ask(target, _HASH)
    assert one(source, "SELECT count(*) FROM pg_publication") == 0
