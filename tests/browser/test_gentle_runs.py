"""A gentle run, rejects that are tried again, rows that are brought back, columns that are masked: the pages, by
keyboard and for everybody."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from migration import checking
from migration.engine.clean import clean_one
from migration.models import Run, RunReject, RunState, Verification
from schemadiff.embedded import EmbeddedServer
from tests.browser.people import Person
from tests.engine.running import one
from tests.run_rows import World, make_run, make_world
from tests.servers import MakeDatabase
from tests.web.test_bringing_back import TABLE
from tests.web.test_bringing_back import finished as overwritten

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.heavy]

LIMITS = {"limits": {"rows_per_second": 2_000, "source_lag": 5.0, "source_sessions": None}}


@pytest.fixture
def world() -> World:
    return make_world()


@pytest.fixture
def admin(world: World, person: Callable[[], Person]) -> Person:
    somebody = person()
    somebody.logs_in(world.admin.username, "secret")
    return somebody


def finished(world: World) -> Run:
    now = timezone.now()
    ended = {"state": RunState.ENDED, "phase": "finish", "reached": "finish"}
    run = make_run(world, ("clients",), started_at=now - timedelta(minutes=2), ended_at=now, **ended)
    RunReject.objects.create(
        project_id=run.project_id,
        run=run,
        source_schema="public",
        source_table="clients",
        sqlstate="23502",
        column="email",
        reason="the column “email” must have a value",
        count=3,
    )
    return run


def test_a_run_is_started_gently_and_its_limits_changed(world: World, admin: Person) -> None:
    admin.opens("/p/crm/runs/start/?comparison=1&option=recreate")
    admin.looks_at("Start a run: recreate")
    admin.page.get_by_text("Hold the copy back").press("Enter")
    admin.looks_at("Start a run: recreate")
    admin.fills("Reason", "On a working day.")
    admin.page.get_by_label("Rows a second at most").fill("500")
    admin.presses("Start the run")
    admin.sees("At most 500 rows a second")
    run = Run.objects.get()
    Run.objects.filter(pk=run.pk).update(
        state=RunState.RUNNING, phase="copy", started_at=timezone.now(), waiting="a replica is 9.0 s behind"
    )
    admin.sees("The copy waits, and goes on by itself: a replica is 9.0 s behind.")
    admin.looks_at("Run #1")
    Run.objects.filter(pk=run.pk).update(state=RunState.PAUSED)
    admin.sees("Paused.")
    admin.page.get_by_role("link", name="Limits…").press("Enter")
    admin.looks_at("Limits of run #1")
    admin.page.get_by_label("Rows a second at most").fill("")
    admin.page.get_by_label("Wait while more sessions than").fill("20")
    admin.presses("Keep these limits")
    admin.sees("No more while over 20 other sessions are active on the source")


def test_rejects_are_tried_again(world: World, admin: Person) -> None:
    run = finished(world)
    admin.opens(f"/p/crm/runs/{run.number}/")
    admin.looks_at("Run #1")
    admin.page.get_by_role("link", name="Try again…").press("Enter")
    admin.looks_at("Try the rejects of run #1 again")
    admin.fills("Reason", "Their e-mails were filled in.")
    admin.presses("Try them again")
    admin.sees("It waits for a worker.")
    Verification.objects.update(
        state="done",
        started_at=timezone.now(),
        ended_at=timezone.now(),
        differing=0,
        result={"tables": [], "notes": [], "repaired": [], "retried": RETRIED},
    )
    admin.sees("2 of 3 rejected rows are in the target now.")
    admin.looks_at("Retry of rejects #1")
    admin.sees_row("public.clients", "2", "1")


RETRIED = [{"target": "public.clients", "recovered": 2, "left": 1}]


def test_what_a_run_overwrote_is_brought_back(
    world: World,
    admin: Person,
    make_database: MakeDatabase,
    server16: EmbeddedServer,
    server18: EmbeddedServer,
) -> None:
    source, target = (
        make_database(server, f"{TABLE}; INSERT INTO public.a VALUES (1, '{words}')")
        for server, words in ((server16, "new"), (server18, "was"))
    )
    run = overwritten(world, source, target, overwrites=True)
    admin.opens(f"/p/crm/runs/{run.number}/")
    admin.page.get_by_role("link", name="Bring back what it overwrote…").press("Enter")
    admin.looks_at(f"Bring back what run #{run.number} overwrote")
    admin.fills("Reason", "It was right before.")
    admin.presses("Bring these rows back")
    admin.sees("It waits for a worker.")
    checking.check(Verification.objects.get().pk)
    admin.sees("1 row differs")
    admin.looks_at("Undo of a repair #1")
    assert one(target, "SELECT words FROM public.a") == "was"
    clean_one(target, "repairs", "repairs", None)
    admin.opens(f"/p/crm/runs/{run.number}/")
    admin.follows("Bring back what it overwrote…")
    admin.sees("was removed since")
    admin.looks_at(f"Bring back what run #{run.number} overwrote")


def test_columns_are_masked(world: World, admin: Person) -> None:
    admin.opens("/p/crm/")
    admin.page.get_by_role("link", name="Masked columns").press("Enter")
    admin.looks_at("Masked columns")
    admin.page.get_by_label("Masked columns").fill("clients.email")
    admin.presses("Mask these columns")
    admin.sees("“clients.email” is no column")
    admin.looks_at("Masked columns")
    admin.page.get_by_label("Masked columns").fill("public.clients.email")
    admin.presses("Mask these columns")
    admin.sees("Nobody is shown values of these columns from now on.")
