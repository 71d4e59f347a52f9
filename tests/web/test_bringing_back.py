"""What a run overwrote, brought back from its page: by admins, row by row, and recorded."""

from dataclasses import replace

import pytest
from django.test import Client
from django.utils import timezone

from migration import checking
from migration.core.spec import RunSpec, spec_to_json
from migration.engine.clean import clean_one
from migration.models import Run, RunState, Verification
from schemadiff.embedded import EmbeddedServer
from tests.engine.running import ask, carry, copy_spec, table
from tests.run_rows import World, make_run, make_world
from tests.servers import MakeDatabase
from tests.test_worker import saved
from tests.web.run_pages import page, post

pytestmark = [pytest.mark.django_db, pytest.mark.heavy]

TABLE = "CREATE TABLE public.a (id int PRIMARY KEY, words text)"
_ROWS = "SELECT id, words FROM public.a ORDER BY id"


@pytest.fixture
def world() -> World:
    return make_world()


@pytest.fixture
def source(make_database: MakeDatabase, server16: EmbeddedServer) -> str:
    return make_database(server16, f"{TABLE}; INSERT INTO public.a VALUES (1, 'new'), (2, 'new'), (3, 'new')")


@pytest.fixture
def target(make_database: MakeDatabase, server18: EmbeddedServer) -> str:
    return make_database(server18, f"{TABLE}; INSERT INTO public.a VALUES (1, 'was'), (2, 'was')")


def finished(world: World, source: str, target: str, *, overwrites: bool) -> Run:
    spec: RunSpec = replace(copy_spec(target, table("a", "id", "words")), overwrites=overwrites)
    carry(source, target, spec)
    made = make_run(world, ("a",), state=RunState.ENDED, phase="finish", reached="finish")
    made.ledger_id, made.spec, made.started_at = spec.ledger_id, spec_to_json(spec), timezone.now()
    made.source, made.target = (
        saved(world.project, name, dsn) for name, dsn in (("from", source), ("to", target))
    )
    made.save()
    return made


def test_rows_become_what_they_were(client: Client, world: World, source: str, target: str) -> None:
    run = finished(world, source, target, overwrites=True)
    ask(target, "UPDATE public.a SET words = 'since' WHERE id = 2")
    assert 'id="bring-back"' in page(client, world.admin, "run", run.number).content.decode()
    assert 'id="bring-back"' not in page(client, world.engineer, "run", run.number).content.decode()
    for user in (world.engineer, world.manager):
        assert post(client, user, "overwriting_undo", run.number, reason="Back.").status_code == 403
    asked = page(client, world.admin, "overwriting_undo", run.number).content.decode()
    assert "Bring back what run #1 overwrote" in asked
    assert post(client, world.admin, "overwriting_undo", run.number, reason="").status_code == 422
    assert post(client, world.admin, "overwriting_undo", run.number, reason="Too early.").status_code == 200

    wanted = Verification.objects.get()
    checking.check(wanted.pk)
    wanted.refresh_from_db()
    assert (wanted.kind, wanted.state, wanted.error) == (Verification.Kind.UNDO, Verification.State.DONE, "")
    assert ask(target, _ROWS) == [(1, "was"), (2, "since"), (3, "new")]
    shown = page(client, world.admin, "verification", run.number, wanted.number).content.decode()
    assert "it was changed after the repair, so it stays as it is" in shown
    assert wanted.result is not None and wanted.result["tables"][0]["differing"] == 2


def test_what_is_not_kept_cannot_come_back(client: Client, world: World, source: str, target: str) -> None:
    run = finished(world, source, target, overwrites=True)
    clean_one(target, "repairs", "repairs", None)
    answer = page(client, world.admin, "overwriting_undo", run.number)
    assert (answer.status_code, "was removed since" in answer.content.decode()) == (409, True)


def test_a_run_that_overwrote_nothing_offers_nothing(
    client: Client, world: World, source: str, target: str
) -> None:
    ask(target, "TRUNCATE public.a")
    run = finished(world, source, target, overwrites=False)
    assert 'id="bring-back"' not in page(client, world.admin, "run", run.number).content.decode()
    assert page(client, world.admin, "overwriting_undo", run.number).status_code == 409
