"""Runs that wait for a person."""

import pytest
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from migration.core.events import TableState
from migration.models import Run, RunState, RunTable
from tests.run_rows import World, make_run, make_world
from tests.web.run_pages import page, post, running

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return make_world()


def test_a_queued_run_is_paused_at_once_and_resumed(client: Client, world: World) -> None:
    run = make_run(world)
    answer = post(client, world.admin, "run_pause", run.number)
    run.refresh_from_db()
    assert run.state == RunState.PAUSED
    assert "No worker has begun: nothing was changed." in answer.content.decode()
    assert 'hx-trigger="every 1s"' not in answer.content.decode()
    answer = post(client, world.admin, "run_resume", run.number)
    run.refresh_from_db()
    assert run.state == RunState.QUEUED
    assert f"{world.admin} resumed this run." in answer.content.decode()
    assert ProcrastinateJob.objects.filter(task_name="migration.run", args={"run_id": run.pk}).exists()


def test_a_running_run_is_asked_to_pause(client: Client, world: World) -> None:
    run = running(world)
    post(client, world.admin, "run_pause", run.number)
    run.refresh_from_db()
    assert run.state == RunState.PAUSING
    answer = post(client, world.admin, "run_pause", run.number)
    assert f"Run #{run.number} cannot be paused: it is pausing." in answer.content.decode()
    answer = post(client, world.admin, "run_cancel", run.number)
    run.refresh_from_db()
    assert run.state == RunState.CANCELLING


def test_a_paused_run_is_cancelled_at_once(client: Client, world: World) -> None:
    run = running(world, state=RunState.PAUSED, lease_until=None)
    answer = post(client, world.admin, "run_cancel", run.number)
    run.refresh_from_db()
    assert (run.state, run.phase, run.reached) == (RunState.ENDED, "cancelled", "copy")
    assert "Cancelled in" in answer.content.decode()


def test_a_table_in_the_middle_is_copied_in_part_while_nobody_copies(client: Client, world: World) -> None:
    run = running(world)
    RunTable.objects.create(
        run=run,
        source_schema="public",
        source_table="bookings",
        target_schema="public",
        target_table="bookings",
        project=run.project,
        position=1,
        state=TableState.COPYING,
        rows_total=200,
        rows_written=50,
    )
    assert "● copying" in page(client, world.admin, "run", run.number).content.decode()
    Run.objects.filter(pk=run.pk).update(state=RunState.PAUSED, lease_until=None)
    shown = page(client, world.admin, "run", run.number).content.decode()
    assert "◔ partly copied" in shown
    assert "copying</span>" not in shown


def test_an_engineer_does_not_pause(client: Client, world: World) -> None:
    run = running(world)
    assert post(client, world.engineer, "run_pause", run.number).status_code == 403
    assert 'id="pause"' not in page(client, world.engineer, "run", run.number).content.decode()
