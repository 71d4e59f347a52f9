"""Several workers on one run: both carry, one dies, one leads without the right to; each row comes once."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.utils import timezone

from migration import runs
from migration.engine.clean import leftovers
from migration.models import Run, RunCarrier, RunState
from schemadiff import comparison as use_case
from schemadiff.core.errors import Refused
from schemadiff.core.options.option import OptionName
from schemadiff.embedded import EmbeddedServer, throwaway
from schemadiff.models import Project
from tests.engine.running import ask, one
from tests.faults.process import wait_for
from tests.servers import MakeDatabase
from tests.test_worker import ended, now, saved, started
from tests.worker_process import Worker, until, working

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.heavy]

ROWS = 600_000  # twelve chunks
TABLE = "CREATE TABLE public.first (id integer PRIMARY KEY, name text NOT NULL)"
FILL = f"INSERT INTO public.first SELECT n, 'row ' || n FROM generate_series(1, {ROWS}) n"
_HASH = "SELECT count(*), md5(string_agg(f::text, '|' ORDER BY id)) FROM public.first f"
_CARRIERS = "SELECT carried_by, count(*) FROM schemadiff.chunks GROUP BY carried_by ORDER BY 2"
_CARRIED = "SELECT number, copied_at, xmin::text FROM schemadiff.chunks WHERE copied_at IS NOT NULL"
_SESSIONS = (
    "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'schemadiff' "
    "AND datname = current_database()"
)
_WAITING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'COPY %'"


@pytest.fixture
def source(make_database: MakeDatabase, server16: EmbeddedServer) -> str:
    return make_database(server16, f"{TABLE}; {FILL}")


@pytest.fixture
def target(make_database: MakeDatabase, server18: EmbeddedServer) -> str:
    return make_database(server18, TABLE)


def begun(source: str, target: str) -> Run:
    """A run that changes no schema, for whichever worker comes first."""
    user = User.objects.create_user("ana")
    project = Project.objects.create(slug="one", name="One table")
    found = use_case.compare(project, saved(project, "from", source), saved(project, "to", target), user=user)
    return started(found, OptionName.HYBRID, user)


@contextmanager
def held(target: str) -> Iterator[psycopg.Connection]:
    """Whoever wants to write to the table waits, until this is rolled back."""
    with psycopg.connect(target) as holder:
        holder.execute("LOCK TABLE public.first IN SHARE MODE")
        yield holder


@contextmanager
def another(folder: Path, name: str) -> Iterator[Worker]:
    worker = Worker(folder / f"{name}.log")
    try:
        worker.wait_until_ready()
        yield worker
    finally:
        if worker.process.poll() is None:
            worker.process.send_signal(signal.SIGCONT)
            worker.kill()


def carrying(target: str, sessions: int) -> None:
    wait_for(lambda: one(target, _WAITING) == sessions, f"{sessions} processes at a chunk each")


def carriers(target: str) -> dict[int, int]:
    """Chunks by the process number of the worker that carried them."""
    rows: list[Any] = ask(target, _CARRIERS)
    return {int(name.rpartition(" ")[2]): chunks for name, chunks in rows}


def assert_equal(source: str, target: str) -> None:
    assert ask(source, _HASH) == ask(target, _HASH)
    assert one(target, "SELECT sum(written) FROM schemadiff.chunks") == ROWS
    assert one(target, "SELECT count(*) FROM schemadiff.offers") == 0


def test_two_workers_carry_one_run(source: str, target: str, tmp_path: Path) -> None:
    run = begun(source, target)
    with working(tmp_path) as leader, held(target) as holder:
        carrying(target, 2)
        with another(tmp_path, "helper") as helper:
            carrying(target, 4)
            holder.rollback()
            finished = ended(run)
            both = {leader.process.pid, helper.process.pid}
    assert (finished.phase, finished.error, finished.attempts, finished.offered) == ("finish", "", 1, "")
    assert set(carriers(target)) == both
    assert sum(carriers(target).values()) == 12
    shown = {each.name: each.chunks for each in RunCarrier.objects.filter(run=run)}
    assert shown == dict(ask(target, _CARRIERS))
    assert all(name.startswith(os.uname().nodename) for name in shown)
    assert_equal(source, target)


def test_a_helper_that_dies_loses_only_what_it_was_at(source: str, target: str, tmp_path: Path) -> None:
    run = begun(source, target)
    with working(tmp_path) as leader, held(target) as holder:
        carrying(target, 2)
        with another(tmp_path, "helper") as helper:
            carrying(target, 4)
            helper.kill()
        holder.rollback()
        finished = ended(run)
    assert (finished.phase, finished.error, finished.attempts) == ("finish", "", 1)
    assert carriers(target)[leader.process.pid] >= 10
    assert_equal(source, target)


def test_a_helper_whose_leader_dies_stops_and_takes_the_run_up(
    source: str, target: str, tmp_path: Path
) -> None:
    run = begun(source, target)
    with working(tmp_path) as leader, held(target) as holder:
        carrying(target, 2)
        with another(tmp_path, "helper"):
            carrying(target, 4)
            leader.kill()
            holder.rollback()
            finished = ended(run)
    assert (finished.phase, finished.error, finished.attempts) == ("finish", "", 2)
    assert_equal(source, target)


def test_of_two_that_believe_they_lead_only_one_goes_on(source: str, target: str, tmp_path: Path) -> None:
    run = begun(source, target)
    with working(tmp_path) as first, held(target) as holder:
        carrying(target, 2)
        first.process.send_signal(signal.SIGSTOP)
        Run.objects.filter(pk=run.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
        with another(tmp_path, "second") as second:
            until(lambda: now(run).attempts == 2, "the second has it")
            holder.rollback()
            finished = ended(run)
            done = set(ask(target, _CARRIED))
            first.process.send_signal(signal.SIGCONT)
            until(lambda: "was taken over by another worker" in first.log.read_text(), "the first knows")
            assert first.process.poll() is None and second.process.poll() is None
    assert (finished.phase, finished.error) == ("finish", "")
    assert (now(run).phase, now(run).state, now(run).error) == ("finish", RunState.ENDED, "")
    assert set(ask(target, _CARRIED)) == done
    assert_equal(source, target)


def test_the_applications_database_may_restart_meanwhile(
    source: str, server18: EmbeddedServer, tmp_path: Path
) -> None:
    with throwaway(18) as elsewhere:
        target = elsewhere.dsn()
        ask(target, TABLE)
        run = begun(source, target)
        with working(tmp_path) as worker, held(target) as holder:
            carrying(target, 2)
            connection.close()
            server18.stop("immediate")
            server18.restart()
            holder.rollback()
            finished = ended(run)
            assert worker.process.poll() is None
        assert (finished.phase, finished.error) == ("finish", "")
        assert_equal(source, target)


def test_a_pause_reaches_whoever_helps(source: str, target: str, tmp_path: Path) -> None:
    run = begun(source, target)
    with working(tmp_path), held(target) as holder:
        carrying(target, 2)
        with another(tmp_path, "helper") as helper:
            carrying(target, 4)
            runs.pause(run, User.objects.get())
            until(lambda: now(run).state == RunState.PAUSED, "it is paused")
            wait_for(lambda: one(target, _SESSIONS) == 0, "nobody to be at work on the target")
            assert ask(target, _CARRIED) == []
            assert one(target, "SELECT count(*) FROM schemadiff.offers") == 0
            holder.rollback()
            assert helper.process.poll() is None
            runs.resume(run, User.objects.get())
            finished = ended(run)
    assert (finished.phase, finished.error) == ("finish", "")
    assert_equal(source, target)


def test_a_cancel_reaches_whoever_helps(source: str, target: str, tmp_path: Path) -> None:
    run = begun(source, target)
    with working(tmp_path) as leader, held(target) as holder:
        carrying(target, 2)
        with another(tmp_path, "helper") as helper:
            carrying(target, 4)
            runs.cancel(run, User.objects.get())
            finished = ended(run)
            wait_for(lambda: one(target, _SESSIONS) == 0, "nobody to be at work on the target")
            holder.rollback()
            assert leader.process.poll() is None and helper.process.poll() is None
    assert (finished.phase, finished.error, finished.offered) == ("cancelled", "", "")
    assert one(target, "SELECT count(*) FROM public.first") == 0
    assert ask(target, _CARRIED) == []
    assert [left.kind for left in leftovers(target)] == ["run", "ledger"]
    with pytest.raises(Refused, match="cannot be resumed"):
        runs.resume(run, User.objects.get())
