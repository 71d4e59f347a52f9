"""Rows of every kind arrive as they were: types, keys, expressions, identity and generated columns."""

import pytest

from migration.core.errors import RunFailed
from migration.core.events import TableProgress
from migration.engine.copying import PARALLEL_ROWS
from migration.engine.verify import verify
from schemadiff.core.errors import Refused
from schemadiff.embedded import EmbeddedServer
from tests.engine.running import ask, carry, copy_spec, one, table
from tests.servers import MakeDatabase

EVERY_TYPE = """
CREATE TYPE public.mood AS ENUM ('sad', 'happy');
CREATE DOMAIN public.positive AS integer CHECK (VALUE > 0);
CREATE TYPE public.pair AS (a integer, b text);
CREATE TABLE public.things (
    id integer PRIMARY KEY, b boolean, n numeric, money numeric(12,2), r real, d double precision,
    t text, v varchar(20), c char(5), bits bit(3), by bytea, j json, jb jsonb, u uuid,
    da date, ti time, tz timetz, ts timestamp, tsz timestamptz, i interval, ip inet, mac macaddr,
    ints integer[], texts text[], points point, range int4range, m public.mood, p public.positive{more})
"""
OTHERS_TYPES = ", ms public.mood[], pr public.pair, reg regclass"
VALUES = """
INSERT INTO public.things SELECT n, n % 2 = 0, n / 7.0, n * 1.5, n / 3.0, n / 3.0::float8,
    'Ж€' || n, 'v' || n, 'c', (n % 8)::bit(3), decode(md5(n::text), 'hex'), '{{"a": 1.50, "a": 2}}', '{{"a": 1.50}}',
    md5(n::text)::uuid, date '2025-01-01' + n, time '12:00' + n * interval '1 s', '12:00+03', '-infinity',
    timestamptz '2025-03-30 01:30+01' + n * interval '1 h', interval '1 mon 24 h' * n, '10.0.0.1', '08:00:2b:01:02:03',
    ARRAY[n, NULL], ARRAY['a,b', NULL, ''], point(n, 1), int4range(n, NULL), 'happy', n{more}
FROM generate_series(1, 300) AS n;
INSERT INTO public.things (id, n, r, d) VALUES (1000, 'NaN', '-Infinity', 'NaN')
"""
MORE_VALUES = ", ARRAY['sad', 'happy']::public.mood[], ROW(n, 'x\t\\y')::public.pair, 'pg_class'"
COLUMNS = [
    "id",
    "b",
    "n",
    "money",
    "r",
    "d",
    "t",
    "v",
    "c",
    "bits",
    "by",
    "j",
    "jb",
    "u",
    "da",
    "ti",
    "tz",
    "ts",
    "tsz",
    "i",
    "ip",
    "mac",
    "ints",
    "texts",
    "points",
    "range",
    "m",
    "p",
]


@pytest.mark.parametrize(
    ("more", "values", "columns"),
    [("", "", ()), (OTHERS_TYPES, MORE_VALUES, ("ms", "pr", "reg"))],
    ids=["binary", "text"],
)
def test_every_type(
    make_database: MakeDatabase,
    server16: EmbeddedServer,
    server18: EmbeddedServer,
    more: str,
    values: str,
    columns: tuple[str, ...],
) -> None:
    source, target = make_database(server16), make_database(server18)
    for dsn in (source, target):
        ask(dsn, EVERY_TYPE.format(more=more))
    ask(target, "CREATE TYPE public.in_between AS ENUM ('so that object ids differ')")
    ask(source, VALUES.format(more=values))
    result, _ = carry(source, target, copy_spec(target, table("things", *COLUMNS, *columns)), chunk_rows=50)
    assert (result.rows_written, result.rejects, result.differing) == (301, 0, 0)
    everything = "SELECT md5(string_agg(t::text, '|' ORDER BY id)) FROM public.things AS t"
    in_utc = "?options=-c%20timezone%3DUTC"
    assert one(source + in_utc, everything) == one(target + in_utc, everything)


def test_text_becomes_enum_domain_and_number(
    make_database: MakeDatabase, server16: EmbeddedServer, server18: EmbeddedServer
) -> None:
    source, target = make_database(server16), make_database(server18)
    ask(source, "CREATE TABLE public.a (id int PRIMARY KEY, state text, size text, price text)")
    ask(source, "INSERT INTO public.a VALUES (1, 'open', '4', '1.5'), (2, 'shut', '5', '2')")
    ask(
        target,
        "CREATE TYPE public.state AS ENUM ('shut', 'open'); CREATE DOMAIN public.size AS smallint CHECK (VALUE < 9);"
        "CREATE TABLE public.a (id bigint PRIMARY KEY, state public.state, size public.size, price numeric(8,2))",
    )
    carry(source, target, copy_spec(target, table("a", "id", "state", "size", "price")))
    assert [[str(value) for value in row] for row in ask(target, "SELECT * FROM public.a ORDER BY id")] == [
        ["1", "open", "4", "1.50"],
        ["2", "shut", "5", "2.00"],
    ]


