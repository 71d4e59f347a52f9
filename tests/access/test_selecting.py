"""Which backend answers each call: flags, a target that is down, the cut-over, second calls behind it all."""

import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from migration.access.answers import Answer
from migration.access.calls import EventKind
from migration.access.data_layer import DataLayer
from migration.access.errors import ErrorKind
from migration.access.pool import PoolSettings
from migration.access.selecting import Selection
from migration.access.switching import FlagState
from migration.core.flags import Backend as Name
from migration.core.flags import CutOver, Flags
from tests.access.world import (
    CLIENT,
    COMPANY,
    NOWHERE,
    ON_TARGET,
    World,
    closed_to_all,
    until,
)
from tests.engine.running import ask


def test_each_call_goes_where_the_flags_say_at_that_moment(world: World) -> None:
    with world.layer(Flags()) as layer:
        assert layer.get_company(COMPANY).backend is Name.SOURCE
        world.reader.state = FlagState(flags=ON_TARGET, revision=8)
        answer = layer.get_company(COMPANY)
        assert (answer.backend, answer.data["title"]) == (Name.TARGET, "target")
        world.reader.state = FlagState(flags=replace(ON_TARGET, modules=(("", Name.SOURCE),)))
        assert layer.get_company(COMPANY).backend is Name.SOURCE
        records = world.told.calls
        assert [(each.backend, each.revision) for each in records] == [
            (Name.SOURCE, 7),
            (Name.TARGET, 8),
            (Name.SOURCE, None),
        ]
        assert records[0].method == "get_company" and records[0].rows == 1 and records[0].seconds > 0
        assert str(COMPANY) not in records[0].statement and records[0].statement.startswith("SELECT")


def test_modules_share_pools_and_go_their_own_ways(world: World) -> None:
    with world.layer(replace(ON_TARGET, modules=(("services", Name.SOURCE),))) as layer:
        services = layer.for_module("services")
        assert (layer.get_company(COMPANY).backend, services.get_company(COMPANY).backend) == (
            Name.TARGET,
            Name.SOURCE,
        )
        assert services.source.pool is layer.source.pool
        assert [call.module for call in world.told.calls] == ["", "services"]
    assert services.get_company(COMPANY).error is not None, "closing one closes all"


def test_a_source_that_nobody_asks_is_never_opened(world: World) -> None:
    flags = replace(ON_TARGET, use_legacy_supabase=False)
    with world.layer(flags) as layer:
        assert layer.health_check(COMPANY).data == {"company_id": COMPANY}
        assert layer.source.pool.stats().total == 0


def test_no_backend_is_a_sentence(world: World) -> None:
    with world.layer(Flags(use_legacy_supabase=False)) as layer:
        answer = layer.get_company(COMPANY)
        assert answer.error is not None and answer.error.kind is ErrorKind.REFUSED
        assert answer.error.message.endswith("reads and writes are refused.")
        assert world.told.calls[0].error is ErrorKind.REFUSED


def test_before_cut_over_a_target_that_cannot_start_falls_back_and_says_so(world: World) -> None:
    with world.layer(ON_TARGET, target=NOWHERE) as layer:
        answer = layer.get_company(COMPANY)
        assert (answer.backend, answer.error) == (Name.SOURCE, None)
        assert layer.upsert_client(CLIENT).backend is Name.SOURCE
        assert world.told.kinds() == [EventKind.FELL_BACK], "once, not for each call"
        reason = world.told.events[0].reason
        assert "LEGACY" in reason and "Nothing listens at 127.0.0.1, port 1" in reason
        assert "hunter2" not in reason
        assert layer.counts.fallbacks == 2
        assert [record.fell_back for record in world.told.calls] == [True, True]


def test_a_target_that_is_lost_on_the_way_is_fallen_back_from_and_returned_to(world: World) -> None:
    with world.layer(ON_TARGET) as layer:
        assert layer.get_company(COMPANY).backend is Name.TARGET
        with closed_to_all(world.target):
            answer = layer.get_company(COMPANY)
            assert (answer.backend, answer.error) == (Name.SOURCE, None)
            assert layer.get_staff(COMPANY).backend is Name.SOURCE
        until(lambda: layer.get_company(COMPANY).backend is Name.TARGET)
        assert world.told.kinds() == [EventKind.FELL_BACK, EventKind.RECOVERED]


