"""What stands in the way of following is said before anything starts, each with what mends it."""

from dataclasses import replace

import pytest

from migration.core.spec import RunSpec
from schemadiff.core.errors import Refused
from schemadiff.embedded import EmbeddedServer, throwaway
from tests.engine.live import live_spec, mapped
from tests.engine.running import ask, carry, one
from tests.servers import MakeDatabase, roles_on

pytestmark = pytest.mark.heavy

COLUMNS = "(id int PRIMARY KEY, words text)"
WITHOUT_KEY = "(id int, words text)"


@pytest.fixture
def sides(make_database: MakeDatabase, server16: EmbeddedServer, server18: EmbeddedServer) -> tuple[str, str]:
    return make_database(server16), make_database(server18)


def refused(source: str, target: str, spec: RunSpec) -> str:
    """And nothing is written, on neither side."""
    with pytest.raises(Refused) as told:
        carry(source, target, spec)
    assert one(target, "SELECT to_regnamespace('schemadiff') IS NULL")
    assert one(source, "SELECT count(*) FROM pg_publication") == 0
    return str(told.value)


def of_a(target: str, **expressions: str) -> RunSpec:
    return live_spec(
        target, mapped("a", "a", {"id": "id"} | ({} if expressions else {"words": "words"}), expressions)
    )


@pytest.mark.parametrize(
    ("here", "mends"),
    [
        (f"CREATE TABLE public.a {WITHOUT_KEY}", 'ALTER TABLE "public"."a" ADD PRIMARY KEY'),
        (
            f"CREATE TABLE public.a {WITHOUT_KEY}; ALTER TABLE public.a ALTER id SET NOT NULL; "
            "CREATE UNIQUE INDEX one ON public.a (id)",
            "REPLICA IDENTITY USING INDEX one;",
        ),
        (
            f"CREATE TABLE public.a {COLUMNS}; ALTER TABLE public.a REPLICA IDENTITY NOTHING",
            "IDENTITY DEFAULT;",
        ),
        (
            f"CREATE TABLE public.a {COLUMNS}; ALTER TABLE public.a ALTER words SET NOT NULL; "
            "CREATE UNIQUE INDEX w ON public.a (words); ALTER TABLE public.a REPLICA IDENTITY USING INDEX w",
            "REPLICA IDENTITY FULL;",
        ),
        (f"CREATE UNLOGGED TABLE public.a {COLUMNS}", "SET LOGGED;"),
        (
            "CREATE TABLE public.a (id int PRIMARY KEY, words text GENERATED ALWAYS AS ('n') STORED)",
            "the column words is generated",
        ),
        (
            f"CREATE TABLE public.a {COLUMNS}; CREATE TABLE public.child () INHERITS (public.a)",
            "has children that inherit",
        ),
    ],
)
def test_tables_that_cannot_be_followed(sides: tuple[str, str], here: str, mends: str) -> None:
    ask(sides[0], here)
    ask(sides[1], f"CREATE TABLE public.a {COLUMNS}")
    assert mends in refused(*sides, of_a(sides[1]))


def test_rows_of_the_target_are_in_the_way(sides: tuple[str, str]) -> None:
    for dsn in sides:
        ask(dsn, f"CREATE TABLE public.a {COLUMNS}")
    ask(sides[1], "INSERT INTO public.a VALUES (1, 'mine')")
    assert "public.a has rows already" in refused(*sides, of_a(sides[1]))


@pytest.mark.parametrize("compares", [False, True])
def test_tables_that_are_put_together(sides: tuple[str, str], compares: bool) -> None:
    ask(sides[0], f"CREATE TABLE public.a {COLUMNS}; CREATE TABLE public.b {COLUMNS}")
    ask(sides[1], f"CREATE TABLE public.a {COLUMNS}")
    columns = {"id": "id", "words": "words"}
    spec = live_spec(sides[1], mapped("a", "a", columns, {}), mapped("b", "a", columns, {}))
    said = refused(*sides, replace(spec, compares=compares))
    assert "public.a takes the rows of public.a and public.b" in said


def test_a_query_of_other_rows_is_not_in_the_log(sides: tuple[str, str]) -> None:
    for dsn in sides:
        ask(dsn, f"CREATE TABLE public.a {COLUMNS}")
    spec = of_a(sides[1], words="(SELECT max(b.words) FROM public.a b)")
    assert "the column words is made by a query of other rows" in refused(*sides, spec)


def test_a_function_that_only_the_source_has(sides: tuple[str, str]) -> None:
    for dsn in sides:
        ask(dsn, f"CREATE TABLE public.a {COLUMNS}")
    ask(
        sides[0],
        "CREATE FUNCTION public.loud(text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT upper($1)'",
    )
    spec = of_a(sides[1], words="public.loud(words)")
    assert "what fills the column words is not understood by the target" in refused(*sides, spec)


def test_a_target_without_a_key(sides: tuple[str, str]) -> None:
    ask(sides[0], f"CREATE TABLE public.a {COLUMNS}")
    ask(sides[1], f"CREATE TABLE public.a {WITHOUT_KEY}")
    assert "has no unique key among the columns" in refused(*sides, of_a(sides[1]))


def test_a_role_that_may_not(sides: tuple[str, str], server16: EmbeddedServer) -> None:
    for dsn in sides:
        ask(dsn, f"CREATE TABLE public.a {COLUMNS}")
    with roles_on(server16, ["timid"]):
        ask(sides[0], "ALTER ROLE timid LOGIN PASSWORD 'secret'")
        ask(sides[0], "GRANT SELECT ON public.a TO timid")
        name = sides[0].rpartition("/")[2]
        said = refused(server16.dsn(name, "timid", "secret"), sides[1], of_a(sides[1]))
        ask(sides[0], "DROP OWNED BY timid CASCADE")
    assert 'ALTER ROLE "timid" REPLICATION;' in said
    assert f'GRANT CREATE ON DATABASE "{name}" TO "timid";' in said
    assert 'GRANT "postgres" TO "timid";' in said


def test_a_server_that_is_not_set_for_it(server18: EmbeddedServer, make_database: MakeDatabase) -> None:
    target = make_database(server18)
    with throwaway(16) as server:
        for dsn in (server.dsn(), target):
            ask(dsn, f"CREATE TABLE public.a {COLUMNS}")
        ask(server.dsn(), "ALTER SYSTEM SET wal_level = replica")
        ask(server.dsn(), "ALTER SYSTEM SET max_replication_slots = 0")
        ask(server.dsn(), "ALTER SYSTEM SET max_wal_senders = 0")
        server.restart()
        said = refused(server.dsn(), target, of_a(target))
    assert "Its wal_level is replica. On the source: ALTER SYSTEM SET wal_level = logical;" in said
    assert "ALTER SYSTEM SET max_replication_slots = 4;" in said
    assert "ALTER SYSTEM SET max_wal_senders = 4;" in said


def test_an_ordinary_run_asks_for_none_of_it(sides: tuple[str, str]) -> None:
    ask(sides[0], f"CREATE TABLE public.a {WITHOUT_KEY}")
    ask(sides[1], f"CREATE TABLE public.a {COLUMNS}")
    ask(sides[0], "INSERT INTO public.a VALUES (1, 'x')")
    assert carry(*sides, replace(of_a(sides[1]), live=False))[0].rows_written == 1