def test_expressions_fill_columns(
    make_database: MakeDatabase, server16: EmbeddedServer, server18: EmbeddedServer
) -> None:
    source, target = make_database(server16), make_database(server18)
    ask(source, "CREATE TABLE public.a (id int PRIMARY KEY, seconds int, name text)")
    ask(source, "INSERT INTO public.a SELECT n, n * 60, 'N' || n || '%' FROM generate_series(1, 500) AS n")
    ask(
        target,
        "CREATE TABLE public.a (id int PRIMARY KEY, minutes int, name varchar(9), kind text DEFAULT 'plain')",
    )
    entry = table("a", "id", minutes="seconds / 60", name="lower(a.name) -- in small letters")
    result, _ = carry(source, target, copy_spec(target, entry), chunk_rows=60)
    assert (result.rows_written, result.differing) == (500, 0)
    assert ask(target, "SELECT sum(minutes), max(name), min(kind) FROM public.a") == [
        (125_250, "n99%", "plain")
    ]


def test_an_expression_cannot_leave_its_place(
    make_database: MakeDatabase, server16: EmbeddedServer, server18: EmbeddedServer
) -> None:
    source, target = make_database(server16), make_database(server18)
    ask(source, "CREATE TABLE public.a (id int PRIMARY KEY)")
    ask(target, "CREATE TABLE public.a (id int PRIMARY KEY)")
    entry = table("a", id="1) FROM public.a) TO STDOUT; DROP TABLE public.a; COPY (SELECT (1")
    with pytest.raises(Refused, match="could not be read as one"):
        carry(source, target, copy_spec(target, entry))
    assert one(source, "SELECT count(*) FROM public.a") == 0


