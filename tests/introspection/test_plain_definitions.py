"""Definitions that are made instead of printed are PostgreSQL's own, to the letter."""

from typing import Any

import psycopg
import pytest

from schemadiff.embedded import EmbeddedServer
from schemadiff.introspection import Values, read_catalog, read_to_compare
from schemadiff.introspection.queries import load
from tests.printed import assert_as_printed
from tests.servers import MakeDatabase

SCHEMA = """
CREATE SCHEMA "Odd one";
CREATE TABLE "Odd one"."order" ("user" int, "Two words" text, "quo""te" int, json_table int, "select" int, b int,
    PRIMARY KEY ("user", "quo""te"), CONSTRAINT referred UNIQUE (b));
CREATE INDEX "table" ON "Odd one"."order" ("Two words", json_table DESC, "select");
CREATE INDEX "in USING btree (a)" ON "Odd one"."order" (b NULLS FIRST);
CREATE TABLE refers ("user" int, "quo""te" int, b int, c int REFERENCES "Odd one"."order" (b) ON DELETE SET NULL,
    d int REFERENCES "Odd one"."order" (b) ON DELETE SET DEFAULT,
    e int REFERENCES "Odd one"."order" (b) ON DELETE CASCADE,
    f int REFERENCES "Odd one"."order" (b) ON DELETE RESTRICT ON UPDATE CASCADE, g int REFERENCES refers,
    h int REFERENCES "Odd one"."order" (b) DEFERRABLE INITIALLY DEFERRED,
    i int REFERENCES "Odd one"."order" (b) DEFERRABLE,
    j int REFERENCES "Odd one"."order" (b) ON DELETE RESTRICT, k int REFERENCES "Odd one"."order" (b) MATCH FULL,
    id int, PRIMARY KEY (id) INCLUDE (b) WITH (fillfactor = 70), w int REFERENCES refers (w),
    CONSTRAINT w UNIQUE (w),
    FOREIGN KEY ("quo""te", "user") REFERENCES "Odd one"."order" ("quo""te", "user"),
    FOREIGN KEY (b, c) REFERENCES "Odd one"."order" ("user", "quo""te") ON DELETE SET NULL (c));
ALTER TABLE refers ADD CONSTRAINT late FOREIGN KEY (j) REFERENCES "Odd one"."order" (b) NOT VALID;
CREATE TYPE mood AS ENUM ('well', 'ill');
CREATE DOMAIN code AS varchar(5);
CREATE TABLE kinds (a text, b varchar(9), c char(3), d mood, e mood[], f code, g text COLLATE "C", h int,
    i jsonb, j point,
    k name, l numeric(4,1), m timestamptz, n uuid, o int4range, PRIMARY KEY (h) DEFERRABLE);
CREATE INDEX i01 ON kinds (a);
CREATE INDEX i02 ON kinds (b);
CREATE INDEX i03 ON kinds (c);
CREATE INDEX i04 ON kinds (d);
CREATE INDEX i05 ON kinds (e);
CREATE INDEX i06 ON kinds (f);
CREATE INDEX i07 ON kinds (g);
CREATE INDEX i08 ON kinds (k);
CREATE INDEX i09 ON kinds (a text_pattern_ops, h DESC NULLS LAST, b varchar_ops DESC);
CREATE INDEX i10 ON kinds (a COLLATE "C");
CREATE INDEX i11 ON kinds USING hash (a);
CREATE INDEX i12 ON kinds USING hash (b);
CREATE INDEX i13 ON kinds USING gin (i);
CREATE INDEX i14 ON kinds USING gin (i jsonb_path_ops) WITH (fastupdate = off);
CREATE INDEX i15 ON kinds USING gist (j);
CREATE INDEX i16 ON kinds USING brin (h int4_minmax_multi_ops (values_per_range = 16));
CREATE INDEX i17 ON kinds (l, m, n, o);
CREATE INDEX i18 ON kinds (h) INCLUDE (a);
CREATE INDEX i19 ON kinds (h) WHERE h > 0;
CREATE INDEX i20 ON kinds (lower(a), h);
CREATE UNIQUE INDEX i21 ON kinds (n);
CREATE UNIQUE INDEX i22 ON kinds (n) NULLS NOT DISTINCT;
CREATE INDEX i23 ON kinds (h) WITH (fillfactor = 50);
CREATE INDEX i24 ON kinds (c bpchar_pattern_ops);
CREATE FUNCTION other(int, int) RETURNS int IMMUTABLE LANGUAGE sql RETURN $1 - $2;
CREATE OPERATOR CLASS other_ops FOR TYPE int USING btree AS
    OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >, FUNCTION 1 other(int, int);
CREATE INDEX i25 ON kinds (h other_ops);
CREATE TABLE parted (id int, at date, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE INDEX on_parted ON parted (at DESC);
CREATE TABLE part PARTITION OF parted FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
CREATE MATERIALIZED VIEW seen AS SELECT h, a FROM kinds;
CREATE INDEX on_seen ON seen (h, a DESC);
"""
# Tables that have the same columns, as far as names go: what they compute is printed as one table's.
LIKE_ONE_ANOTHER = """
CREATE SCHEMA "Odd one";
CREATE TYPE pair AS (a int, b text);
""" + "".join(
    f"""
CREATE TABLE {table} (gone int, id int, "Name" {kind}, at timestamptz, "of" pair,
    CONSTRAINT plain CHECK (id > 0 AND "Name" <> ''), CONSTRAINT inside CHECK (("of").a > 0),
    CONSTRAINT whole CHECK ({table} IS NOT NULL), CONSTRAINT alone CHECK (id < 9) NO INHERIT,
    CONSTRAINT own CHECK (tableoid > 0));
{dropped}
ALTER TABLE {table} ADD CONSTRAINT late CHECK (id <> 5) NOT VALID;
CREATE INDEX {prefix}_1 ON {table} (lower("Name")) WHERE id > 0;
CREATE INDEX {prefix}_2 ON {table} ((id + 1) DESC, at);
CREATE INDEX {prefix}_3 ON {table} (("Name" || 'x')) WHERE at IS NOT NULL AND ("of").b = 'y';
CREATE INDEX {prefix}_4 ON {table} ((("of").a));
CREATE INDEX {prefix}_5 ON {table} (coalesce(id, 0), lower("Name"));
CREATE INDEX {prefix}_6 ON {table} ((date_part('day', at AT TIME ZONE 'UTC')));
CREATE INDEX {prefix}_7 ON {table} (id) WHERE {table} IS NOT NULL;
CREATE INDEX {prefix}_8 ON {table} (EXTRACT(year FROM at AT TIME ZONE 'UTC'));
CREATE INDEX {prefix}_9 ON {table} (CAST(id AS text) text_pattern_ops) WHERE lower("Name") = 'z';
"""
    for prefix, table, kind, dropped in (
        ("one", "one", "text", "ALTER TABLE one DROP COLUMN gone;"),
        ("two", '"Odd one"."two words"', "text", 'ALTER TABLE "Odd one"."two words" DROP COLUMN gone;'),
        ("three", "three", "varchar(9)", "ALTER TABLE three DROP COLUMN gone;"),
        ("four", "four", 'text COLLATE "C"', "ALTER TABLE four DROP COLUMN gone;"),
        ("five", "five", "text", ""),
        ("six", "six", "text", ""),
    )
).replace('CHECK ("Odd one"."two words" IS', 'CHECK ("two words" IS').replace(
    'WHERE "Odd one"."two words" IS', 'WHERE "two words" IS'
)
SINCE_18 = """
CREATE TABLE rooms (id int4range, during tsrange, PRIMARY KEY (id, during WITHOUT OVERLAPS));
CREATE TABLE stays (room int4range, during tsrange,
    FOREIGN KEY (room, PERIOD during) REFERENCES rooms (id, PERIOD during));
CREATE TABLE one (id int PRIMARY KEY, other int REFERENCES one NOT ENFORCED);
"""
# Support functions for parameters, by their number (BTOPTIONS_PROC, HASHOPTIONS_PROC): there is none.
PARAMETERS = """
SELECT count(*)
FROM pg_amproc p JOIN pg_opfamily f ON f.oid = p.amprocfamily JOIN pg_am a ON a.oid = f.opfmethod
WHERE (a.amname, p.amprocnum) IN (('btree', 5), ('hash', 3))
"""


