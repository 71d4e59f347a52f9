"""A real worker process carries runs out: to the end, through a kill, and not beyond a wish to stop."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.contrib.auth.models import User

from migration import demo, runs, seedcase
from migration.measuring import request_measuring
from migration.models import Measuring, Run, RunState
from schemadiff import comparison as use_case
from schemadiff import connections
from schemadiff.core.mapping_file import load
from schemadiff.core.options.option import OptionName
from schemadiff.embedded import EmbeddedServer
from schemadiff.models import Comparison, Connection, Project
from schemadiff.store import measures_of, record_decision, save_mapping
from tests.servers import MakeDatabase
from tests.worker_process import PATIENCE, Worker, until, working

pytestmark = pytest.mark.django_db(transaction=True)

ROWS = 120_000  # of table `first`: three chunks
TABLES = """
CREATE TABLE first (id integer PRIMARY KEY, name text NOT NULL);
CREATE TABLE second (id integer PRIMARY KEY, name text NOT NULL);
"""
FILL = f"""
INSERT INTO first SELECT n, 'row ' || n FROM generate_series(1, {ROWS}) n;
INSERT INTO second SELECT n, 'row ' || n FROM generate_series(1, 1000) n;
"""


@pytest.fixture
def user() -> User:
    return User.objects.create_user("ana")


@pytest.fixture
def seeded(seed_source_dsn: str, seed_target_dsn: str) -> Comparison:
    demo.populate(seed_source_dsn, seed_target_dsn)
    return Comparison.objects.get()


@pytest.fixture
def target_dsn(make_database: MakeDatabase, server18: EmbeddedServer) -> str:
    return make_database(server18, TABLES)


@pytest.fixture
def two_tables(
    make_database: MakeDatabase, server16: EmbeddedServer, target_dsn: str, user: User
) -> Comparison:
    """Two equal schemas, the source's with rows: `hybrid` changes nothing and copies."""
    project = Project.objects.create(slug="two", name="Two tables")
    source = saved(project, "from", make_database(server16, TABLES + FILL))
    return use_case.compare(project, source, saved(project, "to", target_dsn), user=user)


def saved(project: Project, name: str, dsn: str) -> Connection:
    address = psycopg.conninfo.conninfo_to_dict(dsn)
    connection = Connection(
        project=project,
        name=name,
        host=str(address["host"]),
        port=int(address["port"] or 5432),
        dbname=str(address["dbname"]),
        user=str(address["user"]),
    )
    return connections.save(connection, password=str(address["password"]))


def started(comparison: Comparison, option: OptionName, user: User) -> Run:
    record_decision(comparison, option, reason="It fits.", why_not={}, user=user)
    return runs.create_run(comparison.project, comparison, option, user=user, reason="Now.")


def ended(run: Run, seconds: float = PATIENCE) -> Run:
    until(lambda: now(run).state == RunState.ENDED, f"run #{run.number} has ended", seconds)
    return now(run)


def now(run: Run) -> Run:
    return Run.objects.get(pk=run.pk)


@contextmanager
def second_table_held(target_dsn: str) -> Iterator[None]:
    """Nobody can write to the table `second` inside the block, so no run can end."""
    with psycopg.connect(target_dsn) as holder:
        holder.execute("LOCK TABLE second IN SHARE MODE")
        yield


def until_some_rows_are_there(run: Run) -> None:
    def some_or_ended() -> bool:
        copied = run.table_rows.filter(source_table="first", rows_written__gt=0).exists()
        return copied or now(run).state == RunState.ENDED

    until(some_or_ended, "some rows of the first table are in the target")
    assert now(run).state == RunState.RUNNING, now(run).error


def until_its_worker_has_looked(run: Run) -> None:
    """At the run's state, which it does whenever it renews its lease; one renewal may have been under way."""
    for _ in range(2):
        seen = now(run).lease_until
        until(lambda seen=seen: now(run).lease_until != seen, "the worker has looked")  # type: ignore[misc]


