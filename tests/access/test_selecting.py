"""Which backend answers each call: flags, a target that is down, the cut-over, second calls behind it all."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from time import monotonic

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from migration.access.backend import source_backend, target_backend
from migration.access.calls import AccessEvent, CallRecord, Copying, EventKind, Mismatch
from migration.access.data_layer import DataLayer
from migration.access.errors import ErrorKind, WriteNotPermitted
from migration.access.pool import Pool, PoolSettings
from migration.access.selecting import Selection
from migration.access.switching import FlagState
from migration.core.flags import Backend as Name
from migration.core.flags import CutOver, Flags
from schemadiff.embedded import EmbeddedServer
from tests.access.carried import FEW, RETRY
from tests.engine.running import ask
from tests.servers import fresh_database

COMPANY = 962302
ON_TARGET = Flags(use_repository_pattern=True, backend=Name.TARGET)
CLIENT = {"yclients_id": 1, "company_id": COMPANY, "name": "Новая", "phone": "8 (000) 111-22-33"}
NOWHERE = "postgresql://nobody:hunter2@127.0.0.1:1/nothing"


@dataclass
class Told:
    """An observer that remembers, and one that always fails beside it."""

    calls: list[CallRecord] = field(default_factory=list)
    mismatches: list[Mismatch] = field(default_factory=list)
    events: list[AccessEvent] = field(default_factory=list)

    def called(self, record: CallRecord) -> None:
        self.calls.append(record)

    def mismatched(self, mismatch: Mismatch) -> None:
        self.mismatches.append(mismatch)

    def happened(self, event: AccessEvent) -> None:
        self.events.append(event)

    def kinds(self) -> list[EventKind]:
        return [event.kind for event in self.events]


class Failing:
    def called(self, record: CallRecord) -> None:
        raise RuntimeError("an observer is a guest")

    def mismatched(self, mismatch: Mismatch) -> None:
        raise RuntimeError("an observer is a guest")

    def happened(self, event: AccessEvent) -> None:
        raise RuntimeError("an observer is a guest")


@dataclass
class Reader:
    """Flags that a test changes while calls are made."""

    state: FlagState
    permitted: threading.Event = field(default_factory=threading.Event)

    def current(self) -> FlagState:
        return self.state

    @contextmanager
    def writing(self, module: str, *, within: float) -> Iterator[FlagState]:
        if not self.permitted.wait(within):
            raise WriteNotPermitted(f"No permission to write came within {within:.1f} seconds.")
        yield self.state


@dataclass
class World:
    source: str
    target: str
    told: Told = field(default_factory=Told)

    def layer(
        self,
        flags: Flags,
        *,
        cut_over: CutOver = CutOver.BEFORE,
        target: str | None = None,
        selection: Selection | None = None,
        settings: PoolSettings = FEW,
    ) -> DataLayer:
        self.reader = Reader(FlagState(flags=flags, cut_over=cut_over, revision=7))
        self.reader.permitted.set()
        return DataLayer(
            source_backend(Pool(self.source, settings, "source"), RETRY),
            target_backend(Pool(target or self.target, settings, "target"), None, RETRY),
            self.reader,
            (Failing(), self.told),
            selection,
        )


@pytest.fixture
def world(server16: EmbeddedServer, seed_source_template: str, seed_source_dsn: str) -> Iterator[World]:
    """Two copies of the example's source; the target's company has another title."""
    with fresh_database(server16, template=seed_source_template) as target:
        ask(target, "UPDATE companies SET title = 'target'")
        yield World(seed_source_dsn, target)


def until(done: Callable[[], object], seconds: float = 10) -> None:
    end = monotonic() + seconds
    pause = threading.Event()
    while not done():
        assert monotonic() < end, "it did not come about"
        pause.wait(0.01)


@contextmanager
def closed_to_all(dsn: str) -> Iterator[None]:
    """The database takes no connections and ends those that there are."""
    name = str(conninfo_to_dict(dsn)["dbname"])
    with psycopg.connect(dsn, dbname="postgres", autocommit=True) as admin:
        allow = sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}")
        admin.execute(allow.format(sql.Identifier(name), sql.SQL("false")))
        admin.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s", (name,)
        )
        try:
            yield
        finally:
            admin.execute(allow.format(sql.Identifier(name), sql.SQL("true")))


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
        answers = []
        writer = threading.Thread(target=lambda: answers.append(layer.upsert_client(CLIENT)))
        writer.start()
        until(lambda: any(call.error is ErrorKind.READ_ONLY for call in world.told.calls))
        world.reader.state = FlagState(flags=ON_TARGET, cut_over=CutOver.AFTER, revision=8)
        writer.join(10)
        assert answers[0].error is None and answers[0].backend is Name.TARGET
        there = [
            ask(dsn, "SELECT count(*) FROM clients WHERE yclients_id = 1")
            for dsn in (world.source, world.target)
        ]
        assert there == [[(0,)], [(1,)]]


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


def test_a_changed_schema_is_noticed(world: World) -> None:
    with world.layer(ON_TARGET) as layer:
        assert layer.get_company(COMPANY).error is None
        ask(world.target, "ALTER TABLE companies DROP COLUMN bot_greeting")
        until(lambda: layer.get_company(COMPANY).error is None)
        assert "bot_greeting" not in layer.get_company(COMPANY).data


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
