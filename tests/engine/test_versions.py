"""A run from and to servers of other versions, where a machine has them: followed, verified, cut over and back."""

import pytest

from migration.engine.verify import verify
from schemadiff.embedded import EmbeddedServer
from tests.engine.calls import followed_calls
from tests.engine.live import LEFT, goes_the_whole_way, live_spec
from tests.engine.running import Told, ask
from tests.servers import MakeDatabase

pytestmark = pytest.mark.heavy


@pytest.mark.parametrize(
    "versions", [(14, 17), (17, 18), (18, 14), (15, 14)], ids=lambda pair: f"{pair[0]}-{pair[1]}"
)
def test_the_whole_way_while_writes_go_on(
    versions: tuple[int, int], request: pytest.FixtureRequest, make_database: MakeDatabase
) -> None:
    servers: list[EmbeddedServer] = [request.getfixturevalue(f"server{version}") for version in versions]
    source, target = (make_database(server) for server in servers)
    goes_the_whole_way(source, target, writes=100)
    ask(
        target,
        "UPDATE public.customers SET full_name = full_name || '!' WHERE id = (SELECT min(id) FROM public.customers)",
    )
    assert sorted(found.differing for found in verify(source, target, live_spec(target).mapping)) == [0, 0, 1]


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
        assert ask(calls.target, LEFT) == [(0, 0)]