@pytest.fixture(params=["server16", "server18"])
def server(request: pytest.FixtureRequest) -> EmbeddedServer:
    found: EmbeddedServer = request.getfixturevalue(request.param)
    return found


def test_they_are_as_printed(server: EmbeddedServer, make_database: MakeDatabase) -> None:
    script = SCHEMA + (SINCE_18 if server.major == 18 else "")
    with psycopg.connect(make_database(server, script), autocommit=True) as connection:
        catalog = read_catalog(connection)
        assert_as_printed(connection, catalog)
        values = Values()
        once, again = read_to_compare(connection, values), read_to_compare(connection, values)
    assert catalog == once == again
    indexes = {index.name for table in catalog.tables for index in table.indexes}
    assert {f"i{number:02}" for number in range(1, 26)} < indexes


def test_what_tables_of_the_same_columns_compute_is_as_printed(
    server: EmbeddedServer, make_database: MakeDatabase
) -> None:
    with psycopg.connect(make_database(server, LIKE_ONE_ANOTHER), autocommit=True) as connection:
        catalog = read_catalog(connection)
        assert_as_printed(connection, catalog)
    assert [(len(table.constraints), len(table.indexes)) for table in catalog.tables] == [(6, 9)] * 6


def test_the_server_prints_what_a_likeness_computes_once(
    make_database: MakeDatabase, server18: EmbeddedServer
) -> None:
    """It opens a table to print of it: that costs more than all the rest of reading it."""
    tables = "".join(
        f"CREATE TABLE t{number} (id int CHECK (id > 0), name text);"
        f"CREATE INDEX ON t{number} (lower(name)) WHERE id > {number % 2};"
        for number in range(20)
    )
    with psycopg.connect(make_database(server18, tables), autocommit=True) as connection:
        asked: list[tuple[str, dict[str, str]]] = []

        class Listening(psycopg.Cursor[Any]):
            def execute(self, query: Any, params: Any = None, **options: Any) -> Any:
                asked.append((str(query), params or {}))
                return super().execute(query, params, **options)

        connection.cursor_factory = Listening
        catalog = read_catalog(connection)
    likenesses = [params["likenesses"] for query, params in asked if "likenesses" in query]
    assert {len(set(oids.strip("{}").split(","))) for oids in likenesses} == {1}
    [printed] = [params["indexes"] for query, params in asked if query == load("index_definitions")]
    assert len(printed.split(",")) == 2  # one of either predicate
    assert {index.predicate for table in catalog.tables for index in table.indexes} == {
        "(id > 0)",
        "(id > 1)",
    }