def copied(dsn: str, table: str) -> Any:
    with psycopg.connect(dsn) as target:
        return target.execute(f"SELECT count(*), count(DISTINCT id) FROM {table}").fetchone()


def test_recreate_carries_every_row_of_the_example(seeded: Comparison, tmp_path: Path) -> None:
    admin = User.objects.get(username="admin")
    with working(tmp_path):
        run = ended(started(seeded, OptionName.RECREATE, admin))
    assert (run.phase, run.error) == ("finish", "")
    assert [
        (row.source_table, row.rows_written, row.rejects, row.differing) for row in run.table_rows.all()
    ] == [(table, seedcase.COUNTS[table], 0, 0) for table in sorted(seedcase.TABLES)]
    assert sum(row.rows_written for row in run.table_rows.all()) == 1490
    prints = {(p.table, p.moment): (p.rows, p.digest) for p in run.fingerprints.all()}
    assert {key: rows for key, (rows, _) in prints.items()} == {
        ("whatsapp_auth", "before"): 1,
        ("whatsapp_auth", "after"): 1,
        ("whatsapp_keys", "before"): 728,
        ("whatsapp_keys", "after"): 728,
    }
    assert all(prints[table, "before"] == prints[table, "after"] for table in seedcase.PROTECTED)


@pytest.mark.heavy
def test_transform_keeps_every_reject_with_its_reason(seeded: Comparison, tmp_path: Path) -> None:
    admin = User.objects.get(username="admin")
    save_mapping(seeded, load(seedcase.MAPPING_JSON.read_text(encoding="utf-8")), user=admin)
    with working(tmp_path):
        run = ended(started(seeded, OptionName.TRANSFORM, admin))
    assert (run.phase, run.error) == ("finish", "")
    rows = run.table_rows.all()
    assert (sum(row.rows_written for row in rows), sum(row.rejects for row in rows)) == (1339, 151)
    assert sum(group.count for group in run.reject_groups.all()) == 151
    assert all(group.reason for group in run.reject_groups.all())


@pytest.mark.heavy
def test_a_killed_workers_run_is_finished_by_the_next_with_every_row_once(
    two_tables: Comparison, target_dsn: str, user: User, tmp_path: Path
) -> None:
    run = started(two_tables, OptionName.HYBRID, user)
    with working(tmp_path) as worker:
        with second_table_held(target_dsn):
            until_some_rows_are_there(run)
            worker.kill()
        assert now(run).state == RunState.RUNNING
        successor = Worker(tmp_path / "successor.log")
        try:
            finished = ended(run)
        finally:
            successor.tell_to_end()
            code = successor.ended()
    assert (finished.phase, finished.error, finished.attempts) == ("finish", "", 2)
    assert copied(target_dsn, "first") == (ROWS, ROWS)
    assert copied(target_dsn, "second") == (1000, 1000)
    assert code == 0


@pytest.mark.heavy
def test_a_worker_told_to_end_leaves_its_run_to_the_next(
    two_tables: Comparison, target_dsn: str, user: User, tmp_path: Path
) -> None:
    run = started(two_tables, OptionName.HYBRID, user)
    with working(tmp_path) as worker:
        with second_table_held(target_dsn):
            until_some_rows_are_there(run)
            worker.tell_to_end()
        assert worker.ended() == 0
    left = now(run)
    assert (left.state, left.phase, left.lease_token) == (RunState.QUEUED, "copy", None)
    with working(tmp_path):
        finished = ended(run)
    assert (finished.phase, finished.attempts) == ("finish", 1)
    assert copied(target_dsn, "first") == (ROWS, ROWS)


