"""The log that a slot holds: let go while the followed database is quiet and others of its server write."""

import math
from collections.abc import Iterator
from dataclasses import replace

import pytest

from migration.core.limits import Limits
from migration.core.phases import Phase
from migration.engine import following
from schemadiff.embedded import EmbeddedServer, create_database, throwaway
from tests.engine.live import LiveRun, fill, live_spec, wait_for
from tests.engine.running import ask, one
from tests.servers import MakeDatabase

pytestmark = pytest.mark.heavy

_MB = 1_048_576
_HELD = "SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)::bigint FROM pg_replication_slots"
_WRITTEN = "INSERT INTO noise SELECT n, repeat(md5(n::text), 20) FROM generate_series(1, 60000) AS n"


@pytest.fixture
def server() -> Iterator[EmbeddedServer]:
    """Of this test alone: nobody else's slot is on it, and nobody else writes."""
    with throwaway(16) as made:
        yield made


@pytest.fixture
def target(make_database: MakeDatabase, server18: EmbeddedServer) -> str:
    return make_database(server18)


def test_the_log_is_let_go_while_others_write(
    server: EmbeddedServer, target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the source says by itself, when it has sent everything, is enough; no word of ours is needed for it."""
    monkeypatch.setattr(following, "_HEARTBEAT", math.inf)
    source, other = create_database(server, "quiet"), create_database(server, "busy")
    fill(source, target, clients=10, sold=10)
    spec = replace(live_spec(target), limits=Limits(wal_held=20 * _MB))
    with LiveRun(source, target, spec) as live:
        live.reaches(Phase.CUT_OVER)
        ask(other, "CREATE TABLE noise (n int, words text)")
        ask(other, _WRITTEN)
        wait_for(lambda: any(event.held > 20 * _MB for event in live.progress()), "what is held to be told")

        def let_go() -> bool:
            ask(other, "CHECKPOINT")  # which says in the log what is at work: from there a slot may begin
            return int(one(source, _HELD)) < 2 * _MB

        wait_for(let_go, "the log to be let go")
        wait_for(lambda: live.progress()[-1].held < 2 * _MB, "that to be told")
        assert "20 MB are allowed" in live.log()
        assert live.progress()[-1].lag_seconds < 5
