"""A run's verifications in the browser: who sees and may do what, what a schedule does, rows side by side, repair."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django import DjangoAssertNumQueries

from migration import checking, demo, runs
from migration.engine.repair import Consent
from migration.engine.undo import undo
from migration.execution import execute
from migration.models import Run, RunState, Verification, VerificationSchedule
from migration.store import verifications as store
from migration.store.verifications import Wanted
from schemadiff.core.errors import Refused
from schemadiff.core.options.option import OptionName
from schemadiff.models import Comparison
from schemadiff.store import record_decision
from tests.engine.running import ask, one
from tests.run_rows import World, let_target_lead, make_run, make_world


@pytest.fixture
def world(db: None) -> World:
    return make_world()


def finished(world: World) -> Run:
    return make_run(world, state=RunState.ENDED, phase="finish", reached="finish", started_at=timezone.now())


def verified(run: Run, number: int = 1, **values: Any) -> Verification:
    """One that found two rows of clients different."""
    clients = {"source": "public.clients", "target": "public.clients", "source_rows": 9, "target_rows": 8}
    counts = {
        "rejected": 0,
        "differing": 2,
        "missing": 1,
        "surplus": 0,
        "different": 1,
        "method": "strict hash",
    }
    now = timezone.now()
    made: dict[str, Any] = {
        "state": "done",
        "differing": 2,
        "ended_at": now,
        "started_at": now - timedelta(seconds=2),
        "result": {"tables": [{**clients, **counts}], "notes": ["It differs."], "repaired": []},
        "samples": {"public.clients": [["missing", "(1)"], ["different", "(2)"]]},
    }
    return Verification.objects.create(
        project_id=run.project_id, run=run, number=number, **{**made, **values}
    )


def page(client: Client, user: User, name: str, *args: Any, query: str = "") -> Any:
    client.force_login(user)
    return client.get(reverse(f"migration:{name}", args=["crm", *args]) + query)


def post(client: Client, user: User, name: str, *args: Any, **data: Any) -> Any:
    client.force_login(user)
    return client.post(reverse(f"migration:{name}", args=["crm", *args]), data, follow=True)


def test_a_manager_sees_counts_and_neither_rows_nor_buttons(client: Client, world: World) -> None:
    run = finished(world)
    verified(run)
    history = page(client, world.manager, "verifications", run.number).content.decode()
    assert "2 rows differ" in history
    assert "Verify now" not in history
    shown = page(client, world.manager, "verification", run.number, 1).content.decode()
    assert "2 rows differ in 1 of 1 tables." in shown and "It differs." in shown
    assert "See rows" not in shown and "Repair" not in shown and "(1)" not in shown
    assert page(client, world.manager, "verification_rows", run.number, 1).status_code == 403
    assert post(client, world.manager, "verify", run.number).status_code == 403


@pytest.mark.parametrize(
    ("name", "args"), [("repair", [1]), ("repair_undo", [1, 1]), ("verification_schedule", [1])]
)
def test_an_engineer_verifies_and_repairs_nothing(
    client: Client, world: World, name: str, args: list[int]
) -> None:
    verified(finished(world))
    assert post(client, world.engineer, name, *args, reason="x").status_code == 403
    answer = post(client, world.engineer, "verify", 1, semantic="on")
    assert "It waits for a worker." in answer.content.decode()
    made = Verification.objects.get(number=2)
    assert (made.semantic, made.kind, made.requested_by) == (True, "verify", world.engineer)
    assert ProcrastinateJob.objects.filter(task_name="migration.verify").count() == 1
    post(client, world.engineer, "verify", 1)
    assert Verification.objects.count() == 2  # it is under way already


def test_a_stranger_finds_nothing(client: Client, world: World) -> None:
    run = finished(world)
    verified(run)
    stranger = User.objects.create_user("stranger")
    for name, args in (("verifications", [1]), ("verification", [1, 1]), ("verification_rows", [1, 1])):
        assert page(client, stranger, name, *args).status_code == 404


def test_a_run_that_has_not_carried_its_rows_is_not_compared(client: Client, world: World) -> None:
    run = make_run(world, state=RunState.RUNNING, phase="copy", reached="copy")
    assert (
        "has not carried all of its rows" in page(client, world.engineer, "verifications", 1).content.decode()
    )
    assert "Verify now" not in page(client, world.engineer, "verifications", 1).content.decode()
    assert "has not carried all of its rows" in post(client, world.engineer, "verify", 1).content.decode()
    assert not run.verifications.exists()


def test_a_repair_wants_a_reason_and_no_run_at_work(client: Client, world: World) -> None:
    run = finished(world)
    verified(run)
    assert "Keep aside and delete" in page(client, world.admin, "repair", 1).content.decode()
    assert post(client, world.admin, "repair", 1, reason=" ").status_code == 422
    assert Verification.objects.count() == 1
    active = make_run(world, state=RunState.RUNNING, phase="copy", reached="copy")
    refused = post(client, world.admin, "repair", 1, reason="A slip.")
    assert refused.status_code == 409
    assert f"Run #{active.number} is working on new" in refused.content.decode()
    active.delete()
    answer = post(client, world.admin, "repair", 1, reason="A slip.")
    assert "It waits for a worker." in answer.content.decode()
    assert Verification.objects.filter(kind="repair", reason="A slip.", requested_by=world.admin).exists()
    assert "is under way" in post(client, world.admin, "repair", 1, reason="Again.").content.decode()


def test_no_page_asks_a_query_per_row(
    client: Client, world: World, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    run = finished(world)
    verified(run)
    client.force_login(world.admin)
    address = reverse("migration:verifications", args=["crm", 1])
    # session, user, member; run, list, count, schedule
    with django_assert_num_queries(7):
        client.get(address)
    for number in range(2, 40):
        verified(run, number)
    with django_assert_num_queries(7):
        client.get(address)


def test_a_schedule_verifies_alerts_and_ends(client: Client, world: World) -> None:
    run = finished(world)
    assert (
        post(client, world.admin, "verification_schedule", 1, every_minutes=1, tolerated=0).status_code == 422
    )
    post(client, world.admin, "verification_schedule", 1, every_minutes=60, tolerated=1)
    checking.begin_due()
    made = Verification.objects.get()
    assert (made.scheduled, made.requested_by, made.state) == (True, None, "queued")
    checking.begin_due()
    assert Verification.objects.count() == 1  # its next moment is in an hour
    Verification.objects.all().delete()
    verified(run, 1, differing=1)
    assert store.alerts(world.project) == []
    verified(run, 2)
    assert [alert.verification.number for alert in store.alerts(world.project)] == [2]
    status = page(client, world.manager, "status").content.decode()
    assert "found 2 differing rows" in status and "up to 1 is tolerated" in status
    assert "is finished, but 2 rows differ in the target" in status
    verified(run, 3, state="failed", differing=None, error="The source is away.")
    assert "could not be done" in page(client, world.manager, "status").content.decode()
    post(client, world.admin, "verification_schedule", 1, end="1")
    assert not VerificationSchedule.objects.exists()
    assert "could not be done" not in page(client, world.manager, "status").content.decode()


def test_keys_are_forgotten_after_a_time(client: Client, world: World) -> None:
    run = finished(world)
    old = verified(run, ended_at=timezone.now() - store.KEPT - timedelta(minutes=1))
    young = verified(run, 2)
    assert store.forget_keys() == 1
    old.refresh_from_db()
    young.refresh_from_db()
    assert (old.samples, len(young.samples)) == ({}, 1)
    shown = page(client, world.engineer, "verification_rows", 1, 1).content.decode()
    assert "Which rows is no longer kept" in shown


def test_a_database_that_is_away_is_said(client: Client, world: World) -> None:
    run = finished(world)
    verified(run)
    Run.objects.filter(pk=run.pk).update(spec=_spec_of_clients(run))
    answer = page(client, world.engineer, "verification_rows", 1, 1)
    assert answer.status_code == 200 and 'role="alert"' in answer.content.decode()
    verification = Verification.objects.create(project_id=run.project_id, run=run, number=2)
    checking.check(verification.pk)
    verification.refresh_from_db()
    assert verification.state == "failed" and "cannot be opened" in verification.error


def _spec_of_clients(run: Run) -> dict[str, Any]:
    pairs = [["id", "id", None]]
    return {
        "format": 3,
        "ledger_id": str(run.ledger_id),
        "option": "recreate",
        "jobs": 1,
        "scope": {"tables": [["public", "clients"]], "protected": []},
        "fingerprint": "f",
        "statements": [],
        "mapping": [{"source": ["public", "clients"], "target": ["public", "clients"], "pairs": pairs}],
    }


@pytest.mark.heavy
def test_rows_are_seen_repaired_and_taken_back(
    client: Client, seed_source_dsn: str, seed_target_dsn: str, transactional_db: None
) -> None:
    demo.populate(seed_source_dsn, seed_target_dsn)
    comparison, admin = Comparison.objects.get(), User.objects.get(username="admin")
    record_decision(comparison, OptionName.RECREATE, reason="It fits.", why_not={}, user=admin)
    run = runs.create_run(comparison.project, comparison, OptionName.RECREATE, user=admin, reason="Now.")
    execute(run.pk)
    run.refresh_from_db()
    first = one(seed_target_dsn, "SELECT min(id) FROM public.staff")
    ask(seed_target_dsn, "UPDATE public.staff SET name = '<b>Nobody</b>' WHERE id = %s", first)
    found = _done(checking.request(run, Wanted(), admin))
    assert (found.differing, found.samples) == (1, {"public.staff": [["different", f"({first})"]]})
    client.force_login(admin)

    def url(name: str, *args: int) -> str:
        return reverse(f"migration:{name}", args=[demo.SLUG, run.number, *args])

    rows = client.get(url("verification_rows", found.number)).content.decode()
    assert "&lt;b&gt;Nobody&lt;/b&gt;" in rows and f"id = {first}" in rows
    let_target_lead(run, seed_target_dsn)
    for name in ("repair", "retry"):
        _is_refused_to_write(client, url(name))
    ask(seed_target_dsn, "DELETE FROM schemadiff.followers")
    client.post(url("repair"), {"reason": "A slip."})
    repaired = _done(Verification.objects.get(kind="repair"))
    assert (repaired.error, repaired.differing, repaired.repair) == ("", 0, 1)
    assert ask(seed_target_dsn, "SELECT author, reason FROM schemadiff.repairs") == [("admin", "A slip.")]
    assert "Undo this repair" in client.get(url("verification", repaired.number)).content.decode()
    let_target_lead(run, seed_target_dsn)
    _is_refused_to_write(client, url("repair_undo", repaired.number))
    with pytest.raises(Refused, match="undo the repair then"):
        undo(seed_target_dsn, 1, Consent(author="admin", reason="It was right."))
    ask(seed_target_dsn, "DELETE FROM schemadiff.followers")
    client.post(url("repair_undo", repaired.number), {"reason": "It was right."})
    undone = _done(Verification.objects.get(kind="undo"))
    assert (undone.error, undone.differing, undone.repair) == ("", 1, 2)


def _is_refused_to_write(client: Client, url: str) -> None:
    refused = client.post(url, {"reason": "A slip."})
    assert (refused.status_code, "The target leads since run" in refused.content.decode()) == (409, True)


def _done(verification: Verification) -> Verification:
    checking.check(verification.pk)
    verification.refresh_from_db()
    return verification