@pytest.mark.heavy
def test_a_paused_run_goes_on_where_it_stopped_on_another_worker(
    two_tables: Comparison, target_dsn: str, user: User, tmp_path: Path
) -> None:
    run = started(two_tables, OptionName.HYBRID, user)
    with working(tmp_path):
        with second_table_held(target_dsn):
            until_some_rows_are_there(run)
            runs.pause(run, user)
            until_its_worker_has_looked(run)
        until(lambda: now(run).state == RunState.PAUSED, "the run is paused")
    at_rest = now(run)
    assert (at_rest.phase, at_rest.attempts, at_rest.lease_token) == ("copy", 0, None)
    before = finished_chunks(target_dsn)
    assert before
    runs.resume(run, user)
    other = tmp_path / "other"
    other.mkdir()
    with working(other):
        finished = ended(run)
    assert (finished.phase, finished.error) == ("finish", "")
    assert before <= finished_chunks(target_dsn)  # with the moment at which each was copied
    assert copied(target_dsn, "first") == (ROWS, ROWS)


def finished_chunks(dsn: str) -> set[tuple[Any, ...]]:
    with psycopg.connect(dsn) as target:
        query = "SELECT source_table, number, copied_at FROM schemadiff.chunks WHERE copied_at IS NOT NULL"
        return set(target.execute(query).fetchall())


@pytest.mark.heavy
def test_a_cancelled_run_stops_in_the_middle(
    two_tables: Comparison, target_dsn: str, user: User, tmp_path: Path
) -> None:
    run = started(two_tables, OptionName.HYBRID, user)
    with working(tmp_path):
        with second_table_held(target_dsn):
            until_some_rows_are_there(run)
            runs.cancel(run, user)
            assert now(run).state == RunState.CANCELLING
            until_its_worker_has_looked(run)
        cancelled = ended(run)
    assert (cancelled.phase, cancelled.reached) == ("cancelled", "copy")


def test_a_run_that_is_refused_fails_with_the_reason(
    two_tables: Comparison, target_dsn: str, user: User, tmp_path: Path
) -> None:
    run = started(two_tables, OptionName.HYBRID, user)
    with psycopg.connect(target_dsn) as target:
        target.execute("ALTER TABLE first ADD COLUMN more text")
    with working(tmp_path):
        failed = ended(run)
        assert failed.phase == "failed"
        assert "is no longer the one that this plan was made for" in failed.error
        with psycopg.connect(target_dsn) as target:
            target.execute("ALTER TABLE first DROP COLUMN more")
        runs.resume(failed, user)
        assert ended(run).phase == "finish"


SERVING = """
import django
django.setup()
from migration.management.commands import worker

def tell_and_say_so(*arguments):
    tell(*arguments)
    print("told", flush=True)

tell, worker._tell = worker._tell, tell_and_say_so
worker.serve(["runs", "maintenance"], concurrency=1)
"""


def test_who_is_told_to_end_before_its_connections_are_open_ends_in_order() -> None:
    """A server that takes connections and never answers: the worker waits for it when the word comes, twice."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(PATIENCE)
        url = f"postgresql://nobody@127.0.0.1:{silent.getsockname()[1]}/none"
        worker = subprocess.Popen(
            [sys.executable, "-c", SERVING],
            env={**os.environ, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "config.settings"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=settings.BASE_DIR,
            text=True,
        )
        asked, _ = silent.accept()
        with asked:
            assert worker.stdout is not None
            for _ in range(2):
                worker.send_signal(signal.SIGTERM)
                assert worker.stdout.readline() == "told\n"
            said, _ = worker.communicate(timeout=PATIENCE)
    assert (worker.returncode, said) == (0, "")


@pytest.mark.heavy
def test_the_options_are_measured_in_the_background(seeded: Comparison, tmp_path: Path) -> None:
    engineer = User.objects.get(username="engineer")
    with working(tmp_path):
        request_measuring(seeded, engineer)
        until(lambda: not _under_way(seeded), "the options are measured")
    found = Measuring.objects.get(comparison=seeded)
    assert (found.state, found.error) == (Measuring.State.DONE, "")
    assert set(measures_of(seeded)) == set(OptionName)


def _under_way(comparison: Comparison) -> bool:
    state = Measuring.objects.get(comparison=comparison).state
    return state in (Measuring.State.QUEUED, Measuring.State.RUNNING)
