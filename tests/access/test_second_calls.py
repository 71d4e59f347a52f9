"""Dual-write and shadow reads: made behind the caller's back, at no cost to the call, and told about."""

from dataclasses import replace
from threading import Thread
from time import monotonic
from types import MappingProxyType

import psycopg
import pytest

from migration.access.calls import Copying, EventKind
from migration.access.data_layer import DataLayer
from migration.access.selecting import Selection
from migration.core.flags import Backend as Name
from migration.core.flags import Flags
from tests.access.carried import FEW
from tests.access.world import CLIENT, COMPANY, NOWHERE, Told, World, until
from tests.engine.running import ask

pytestmark = pytest.mark.heavy

DUAL = Flags(use_repository_pattern=True, enable_dual_write=True)


def test_dual_write_is_passive(world: World) -> None:
    with world.layer(DUAL) as layer:
        answer = layer.upsert_client(CLIENT)
        assert (answer.backend, answer.data["phone"]) == (Name.SOURCE, "70001112233")
        assert layer.drain(10)
        for dsn in (world.source, world.target):
            assert ask(dsn, "SELECT name FROM clients WHERE yclients_id = 1") == [("Новая",)]
        assert world.told.kinds() == [EventKind.COMPARED] and not world.told.mismatches
        ask(world.target, "ALTER TABLE clients ADD CHECK (name <> 'Новая') NOT VALID")
        assert layer.upsert_client(CLIENT).error is None
        assert layer.drain(10)
        (mismatch,) = world.told.mismatches
        assert (mismatch.copying, mismatch.fields) == (Copying.DUAL_WRITE, ("error",))
        assert "is not allowed by the check" in mismatch.reason and "Новая" not in mismatch.reason


def test_dual_write_records_what_differs_without_its_value(world: World) -> None:
    with world.layer(DUAL) as layer:
        ask(
            world.target,
            "CREATE FUNCTION loud() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN new.name := upper(new.name); RETURN new; END $$",
        )
        ask(world.target, "CREATE TRIGGER loud BEFORE INSERT ON clients FOR EACH ROW EXECUTE FUNCTION loud()")
        layer.upsert_clients([CLIENT])
        assert layer.drain(10)
        (mismatch,) = world.told.mismatches
        assert (mismatch.method, mismatch.fields) == ("upsert_clients", ("name",))
        assert mismatch.reason == "name: other values."


def test_a_second_backend_that_is_away_or_slow_costs_the_caller_nothing(world: World) -> None:
    with world.layer(DUAL, target=NOWHERE) as layer:
        assert layer.upsert_client(CLIENT).error is None
        assert layer.drain(10)
        assert world.told.mismatches[0].fields == ("unavailable",)
    slow = replace(FEW, lock=2.0)
    with world.layer(DUAL, settings=slow) as layer, psycopg.connect(world.target) as blocking:
        blocking.execute("LOCK TABLE clients")
        started = monotonic()
        answers = [layer.upsert_client(CLIENT) for _ in range(230)]
        assert monotonic() - started < 2.0 * len(answers) / 2, "none of them waited for the lock"
        assert all(answer.error is None for answer in answers)
        assert layer.counts.dropped >= 230 - 201
        assert EventKind.DROPPED in world.told.kinds()
        blocking.rollback()


def test_a_second_write_is_under_way_until_it_is_made_and_never_made_after_a_flip(world: World) -> None:
    """After a flip it would put an earlier value over a later one."""
    with world.layer(DUAL) as layer, psycopg.connect(world.target) as blocking:
        blocking.execute("LOCK TABLE clients")
        given = {**CLIENT, "name": "first"}
        for name in ("first", "second", "third"):
            given["name"] = name
            assert layer.upsert_client(given).error is None
        given["name"] = "never given"
        assert world.reader.in_flight == 3, "a cut-over waits for all three to come to rest"
        until(lambda: waiting_for_locks(world.target) == 1)
        world.reader.state = replace(world.reader.state, revision=8)
        blocking.rollback()
        assert layer.drain(10)
        until(lambda: world.reader.in_flight == 0)
        assert [mismatch.fields for mismatch in world.told.mismatches] == [("left out",), ("left out",)]
        name = "SELECT name FROM clients WHERE yclients_id = 1"
        assert (ask(world.source, name), ask(world.target, name)) == ([("third",)], [("first",)])