def test_what_may_hold_an_expression_is_one_command(
    make_database: MakeDatabase, server16: EmbeddedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last fence, were those before it to fail: the protocol itself takes no second command."""
    monkeypatch.setattr("migration.engine.expressions._check", lambda *_: None)
    monkeypatch.setattr("schemadiff.core.sql_guard.check_expression", lambda text: None)
    source, target = make_database(server16), make_database(server16)
    for side in (source, target):
        ask(side, "CREATE TABLE public.a (id int PRIMARY KEY, n int NOT NULL)")
        ask(side, "INSERT INTO public.a VALUES (1, 1)")
    for escape in ("1) FROM public.a) TO STDOUT; COMMIT; DROP TABLE public.a; --", "1); COMMIT; SELECT (1"):
        with pytest.raises(RunFailed, match=r"syntax error|cannot insert multiple commands"):
            verify(source, target, copy_spec(target, table("a", "id", n=escape)).mapping)
        with pytest.raises(RunFailed, match="could not be copied"):
            carry(source, target, copy_spec(target, table("a", "id", n=escape)))
    assert one(source, "SELECT count(*) FROM public.a") == 1


def test_identity_and_generated_columns(
    make_database: MakeDatabase, server16: EmbeddedServer, server18: EmbeddedServer
) -> None:
    schema = (
        "CREATE TABLE public.a (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, n int, "
        "double int GENERATED ALWAYS AS (n * 2) STORED)"
    )
    source, target = make_database(server16, None), make_database(server18, None)
    for dsn in (source, target):
        ask(dsn, schema)
    ask(
        source,
        "INSERT INTO public.a (n) SELECT n FROM generate_series(1, 9) AS n; DELETE FROM public.a WHERE n = 9",
    )
    carry(source, target, copy_spec(target, table("a", "id", "n", "double")))
    assert ask(target, "SELECT count(*), sum(double), max(id) FROM public.a") == [(8, 72, 8)]
    assert one(target, "INSERT INTO public.a (n) VALUES (1) RETURNING id") == 10


@pytest.mark.parametrize(
    ("columns", "key"),
    [
        ('id text COLLATE "C", n int', "PRIMARY KEY (id)"),
        ("id uuid, n int", "PRIMARY KEY (id)"),
        ("id int, n int", "PRIMARY KEY (n, id)"),
        ("id char(9), n int", "PRIMARY KEY (id)"),
        ("id int NOT NULL, n int", "UNIQUE (id)"),
        ("id int, n int", "CHECK (n > 0)"),
    ],
    ids=["text", "uuid", "composite", "char", "unique", "none"],
)
def test_every_kind_of_key(
    make_database: MakeDatabase, server16: EmbeddedServer, server18: EmbeddedServer, columns: str, key: str
) -> None:
    source, target = make_database(server16), make_database(server18)
    for dsn in (source, target):
        ask(dsn, f"CREATE TABLE public.a ({columns}, {key})")
    value = "md5(n::text)::uuid" if "uuid" in columns else "n"
    ask(source, f"INSERT INTO public.a SELECT {value}, n FROM generate_series(1, 5000) AS n")
    result, _ = carry(source, target, copy_spec(target, table("a", "id", "n")), chunk_rows=700)
    assert (result.rows_read, result.rows_written, result.differing) == (5_000, 5_000, 0)
    assert ask(target, "SELECT count(*), count(DISTINCT n) FROM public.a") == [(5_000, 5_000)]
    assert one(target, "SELECT count(*) FROM schemadiff.chunks") == (1 if "CHECK" in key else 8)


def test_a_missing_table_or_column_is_named(
    make_database: MakeDatabase, server16: EmbeddedServer, server18: EmbeddedServer
) -> None:
    source, target = make_database(server16), make_database(server18)
    ask(source, "CREATE TABLE public.a (id int PRIMARY KEY)")
    with pytest.raises(RunFailed, match=r"has no table “public\.a”"):
        carry(source, target, copy_spec(target, table("a", "id")))
    ask(target, "CREATE TABLE public.a (id int PRIMARY KEY)")
    with pytest.raises(RunFailed, match="has no column “size”"):
        carry(source, target, copy_spec(target, table("a", "id", "size")))


def test_types_that_cannot_be_cast_are_said(
    make_database: MakeDatabase, server16: EmbeddedServer, server18: EmbeddedServer
) -> None:
    source, target = make_database(server16), make_database(server18)
    ask(
        source,
        "CREATE TABLE public.a (id int PRIMARY KEY, p point); INSERT INTO public.a VALUES (1, '(1,2)')",
    )
    ask(target, "CREATE TABLE public.a (id int PRIMARY KEY, p integer)")
    with pytest.raises(RunFailed, match="cannot cast type point to integer"):
        carry(source, target, copy_spec(target, table("a", "id", "p")))


def test_side_by_side_in_processes(
    make_database: MakeDatabase, server16: EmbeddedServer, server18: EmbeddedServer
) -> None:
    source, target = make_database(server16), make_database(server18)
    for dsn in (source, target):
        ask(
            dsn,
            "CREATE TABLE public.a (id int PRIMARY KEY, n int); CREATE TABLE public.b (LIKE public.a INCLUDING ALL)",
        )
    for each in "ab":
        ask(source, f"INSERT INTO public.{each} SELECT n, n FROM generate_series(1, 100000) AS n")
    spec = copy_spec(target, table("a", "id", "n"), table("b", "id", "n"), jobs=2)
    assert PARALLEL_ROWS <= 200_000
    result, _ = carry(source, target, spec, chunk_rows=20_000)
    assert (result.rows_written, result.differing) == (200_000, 0)


@pytest.mark.parametrize(
    ("since", "chunks", "largest", "supposed"),
    [
        ("DELETE FROM public.a WHERE id % 10 > 2", 5, 600, 10_000),
        ("INSERT INTO public.a SELECT generate_series(10001, 12000)", 5, 2_400, 10_000),
        ("INSERT INTO public.a SELECT generate_series(10001, 30000)", 15, 2_000, 30_000),
    ],
)
def test_a_large_table_is_cut_by_statistics_that_may_be_wrong(
    since: str,
    chunks: int,
    largest: int,
    supposed: int,
    make_database: MakeDatabase,
    server16: EmbeddedServer,
    server18: EmbeddedServer,
) -> None:
    """They say 10,000 rows; the last table has so many more that it is counted."""
    source, target = make_database(server16), make_database(server18)
    for dsn in (source, target):
        ask(dsn, "CREATE TABLE public.a (id int PRIMARY KEY) WITH (autovacuum_enabled = off)")
    ask(source, "INSERT INTO public.a SELECT generate_series(1, 10000)")
    ask(source, "ANALYZE public.a")
    ask(source, since)
    there = one(source, "SELECT count(*) FROM public.a")
    result, told = carry(source, target, copy_spec(target, table("a", "id")), chunk_rows=2_000)
    assert (result.rows_written, result.differing) == (there, 0)
    last = told.of(TableProgress)[-1]
    assert (last.rows_total, last.rows_written) == (there, there)
    cut = ask(target, "SELECT count(*), max(rows), sum(expected)::int FROM schemadiff.chunks")
    assert cut == [(chunks, largest, supposed)]