def test_connections_that_were_ended_are_made_anew_without_anybody_noticing(world: World) -> None:
    with world.layer(ON_TARGET) as layer:
        assert layer.get_company(COMPANY).backend is Name.TARGET
        with closed_to_all(world.target):
            pass
        answer = layer.get_company(COMPANY)
        assert (answer.backend, answer.error) == (Name.TARGET, None)
        with closed_to_all(world.target):
            pass
        answer = layer.upsert_client(CLIENT)
        assert (answer.backend, answer.error) == (Name.TARGET, None), "surely not written by the first try"


def test_after_cut_over_a_write_never_falls_back_and_a_read_may(world: World) -> None:
    with world.layer(ON_TARGET, target=NOWHERE, cut_over=CutOver.AFTER) as layer:
        answer = layer.upsert_client(CLIENT)
        assert answer.error is not None and answer.error.kind is ErrorKind.REFUSED
        assert "never falls back to the source" in answer.error.message
        assert ask(world.source, "SELECT count(*) FROM clients WHERE yclients_id = 1") == [(0,)]
        assert layer.get_company(COMPANY).backend is Name.SOURCE
        assert "may be out of date" in world.told.events[-1].reason or layer.counts.fallbacks == 2


def test_a_write_waits_for_permission_only_so_long(world: World) -> None:
    with world.layer(Flags(), selection=Selection(write_wait=0.1)) as layer:
        world.reader.permitted.clear()
        answer = layer.upsert_client(CLIENT)
        assert answer.error is not None and answer.error.kind is ErrorKind.REFUSED
        assert answer.error.message == "No permission to write came within 0.1 seconds."
        assert ask(world.source, "SELECT count(*) FROM clients WHERE yclients_id = 1") == [(0,)]
        world.reader.permitted.set()
        assert layer.upsert_client(CLIENT).error is None


def test_a_write_that_the_fence_stops_goes_to_the_target_once_the_flags_say_so(world: World) -> None:
    """The source takes no writes any more; the flip comes a moment later, and nothing is lost or done twice."""
    with world.layer(Flags()) as layer:
        assert layer.get_company(COMPANY).error is None
        name = sql.Identifier(str(conninfo_to_dict(world.source)["dbname"]))
        fence = sql.SQL("ALTER DATABASE {} SET default_transaction_read_only = on").format(name)
        with psycopg.connect(world.source, autocommit=True) as admin:
            admin.execute(fence)
            admin.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        written_across_the_flip(world, layer)


def test_a_right_that_the_fence_took_away_is_waited_out_too(world: World) -> None:
    """As a cut-over does it: in the moment before the sessions end, they meet the lack of the right."""
    with of_a_role(world) as (role, limited, admin), limited.layer(Flags()) as layer:
        assert layer.upsert_client(CLIENT | {"yclients_id": 2}).error is None
        (database,) = ask(world.source, "SELECT current_database()")[0]
        with admin.transaction():
            setting = "ALTER ROLE {} IN DATABASE {} SET default_transaction_read_only = on"
            admin.execute(sql.SQL(setting).format(role, sql.Identifier(database)))
            admin.execute(sql.SQL("REVOKE INSERT, UPDATE ON clients FROM {}").format(role))
        written_across_the_flip(limited, layer)


def test_a_right_that_is_lacking_is_told_at_once_and_as_one_call(world: World) -> None:
    with of_a_role(world) as (role, limited, admin):
        admin.execute(sql.SQL("REVOKE INSERT, UPDATE ON clients FROM {}").format(role))
        with limited.layer(Flags(), selection=Selection(write_wait=60)) as layer:
            answer = layer.upsert_client(CLIENT)
        assert answer.error is not None and answer.error.kind is ErrorKind.DATABASE
        assert "permission denied for table clients" in answer.error.message
        (record,) = limited.told.calls
        assert record.error is ErrorKind.DATABASE and record.seconds < 30


def test_a_write_that_the_fence_stops_to_the_end_is_one_call(world: World) -> None:
    name = sql.Identifier(str(conninfo_to_dict(world.source)["dbname"]))
    with psycopg.connect(world.source, autocommit=True) as admin:
        admin.execute(sql.SQL("ALTER DATABASE {} SET default_transaction_read_only = on").format(name))
    with world.layer(Flags(), selection=Selection(write_wait=0.3)) as layer:
        answer = layer.upsert_client(CLIENT)
    assert answer.error is not None and answer.error.kind is ErrorKind.READ_ONLY
    (record,) = world.told.calls
    assert (record.error, record.backend) == (ErrorKind.READ_ONLY, Name.SOURCE)
    assert record.seconds >= 0.3 and world.reader.begun > 2


