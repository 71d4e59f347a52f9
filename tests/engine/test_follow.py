"""A run that follows a source which is written to: through renamed tables and columns, to the last row."""

from collections.abc import Iterator

import pytest

from migration.core.phases import Phase
from schemadiff.embedded import EmbeddedServer
from tests.engine.live import LiveRun, Writer, assert_equal, fill, live_spec
from tests.engine.running import ask, one
from tests.servers import MakeDatabase

_LEFT = (
    "SELECT (SELECT count(*) FROM pg_replication_slots WHERE database = current_database()), "
    "(SELECT count(*) FROM pg_publication)"
)


@pytest.fixture
def source(make_database: MakeDatabase, server16: EmbeddedServer) -> Iterator[str]:
    dsn = make_database(server16)
    yield dsn
    ask(
        dsn,
        "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE database = current_database()",
    )


@pytest.fixture
def target(make_database: MakeDatabase, server18: EmbeddedServer) -> str:
    return make_database(server18)


@pytest.mark.heavy
def test_the_whole_way_while_writes_go_on(source: str, target: str) -> None:
    fill(source, target)
    spec = live_spec(target)
    with LiveRun(source, target, spec) as live:
        with Writer(source, "the whole way") as writer:
            live.reaches(Phase.CUT_OVER)
            writer.has_written(300)
        live.catches_up(source)
        assert_equal(source, target)
        assert ask(source, _LEFT) == [(1, 1)]
        result = live.take_over()
    assert_equal(source, target)
    assert (result.rejects, result.differing) == (0, 0)
    assert ask(source, _LEFT) == [(0, 0)]
    assert one(
        target, "SELECT sum(updates) > 0 AND sum(deletes) > 0 AND sum(inserts) > 0 FROM schemadiff.followed"
    )
    assert live.progress()[-1].lag_seconds < 5
