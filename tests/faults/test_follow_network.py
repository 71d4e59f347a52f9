"""The network between a run that follows and its databases: cut, and gone silent with connections that seem open."""

from collections.abc import Iterator

import pytest

from migration.core.events import Event, PhaseStarted
from migration.core.phases import Phase
from migration.engine import live, watch
from schemadiff.embedded import EmbeddedServer
from tests.engine.live import LiveRun, assert_equal, fill, live_spec, wait_for
from tests.engine.running import ask
from tests.faults.proxy import Proxy
from tests.servers import MakeDatabase

pytestmark = pytest.mark.heavy

_END_OURS = (
    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = 'schemadiff' "
    "AND datname = current_database()"
)


@pytest.fixture
def source(make_database: MakeDatabase, server16: EmbeddedServer) -> Iterator[str]:
    dsn = make_database(server16)
    yield dsn
    ask(dsn, _END_OURS)
    ask(
        dsn,
        "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE database = current_database()",
    )


@pytest.fixture
def target(make_database: MakeDatabase, server18: EmbeddedServer) -> str:
    return make_database(server18)


@pytest.fixture
def ways(source: str, target: str) -> Iterator[dict[str, Proxy]]:
    """To each side, through a proxy."""
    fill(source, target, clients=20, sold=200)
    with Proxy(source) as to_source, Proxy(target) as to_target:
        yield {"source": to_source, "target": to_target}


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server counts as gone after two seconds."""
    monkeypatch.setattr(watch, "EVERY", 0.2)
    monkeypatch.setattr(watch, "SILENCE", 2.0)
    monkeypatch.setattr(live, "ENDING", 2.0)


@pytest.mark.parametrize("side", ["source", "target"])
def test_a_cut_while_it_follows(source: str, target: str, ways: dict[str, Proxy], side: str) -> None:
    """The run's own sessions are lost with the follower's, so it fails, and is resumed."""
    spec = live_spec(target)
    with LiveRun(ways["source"].dsn, ways["target"].dsn, spec) as run:
        run.reaches(Phase.CUT_OVER)
        ask(source, "UPDATE public.client SET name = 'before'")
        run.catches_up(source)
        ways[side].cut()
        ask(source, "UPDATE public.client SET name = 'after' WHERE id > 5")
        if (
            side == "source"
        ):  # of which the run itself asks nothing while the follower makes its connections anew
            wait_for(lambda: "lost a connection and begins again" in run.log(), "the follower to notice")
            run.catches_up(source)
        else:
            assert "the connection was lost" in run.fails()
    with LiveRun(source, target, spec, resume=True) as again:
        again.reaches(Phase.CUT_OVER)
        again.catches_up(source)
        assert_equal(source, target)


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(
    ("side", "phase"),
    [
        ("source", Phase.FOLLOW),
        ("source", Phase.CUT_OVER),
        ("target", Phase.VERIFY),
        ("target", Phase.CUT_OVER),
    ],
)
def test_a_server_that_says_nothing_any_more(
    source: str, target: str, ways: dict[str, Proxy], side: str, phase: Phase
) -> None:
    """What is sent to it is acknowledged, and no answer comes: the run ends by itself, and so does its follower."""
    spec = live_spec(target)

    def go_silent(event: Event) -> None:
        if isinstance(event, PhaseStarted) and event.phase is phase:
            ways[side].gate.close()

    with LiveRun(ways["source"].dsn, ways["target"].dsn, spec, heard=go_silent) as run:
        said = run.fails()
    assert "has not answered for 2 s" in said or "connection was lost" in said, said
    assert "Resume the run when" in said
    ways[side].cut()
    ways[side].gate.open()
    ask(source, "UPDATE public.client SET name = 'meanwhile' WHERE id > 5")
    with LiveRun(source, target, spec, resume=True) as again:
        again.reaches(Phase.CUT_OVER)
        again.catches_up(source)
        assert_equal(source, target)
