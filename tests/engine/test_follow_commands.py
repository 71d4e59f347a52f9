"""`follow`, `run --follow` and what `clean` makes of them."""

from collections.abc import Iterator

import pytest

from schemadiff.embedded import EmbeddedServer
from tests.command_line import Manage
from tests.engine.running import ask, one
from tests.servers import MakeDatabase

pytestmark = pytest.mark.heavy


@pytest.fixture
def sides(
    make_database: MakeDatabase, server16: EmbeddedServer, server18: EmbeddedServer
) -> Iterator[tuple[str, str]]:
    dsns = make_database(server16), make_database(server18)
    for dsn in dsns:
        ask(dsn, "CREATE TABLE public.a (id int PRIMARY KEY, words text)")
    ask(dsns[0], "INSERT INTO public.a SELECT n, 'w' || n FROM generate_series(1, 100) AS n")
    yield dsns
    ask(
        dsns[0],
        "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE database = current_database()",
    )


def slots(source: str) -> int:
    return int(one(source, "SELECT count(*) FROM pg_replication_slots WHERE database = current_database()"))


def test_followed_until_it_is_near_and_again(manage: Manage, sides: tuple[str, str]) -> None:
    done = manage("follow", *sides, "--until-lag", "5")
    assert done.code == 0, done.error
    assert "behind by no more than 5 s" in done.out
    ask(sides[0], "UPDATE public.a SET words = 'later' WHERE id <= 10; DELETE FROM public.a WHERE id > 90")
    assert manage("follow", *sides, "--until-lag", "5").code == 0
    assert ask(sides[1], "SELECT count(*), count(*) FILTER (WHERE words = 'later') FROM public.a") == [
        (90, 10)
    ]
    refused = manage("follow", *sides, "--tables", "a")
    assert (refused.code, "follows its source already" in refused.error) == (1, True)


def test_clean_lists_the_slot_and_removes_it_with_its_source(manage: Manage, sides: tuple[str, str]) -> None:
    assert manage("follow", *sides, "--until-lag", "5").code == 0
    run = str(one(sides[1], "SELECT id FROM schemadiff.runs"))
    forgotten = manage("clean", sides[1], "--run", run, "--yes")
    assert forgotten.code == 1
    assert "Give that source with --source" in forgotten.error
    assert slots(sides[0]) == 1
    other = manage("clean", sides[1], "--run", run, "--source", sides[1], "--yes")
    assert (other.code, "is another database" in other.error) == (1, True)
    done = manage("clean", sides[1], "--run", run, "--source", sides[0], "--yes")
    assert done.code == 0, done.error
    assert "replication slot schemadiff_" in done.out
    assert slots(sides[0]) == 0
    assert one(sides[0], "SELECT count(*) FROM pg_publication") == 0


def test_a_source_that_is_gone_is_forgotten_when_that_is_said(manage: Manage, sides: tuple[str, str]) -> None:
    assert manage("follow", *sides, "--until-lag", "5").code == 0
    run = str(one(sides[1], "SELECT id FROM schemadiff.runs"))
    assert manage("clean", sides[1], "--run", run, "--source-is-gone", "--yes").code == 0
    assert one(sides[1], "SELECT count(*) FROM schemadiff.runs") == 0
    assert slots(sides[0]) == 1


def test_run_follows_only_into_empty_tables(manage: Manage, sides: tuple[str, str]) -> None:
    options = ("--option", "hybrid", "--follow", "--overwrite", "--yes")
    done = manage("run", *sides, *options)
    assert (done.code, "takes empty tables" in done.error) == (1, True)
