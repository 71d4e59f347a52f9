"""What a run reports is kept by a thread of its own, which also notices that the run is to stop."""

import threading

import psycopg
import pytest
from django.db import connection

from migration import store
from migration.core.errors import LeaseLost
from migration.core.events import Log, PhaseStarted, TableProgress, TableState
from migration.core.phases import Phase
from migration.models import Run, RunEvent, RunTable
from migration.recorder import Recorder
from tests.faults.process import wait_for
from tests.run_rows import make_run, make_world
from tests.worker_process import database_url

pytestmark = pytest.mark.django_db(transaction=True)
CLIENTS = ("public", "clients")
PATIENCE = 60  # seconds until a test that waits gives up


def never() -> bool:
    return False


def claimed(run: Run) -> store.Lease:
    lease = store.claim(run.pk)
    assert lease is not None
    return lease


def test_everything_reported_is_stored_when_the_block_ends() -> None:
    run = make_run(make_world())
    with Recorder(claimed(run), never) as recorder:
        recorder.report(PhaseStarted(phase=Phase.COPY))
        for written in range(1, 1001):
            recorder.report(
                TableProgress(
                    table=CLIENTS,
                    target=CLIENTS,
                    state=TableState.COPYING,
                    rows_total=1000,
                    rows_written=written,
                )
            )
        recorder.report(Log(message="last"))
    assert RunTable.objects.get(run=run, source_table="clients").rows_written == 1000
    assert [event.message for event in RunEvent.objects.all()] == ["Begun.", "last"]


def test_progress_is_stored_at_most_twice_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    run = make_run(make_world())
    batches: list[int] = []
    kept = store.record

    def counting(lease: store.Lease, events: object, samples: object) -> object:
        batches.append(len(events))  # type: ignore[arg-type]
        return kept(lease, events, samples)  # type: ignore[arg-type]

    monkeypatch.setattr(store, "record", counting)
    with Recorder(claimed(run), never) as recorder:
        for number in range(500):
            recorder.report(Log(message=str(number)))
    assert sum(batches) == 500
    assert len(batches) == 1


def test_a_wish_to_cancel_is_heard() -> None:
    run = make_run(make_world())
    waiting = threading.Event()
    with Recorder(claimed(run), never) as recorder:
        assert not recorder.should_stop()
        store.ask_to_stop(run)
        for _ in range(PATIENCE * 10):
            if recorder.should_stop():
                break
            waiting.wait(0.1)
        assert recorder.should_stop()
        assert recorder.cancelled


def test_the_worker_that_is_to_end_stops_the_run_without_cancelling_it() -> None:
    with Recorder(claimed(make_run(make_world())), lambda: True) as recorder:
        assert recorder.should_stop()
        assert not recorder.cancelled


def test_whoever_lost_the_lease_is_told_and_has_stored_nothing() -> None:
    run = make_run(make_world())
    lease = claimed(run)
    Run.objects.filter(pk=run.pk).update(lease_token="00000000-0000-0000-0000-000000000001")
    with pytest.raises(LeaseLost), Recorder(lease, never) as recorder:
        recorder.report(Log(message="too late"))
    assert not RunEvent.objects.exists()


def test_a_lost_connection_to_the_application_is_made_again() -> None:
    run = make_run(make_world())
    with Recorder(claimed(run), never) as recorder:
        recorder.report(Log(message="before"))
        _wait_for_event("before")
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        recorder.report(Log(message="after"))
    assert [event.message for event in RunEvent.objects.all()] == ["before", "after"]


def _wait_for_event(message: str) -> None:
    waiting = threading.Event()
    for _ in range(PATIENCE * 10):
        if RunEvent.objects.filter(message=message).exists():
            return
        waiting.wait(0.1)
    raise AssertionError(f"{message!r} was not stored within {PATIENCE} s")


@pytest.mark.heavy
def test_a_database_that_says_nothing_ends_the_lease_by_the_workers_own_clock(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Another worker may have the run by then, and this one is still waiting for an answer."""
    run = make_run(make_world())
    lease = claimed(run)
    monkeypatch.setattr(store, "LEASE_SECONDS", 1)
    with psycopg.connect(database_url()) as holder:
        holder.execute("SELECT FROM migration_run FOR UPDATE")
        recorder = Recorder(lease, never)
        with pytest.raises(LeaseLost, match="has not answered"), recorder:
            wait_for(recorder.should_stop, "the recorder to say that the run is to stop")
        holder.rollback()
    wait_for(lambda: not recorder.is_waiting, "the answer")
