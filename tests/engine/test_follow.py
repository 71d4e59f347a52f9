"""A run that follows a source which is written to: through renamed tables and columns, to the last row."""

from collections.abc import Iterator

import pytest

from schemadiff.embedded import EmbeddedServer
from tests.engine.live import goes_the_whole_way
from tests.engine.running import ask
from tests.servers import MakeDatabase


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
    live = goes_the_whole_way(source, target, writes=300)
    assert live.progress()[-1].lag_seconds < 60
