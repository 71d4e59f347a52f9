"""The network between a run and its databases: cut, and gone silent. Nobody tells a run of the second kind."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from migration.core.errors import RunFailed
from migration.core.events import Event, PhaseStarted
from migration.core.phases import Phase
from migration.engine import watch
from migration.engine.sessions import open_source, open_target
from migration.runner import run
from schemadiff.embedded import EmbeddedServer
from tests.engine.running import one
from tests.faults.process import Stepwise, wait_for
from tests.faults.proxy import Proxy
from tests.faults.shop import CHUNK, SOURCE, TARGET, assert_moved, carried, shop_spec
from tests.servers import MakeDatabase

pytestmark = pytest.mark.heavy

_MINE = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'schemadiff' AND datname = current_database()"


@pytest.fixture
def source(make_database: MakeDatabase, server16: EmbeddedServer) -> str:
    return make_database(server16, SOURCE)


@pytest.fixture
def target(make_database: MakeDatabase, server18: EmbeddedServer) -> str:
    return make_database(server18, TARGET)


@pytest.fixture
def ways(source: str, target: str) -> Iterator[dict[str, Proxy]]:
    """To each side, through a proxy."""
    with Proxy(source) as to_source, Proxy(target) as to_target:
        yield {"source": to_source, "target": to_target}


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server counts as gone after two seconds."""
    monkeypatch.setattr(watch, "EVERY", 0.2)
    monkeypatch.setattr(watch, "SILENCE", 2.0)


@pytest.mark.parametrize("side", ["source", "target"])
def test_a_connection_that_is_cut_stops_the_run_with_a_sentence(
    tmp_path: Path, source: str, target: str, ways: dict[str, Proxy], side: str
) -> None:
    spec = shop_spec(source, target)
    begun = Stepwise(tmp_path, ways["source"].dsn, ways["target"].dsn, spec, CHUNK)
    begun.begins(Phase.COPY)
    begun.go_on()
    wait_for(lambda: len(carried(target)) >= 3, "three chunks")
    ways[side].cut()
    said = begun.last_words()
    assert begun.wait() == 1
    # Where a session was being opened at that very moment, it is that which is told.
    told = ("the connection was lost. Resume the run when the server is back.", "could not be reached")
    assert any(words in said for words in told), said
    done = carried(target)
    run(source, target, spec, report=forget, resume=True, chunk_rows=CHUNK)
    assert done <= carried(target)
    assert_moved(source, target, spec)


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("phase", [Phase.PREPARE, Phase.SCHEMA, Phase.COPY, Phase.INDEXES, Phase.VERIFY])
@pytest.mark.parametrize("side", ["source", "target"])
def test_a_server_that_says_nothing_any_more_is_noticed(
    source: str, target: str, ways: dict[str, Proxy], side: str, phase: Phase
) -> None:
    """Its connections are open and what is sent is acknowledged; only no answer comes."""
    if (side, phase) == ("source", Phase.SCHEMA):
        phase = Phase.SEQUENCES  # nothing is asked of the source when the schema is made
    spec = shop_spec(source, target)

    def go_silent(event: Event) -> None:
        if isinstance(event, PhaseStarted) and event.phase is phase:
            ways[side].gate.close_after(3)

    with pytest.raises(RunFailed, match=r"connection was lost|has not answered for 2 s") as stopped:
        run(ways["source"].dsn, ways["target"].dsn, spec, report=go_silent, chunk_rows=CHUNK)
    assert "Resume the run when" in str(stopped.value)
    done = carried(target)
    # The silent connections are still open: for the servers nothing has happened.
    assert one(target if side == "target" else source, _MINE) > 0
    run(source, target, spec, report=forget, resume=True, takes_over=True, chunk_rows=CHUNK)
    assert done <= carried(target)
    assert_moved(source, target, spec)


def forget(event: Event) -> None:
    """Nobody listens."""


def test_the_servers_are_to_notice_when_a_run_is_cut_off(ways: dict[str, Proxy]) -> None:
    """By default they would ask after two hours, and keep all locks until then."""
    with open_source(ways["source"].dsn) as reading, open_target(ways["target"].dsn) as writing:
        for session in (reading, writing):
            limits = [
                session.execute(f"SELECT current_setting('{name}')").fetchone()
                for name in ("tcp_keepalives_idle", "tcp_keepalives_interval", "tcp_keepalives_count")
            ]
            assert limits == [("15",), ("5",), ("4",)]
            assert session.execute("SHOW client_connection_check_interval").fetchone() == ("10s",)
        assert writing.execute("SHOW tcp_user_timeout").fetchone() == ("120000",)
        assert reading.execute("SHOW tcp_user_timeout").fetchone() == ("0",)