def test_a_likeness_whose_column_is_renamed_meanwhile_is_none(
    make_database: MakeDatabase, server18: EmbeddedServer
) -> None:
    dsn = make_database(
        server18,
        "CREATE TABLE one (id int CHECK (id > 0)); CREATE TABLE two (id int CHECK (id > 0));"
        "CREATE INDEX ON two (id) WHERE id > 5;",
    )

    class Renaming(psycopg.Cursor[Any]):
        renamed = False

        def execute(self, query: Any, params: Any = None, **options: Any) -> Any:
            if query == load("indexes") and not Renaming.renamed:
                Renaming.renamed = True
                with psycopg.connect(dsn, autocommit=True) as other:
                    other.execute("ALTER TABLE one RENAME id TO number")
            return super().execute(query, params, **options)

    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.cursor_factory = Renaming
        one, two = read_catalog(connection).tables
    assert Renaming.renamed
    assert one.constraints[0].definition == "CHECK ((number > 0))"
    assert two.constraints[0].definition == "CHECK ((id > 0))"
    assert two.indexes[0].predicate == "(id > 5)"


def test_a_table_of_another_name_has_indexes_of_its_own(
    make_database: MakeDatabase, server16: EmbeddedServer, server18: EmbeddedServer
) -> None:
    values = Values()
    for server, name in ((server16, "one"), (server18, "two")):
        script = f"CREATE TABLE {name} (id int); CREATE INDEX same ON {name} (id)"
        with psycopg.connect(make_database(server, script), autocommit=True) as connection:
            [table] = read_to_compare(connection, values).tables
            assert table.indexes[0].definition == f"CREATE INDEX same ON public.{name} USING btree (id)"


def test_operator_classes_of_plain_indexes_have_no_parameters(
    server: EmbeddedServer, make_database: MakeDatabase
) -> None:
    with psycopg.connect(make_database(server, ""), autocommit=True) as connection:
        assert connection.execute(PARAMETERS).fetchone() == (0,)
