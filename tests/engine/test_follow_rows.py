"""Rows of a followed source that the target cannot take as they come, and those that come right."""

from collections.abc import Iterator

import pytest

from migration.core.phases import Phase
from schemadiff.embedded import EmbeddedServer
from tests.engine.live import LiveRun, live_spec, mapped, wait_for
from tests.engine.running import ask, one
from tests.servers import MakeDatabase

pytestmark = pytest.mark.heavy

_REJECTS = (
    'SELECT source_table, key, sqlstate, "constraint" FROM schemadiff.rejects WHERE NOT recovered ORDER BY id'
)
SOURCE = """
CREATE TABLE public.parent (id int PRIMARY KEY, code text);
CREATE TABLE public.child (id int PRIMARY KEY, parent int, amount text);
INSERT INTO public.parent SELECT n, 'c' || n FROM generate_series(1, 10) AS n;
INSERT INTO public.child SELECT n, n, n::text FROM generate_series(1, 10) AS n;
"""
TARGET = """
CREATE TABLE public.parent (id int PRIMARY KEY, code text UNIQUE);
CREATE TABLE public.child (id int PRIMARY KEY, parent int REFERENCES public.parent, amount int);
"""


@pytest.fixture
def source(make_database: MakeDatabase, server16: EmbeddedServer) -> Iterator[str]:
    dsn = make_database(server16)
    ask(dsn, SOURCE)
    yield dsn
    ask(
        dsn,
        "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE database = current_database()",
    )


@pytest.fixture
def target(make_database: MakeDatabase, server18: EmbeddedServer) -> str:
    dsn = make_database(server18)
    ask(dsn, TARGET)
    return dsn


@pytest.fixture
def live(source: str, target: str) -> Iterator[LiveRun]:
    spec = live_spec(
        target,
        mapped("parent", "parent", {"id": "id", "code": "code"}, {}),
        mapped("child", "child", {"id": "id", "parent": "parent"}, {"amount": "amount::int"}),
    )
    with LiveRun(source, target, spec) as run:
        run.reaches(Phase.CUT_OVER)
        yield run


def settles(source: str, target: str) -> None:
    place = one(source, "SELECT pg_logical_emit_message(true, 'schemadiff', 'settle')::text")
    reached = f"SELECT applied >= '{place}' FROM schemadiff.followers"
    wait_for(lambda: bool(one(target, reached)), "rejects and foreign keys to be looked at")


def test_a_row_that_refers_to_nothing_becomes_a_reject_until_its_parent_comes(
    source: str, target: str, live: LiveRun
) -> None:
    ask(source, "INSERT INTO public.child VALUES (50, 500, '5'), (51, 5, '5')")
    settles(source, target)
    assert ask(target, _REJECTS) == [("child", ["50"], "23503", "child_parent_fkey")]
    assert ask(target, "SELECT id FROM public.child WHERE id >= 50") == [(51,)]
    ask(source, "INSERT INTO public.parent VALUES (500, 'late')")
    settles(source, target)
    assert ask(target, _REJECTS) == []
    assert ask(target, "SELECT id FROM public.child WHERE id >= 50 ORDER BY 1") == [(50,), (51,)]
    result = live.take_over()
    assert (result.rows_read, result.rows_written + result.rejects) == (20, 20)


def test_a_parent_that_is_refused_takes_its_rows_with_it(source: str, target: str, live: LiveRun) -> None:
    ask(source, "UPDATE public.parent SET code = 'c1' WHERE id = 2")  # unique in the target
    live.catches_up(source)
    assert ask(target, _REJECTS) == [("parent", ["2"], "23505", "parent_code_key")]
    settles(source, target)
    assert {row[0] for row in ask(target, _REJECTS)} == {"parent", "child"}
    ask(source, "UPDATE public.parent SET code = 'free' WHERE id = 1")
    settles(source, target)
    settles(source, target)
    assert ask(target, _REJECTS) == []
    assert one(target, "SELECT count(*) FROM public.child c JOIN public.parent p ON p.id = c.parent") == 10


def test_values_that_change_places_under_a_unique_key(source: str, target: str, live: LiveRun) -> None:
    """Row by row they collide; when all have come they do not."""
    ask(source, "UPDATE public.parent SET code = 'c' || (11 - id)")
    live.catches_up(source)
    settles(source, target)
    assert ask(target, _REJECTS) == []
    assert ask(target, "SELECT * FROM public.parent ORDER BY id") == ask(
        source, "SELECT * FROM public.parent ORDER BY id"
    )


def test_a_value_that_the_mapping_cannot_work_out(source: str, target: str, live: LiveRun) -> None:
    ask(source, "UPDATE public.child SET amount = 'many' WHERE id = 3")
    live.catches_up(source)
    assert ask(target, _REJECTS) == [("child", ["3"], "22P02", "")]
    assert one(target, "SELECT unreadable FROM schemadiff.rejects")
    live.stop()
    with LiveRun(source, target, live.spec, resume=True) as again:  # it compares the rows once more
        again.reaches(Phase.CUT_OVER)
        ask(source, "DELETE FROM public.child WHERE id = 3")
        again.catches_up(source)
        assert ask(target, _REJECTS) == []


_ADDRESSES = """
CREATE DOMAIN public.flag AS boolean;
CREATE TABLE public.address (
    at inet, net cidr, is_new public.flag, code char(5), words {words}, PRIMARY KEY (at, net, is_new, code)
);
"""


def test_a_reject_has_one_name_whoever_refused_it(source: str, target: str) -> None:
    """The copy casts a key's values to text, and the log has what their types write."""
    ask(source, _ADDRESSES.format(words="text"))
    ask(target, _ADDRESSES.format(words="varchar(5)"))
    ask(
        source,
        "INSERT INTO public.address SELECT at::inet, '10.0.0.0/8', true, 'a', 'much too long' "
        "FROM unnest(ARRAY['10.0.0.3', '::1', '10.0.0.4/24']) AS at",
    )
    columns = {name: name for name in ("at", "net", "is_new", "code", "words")}
    rejects = "SELECT key[1], count(*) FROM schemadiff.rejects WHERE NOT recovered GROUP BY 1 ORDER BY 1"
    with LiveRun(source, target, live_spec(target, mapped("address", "address", columns, {}))) as live:
        live.reaches(Phase.CUT_OVER)
        refused = ask(target, rejects)
        assert refused == [("10.0.0.3/32", 1), ("10.0.0.4/24", 1), ("::1/128", 1)]
        ask(source, "UPDATE public.address SET words = 'still too long'")
        settles(source, target)
        assert ask(target, rejects) == refused
        ask(source, "UPDATE public.address SET words = 'short'")
        settles(source, target)
        assert ask(target, rejects) == []
        assert one(target, "SELECT count(*) FROM public.address WHERE words = 'short'") == 3
