"""Kinds of tables, types and roles that following meets: partitions, types of one's own, a role without privileges."""

from collections.abc import Iterator

import pytest

from migration.core.phases import Phase
from schemadiff.embedded import EmbeddedServer
from tests.engine.live import FILL, SOURCE, TARGET, LiveRun, Writer, assert_equal, live_spec, mapped
from tests.engine.running import ask, one
from tests.servers import MakeDatabase, roles_on

pytestmark = pytest.mark.heavy

_TYPES = """
CREATE TYPE public.pair AS (a int, b text);
CREATE DOMAIN public.positive AS int CHECK (value > 0);
CREATE TYPE public.mood AS ENUM ('calm', 'glad');
"""
_COLUMNS = """(
    id int, day date, "Wéird ""name" public.pair, n public.positive, moods public.mood[], span interval, cost money,
    bytes bytea, doc jsonb, at timestamp, real float8, bits bit(5), more varbit, fixed char(4), range int4range,
    yes boolean, PRIMARY KEY (id, day))"""
_ROW = """
INSERT INTO public.many SELECT %s, date '2020-06-01' + %s, ROW(1, 'it''s "q"')::public.pair, 5,
    ARRAY['calm', 'glad']::public.mood[], '1 year 2 days 03:04:05.6', 12.5, '\\xdead', '{"a": [1, null]}',
    '2020-01-01 01:02:03.456789', 1.0 / 3, B'10101', B'1', 'ab', '[1,5)', true
"""
_EVERY = "SELECT m::text FROM public.many m ORDER BY id"


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


def test_partitions_and_types_of_all_kinds(source: str, target: str) -> None:
    ask(source, f"{_TYPES} CREATE TABLE public.many {_COLUMNS} PARTITION BY RANGE (day)")
    for year in (2020, 2021):
        ask(
            source,
            f"CREATE TABLE public.y{year} PARTITION OF public.many "
            f"FOR VALUES FROM ('{year}-01-01') TO ('{year + 1}-01-01')",
        )
    ask(target, f"{_TYPES} CREATE TABLE public.many {_COLUMNS}")
    for number in (1, 2):
        ask(source, _ROW, number, 200 * number)
    names = ask(
        source,
        "SELECT attname::text FROM pg_attribute WHERE attrelid = 'public.many'::regclass AND attnum > 0 ORDER BY 1",
    )
    spec = live_spec(target, mapped("many", "many", {name: name for (name,) in names}, {}))
    with LiveRun(source, target, spec) as live:
        live.reaches(Phase.CUT_OVER)
        ask(source, _ROW, 3, 5)
        ask(source, "UPDATE public.many SET day = '2021-05-05', n = 7 WHERE id = 1")
        ask(source, "UPDATE public.many SET n = 9, cost = '1234.56', yes = false WHERE id = 2")
        live.catches_up(source)
        assert ask(source, _EVERY) == ask(target, _EVERY)
        ask(source, "DELETE FROM public.many WHERE id = 3")
        live.catches_up(source)
        assert ask(source, _EVERY) == ask(target, _EVERY)
        assert live.take_over().rejects == 0


def test_a_role_that_may_not_skip_triggers(source: str, target: str, server18: EmbeddedServer) -> None:
    ask(source, SOURCE)
    ask(source, FILL.format(clients=20, sold=100))
    with roles_on(server18, ["modest_follower"]):
        name = target.rpartition("/")[2]
        ask(target, "ALTER ROLE modest_follower LOGIN PASSWORD 'secret'")
        ask(
            target,
            f"GRANT CREATE ON DATABASE {name} TO modest_follower; GRANT ALL ON SCHEMA public TO modest_follower",
        )
        modest = server18.dsn(name, "modest_follower", "secret")
        ask(modest, TARGET)
        with LiveRun(source, modest, live_spec(modest)) as live:
            with Writer(source, "a modest role") as writer:
                live.reaches(Phase.CUT_OVER)
                writer.has_written(200)
            live.catches_up(source)
            assert_equal(source, target)
            assert one(target, "SELECT count(*) FROM schemadiff.rejects WHERE NOT recovered") == 0
            assert "may not set session_replication_role" in live.log()
        ask(target, "DROP OWNED BY modest_follower CASCADE")
