"""Several workers compare one run's tables: both find some, one dies at them, a cancel reaches both."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from django.contrib.auth.models import User

from migration import runs
from migration.models import Run, RunEvent
from schemadiff.embedded import EmbeddedServer
from tests.engine.running import ask, one
from tests.faults.process import wait_for
from tests.faults.test_sharing import _SESSIONS, another, begun
from tests.servers import MakeDatabase
from tests.test_worker import ended
from tests.worker_process import Worker, working

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.heavy]

NAMES = ("first", "second", "third", "fourth")
ROWS = 150_000
TABLES = "; ".join(
    f"CREATE TABLE public.{name} (id integer PRIMARY KEY, name text NOT NULL)" for name in NAMES
)
FILL = "; ".join(
    f"INSERT INTO public.{name} SELECT n, 'row ' || n FROM generate_series(1, {ROWS}) n" for name in NAMES
)
_LEFT = "SELECT count(*) FROM schemadiff.chunks WHERE copied_at IS NULL"
_GATE = """
CREATE FUNCTION schemadiff.gate() RETURNS trigger LANGUAGE plpgsql
    AS 'BEGIN PERFORM pg_catalog.pg_advisory_xact_lock(4711); RETURN NEW; END';
CREATE TRIGGER gate BEFORE UPDATE ON schemadiff.runs FOR EACH ROW
    WHEN (NEW.phase = 'verify' AND OLD.phase <> 'verify') EXECUTE FUNCTION schemadiff.gate()
"""
_AT_GATE = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 4711 AND NOT granted"
_WAITING = (
    "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND wait_event = 'relation' "
    "AND application_name = 'schemadiff' AND datname = current_database()"
)
_BY = "SELECT compared_by, count(*) FROM schemadiff.checks GROUP BY compared_by"


@pytest.fixture
def source(make_database: MakeDatabase, server16: EmbeddedServer) -> str:
    return make_database(server16, f"{TABLES}; {FILL}")


@pytest.fixture
def target(make_database: MakeDatabase, server18: EmbeddedServer) -> str:
    return make_database(server18, TABLES)


@contextmanager
def comparing(target: str) -> Iterator[psycopg.Connection]:
    """The run has done all else, and its comparison waits for the tables until what this yields is rolled back."""
    every = ", ".join(f"public.{name}" for name in NAMES)
    with psycopg.connect(target) as tables, psycopg.connect(target) as gate:
        tables.execute(f"LOCK TABLE {every} IN SHARE MODE")
        wait_for(lambda: one(target, "SELECT to_regclass('schemadiff.chunks') IS NOT NULL"), "a ledger")
        wait_for(lambda: one(target, _LEFT) == 12, "the chunks to be cut")
        ask(target, _GATE)
        gate.execute("SELECT pg_advisory_xact_lock(4711)")
        tables.rollback()
        wait_for(lambda: one(target, _AT_GATE) == 1, "the run to come to its comparison")
        tables.execute(f"LOCK TABLE {every} IN ACCESS EXCLUSIVE MODE")
        gate.rollback()
        at_it(target, 2)
        yield tables


def at_it(target: str, sessions: int) -> None:
    wait_for(lambda: one(target, _WAITING) == sessions, f"{sessions} sessions at a table each")


def by(target: str) -> dict[int, int]:
    return {int(name.rpartition(" ")[2]): count for name, count in ask(target, _BY)}


def assert_finished(run: Run) -> None:
    finished = ended(run)
    assert (finished.phase, finished.error, finished.attempts, finished.offered) == ("finish", "", 1, "")
    assert set(run.table_rows.values_list("state", "differing")) == {("verified", 0)}


def test_two_workers_compare_one_runs_tables(source: str, target: str, tmp_path: Path) -> None:
    run = begun(source, target)
    with working(tmp_path) as leader, comparing(target) as tables, another(tmp_path, "helper") as helper:
        at_it(target, 4)
        tables.rollback()
        assert_finished(run)
        assert by(target) == {leader.process.pid: 2, helper.process.pid: 2}
    said = RunEvent.objects.filter(run=run, message__contains="compared by other workers").get()
    assert said.message == "2 of 4 tables were compared by other workers."


def test_a_helper_that_dies_at_a_table_loses_only_its_claim(source: str, target: str, tmp_path: Path) -> None:
    run = begun(source, target)
    with working(tmp_path) as leader, comparing(target) as tables:
        with another(tmp_path, "helper") as helper:
            at_it(target, 4)
            helper.kill()
        tables.rollback()
        assert_finished(run)
        assert by(target) == {leader.process.pid: 4}


def test_a_cancel_reaches_whoever_compares(source: str, target: str, tmp_path: Path) -> None:
    run = begun(source, target)
    with working(tmp_path) as leader, comparing(target), another(tmp_path, "helper") as helper:
        at_it(target, 4)
        runs.cancel(run, User.objects.get())
        stopped = ended(run)
        wait_for(lambda: one(target, _SESSIONS) == 0, "nobody to be at work on the target")
        assert _alive(leader) and _alive(helper)
    assert (stopped.phase, stopped.error, stopped.offered) == ("cancelled", "", "")
    assert one(target, "SELECT count(*) FROM schemadiff.offers") == 0


def _alive(worker: Worker) -> bool:
    return worker.process.poll() is None
