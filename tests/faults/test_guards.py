"""The target breaks under load: the guard puts the flag back on the source, and the application's calls go on."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from time import monotonic

import psycopg
import pytest
from django.db import connections
from pytest_django.live_server_helper import LiveServer

from migration import flags
from migration.access.calls import CallRecord
from migration.access.errors import ErrorKind
from migration.access.flag_client import ClientSettings, FlagClient
from migration.access.reporting import Reporter
from migration.core.flags import Access, Backend, backend_of
from migration.models import Application, Bucket, Guard, GuardEvent
from migration.monitoring import guards
from migration.monitoring.guards import Wanted
from schemadiff.embedded import EmbeddedServer, create_database, throwaway
from tests.run_rows import World, make_world
from tests.servers import fresh_database

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.heavy]

MODULE = "syncScripts"
CALLERS = 4
PATIENCE = 60.0  # seconds


@dataclass(slots=True)
class Load:
    """Callers that go where the flag says, one call after another, and report each."""

    client: FlagClient
    reporter: Reporter
    addresses: dict[Backend, str]
    answered: dict[Backend, int] = field(default_factory=lambda: dict.fromkeys(Backend, 0))
    failed: int = 0
    ended: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def call(self) -> None:
        """Until it is told to end; a connection that broke is made anew."""
        opened: dict[Backend, psycopg.Connection] = {}
        while not self.ended.wait(0.01):  # a hundred calls a second each, not all that a processor can
            backend = backend_of(self.client.current().flags, MODULE).backend
            began = monotonic()
            error = None
            try:
                if backend not in opened or opened[backend].broken:
                    opened[backend] = psycopg.connect(
                        self.addresses[backend], autocommit=True, connect_timeout=2
                    )
                opened[backend].execute("SELECT count(*) FROM items")
            except psycopg.Error:
                error = ErrorKind.CONNECTION
            self._note(backend, monotonic() - began, error)
        for connection in opened.values():
            connection.close()

    def _note(self, backend: Backend, seconds: float, error: ErrorKind | None) -> None:
        record = CallRecord(
            method="item_count",
            module=MODULE,
            backend=backend,
            access=Access.READ,
            seconds=seconds,
            error=error,
        )
        self.reporter.called(record)
        with self.lock:
            self.answered[backend] += error is None
            self.failed += error is not None


@contextmanager
def under_load(load: Load) -> Iterator[None]:
    threads = [threading.Thread(target=load.call) for _ in range(CALLERS)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        load.ended.set()
        for thread in threads:
            thread.join(60)
            assert not thread.is_alive()


def until(what: str, condition: Callable[[], bool]) -> None:
    deadline, pause = monotonic() + PATIENCE, threading.Event()
    while not condition():
        assert monotonic() < deadline, f"not within {PATIENCE:.0f} s: {what}"
        pause.wait(0.1)


@pytest.fixture
def world(transactional_db: None) -> World:
    return make_world()


@pytest.fixture
def crm(world: World) -> Application:
    made = flags.create_application(
        world.project, name="crm", environment="production", modules=(MODULE,), user="ana"
    )
    pilot = {"USE_REPOSITORY_PATTERN": True, f"backend.{MODULE}": "target"}
    flags.change(made, pilot, reason="pilot", user="ana", expected_revision=1)
    return made


@pytest.fixture
def brake(crm: Application, monkeypatch: pytest.MonkeyPatch) -> Guard:
    monkeypatch.setattr(guards, "EVERY", timedelta(seconds=0.5))
    wanted = Wanted(name="brake", module=MODULE, limits={"error_rate": 100.0}, window_seconds=20)
    return guards.add(crm, wanted, "ana")


def test_the_flag_goes_back_by_itself_when_the_target_dies_under_load(
    live_server: LiveServer, crm: Application, brake: Guard, server16: EmbeddedServer
) -> None:
    token = flags.issue_token(crm, user="ana")
    settings = ClientSettings(
        address=live_server.url, token=token, application="crm", module=MODULE, interval=0.2
    )
    table = "CREATE TABLE items (id int PRIMARY KEY); INSERT INTO items SELECT generate_series(1, 100)"
    reporter = Reporter(f"{live_server.url}/metrics/v1/report", token, client="crm@test", every=0.3)
    with throwaway(18) as target, fresh_database(server16, table) as source:
        address = create_database(target, "moved")
        with psycopg.connect(address, autocommit=True) as made:
            made.execute(table)
        with FlagClient(settings) as client, reporter:
            load = Load(
                client=client, reporter=reporter, addresses={Backend.SOURCE: source, Backend.TARGET: address}
            )
            with under_load(load):
                until("calls on the target are reported", lambda: _reported() > 50)
                brake.refresh_from_db()
                assert (brake.state, brake.breaches, load.failed) == (Guard.State.ARMED, 0, 0)
                target.stop("immediate")
                until("the flag is back", lambda: flags.current(crm).number == 3)
                before = load.answered[Backend.SOURCE]
                until("calls go on at the source", lambda: load.answered[Backend.SOURCE] > before + 50)
    connections.close_all()
    now = flags.current(crm)
    assert (now.restores, now.author_name) == (1, "guard brake")
    assert backend_of(flags.flags_of(now), MODULE).backend is Backend.SOURCE
    event = GuardEvent.objects.get(what="tripped")
    for text in (now.reason, event.text):
        assert "Guard brake: errors per 1,000 calls of" in text and "(limit 100 ‰)" in text
        assert "3 times in a row over 20 s" in text
    brake.refresh_from_db()
    assert brake.state == Guard.State.TRIPPED
    assert load.failed > 0


def _reported() -> int:
    found = Bucket.objects.filter(series__metric="calls", series__part="", series__backend="target")
    return sum(found.values_list("count", flat=True))