def test_a_write_is_left_out_where_its_permission_has_ended_or_the_flags_went_there_and_back(
    world: World,
) -> None:
    """Nobody waits for a process whose lease has ended; and back at the same flags, others may have written."""
    with world.layer(DUAL) as layer, psycopg.connect(world.target) as blocking:
        blocking.execute("LOCK TABLE clients")
        for number in (1, 2):
            assert layer.upsert_client(CLIENT | {"yclients_id": number}).error is None
        until(lambda: waiting_for_locks(world.target) == 1)
        world.reader.permitted.clear()
        blocking.rollback()
        assert layer.drain(10)
        assert [mismatch.fields for mismatch in world.told.mismatches] == [("left out",)]
        world.reader.permitted.set()
        blocking.execute("LOCK TABLE dialog_contexts")
        assert layer.upsert_dialog_context({"user_id": "u", "context": {}}).error is None
        until(lambda: waiting_for_locks(world.target, "dialog_contexts") == 1)
        assert layer.upsert_client(CLIENT | {"name": "earlier"}).error is None
        world.reader.state = replace(there := world.reader.state, flags=replace(DUAL, backend=Name.TARGET))
        assert layer.upsert_client(CLIENT | {"name": "later"}).backend is Name.TARGET
        world.reader.state = there
        blocking.rollback()
        assert layer.drain(10)
        name = "SELECT name FROM clients WHERE yclients_id = 1"
        assert ask(world.target, name) == [("later",)]


def test_threads_that_write_one_row_leave_the_same_on_both_sides(world: World) -> None:
    def write(layer: DataLayer, by: str) -> None:
        for turn in range(8):
            layer.upsert_client(CLIENT | {"name": f"{by}{turn}"})

    name = "SELECT name FROM clients WHERE yclients_id = 1"
    with world.layer(DUAL) as layer:
        layers = [layer, layer.for_module("sync")]
        for _ in range(5):
            writers = [Thread(target=write, args=(layers[n % 2], "abcdef"[n])) for n in range(6)]
            for writer in writers:
                writer.start()
            for writer in writers:
                writer.join()
            assert all(each.drain(30) for each in layers)
            assert ask(world.source, name) == ask(world.target, name)
        assert not world.told.mismatches and layer.counts.dropped == 0


def test_processes_that_write_one_row_at_once_and_are_copied_the_other_way_round_are_told_of(
    world: World,
) -> None:
    """Each has an order of its own: here the first one's copy is held up until the other's is made."""
    first, second = CLIENT | {"name": "of the first"}, CLIENT | {"name": "of the second"}
    with world.layer(DUAL) as one, replace(world, told=Told()).layer(DUAL) as other:
        assert one.upsert_client(CLIENT).error is None and one.drain(10)
        with psycopg.connect(world.target) as blocking:
            blocking.execute("SELECT pg_advisory_lock(7)")
            ask(
                world.target,
                "CREATE FUNCTION late() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                " IF new.name = 'of the first' THEN PERFORM pg_advisory_xact_lock(7); END IF;"
                " RETURN new; END $$",
            )
            ask(
                world.target,
                "CREATE TRIGGER late BEFORE INSERT ON clients FOR EACH ROW EXECUTE FUNCTION late()",
            )
            world.told.mismatches.clear()
            assert one.upsert_client(first).error is None
            until(lambda: ask(world.target, "SELECT count(*) FROM pg_locks WHERE NOT granted") == [(1,)])
            assert other.upsert_client(second).error is None
            assert other.drain(10)
            blocking.execute("SELECT pg_advisory_unlock(7)")
            assert one.drain(10)
        assert ask(world.source, "SELECT name FROM clients WHERE yclients_id = 1") == [("of the second",)]
        assert ask(world.target, "SELECT name FROM clients WHERE yclients_id = 1") == [("of the first",)]
        (mismatch,) = world.told.mismatches
        assert mismatch.fields == ("name",)
        assert mismatch.reason.startswith("Another process wrote the same rows at the same time")
        assert one.upsert_client(first).error is None and one.drain(10)
        assert len(world.told.mismatches) == 1, "alike again"


