"""How gently a run treats its source: said at its start, shown on its page, changed while it waits."""

import pytest
from django.test import Client
from django.urls import reverse

from migration import store
from migration.core.events import Waiting
from migration.core.limits import Limits, limits_from_json
from migration.models import Run, RunEvent, RunState
from tests.run_rows import World, make_run, make_world
from tests.web.run_pages import page, post, running

pytestmark = pytest.mark.django_db

SPEC = {
    "limits": {"rows_per_second": 2_000, "source_lag": None, "source_sessions": None, "wal_held": 5_000_000}
}


@pytest.fixture
def world() -> World:
    return make_world()


def started(client: Client, world: World, **limits: str) -> Run:
    client.force_login(world.admin)
    address = reverse("migration:run_start", args=["crm"]) + "?comparison=1&option=recreate"
    answer = client.post(address, {"reason": "It is time.", **limits})
    assert answer.status_code == 302, answer.content.decode()
    return Run.objects.get()


def test_a_start_may_hold_the_copy_back(client: Client, world: World) -> None:
    run = started(client, world, rows_per_second="500", source_lag="2.5")
    assert limits_from_json(run.spec["limits"]) == Limits(rows_per_second=500, source_lag=2.5)
    assert run.spec["author"] == str(world.admin)
    shown = page(client, world.admin, "run", run.number).content.decode()
    assert "At most 500 rows a second; no more while a replica of the source is over 2.5 s behind" in shown


def test_without_a_word_there_is_no_limit(client: Client, world: World) -> None:
    run = started(client, world)
    assert limits_from_json(run.spec["limits"]) == Limits()
    assert "Held back" not in page(client, world.admin, "run", run.number).content.decode()


def test_what_the_copy_waits_for_is_shown_while_it_waits(client: Client, world: World) -> None:
    run = make_run(world)
    lease = store.claim(run.pk)
    assert lease is not None
    store.record(lease, [Waiting(reason="12 other sessions are active")])
    Run.objects.filter(pk=run.pk).update(phase="copy")
    said = "The copy waits, and goes on by itself: 12 other sessions are active."
    assert said in page(client, world.manager, "run", run.number).content.decode()
    store.record(lease, [Waiting()])
    assert "The copy waits" not in page(client, world.manager, "run", run.number).content.decode()


def test_limits_are_changed_while_a_run_waits_for_a_person(client: Client, world: World) -> None:
    run = running(world, state=RunState.PAUSED, lease_until=None, spec=SPEC)
    form = page(client, world.admin, "run_limits", run.number).content.decode()
    assert 'value="2000"' in form
    answer = post(client, world.admin, "run_limits", run.number, source_sessions="0")
    run.refresh_from_db()
    assert limits_from_json(run.spec["limits"]) == Limits(source_sessions=0, wal_held=5_000_000), (
        "the rest stays"
    )
    assert f"Run #{run.number} keeps these limits when it goes on." in answer.content.decode()
    note = RunEvent.objects.get()
    assert note.message == (
        f"{world.admin} changed what holds the copy back: no more while over 0 other sessions are active on the source."
    )
    assert 'id="limits"' in answer.content.decode()


def test_not_while_somebody_works_on_it(client: Client, world: World) -> None:
    run = running(world, spec=SPEC)
    assert 'id="limits"' not in page(client, world.admin, "run", run.number).content.decode()
    answer = post(client, world.admin, "run_limits", run.number, rows_per_second="1")
    run.refresh_from_db()
    assert run.spec == SPEC
    assert "can be changed while it is paused or has failed, and it is running" in answer.content.decode()


def test_numbers_that_are_no_limits_and_people_who_may_not(client: Client, world: World) -> None:
    run = running(world, state=RunState.PAUSED, lease_until=None, spec=SPEC)
    answer = post(client, world.admin, "run_limits", run.number, rows_per_second="0", source_lag="-1")
    assert answer.status_code == 422
    assert answer.content.decode().count("field-bad") == 2
    assert page(client, world.engineer, "run_limits", run.number).status_code == 403
    assert post(client, world.engineer, "run_limits", run.number).status_code == 403
