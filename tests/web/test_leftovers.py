"""What a cancelled run left: listed with its sizes, and each thing removed by a button of its own."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from django.test import Client
from django.utils import timezone

from migration.core.errors import RunStopped
from migration.core.events import PhaseStarted
from migration.core.phases import Phase
from migration.core.spec import RunSpec
from migration.models import Run, RunState
from migration.runner import run
from schemadiff.core.options.option import Scope
from schemadiff.core.options.recreate import recreate
from schemadiff.embedded import EmbeddedServer
from tests.engine.running import Told, ask, catalog, one, spec_of
from tests.run_rows import World, make_run, make_world
from tests.servers import MakeDatabase
from tests.test_worker import saved
from tests.web.run_pages import page, post

pytestmark = [pytest.mark.django_db, pytest.mark.heavy]

SOURCE = """
CREATE TABLE public.a (id int PRIMARY KEY, words text);
INSERT INTO public.a SELECT n, 'w' || n FROM generate_series(1, 100) AS n
"""
TARGET = "CREATE TABLE public.a (number int); INSERT INTO public.a VALUES (7)"
_SLOTS = "FROM pg_replication_slots WHERE database = current_database()"
_PARKED = "SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'schemadiff_parked_%'"


@pytest.fixture
def world() -> World:
    return make_world()


@pytest.fixture
def source(make_database: MakeDatabase, server16: EmbeddedServer) -> Iterator[str]:
    dsn = make_database(server16, SOURCE)
    yield dsn
    ask(dsn, f"SELECT pg_drop_replication_slot(slot_name) {_SLOTS}")


@pytest.fixture
def target(make_database: MakeDatabase, server18: EmbeddedServer) -> str:
    return make_database(server18, TARGET)


def stop_in(phase: Phase, source: str, target: str) -> RunSpec:
    """A live run that made its tables anew, cancelled when it had got that far."""
    spec = spec_of(recreate(catalog(source), catalog(target), Scope(tables=(("public", "a"),), protected=())))
    spec = replace(spec, live=True)
    told = Told()
    with pytest.raises(RunStopped):
        run(
            source,
            target,
            spec,
            report=told.report,
            should_stop=lambda: any(event.phase is phase for event in told.of(PhaseStarted)),
        )
    return spec


def as_known(world: World, source: str, target: str, spec: RunSpec) -> Run:
    made = make_run(world, state=RunState.ENDED, phase="cancelled", reached="follow")
    made.ledger_id, made.started_at, made.live = spec.ledger_id, timezone.now(), True
    made.source, made.target = (
        saved(world.project, name, dsn) for name, dsn in (("from", source), ("to", target))
    )
    made.save()
    return made


def test_each_thing_has_a_button_of_its_own(client: Client, world: World, source: str, target: str) -> None:
    spec = stop_in(Phase.FOLLOW, source, target)
    cancelled = as_known(world, source, target, spec)
    slot = one(source, f"SELECT slot_name {_SLOTS}")
    parked = one(target, "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'schemadiff_parked_%'")

    def shown() -> str:
        return str(page(client, world.admin, "run_leftovers", cancelled.number).content.decode())

    def remove(kind: str, name: str, *, of_all: bool = False, **values: str) -> str:
        data = {"kind": kind, "name": name, "for_good": "on", **values}
        data |= {} if of_all else {"ledger_id": str(spec.ledger_id)}
        return str(post(client, world.admin, "run_leftovers", cancelled.number, **data).content.decode())

    assert "Clean up lists what is left" in page(client, world.manager, "run", 1).content.decode()
    listed = shown()
    assert f'Remove<span class="sr"> the replication slot {slot}' in listed
    assert f'Remove<span class="sr"> the parked schema {parked}' in listed
    assert f"the run {spec.ledger_id}</span></button>" not in listed
    assert "holds back the source&#x27;s log" not in listed and "so much of the source" in listed

    assert "say first that it may go for good" in remove("replication slot", slot, for_good="")
    assert "cannot be removed by itself" in remove("run", str(spec.ledger_id))
    assert "No run has left a parked schema public" in remove("parked schema", "public")
    assert one(source, f"SELECT count(*) {_SLOTS}") == one(target, _PARKED) == 1

    assert f"Removed: {slot}" in remove("replication slot", slot)
    assert one(source, f"SELECT count(*) {_SLOTS}") == 0
    assert one(source, "SELECT count(*) FROM pg_publication") == 0
    assert one(target, _PARKED) == 1

    assert f"Removed: {parked}" in remove("parked schema", parked)
    assert one(target, _PARKED) == 0
    refused = page(client, world.admin, "run_restore", cancelled.number)
    assert (refused.status_code, "was removed since" in refused.content.decode()) == (409, True)

    assert "cannot be removed by itself" in remove("ledger", "schemadiff", of_all=True)
    assert f"Removed: {spec.ledger_id}" in remove("run", str(spec.ledger_id))
    assert "Removed: schemadiff" in remove("ledger", "schemadiff", of_all=True)
    assert "Nothing is left" in shown()
    assert one(target, "SELECT count(*) FROM pg_namespace WHERE nspname = 'schemadiff'") == 0
    assert one(target, "SELECT count(*) FROM public.a") == 100


def test_what_a_run_needs_to_be_resumed_goes_with_it_only(
    client: Client, world: World, source: str, target: str
) -> None:
    spec = stop_in(Phase.FOLLOW, source, target)
    ask(target, "UPDATE schemadiff.runs SET phase = 'failed'")
    failed = as_known(world, source, target, spec)
    listed = page(client, world.admin, "run_leftovers", failed.number).content.decode()
    assert '<button class="btn btn-danger">Remove<span' not in listed
    slot = one(source, f"SELECT slot_name {_SLOTS}")
    data = {"ledger_id": str(spec.ledger_id), "for_good": "on"}
    answer = post(
        client, world.admin, "run_leftovers", failed.number, kind="replication slot", name=slot, **data
    )
    assert "the run can still be resumed" in answer.content.decode()
    post(client, world.admin, "run_leftovers", failed.number, **data)
    assert one(source, f"SELECT count(*) {_SLOTS}") == one(target, _PARKED) == 0
