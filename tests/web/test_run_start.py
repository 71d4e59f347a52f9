"""Starting a run in the browser: what it follows, who may, and what is asked for."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from procrastinate.contrib.django.models import ProcrastinateJob

from migration.models import Run, RunState
from tests.run_rows import World, forget_decision, make_world
from tests.web.run_pages import page, running

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return make_world()


def start(client: Client, world: World, option: str = "recreate") -> Any:
    return page(client, world.admin, "run_start", query=f"?comparison=1&option={option}")


def test_a_run_follows_the_decision(client: Client, world: World) -> None:
    answer = start(client, world, "transform")
    assert answer.status_code == 409
    assert "The decision in force is recreate on comparison #1, not transform" in answer.content.decode()
    forget_decision(world)
    answer = start(client, world)
    assert "Nothing has been decided yet." in answer.content.decode()


def test_one_run_at_a_time_writes_to_a_target(client: Client, world: World) -> None:
    run = running(world)
    answer = start(client, world)
    assert answer.status_code == 409
    assert f"Run #{run.number} is already working on new." in answer.content.decode()


def test_an_engineer_does_not_start_runs(client: Client, world: World) -> None:
    assert page(client, world.engineer, "run_start", query="?comparison=1&option=recreate").status_code == 403


def test_a_reason_is_asked_for(client: Client, world: World) -> None:
    client.force_login(world.admin)
    address = reverse("migration:run_start", args=["crm"]) + "?comparison=1&option=recreate"
    answer = client.post(address, {"reason": " "})
    assert answer.status_code == 422
    assert not Run.objects.exists()
    client.post(address, {"reason": "The rehearsal went well."})
    run = Run.objects.get()
    assert (run.number, run.state, run.reason) == (1, RunState.QUEUED, "The rehearsal went well.")
    assert (run.spec["option"], run.spec["overwrites"]) == ("recreate", False)
    assert ProcrastinateJob.objects.get().args == {"run_id": run.pk}


def test_an_unknown_plan_leads_back_to_the_runs(client: Client, world: World) -> None:
    answer = page(client, world.admin, "run_start", query="?comparison=99&option=recreate")
    assert answer.status_code == 302
