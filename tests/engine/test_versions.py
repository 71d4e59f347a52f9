"""A run from and to servers of other versions, where a machine has them: followed, verified, cut over and back."""

import pytest

from migration.core.phases import Phase
from migration.engine.verify import verify
from schemadiff.embedded import EmbeddedServer
from tests.engine.calls import followed_calls
from tests.engine.live import LiveRun, Writer, assert_equal, fill, live_spec
from tests.engine.running import Told, ask, one
from tests.servers import MakeDatabase

pytestmark = pytest.mark.heavy

_LEFT = (
    "SELECT (SELECT count(*) FROM pg_replication_slots WHERE database = current_database()), "
    "(SELECT count(*) FROM pg_publication)"
)


@pytest.mark.parametrize(
    "versions", [(14, 17), (17, 18), (18, 14), (15, 14)], ids=lambda pair: f"{pair[0]}-{pair[1]}"
)
def test_the_whole_way_while_writes_go_on(
    versions: tuple[int, int], request: pytest.FixtureRequest, make_database: MakeDatabase
) -> None:
    servers: list[EmbeddedServer] = [request.getfixturevalue(f"server{version}") for version in versions]
    source, target = (make_database(server) for server in servers)
    fill(source, target)
    spec = live_spec(target)
    with LiveRun(source, target, spec) as live:
        with Writer(source, "the whole way") as writer:
            live.reaches(Phase.CUT_OVER)
            writer.has_written(100)
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
    ask(
        target,
        "UPDATE public.customers SET full_name = full_name || '!' WHERE id = (SELECT min(id) FROM public.customers)",
    )
    assert sorted(found.differing for found in verify(source, target, spec.mapping)) == [0, 0, 1]


@pytest.mark.parametrize("versions", [(14, 17), (17, 14)], ids=lambda pair: f"{pair[0]}-{pair[1]}")
def test_over_and_back(
    versions: tuple[int, int], request: pytest.FixtureRequest, make_database: MakeDatabase
) -> None:
    here, there = (request.getfixturevalue(f"server{version}") for version in versions)
    with followed_calls(make_database, here, there) as calls:
        calls.over(Told())
        calls.write()
        calls.back(Told())
        calls.is_same()
        assert ask(calls.target, _LEFT) == [(0, 0)]
