"""A run's rejects tried again from its page: who may, what is said, and what the run's figures are then."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from psycopg.conninfo import conninfo_to_dict

from migration import checking
from migration.core.events import RejectsGrouped
from migration.core.spec import RunSpec, spec_to_json
from migration.models import Run, RunReject, RunState, Verification
from schemadiff.connections import save
from schemadiff.embedded import EmbeddedServer
from schemadiff.models import Connection
from tests.engine.running import ask, carry, copy_spec, table
from tests.run_rows import World, make_run, make_world
from tests.servers import MakeDatabase
from tests.web.run_pages import page, post

pytestmark = pytest.mark.django_db

CLIENTS = "CREATE TABLE public.clients (id int PRIMARY KEY, email text {})"


@pytest.fixture
def world() -> World:
    return make_world()


def finished(world: World, **values: Any) -> Run:
    ended: dict[str, Any] = {"state": RunState.ENDED, "phase": "finish", "reached": "finish"}
    return make_run(world, ("clients",), started_at=timezone.now(), **{**ended, **values})


def with_reject(run: Run) -> Run:
    RunReject.objects.create(
        project_id=run.project_id,
        run=run,
        source_schema="public",
        source_table="clients",
        sqlstate="23502",
        column="email",
        reason="it has no email",
        count=2,
    )
    return run


def test_only_those_who_run_try_again(client: Client, world: World) -> None:
    run = with_reject(finished(world))
    assert 'id="retry"' in page(client, world.admin, "run", run.number).content.decode()
    assert 'id="retry"' not in page(client, world.engineer, "run", run.number).content.decode()
    for user in (world.engineer, world.manager):
        assert page(client, user, "retry", run.number).status_code == 403
        assert post(client, user, "retry", run.number, reason="Mended.").status_code == 403
    answer = page(client, world.admin, "retry", run.number)
    assert "Try the rejects of run #1 again" in answer.content.decode()
    assert post(client, world.admin, "retry", run.number, reason="").status_code == 422
    assert not Verification.objects.exists()


def test_a_run_without_rejects_or_that_goes_on_has_nothing_to_try(client: Client, world: World) -> None:
    answer = post(client, world.admin, "retry", finished(world).number, reason="Mended.")
    assert (answer.status_code, "has no rejects" in answer.content.decode()) == (409, True)
    working = with_reject(finished(world, state=RunState.RUNNING, phase="copy", reached="copy"))
    answer = page(client, world.admin, "retry", working.number)
    assert (answer.status_code, "has not carried all of its rows" in answer.content.decode()) == (409, True)
    assert 'id="retry"' not in page(client, world.admin, "run", working.number).content.decode()


def connect(connection: Connection, dsn: str) -> None:
    parts = conninfo_to_dict(dsn)
    connection.host, connection.port = str(parts["host"]), int(parts["port"] or 0)
    connection.dbname, connection.user = str(parts["dbname"]), str(parts["user"])
    save(connection, password=str(parts["password"]))


def _run_of(world: World, spec: RunSpec, rejects: list[RejectsGrouped]) -> Run:
    run = finished(world, spec=spec_to_json(spec))
    Run.objects.filter(pk=run.pk).update(ledger_id=spec.ledger_id)
    for group in rejects:
        RunReject.objects.create(
            project_id=run.project_id,
            run=run,
            source_schema=group.table[0],
            source_table=group.table[1],
            sqlstate=group.sqlstate,
            reason=group.reason,
            count=group.count,
        )
    return run


@pytest.mark.heavy
def test_what_was_put_right_is_written_and_the_run_says_so(
    client: Client,
    world: World,
    make_database: MakeDatabase,
    server16: EmbeddedServer,
    server18: EmbeddedServer,
) -> None:
    source = make_database(server16, CLIENTS.format(""))
    target = make_database(server18, CLIENTS.format("NOT NULL"))
    ask(source, "INSERT INTO public.clients VALUES (1, 'a'), (2, NULL), (3, NULL)")
    spec = copy_spec(target, table("clients", "id", "email"))
    _, told = carry(source, target, spec)
    connect(world.source, source)
    connect(world.target, target)
    run = _run_of(world, spec, told.of(RejectsGrouped)[-1:])
    ask(source, "UPDATE public.clients SET email = 'b' WHERE id = 2")
    answer = post(client, world.admin, "retry", run.number, reason="It has an e-mail now.")
    assert "It waits for a worker." in answer.content.decode()
    verification = Verification.objects.get(kind="retry")
    checking.check(verification.pk)
    verification.refresh_from_db()
    assert (verification.error, verification.differing) == ("", 0)
    shown = page(client, world.admin, "verification", run.number, verification.number).content.decode()
    assert (
        "1 of 2 rejected rows are in the target now. All 1 tables are equal: 2 rows in the target." in shown
    )
    assert reverse("migration:run_rejects", args=["crm", run.number]) in shown
    assert list(run.reject_groups.values_list("count", "column")) == [(1, "email")]
    assert list(run.table_rows.values_list("rows_written", "rejects")) == [(2, 1)]
    assert ask(target, "SELECT author, reason FROM schemadiff.retries") == [
        (world.admin.get_username(), "It has an e-mail now.")
    ]
