"""A worker that follows a source for days: it goes on with other work, and another one takes the run up."""

from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from django.contrib.auth.models import User

from migration import checking, runs
from migration.models import Run, RunLag, RunState, Verification
from migration.store.verifications import Wanted
from schemadiff import comparison as use_case
from schemadiff.core.options.option import OptionName
from schemadiff.embedded import EmbeddedServer
from schemadiff.models import Connection, Project
from schemadiff.store import record_decision
from tests.engine.running import ask
from tests.servers import MakeDatabase
from tests.test_worker import saved
from tests.worker_process import PATIENCE, until, working

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.heavy]

TABLE = "CREATE TABLE first (id integer PRIMARY KEY, name text NOT NULL);"
FILL = "INSERT INTO first SELECT n, 'row ' || n FROM generate_series(1, 500) n;"
ONE_AT_A_TIME = ("--concurrency", "1")


def started(source: Connection, target: Connection, user: User, *, live: bool) -> Run:
    found = use_case.compare(source.project, source, target, user=user)
    record_decision(found, OptionName.HYBRID, reason="It fits.", why_not={}, user=user)
    return runs.create_run(source.project, found, OptionName.HYBRID, user=user, reason="Now.", live=live)


def now(run: Run) -> Run:
    return Run.objects.get(pk=run.pk)


def follows(run: Run) -> Callable[[], bool]:
    def does() -> bool:
        found = now(run)
        assert found.state != RunState.ENDED, found.error
        return found.state == RunState.RUNNING and found.phase == "cut_over" and bool(found.following)

    return does


def test_a_worker_that_follows_verifies_others_and_leaves_the_run_to_the_next(
    make_database: MakeDatabase, server16: EmbeddedServer, server18: EmbeddedServer, tmp_path: Path
) -> None:
    user, project = User.objects.create_user("ana"), Project.objects.create(slug="two", name="Two")
    here = make_database(server16, TABLE + FILL)
    source = saved(project, "from", here)
    copied = saved(project, "copied", make_database(server18, TABLE))
    there = make_database(server18, TABLE)
    try:
        with working(tmp_path, *ONE_AT_A_TIME) as worker:
            done = started(source, copied, user, live=False)
            until(lambda: now(done).state == RunState.ENDED, "the first run has ended")
            assert now(done).phase == "finish", now(done).error
            live = started(source, saved(project, "kept", there), user, live=True)
            until(follows(live), "the second run follows")
            verification = checking.request(now(done), Wanted(), user)
            until(lambda: not is_under_way(verification), "the first run's rows were compared")
            assert Verification.objects.get(pk=verification.pk).state == "done"
            assert follows(live)()
            worker.tell_to_end()
            assert worker.ended() == 0
        kept = RunLag.objects.filter(run=live).count()
        assert (now(live).state, now(live).phase) == (RunState.QUEUED, "cut_over")
        assert kept, "what was said in the last seconds is kept, too"
        write(here)
        other = tmp_path / "other"
        other.mkdir()
        with working(other, *ONE_AT_A_TIME):
            until(lambda: RunLag.objects.filter(run=live).count() > kept, "there are samples again")
            until(follows(live), "the run is followed again")
            until(lambda: ask(there, "SELECT count(*) FROM first") == [(501,)], "the new row is there")
            runs.cancel(live, user)
            until(lambda: now(live).state == RunState.ENDED, "the run is cancelled")
    finally:
        drop_slots(here)


def is_under_way(verification: Verification) -> bool:
    return Verification.objects.get(pk=verification.pk).state in Verification.UNDER_WAY


def write(dsn: str) -> None:
    with psycopg.connect(dsn) as source:
        source.execute("INSERT INTO first VALUES (501, 'written while nobody followed')")


def drop_slots(dsn: str) -> None:
    """Those of this database: it could not be dropped else."""
    listed = "SELECT slot_name FROM pg_replication_slots WHERE database = current_database()"

    def none() -> bool:
        with psycopg.connect(dsn, autocommit=True) as source:
            source.execute(
                f"SELECT pg_drop_replication_slot(slot_name) FROM ({listed} AND NOT active) AS idle"
            )
            return not source.execute(listed).fetchall()

    until(none, "the slots are gone", PATIENCE)