@contextmanager
def of_a_role(world: World) -> Iterator[tuple[sql.Identifier, World, psycopg.Connection[Any]]]:
    """A role that may do everything with the source's tables; the world seen by it; somebody who may change that."""
    role = f"app_{uuid.uuid4().hex[:8]}"
    name = sql.Identifier(role)
    with psycopg.connect(world.source, autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD 'p'").format(name))
        admin.execute(sql.SQL("GRANT ALL ON ALL TABLES IN SCHEMA public TO {}").format(name))
        admin.execute(sql.SQL("GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO {}").format(name))
        try:
            yield name, replace(world, source=make_conninfo(world.source, user=role, password="p")), admin
        finally:
            admin.execute(sql.SQL("DROP OWNED BY {}").format(name))
            admin.execute(sql.SQL("DROP ROLE {}").format(name))


def written_across_the_flip(world: World, layer: DataLayer) -> None:
    """A write is refused, the flags flip, and it is made on the target alone."""
    answers: list[Answer] = []
    begun, told = world.reader.begun, len(world.told.calls)
    writer = threading.Thread(target=lambda: answers.append(layer.upsert_client(CLIENT)))
    writer.start()
    until(lambda: world.reader.begun > begun + 2)  # it was refused, and tries again
    world.reader.state = FlagState(flags=ON_TARGET, cut_over=CutOver.AFTER, revision=8)
    writer.join(60)
    assert answers[0].error is None and answers[0].backend is Name.TARGET
    counted = "SELECT count(*) FROM clients WHERE yclients_id = 1"
    assert ask(world.target, counted) == [(1,)]
    assert ask(world.source, counted) == [(0,)]
    (record,) = world.told.calls[told:]
    assert (record.backend, record.error) == (Name.TARGET, None), "one call, however often it was tried"


def test_a_changed_schema_is_noticed(world: World) -> None:
    with world.layer(ON_TARGET) as layer:
        assert layer.get_company(COMPANY).error is None
        ask(world.target, "ALTER TABLE companies DROP COLUMN bot_greeting")
        until(lambda: layer.get_company(COMPANY).error is None)
        assert "bot_greeting" not in layer.get_company(COMPANY).data


@pytest.mark.heavy
def test_200_callers_share_20_connections(world: World) -> None:
    with world.layer(Flags(), settings=PoolSettings(max_size=20)) as layer:
        errors: list[object] = []

        def call() -> None:
            for _ in range(5):
                errors.append(layer.get_staff(COMPANY).error)

        callers = [threading.Thread(target=call) for _ in range(200)]
        for caller in callers:
            caller.start()
        for caller in callers:
            caller.join(60)
        assert errors == [None] * 1_000
        assert layer.source.pool.stats().total <= 20


def test_arguments_are_checked_before_anything_is_sent(world: World) -> None:
    with world.layer(Flags()) as layer:
        for answer in (
            layer.get_company(0),
            layer.get_company("962302; drop table clients"),  # type: ignore[arg-type]
            layer.get_client_by_phone("8 000 111"),
            layer.search_clients_by_name(COMPANY, ""),
            layer.search_clients_by_name(COMPANY, "а", limit=1_001),
            layer.get_staff_schedules(COMPANY, "yesterday", "today"),  # type: ignore[arg-type]
            layer.upsert_clients([CLIENT] * 501),
            layer.upsert_clients("rows"),  # type: ignore[arg-type]
            layer.upsert_client(CLIENT | {"colour": "red"}),
            layer.upsert_client(CLIENT | {"phone": "70000000001, 70000000002"}),
        ):
            assert answer.error is not None and answer.error.kind is ErrorKind.INVALID, answer
            assert answer.data is None and "70000000001" not in answer.error.message
        one_too_many = layer.upsert_clients([CLIENT] * 501).error
        assert one_too_many is not None
        assert one_too_many.message == "A batch has at most 500 rows; this one has 501. Send it in parts."


def test_a_closed_layer_asks_nobody(world: World) -> None:
    with world.layer(Flags()) as layer:
        assert layer.get_company(COMPANY).error is None
    for answer in (layer.get_company(COMPANY), layer.upsert_client(CLIENT)):
        assert answer.error is not None and "closed" in answer.error.message
        assert (answer.backend, answer.error.kind) == (Name.NONE, ErrorKind.REFUSED)
    assert layer.source.pool.stats().total == 0
