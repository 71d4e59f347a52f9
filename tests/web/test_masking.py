"""Columns that a project masks: who says which, and that their values are in no page and no file of rejects."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from migration.core.events import RejectsGrouped
from migration.core.spec import spec_to_json
from migration.models import Run, RunReject, RunState
from schemadiff.core.masking import masked_from_text
from schemadiff.embedded import EmbeddedServer
from schemadiff.evidence.row_findings import Outcome as RowsOutcome
from schemadiff.models import Trial
from schemadiff.projects import mask, masked_in
from tests.engine.running import ask, carry, copy_spec, table
from tests.run_rows import World, make_run, make_world
from tests.servers import MakeDatabase
from tests.web.run_pages import page
from tests.web.test_retries import connect

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return make_world()


def said(client: Client, user: User, columns: str | None = None) -> tuple[int, str]:
    client.force_login(user)
    address = reverse("schemadiff:masking", args=["crm"])
    answer = (
        client.get(address) if columns is None else client.post(address, {"columns": columns}, follow=True)
    )
    return answer.status_code, answer.content.decode()


def test_admins_say_which_columns(client: Client, world: World) -> None:
    status, shown = said(client, world.admin, "public.clients.email\n\n public.clients.phone")
    assert (status, "Nobody is shown values of these columns" in shown) == (200, True)
    world.project.refresh_from_db()
    assert masked_in(world.project).of(("public", "clients")) == {"email", "phone"}
    assert "public.clients.email\npublic.clients.phone" in said(client, world.admin)[1]
    status, shown = said(client, world.admin, "clients.email")
    assert (status, "“clients.email” is no column" in shown) == (422, True)
    assert said(client, world.admin, "")[0] == 200
    world.project.refresh_from_db()
    assert world.project.masked_columns == []


def test_others_do_not(client: Client, world: World) -> None:
    for user in (world.engineer, world.manager):
        assert said(client, user)[0] == 403
        assert said(client, user, "public.clients.email")[0] == 403
        client.force_login(user)
        overview = client.get(reverse("schemadiff:project", args=["crm"])).content.decode()
        assert "Masked columns" not in overview
    client.force_login(world.admin)
    assert "Masked columns" in client.get(reverse("schemadiff:project", args=["crm"])).content.decode()


def test_samples_of_a_row_check(client: Client, world: World) -> None:
    entry = {
        "about": "constraint:public.clients.key", "table": ["public", "clients"], "columns": ["email"],
        "trouble": "duplicates", "counted": True, "rows": 2, "fails": True, "message": "two rows are in the way",
        "statement": "ALTER TABLE public.clients ADD UNIQUE (email)", "remedies": [],
    }  # fmt: skip
    samples = {"0": {"columns": ["email", "lower(email)", "rows"], "rows": [["ann@b", "ann@b.", "2"]]}}
    trial = Trial.objects.create(
        project=world.project,
        comparison=world.comparison,
        kind=Trial.Kind.ROWS,
        state="done",
        outcome=RowsOutcome.IN_THE_WAY.value,
        result={"checks": [entry], "samples": samples},
    )
    address = reverse("schemadiff:rows_of", args=["crm", world.comparison.number, trial.pk])
    client.force_login(world.engineer)
    assert "ann@b" in client.get(address).content.decode()
    mask(world.project, masked_from_text("public.clients.email"))
    shown = client.get(address).content.decode()
    assert "ann@b" not in shown and shown.count("•••") == 2


@pytest.mark.heavy
def test_rejects(
    client: Client,
    world: World,
    make_database: MakeDatabase,
    server16: EmbeddedServer,
    server18: EmbeddedServer,
) -> None:
    source = make_database(server16, "CREATE TABLE public.clients (id int PRIMARY KEY, email text)")
    target = make_database(server18, "CREATE TABLE public.clients (id int PRIMARY KEY, email text UNIQUE)")
    ask(source, "INSERT INTO public.clients VALUES (1, 'ann@b'), (2, 'ann@b')")
    spec = copy_spec(target, table("clients", "id", "email"))
    _, told = carry(source, target, spec)
    connect(world.source, source)
    connect(world.target, target)
    ended = {"state": RunState.ENDED, "phase": "finish", "reached": "finish", "started_at": timezone.now()}
    run = make_run(world, ("clients",), spec=spec_to_json(spec), **ended)
    Run.objects.filter(pk=run.pk).update(ledger_id=spec.ledger_id)
    group = told.of(RejectsGrouped)[-1]
    RunReject.objects.create(
        project=world.project,
        run=run,
        source_schema="public",
        source_table="clients",
        sqlstate=group.sqlstate,
        reason=group.reason,
        count=group.count,
    )
    query = "?table=public.clients"
    assert "ann@b" in page(client, world.engineer, "run_rejects", run.number, query=query).content.decode()
    mask(world.project, masked_from_text("public.clients.email"))
    shown = page(client, world.engineer, "run_rejects", run.number, query=query).content.decode()
    assert "•••" in shown and "ann@b" not in shown
    file = b"".join(page(client, world.admin, "run_rejects_csv", run.number, query=query).streaming_content)
    assert "•••" in file.decode() and "ann@b" not in file.decode()