def test_another_number_on_the_other_side_is_a_difference(world: World) -> None:
    ask(world.target, "SELECT setval(pg_get_serial_sequence('clients', 'id'), 1000000)")
    with world.layer(DUAL) as layer:
        assert layer.upsert_client(CLIENT).error is None
        assert layer.drain(10)
        (mismatch,) = world.told.mismatches
        assert (mismatch.fields, mismatch.reason) == (("id",), "id: other values.")


def test_what_is_copied_is_what_was_given_then(world: World) -> None:
    """The caller goes on with what it gave, down to the JSON in it, and with what it was given."""
    context = {"n": [0]}
    given = MappingProxyType({"user_id": "u", "context": context})
    with world.layer(DUAL) as layer, psycopg.connect(world.target) as blocking:
        blocking.execute("LOCK TABLE dialog_contexts")
        answer = layer.upsert_dialog_context(given)
        assert answer.error is None
        context["n"].append(1)
        answer.data["context"] = None
        blocking.rollback()
        assert layer.drain(10) and not world.told.mismatches
        kept = "SELECT context FROM dialog_contexts WHERE user_id = 'u'"
        assert ask(world.target, kept) == ask(world.source, kept) == [({"n": [0]},)]


def test_nothing_is_written_or_opened_again_after_close(world: World) -> None:
    patient = replace(FEW, lock=60.0, statement=60.0)
    with psycopg.connect(world.target) as blocking:
        with world.layer(DUAL, settings=patient) as layer:
            assert layer.upsert_client(CLIENT).error is None and layer.drain(10)
            blocking.execute("LOCK TABLE clients")
            for number in (2, 3, 4):
                assert layer.upsert_client(CLIENT | {"yclients_id": number}).error is None
        assert sorted(each.fields for each in world.told.mismatches) == [("error",), *[("left out",)] * 2]
        blocking.rollback()
    assert ask(world.target, "SELECT yclients_id FROM clients WHERE yclients_id < 5") == [(1,)]
    for backend in (layer.source, layer.target):
        assert not backend.open() and not backend.is_up() and backend.why_down.endswith("is closed.")
    until(lambda: sessions(world.target) == 0)
    assert layer.drain(0) and world.reader.in_flight == 0


def sessions(dsn: str) -> int:
    of_layer = "application_name = 'schemadiff access' AND datname = current_database()"
    return int(ask(dsn, f"SELECT count(*) FROM pg_stat_activity WHERE {of_layer}")[0][0])


def waiting_for_locks(dsn: str, table: str = "clients") -> int:
    found = ask(dsn, f"SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = '{table}'::regclass")
    return int(found[0][0])


def test_shadow_reads_compare_a_share_of_the_reads(world: World) -> None:
    with world.layer(DUAL, selection=Selection(shadow_share=1.0)) as layer:
        assert layer.get_staff(COMPANY).backend is Name.SOURCE
        assert layer.get_company(COMPANY).error is None
        assert layer.drain(10)
        assert world.told.kinds() == [EventKind.COMPARED]
        (mismatch,) = world.told.mismatches
        assert (mismatch.copying, mismatch.method, mismatch.fields) == (
            Copying.SHADOW_READ,
            "get_company",
            ("title", "updated_at"),
        )
    with world.layer(DUAL) as layer:
        layer.get_company(COMPANY)
        assert layer.drain(10) and len(world.told.mismatches) == 1
