"""A run is worked on by whoever holds its lease, and by nobody else."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from migration import store
from migration.core.errors import LeaseLost
from migration.core.events import (
    Fingerprint,
    Level,
    Log,
    PhaseStarted,
    RejectsGrouped,
    TableChecked,
    TableProgress,
    TableState,
)
from migration.core.phases import Phase
from migration.execution import recover
from migration.models import Run, RunEvent, RunReject, RunState, RunTable
from tests.run_rows import make_run, make_world

pytestmark = pytest.mark.django_db
CLIENTS = ("public", "clients")


def claimed(run: Run) -> store.Lease:
    lease = store.claim(run.pk)
    assert lease is not None
    return lease


def expire(run: Run) -> None:
    Run.objects.filter(pk=run.pk).update(lease_until=timezone.now() - timedelta(seconds=1))


def progress(written: int, state: TableState = TableState.COPYING) -> TableProgress:
    return TableProgress(table=CLIENTS, target=CLIENTS, state=state, rows_total=10, rows_written=written)


def test_a_run_is_claimed_once() -> None:
    run = make_run(make_world())
    lease = claimed(run)
    assert store.claim(run.pk) is None
    run.refresh_from_db()
    assert (run.state, run.attempts, run.lease_token) == (RunState.RUNNING, 1, lease.token)
    assert not lease.resumes


def test_a_dead_workers_run_is_claimed_by_another_which_knows_that_it_resumes() -> None:
    run = make_run(make_world())
    dead = claimed(run)
    expire(run)
    other = claimed(run)
    assert (other.resumes, other.attempt) == (True, 2)
    for act in (
        lambda: store.renew(dead),
        lambda: store.enter(dead, Phase.COPY),
        lambda: store.end(dead, Phase.FINISH),
        lambda: store.give_back(dead),
        lambda: store.record(dead, [Log(message="I am still here")]),
    ):
        with pytest.raises(LeaseLost):
            act()
    assert not RunEvent.objects.exists()
    run.refresh_from_db()
    assert (run.state, run.phase, run.lease_token) == (RunState.RUNNING, "prepare", other.token)


def test_an_ended_run_is_not_claimed() -> None:
    assert store.claim(make_run(make_world(), state=RunState.ENDED, phase="failed").pk) is None


def test_a_cancelled_run_whose_worker_died_is_claimed_as_cancelling() -> None:
    run = make_run(make_world(), state=RunState.CANCELLING, lease_token=uuid4(), lease_until=timezone.now())
    expire(run)
    claimed(run)
    run.refresh_from_db()
    assert run.state == RunState.CANCELLING


def test_a_run_to_be_paused_whose_worker_died_is_claimed_to_be_paused() -> None:
    run = make_run(make_world(), state=RunState.PAUSING, lease_token=uuid4(), lease_until=timezone.now())
    expire(run)
    lease = claimed(run)
    run.refresh_from_db()
    assert run.state == RunState.PAUSING
    store.pause(lease)
    run.refresh_from_db()
    assert (run.state, run.lease_token, run.attempts) == (RunState.PAUSED, None, 0)


def test_a_paused_run_is_nobodys_until_it_is_queued_again() -> None:
    run = make_run(make_world())
    assert store.pause_queued(run)
    assert store.claim(run.pk) is None
    assert not store.abandoned().exists()
    assert store.active_on(run.target) == run
    assert store.queue_paused(run)
    assert claimed(run)
    assert not store.queue_paused(run)


def test_giving_back_leaves_the_run_to_the_next_worker() -> None:
    run = make_run(make_world())
    store.give_back(claimed(run))
    run.refresh_from_db()
    assert (run.state, run.attempts, run.lease_token) == (RunState.QUEUED, 0, None)
    assert claimed(run).resumes


def test_renewing_tells_that_somebody_asked_to_stop() -> None:
    run = make_run(make_world())
    lease = claimed(run)
    assert store.renew(lease) is RunState.RUNNING
    assert store.ask_to_stop(run)
    assert store.renew(lease) is RunState.CANCELLING


def test_a_queued_run_ends_at_once_and_a_running_one_does_not() -> None:
    world = make_world()
    queued, running = make_run(world), make_run(world)
    claimed(running)
    assert store.end_queued(queued)
    assert not store.end_queued(running)
    queued.refresh_from_db()
    assert (queued.state, queued.phase) == (RunState.ENDED, "cancelled")


def test_only_a_failed_run_is_queued_again_at_the_phase_it_reached() -> None:
    world = make_world()
    failed = make_run(
        world, state=RunState.ENDED, phase="failed", reached="copy", error="No room.", attempts=3
    )
    finished = make_run(world, state=RunState.ENDED, phase="finish")
    assert store.queue_again(failed)
    assert not store.queue_again(finished)
    failed.refresh_from_db()
    assert (failed.state, failed.phase, failed.error, failed.attempts) == (RunState.QUEUED, "copy", "", 0)


def test_of_a_tables_progress_in_one_batch_only_the_last_is_stored() -> None:
    run = make_run(make_world())
    lease = claimed(run)
    store.record(lease, [progress(1), progress(5), progress(10, TableState.COPIED)])
    row = RunTable.objects.get(run=run, source_table="clients")
    assert (row.state, row.rows_written, row.rows_total) == ("copied", 10, 10)


def test_the_log_says_in_which_phase_something_happened() -> None:
    run = make_run(make_world())
    lease = claimed(run)
    store.record(lease, [PhaseStarted(phase=Phase.COPY), Log(message="slow", level=Level.WARNING)])
    store.record(lease, [Log(message="slower", details=("clients", "orders"))])
    assert list(RunEvent.objects.values_list("phase", "level", "message")) == [
        ("copy", "info", "Begun."),
        ("copy", "warning", "slow"),
        ("copy", "info", "slower\nclients\norders"),
    ]
    run.refresh_from_db()
    assert (run.phase, run.reached) == ("copy", "copy")


def test_no_password_reaches_the_log() -> None:
    lease = claimed(make_run(make_world()))
    store.record(lease, [Log(message="cannot connect to postgresql://app:hunter2@db/crm")])
    assert "hunter2" not in RunEvent.objects.get().message


def test_rejects_are_totals_not_increments() -> None:
    run = make_run(make_world())
    lease = claimed(run)
    for count in (3, 8):
        store.record(
            lease,
            [
                RejectsGrouped(
                    table=CLIENTS,
                    sqlstate="23502",
                    constraint="",
                    column="phone",
                    reason="no phone",
                    count=count,
                )
            ],
        )
    assert list(RunReject.objects.values_list("column", "count")) == [("phone", 8)]


def test_a_verified_table_and_one_that_differs() -> None:
    run = make_run(make_world())
    lease = claimed(run)
    for name, differing in (("clients", 0), ("orders", 2)):
        table = ("public", name)
        store.record(
            lease,
            [
                TableChecked(
                    table=table,
                    target=table,
                    source_rows=10,
                    target_rows=9,
                    rejected_rows=1,
                    differing=differing,
                    method="strict",
                )
            ],
        )
    assert list(RunTable.objects.values_list("source_table", "state", "differing")) == [
        ("clients", "verified", 0),
        ("orders", "different", 2),
    ]


def test_what_a_live_run_has_carried_is_what_was_compared() -> None:
    """Its copy wrote fewer rows, or more, than there are by now."""
    world = make_world()
    checked = TableChecked(
        table=CLIENTS,
        target=CLIENTS,
        source_rows=120,
        target_rows=115,
        rejected_rows=3,
        differing=2,
        method="strict",
        missing=2,
    )
    for live in (True, False):
        run = make_run(world, live=live)
        store.record(claimed(run), [progress(100), checked])
        table = RunTable.objects.get(run=run, source_table="clients")
        assert (table.rows_total, table.rows_written) == (120, 115 if live else 100)


def test_a_fingerprint_of_the_same_moment_replaces_the_one_before() -> None:
    run = make_run(make_world())
    lease = claimed(run)
    for rows in (1, 728):
        print_ = Fingerprint(table=("public", "keys"), when="before", rows=rows, digest=str(rows))
        store.record(lease, [print_])
    assert list(run.fingerprints.values_list("rows", "moment")) == [(728, "before")]


def test_abandoned_runs_are_those_that_wait_and_those_of_dead_workers() -> None:
    world = make_world()
    waiting, dead, alive = (make_run(world) for _ in range(3))
    make_run(world, state=RunState.ENDED, phase="finish")
    for run in (dead, alive):
        claimed(run)
    expire(dead)
    assert set(store.abandoned()) == {waiting, dead}
    assert list(store.held_until()) == [alive.pk]


def test_a_run_is_taken_up_when_its_last_lease_ends_though_somebody_waits_for_an_earlier_one() -> None:
    run = make_run(make_world())
    lease = claimed(run)
    for _ in range(2):
        store.renew(lease)
        recover()
        recover()
    waiting = ProcrastinateJob.objects.filter(args={"run_id": run.pk}).order_by("scheduled_at")
    run.refresh_from_db()
    earlier, latest = waiting.values_list("scheduled_at", flat=True)
    assert earlier < latest == run.lease_until
