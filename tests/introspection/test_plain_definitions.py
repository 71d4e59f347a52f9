"""Definitions that are made instead of printed are PostgreSQL's own, to the letter."""

import psycopg
import pytest

from schemadiff.embedded import EmbeddedServer
from schemadiff.introspection import Values, read_catalog, read_to_compare
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
