"""Probes in the browser: who sees and asks for them, what is shown of them, and one from end to end."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django import DjangoAssertNumQueries

from migration import demo, probing, runs
from migration.access.limits import Effect, Limit
from migration.access.probe_results import Kind, Latency, Probed, ProbeReport, Verdict
from migration.core.spec import RunSpec, spec_to_json
from migration.execution import execute
from migration.models import ProbeRun, Run, RunState
from migration.probe_report import document
from schemadiff.core.errors import Refused
from schemadiff.core.mapping import Mapping
from schemadiff.core.options.option import OptionName, Scope
from schemadiff.core.plan import Plan
from schemadiff.models import Comparison
from schemadiff.store import record_decision
from tests.application_commands import manage
from tests.engine.running import ask
from tests.run_rows import World, make_run, make_world

FAST = Latency(calls=20, p50=0.5, p95=1.25, p99=2.0)
REPORT = ProbeReport(
    probed=(
        Probed(
            name="get_staff",
            about="the company's",
            kind=Kind.READ,
            verdict=Verdict.DIFFERENT,
            reason="name: other values.",
            fields=("name",),
            source_rows=11,
            target_rows=11,
            source=FAST,
            target=FAST,
        ),
        Probed(
            name="upsert_client",
            about="a client who is there",
            kind=Kind.WRITE,
            verdict=Verdict.LISTED,
            target_rows=1,
            target=FAST,
        ),
    ),
    limits=(
        Limit(method="upsert_client", field="phone", effect=Effect.CHANGED, reason="<b>It was tidied.</b>"),
    ),
    notes=("Writes were rolled back.",),
)


@pytest.fixture
def world(db: None) -> World:
    return make_world()


def finished(world: World) -> Run:
    return make_run(world, state=RunState.ENDED, phase="finish", reached="finish", started_at=timezone.now())


def probed(run: Run, number: int = 1, **values: Any) -> ProbeRun:
    made: dict[str, Any] = {
        "state": "done",
        "differing": 1,
        "started_at": timezone.now(),
        "ended_at": timezone.now(),
        "result": document(REPORT),
    }
    return ProbeRun.objects.create(project_id=run.project_id, run=run, number=number, **{**made, **values})


def page(client: Client, user: User, name: str, *args: int) -> Any:
    client.force_login(user)
    return client.get(reverse(f"migration:{name}", args=["crm", *args]))


def test_a_manager_sees_no_probes(client: Client, world: World) -> None:
    probed(finished(world))
    for name, args in (("probes", ()), ("probe", (1,)), ("probe_progress", (1,))):
        assert page(client, world.manager, name, *args).status_code == 403
    assert client.post(reverse("migration:probes", args=["crm"]), {"queries": ""}).status_code == 403
    client.force_login(User.objects.create_user("stranger"))
    assert client.get(reverse("migration:probes", args=["crm"])).status_code == 404


def test_without_a_carried_run_there_is_nothing_to_probe(client: Client, world: World) -> None:
    make_run(world)
    shown = page(client, world.engineer, "probes").content.decode()
    assert "Nothing to probe yet" in shown and "Probe now" not in shown
    with pytest.raises(Refused, match="No run has carried its rows yet"):
        probing.request(world.project, "", world.engineer)


def test_an_engineer_asks_for_probes_once(client: Client, world: World) -> None:
    run = finished(world)
    assert "Not probed yet" in page(client, world.engineer, "probes").content.decode()
    url = reverse("migration:probes", args=["crm"])
    answer: Any = client.post(url, {"queries": "-- name: people\nSELECT count(*) FROM clients;"})
    assert answer.url == reverse("migration:probe", args=["crm", 1])
    again: Any = client.post(url, {"queries": ""})
    assert again.url == answer.url, "those under way are not doubled"
    made = ProbeRun.objects.get()
    assert (made.run, made.requested_by, made.state) == (run, world.engineer, "queued")
    assert (
        ProcrastinateJob.objects.filter(task_name="migration.probe", args={"probe_id": made.pk}).count() == 1
    )
    waiting = client.get(answer.url).content.decode()
    assert "A worker will take it up." in waiting and 'hx-trigger="every 1s"' in waiting
    assert page(client, world.engineer, "probe_progress", 1).status_code == 200


@pytest.mark.parametrize(
    ("queries", "says"),
    [
        ("-- name: harm\nDELETE FROM clients;", "harm is not probed"),
        ("-- name: open\nSELECT * FROM clients WHERE id = $1;", "it has 1 parameters and 0 values"),
        ("SELECT 1;" * 51, "At most 50 queries"),
    ],
)
def test_queries_that_cannot_be_asked_are_said_at_once(
    client: Client, world: World, queries: str, says: str
) -> None:
    finished(world)
    client.force_login(world.engineer)
    answer = client.post(reverse("migration:probes", args=["crm"]), {"queries": queries})
    assert answer.status_code == 422 and says in answer.content.decode()
    assert not ProbeRun.objects.exists()


def test_what_was_found_is_shown(
    client: Client, world: World, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    run = finished(world)
    probed(run)
    probed(run, 2, state="failed", differing=None, result=None, error="The target cannot be probed.")
    listed = page(client, world.engineer, "probes").content.decode()
    assert "1 differ" in listed and "Failed" in listed
    with django_assert_num_queries(4):
        shown = client.get(reverse("migration:probe", args=["crm", 1])).content.decode()
    assert "1 of 2 questions were answered differently. 1 lack what the mapping cannot give" in shown
    assert "name: other values." in shown and "0.5 / 1.2 / 2.0" in shown and "— / 1" in shown
    assert "written on the target and rolled back" in shown and "Writes were rolled back." in shown
    assert "&lt;b&gt;It was tidied.&lt;/b&gt;" in shown
    assert "The target cannot be probed." in page(client, world.engineer, "probe", 2).content.decode()
    assert page(client, world.engineer, "probe_progress", 2).status_code == 286
    assert page(client, world.engineer, "probe", 3).status_code == 404


def test_probes_that_cannot_be_done_are_failed_with_a_sentence(world: World) -> None:
    run = finished(world)
    run.source.port = 1
    run.source.save()
    Run.objects.filter(pk=run.pk).update(
        spec=spec_to_json(
            RunSpec(
                ledger_id=run.ledger_id,
                option="recreate",
                plan=Plan(target_fingerprint="f"),
                mapping=Mapping(),
                scope=Scope(tables=()),
            )
        )
    )
    made = ProbeRun.objects.create(project=world.project, run=run, number=1)
    probing.carry_out(made.pk)
    made.refresh_from_db()
    assert made.state == "failed"
    assert made.error.startswith("The source cannot be probed: Nothing listens at localhost, port 1")
    probing.carry_out(made.pk)
    assert ProbeRun.objects.get().ended_at == made.ended_at, "what has ended stays as it is"


@pytest.mark.heavy
def test_both_databases_of_a_run_are_probed(
    client: Client, seed_source_dsn: str, seed_target_dsn: str, transactional_db: None
) -> None:
    demo.populate(seed_source_dsn, seed_target_dsn)
    comparison, admin = Comparison.objects.get(), User.objects.get(username="admin")
    record_decision(comparison, OptionName.RECREATE, reason="It fits.", why_not={}, user=admin)
    run = runs.create_run(comparison.project, comparison, OptionName.RECREATE, user=admin, reason="Now.")
    execute(run.pk)
    made = probing.request(run.project, "-- name: people\nSELECT count(*) AS n FROM clients;", admin)
    probing.carry_out(made.pk)
    made.refresh_from_db()
    assert (made.error, made.state, made.differing) == ("", "done", 0)
    client.force_login(admin)
    shown = client.get(reverse("migration:probe", args=[demo.SLUG, made.number])).content.decode()
    assert "questions were answered the same." in shown and "people" in shown
    ask(seed_target_dsn, "UPDATE public.companies SET title = 'Nobody'")
    again = probing.probe_project(run.project, rounds=1)
    assert {each.name for each in again.of(Verdict.DIFFERENT)} == {"get_company"}
    told = manage("probe", "--rounds", "1", "--project", demo.SLUG)
    assert (told.returncode, told.stdout.splitlines()[-1]) == (2, "differences: 1"), told.stderr
    nothing = manage("probe", "--project", "nowhere")
    assert nothing.returncode == 1 and "There is no project 'nowhere'" in nothing.stderr
