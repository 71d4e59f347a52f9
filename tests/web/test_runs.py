"""The pages of runs: who sees what, what may be done when, and what is done then."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django import DjangoAssertNumQueries

from migration.models import Run, RunCarrier, RunEvent, RunFingerprint, RunReject, RunState, RunTable
from tests.run_rows import World, forget_decision, make_run, make_world
from tests.web.run_pages import page, post, running

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return make_world()


def finished(world: World, **values: Any) -> Run:
    now = timezone.now()
    return make_run(
        world,
        state=RunState.ENDED,
        phase="finish",
        reached="finish",
        started_at=now - timedelta(minutes=3, seconds=4),
        ended_at=now,
        **values,
    )


def failed(world: World, **values: Any) -> Run:
    now = timezone.now()
    return make_run(
        world,
        state=RunState.ENDED,
        phase="failed",
        reached="copy",
        error="No room on the target's disk.",
        started_at=now - timedelta(seconds=5),
        ended_at=now,
        **values,
    )


def outlook(phase: str, least: float | None, most: float | None, why: str = "", ago: float = 0) -> Any:
    at = (timezone.now() - timedelta(seconds=ago)).isoformat()
    return {"phase": phase, "least": least, "most": most, "why": why, "at": at}


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        (("copy", 60.0, 120.0), "Phase ends (UTC)"),
        (
            ("copy", None, None, "not known before the first index is built"),
            "not known before the first",
        ),
        (("copy", 60.0, None, "not known before a key is checked"), "; not known before a key"),
        (("copy", 5.0, 10.0, "", 16), "it takes longer than anything of its kind"),
    ],
)
def test_a_phase_ends_in_a_range_or_it_says_what_is_not_known(
    client: Client, world: World, said: Any, shown: str
) -> None:
    run = running(world, outlook=outlook(*said))
    assert shown in page(client, world.manager, "run", run.number).content.decode()


@pytest.mark.parametrize(("ago", "is_shown"), [(1, True), (60, False)])
def test_what_is_being_built_and_how_far_it_is(
    client: Client, world: World, ago: float, is_shown: bool
) -> None:
    told = "index public.orders.city (scanning table, 43 %)"
    run = running(world, outlook={**outlook("copy", None, None, ago=ago), "at_work": told})
    shown = page(client, world.manager, "run", run.number).content.decode()
    assert (f'id="at-work">Being built: {told}</p>' in shown) is is_shown


def test_what_was_foreseen_of_another_phase_is_not_shown(client: Client, world: World) -> None:
    run = running(world, outlook=outlook("back_up", 60.0, 120.0))
    assert "ends (UTC)" not in page(client, world.manager, "run", run.number).content.decode()


def test_the_page_says_which_workers_carry_the_run(client: Client, world: World) -> None:
    run = running(world)
    assert "Carried by" not in page(client, world.manager, "run", run.number).content.decode()
    for host, rows in (("alder", 1_200_000), ("birch", 34)):
        RunCarrier.objects.create(
            project=world.project, run=run, name=f"{host}, process 7", chunks=3, rows=rows
        )
    shown = page(client, world.manager, "run", run.number).content.decode()
    assert "alder, process 7" in shown and "birch, process 7" in shown and "1,200,000" in shown


# ------------------------------------------------------------------------------------ who sees what


def test_a_stranger_finds_no_run(client: Client, world: World) -> None:
    run = running(world)
    stranger = User.objects.create_user("stranger")
    assert page(client, stranger, "run", run.number).status_code == 404
    assert page(client, stranger, "runs").status_code == 404


def test_a_manager_sees_how_a_run_stands_and_nothing_to_do(client: Client, world: World) -> None:
    run = failed(world)
    RunReject.objects.create(
        project_id=run.project_id,
        run=run,
        source_schema="public",
        source_table="clients",
        sqlstate="23502",
        reason="No phone.",
        count=8,
    )
    answer = page(client, world.manager, "run", run.number)
    assert answer.status_code == 200
    text = answer.content.decode()
    assert "No room on the target" in text
    assert "No phone." in text
    for forbidden in ("run_rejects", "run_resume", "run_restore", "run_leftovers", "run_cancel"):
        assert reverse(f"migration:{forbidden}", args=["crm", run.number]) not in text
    assert reverse("schemadiff:plan", args=["crm", 1, "recreate"]) not in text


@pytest.mark.parametrize("name", ["run_rejects", "run_cancel", "run_restore", "run_leftovers"])
def test_a_manager_may_not(client: Client, world: World, name: str) -> None:
    run = failed(world)
    assert page(client, world.manager, name, run.number).status_code == 403


@pytest.mark.parametrize("name", ["run_cancel", "run_resume", "run_restore", "run_leftovers"])
def test_an_engineer_starts_and_stops_nothing(client: Client, world: World, name: str) -> None:
    run = failed(world)
    client.force_login(world.engineer)
    answer = client.post(reverse(f"migration:{name}", args=["crm", run.number]))
    assert answer.status_code == 403
    run.refresh_from_db()
    assert (run.state, run.phase) == (RunState.ENDED, "failed")


def test_no_page_of_a_run_asks_a_query_per_row(
    client: Client, world: World, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    small = finished(world)
    large = finished(world)
    RunTable.objects.bulk_create(
        RunTable(
            project_id=large.project_id,
            run=large,
            position=number,
            source_schema="public",
            source_table=f"t{number}",
            target_schema="public",
            target_table=f"t{number}",
        )
        for number in range(2, 60)
    )
    RunEvent.objects.bulk_create(
        RunEvent(project_id=large.project_id, run=large, phase="copy", message=f"line {number}")
        for number in range(300)
    )
    client.force_login(world.admin)
    for run in (small, large):
        with django_assert_num_queries(10):
            client.get(reverse("migration:run", args=["crm", run.number]))
    for count in (2, 7):
        while Run.objects.count() < count:
            finished(world)
        with django_assert_num_queries(5):
            client.get(reverse("migration:runs", args=["crm"]))


# --------------------------------------------------------------------------------- what stands there


def test_tables_that_have_not_started_are_listed(client: Client, world: World) -> None:
    run = running(world)
    RunTable.objects.filter(run=run, source_table="clients").update(
        state="copying", rows_total=1299, rows_written=640, rejects=8, seconds=2.0
    )
    text = page(client, world.manager, "run", run.number).content.decode()
    assert "public.clients" in text
    assert "640 of 1,299" in text
    assert "324/s" in text
    assert "public.orders" in text
    assert "○ not started" in text
    assert "640 of 1,299 rows are in the target, 8 rejected." in text


def test_a_finished_run_says_that_everything_is_there(client: Client, world: World) -> None:
    run = finished(world)
    run.table_rows.update(state="verified", rows_total=745, rows_written=745, differing=0)
    text = page(client, world.manager, "run", run.number).content.decode()
    assert "All 1,490 rows of 2 tables are in the target, every one verified as equal." in text
    assert "3 min 4 s" in text


def test_rejects_are_part_of_the_verdict(client: Client, world: World) -> None:
    run = finished(world)
    run.table_rows.filter(source_table="clients").update(
        state="verified", rows_total=1490, rows_written=1339, rejects=151, differing=0
    )
    text = page(client, world.manager, "run", run.number).content.decode()
    assert "Finished with rejects." in text
    assert "1,339 of 1,490 rows are in the target and verified as equal; 151 were refused" in text


def test_a_failed_run_says_where_why_and_what_next(client: Client, world: World) -> None:
    text = page(client, world.admin, "run", failed(world).number).content.decode()
    assert "Stopped in Copy: No room on the target&#x27;s disk." in text
    assert "Resuming goes on where it stopped" in text
    assert 'class="failed">Copy' in text


def test_a_silent_worker_is_told(client: Client, world: World) -> None:
    run = running(world)
    Run.objects.filter(pk=run.pk).update(lease_until=timezone.now() - timedelta(seconds=30))
    assert "Worker silent." in page(client, world.manager, "run", run.number).content.decode()


def test_protected_tables_are_shown_before_and_after(client: Client, world: World) -> None:
    run = finished(world, protected=[["public", "keys"], ["public", "auth"]])
    for table, moment, rows, digest in (
        ("keys", "before", 728, "aaaa"),
        ("keys", "after", 728, "aaaa"),
        ("auth", "before", 1, "bbbb"),
        ("auth", "after", 2, "cccc"),
    ):
        RunFingerprint.objects.create(
            project_id=run.project_id,
            run=run,
            schema="public",
            table=table,
            moment=moment,
            rows=rows,
            digest=digest,
        )
    text = page(client, world.manager, "run", run.number).content.decode()
    assert text.count("✓ untouched") == 1
    assert text.count("▲ changed meanwhile") == 1
    assert "but public.auth changed meanwhile." in text


def test_the_log_can_be_filtered_by_level(client: Client, world: World) -> None:
    run = running(world)
    RunEvent.objects.create(
        project_id=run.project_id, run=run, phase="copy", level="warning", message="held 3 rows before"
    )
    RunEvent.objects.create(project_id=run.project_id, run=run, phase="copy", message="Copy begins.")
    text = page(client, world.manager, "run", run.number, query="?level=warning").content.decode()
    assert "held 3 rows before" in text
    assert "Copy begins." not in text


def test_the_list_says_how_each_run_stands(client: Client, world: World) -> None:
    finished(world)
    failed(world)
    text = page(client, world.manager, "runs").content.decode()
    assert "✓ Finished" in text
    assert "✕ Failed in Copy" in text


def test_without_runs_the_list_says_what_to_do(client: Client, world: World) -> None:
    assert "Open the plan to run" in page(client, world.admin, "runs").content.decode()
    forget_decision(world)
    assert "A run follows a decision" in page(client, world.admin, "runs").content.decode()


# ------------------------------------------------------------------------------------------ polling


def test_polling_goes_on_while_a_run_lives_and_ends_with_it(client: Client, world: World) -> None:
    run = running(world)
    assert "every 1s" in page(client, world.manager, "run", run.number).content.decode()
    assert page(client, world.manager, "run_progress", run.number).status_code == 200
    Run.objects.filter(pk=run.pk).update(state=RunState.ENDED, phase="finish")
    assert page(client, world.manager, "run_progress", run.number).status_code == 286
    assert "every 1s" not in page(client, world.manager, "run", run.number).content.decode()


# ---------------------------------------------------------------------------------- what may be done


def actions_in(client: Client, world: World, run: Run) -> set[str]:
    text = page(client, world.admin, "run", run.number).content.decode()
    return {name for name in ("pause", "cancel", "resume", "restore", "clean") if f'id="{name}"' in text}


def test_only_what_is_allowed_now_is_offered(client: Client, world: World) -> None:
    assert actions_in(client, world, make_run(world)) == {"pause", "cancel"}
    assert actions_in(client, world, running(world)) == {"pause", "cancel"}
    assert actions_in(client, world, running(world, state=RunState.PAUSING)) == {"cancel"}
    assert actions_in(client, world, running(world, state=RunState.PAUSED)) == {"cancel", "resume"}
    assert actions_in(client, world, failed(world)) == {"resume", "restore", "clean"}
    assert actions_in(client, world, finished(world)) == {"restore", "clean"}
    hybrid = finished(world)
    Run.objects.filter(pk=hybrid.pk).update(option="hybrid")  # parks nothing
    assert actions_in(client, world, hybrid) == {"clean"}


def test_a_queued_run_is_cancelled_at_once(client: Client, world: World) -> None:
    run = make_run(world)
    assert "Cancel the run" in page(client, world.admin, "run_cancel", run.number).content.decode()
    answer = post(client, world.admin, "run_cancel", run.number)
    run.refresh_from_db()
    assert (run.state, run.phase) == (RunState.ENDED, "cancelled")
    assert "nothing was changed" in answer.content.decode()
    assert f"{world.admin} asked to cancel this run." in answer.content.decode()


def test_a_running_run_is_asked_to_stop(client: Client, world: World) -> None:
    run = running(world)
    answer = post(client, world.admin, "run_cancel", run.number)
    run.refresh_from_db()
    assert run.state == RunState.CANCELLING
    assert "Stopping after the rows at hand." in answer.content.decode()


def test_an_ended_run_cannot_be_cancelled(client: Client, world: World) -> None:
    run = finished(world)
    answer = post(client, world.admin, "run_cancel", run.number)
    assert f"Run #{run.number} cannot be cancelled: it is ended." in answer.content.decode()


def test_resuming_queues_a_failed_run_again(client: Client, world: World) -> None:
    run = failed(world)
    post(client, world.admin, "run_resume", run.number)
    run.refresh_from_db()
    assert (run.state, run.phase, run.error) == (RunState.QUEUED, "copy", "")
    job = ProcrastinateJob.objects.get(task_name="migration.run")
    assert (job.queue_name, job.args) == ("runs", {"run_id": run.pk})


def test_a_finished_run_cannot_be_resumed(client: Client, world: World) -> None:
    run = finished(world)
    answer = post(client, world.admin, "run_resume", run.number)
    assert "only a run that is paused or has failed can" in answer.content.decode()
    assert not ProcrastinateJob.objects.exists()


def test_a_failed_run_is_not_resumed_while_another_uses_its_target(client: Client, world: World) -> None:
    run, other = failed(world), running(world)
    answer = post(client, world.admin, "run_resume", run.number)
    assert f"Run #{other.number} is working on new." in answer.content.decode()


def test_nothing_is_restored_while_a_run_works_on_the_target(client: Client, world: World) -> None:
    run, other = failed(world), running(world)
    answer = post(client, world.admin, "run_restore", run.number)
    assert f"Run #{other.number} is working on new" in answer.content.decode()
