"""Pairs of schemas in which something has another name, and the mapping that says so."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Case:
    source: str
    target: str
    renames: list[dict[str, Any]]
    rows: str = ""
    keeps: str = ""
    kept: str = ""
    avoids: str = "DROP"  # a word that must not be in the script
    not_compared_on: tuple[int, ...] = ()  # versions on which pg_dump writes names that are not compared
    swaps: bool = False  # the mapping would swap back what it has swapped


CASES = {
    "table": Case(
        source="""
            CREATE TABLE public.clients (id serial PRIMARY KEY, email text UNIQUE, CHECK (email <> ''));
            CREATE INDEX clients_lower ON public.clients (lower(email)) WHERE email IS NOT NULL;
            CREATE TABLE public.visits (client integer REFERENCES public.clients(id));
            CREATE VIEW public.known AS SELECT clients.id, clients.email FROM public.clients
                JOIN public.visits ON clients.id = visits.client;
        """,
        target="""
            CREATE TABLE public.customers (id serial PRIMARY KEY, email text UNIQUE, CHECK (email <> ''));
            CREATE INDEX customers_lower ON public.customers (lower(email)) WHERE email IS NOT NULL;
            CREATE TABLE public.visits (client integer REFERENCES public.customers(id));
            CREATE VIEW public.known AS SELECT customers.id, customers.email FROM public.customers
                JOIN public.visits ON customers.id = visits.client;
        """,
        renames=[{"kind": "table", "source": "public.clients", "target": "public.customers"}],
        rows="INSERT INTO public.customers (email) SELECT g FROM generate_series(1, 3) g",
        keeps="SELECT count(*) || ',' || nextval('public.clients_id_seq') FROM public.clients",
        kept="3,4",
    ),
    "column": Case(
        source="""
            CREATE TABLE t (id integer, phone text NOT NULL CHECK (length(phone) > 2),
                twice text GENERATED ALWAYS AS (phone || phone) STORED);
            CREATE INDEX by_phone ON t (phone);
            CREATE VIEW v AS SELECT id, phone AS number FROM t WHERE phone <> 'x';
        """,
        target="""
            CREATE TABLE t (id integer, mobile text NOT NULL CHECK (length(mobile) > 2),
                twice text GENERATED ALWAYS AS (mobile || mobile) STORED);
            CREATE INDEX by_phone ON t (mobile);
            CREATE VIEW v AS SELECT id, mobile AS number FROM t WHERE mobile <> 'x';
        """,
        renames=[{"kind": "column", "source": "t.phone", "target": "t.mobile"}],
        rows="INSERT INTO t VALUES (1, '0170')",
        keeps="SELECT phone || twice FROM t",
        kept="017001700170",
    ),
    "schema": Case(
        source="""
            CREATE SCHEMA crm;
            CREATE TYPE crm.mood AS ENUM ('good', 'bad');
            CREATE TABLE crm.t (id bigserial PRIMARY KEY, m crm.mood DEFAULT 'good');
            CREATE FUNCTION crm.f(a crm.mood) RETURNS text LANGUAGE sql AS $$ SELECT a::text $$;
            CREATE VIEW crm.v AS SELECT t.id, crm.f(t.m) AS f FROM crm.t;
            CREATE STATISTICS crm.s ON id, m FROM crm.t;
        """,
        target="""
            CREATE SCHEMA app;
            CREATE TYPE app.mood AS ENUM ('good', 'bad');
            CREATE TABLE app.t (id bigserial PRIMARY KEY, m app.mood DEFAULT 'good');
            CREATE FUNCTION app.f(a app.mood) RETURNS text LANGUAGE sql AS $$ SELECT a::text $$;
            CREATE VIEW app.v AS SELECT t.id, app.f(t.m) AS f FROM app.t;
            CREATE STATISTICS app.s ON id, m FROM app.t;
        """,
        renames=[{"kind": "schema", "source": "crm", "target": "app"}],
        rows="INSERT INTO app.t VALUES (7, 'bad')",
        keeps="SELECT id || f FROM crm.v",
        kept="7bad",
    ),
    "schemas_swap": Case(
        swaps=True,
        source="CREATE SCHEMA a; CREATE SCHEMA b; CREATE TABLE a.t (x text); CREATE TABLE b.t (y text);",
        target="CREATE SCHEMA a; CREATE SCHEMA b; CREATE TABLE b.t (x text); CREATE TABLE a.t (y text);",
        renames=[
            {"kind": "schema", "source": "a", "target": "b"},
            {"kind": "schema", "source": "b", "target": "a"},
        ],
        rows="INSERT INTO a.t VALUES ('y')",
        keeps="SELECT y FROM b.t",
        kept="y",
    ),
    "object_in_a_renamed_schema": Case(
        source="""
            CREATE SCHEMA crm; CREATE TYPE crm.mood AS ENUM ('a'); CREATE TABLE crm.clients (m crm.mood);
            CREATE FUNCTION crm.ask(crm.mood) RETURNS int LANGUAGE sql AS 'SELECT 1';
        """,
        target="""
            CREATE SCHEMA app; CREATE TYPE app.state AS ENUM ('a'); CREATE TABLE app.customers (m app.state);
            CREATE FUNCTION app.say(app.state) RETURNS int LANGUAGE sql AS 'SELECT 1';
        """,
        renames=[
            {"kind": "schema", "source": "crm", "target": "app"},
            {"kind": "enum", "source": "crm.mood", "target": "app.state"},
            {"kind": "table", "source": "crm.clients", "target": "app.customers"},
            {"kind": "function", "source": "crm.ask(crm.mood)", "target": "app.say(app.state)"},
        ],
        rows="INSERT INTO app.customers VALUES ('a')",
        keeps="SELECT m || '' FROM crm.clients",
        kept="a",
    ),
    "moved": Case(
        source="""
            CREATE SCHEMA crm;
            CREATE TABLE crm.clients (id serial PRIMARY KEY, n integer GENERATED ALWAYS AS IDENTITY);
            CREATE INDEX i ON crm.clients (n);
            CREATE TABLE public.visits (c integer REFERENCES crm.clients);
            CREATE VIEW crm.v AS SELECT 1 AS one;
        """,
        target="""
            CREATE TABLE public.clients (id serial PRIMARY KEY, n integer GENERATED ALWAYS AS IDENTITY);
            CREATE INDEX i ON public.clients (n);
            CREATE TABLE public.visits (c integer REFERENCES public.clients);
            CREATE VIEW public.v AS SELECT 1 AS one;
        """,
        renames=[
            {"kind": "table", "source": "crm.clients", "target": "public.clients"},
            {"kind": "view", "source": "crm.v", "target": "public.v"},
        ],
        rows="INSERT INTO public.clients DEFAULT VALUES",
        keeps="SELECT id || ',' || n FROM crm.clients",
        kept="1,1",
    ),
    "moved_and_renamed_where_names_are_taken": Case(
        source="""
            CREATE SCHEMA crm; CREATE TABLE crm.clients (id integer CONSTRAINT k PRIMARY KEY, a text);
            CREATE TABLE public.kept (id integer);
        """,
        target="""
            CREATE SCHEMA crm; CREATE TABLE public.customers (id integer CONSTRAINT k PRIMARY KEY, a text);
            CREATE TABLE crm.customers (x integer CONSTRAINT k PRIMARY KEY); CREATE TABLE crm.clients (y integer);
            CREATE TABLE public.clients (z integer); CREATE TABLE public.kept (id integer);
        """,
        renames=[{"kind": "table", "source": "crm.clients", "target": "public.customers"}],
        rows="INSERT INTO public.customers VALUES (5, 'a')",
        keeps="SELECT id || a FROM crm.clients",
        kept="5a",
        avoids="CASCADE",
    ),
    "tables_in_a_circle": Case(
        swaps=True,
        source="CREATE TABLE a (x integer); CREATE TABLE b (y integer); CREATE TABLE c (z integer);",
        target="CREATE TABLE b (x integer); CREATE TABLE c (y integer); CREATE TABLE a (z integer);",
        renames=[
            {"kind": "table", "source": "a", "target": "b"},
            {"kind": "table", "source": "b", "target": "c"},
            {"kind": "table", "source": "c", "target": "a"},
        ],
        rows="INSERT INTO a VALUES (3)",
        keeps="SELECT z FROM c",
        kept="3",
    ),
    "columns_swap": Case(
        swaps=True,
        source="CREATE TABLE t (a text, b integer); CREATE INDEX i ON t (a) INCLUDE (b);",
        target="CREATE TABLE t (b text, a integer); CREATE INDEX i ON t (b) INCLUDE (a);",
        renames=[
            {"kind": "column", "source": "t.a", "target": "t.b"},
            {"kind": "column", "source": "t.b", "target": "t.a"},
        ],
        rows="INSERT INTO t VALUES ('text', 1)",
        keeps="SELECT a || b FROM t",
        kept="text1",
    ),
    "column_whose_name_is_taken": Case(
        source="CREATE TABLE t (phone text)",
        target="CREATE TABLE t (phone integer, mobile text)",
        renames=[{"kind": "column", "source": "t.phone", "target": "t.mobile"}],
        rows="INSERT INTO t VALUES (1, '0170')",
        keeps="SELECT phone FROM t",
        kept="0170",
        avoids="DROP TABLE",
    ),
    "column_that_changes_as_well": Case(
        source="CREATE TABLE t (phone varchar(20) NOT NULL DEFAULT ''); CREATE VIEW v AS SELECT phone FROM t;",
        target="CREATE TABLE t (mobile text); CREATE VIEW v AS SELECT mobile FROM t;",
        renames=[{"kind": "column", "source": "t.phone", "target": "t.mobile"}],
        rows="INSERT INTO t VALUES ('0170')",
        keeps="SELECT phone FROM v",
        kept="0170",
        avoids="DROP COLUMN",
    ),
    "types": Case(
        source="""
            CREATE TYPE mood AS ENUM ('good'); CREATE DOMAIN short AS text NOT NULL CHECK (length(VALUE) < 9);
            CREATE TYPE pair AS (a integer, m mood); CREATE TYPE span AS RANGE (subtype = integer);
            CREATE TABLE t (m mood DEFAULT 'good', ms mood[], s short, p pair, r span);
            CREATE FUNCTION f(m mood, p pair[]) RETURNS SETOF short LANGUAGE sql AS $$ SELECT 'x' $$;
        """,
        target="""
            CREATE SCHEMA old;
            CREATE TYPE state AS ENUM ('good'); CREATE DOMAIN old.brief AS text NOT NULL CHECK (length(VALUE) < 9);
            CREATE TYPE duo AS (a integer, m state); CREATE TYPE stretch AS RANGE (subtype = integer);
            CREATE TABLE t (m state DEFAULT 'good', ms state[], s old.brief, p duo, r stretch);
            CREATE FUNCTION f(m state, p duo[]) RETURNS SETOF old.brief LANGUAGE sql AS $$ SELECT 'x' $$;
        """,
        renames=[
            {"kind": "enum", "source": "mood", "target": "state"},
            {"kind": "domain", "source": "short", "target": "old.brief"},
            {"kind": "composite type", "source": "pair", "target": "duo"},
            {"kind": "range type", "source": "span", "target": "stretch"},
        ],
        rows="INSERT INTO t VALUES ('good', '{good}', 's', '(1,good)', public.stretch(1, 2))",
        keeps="SELECT format('%s %s %s %s %s', m, ms, s, p, public.span(1, 2)) FROM t WHERE r = public.span(1, 2)",
        kept="good {good} s (1,good) [1,2)",
        avoids="ALTER COLUMN",
    ),
    "functions": Case(
        source="""
            CREATE FUNCTION ask(integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT $1';
            CREATE FUNCTION ask(text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT $1';
            CREATE PROCEDURE act() LANGUAGE sql AS 'SELECT 1';
            CREATE AGGREGATE total(integer) (SFUNC = int4pl, STYPE = integer);
            CREATE TABLE t (a integer DEFAULT public.ask(3), g integer GENERATED ALWAYS AS (public.ask(1)) STORED);
            CREATE INDEX i ON t (public.ask(a));
            CREATE FUNCTION fire() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';
            CREATE TRIGGER g AFTER INSERT ON t FOR EACH ROW WHEN (new.a > 0) EXECUTE FUNCTION fire();
        """,
        target="""
            CREATE FUNCTION say(integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT $1';
            CREATE FUNCTION ask(text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT $1';
            CREATE PROCEDURE make() LANGUAGE sql AS 'SELECT 1';
            CREATE AGGREGATE summed(integer) (SFUNC = int4pl, STYPE = integer);
            CREATE TABLE t (a integer DEFAULT public.say(3), g integer GENERATED ALWAYS AS (public.say(1)) STORED);
            CREATE INDEX i ON t (public.say(a));
            CREATE FUNCTION shoot() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';
            CREATE TRIGGER h AFTER INSERT ON t FOR EACH ROW WHEN (new.a > 0) EXECUTE FUNCTION shoot();
        """,
        renames=[
            {"kind": "function", "source": "ask(integer)", "target": "say(integer)"},
            {"kind": "function", "source": "act()", "target": "make()"},
            {"kind": "function", "source": "total(integer)", "target": "summed(integer)"},
            {"kind": "function", "source": "fire()", "target": "shoot()"},
        ],
        rows="INSERT INTO t (a) VALUES (2)",
        keeps="SELECT public.ask(a) || ',' || g FROM t",
        kept="2,1",
    ),
    "parts_alike_but_for_their_names": Case(
        source="""
            CREATE TABLE t (id integer CONSTRAINT p PRIMARY KEY, a integer CONSTRAINT c CHECK (a > 0),
                CONSTRAINT u UNIQUE (a, id)); CREATE INDEX i ON t (a); CREATE STATISTICS s ON id, a FROM t;
            CREATE RULE r AS ON DELETE TO t DO INSTEAD NOTHING; CREATE POLICY y ON t USING (a > 1);
            CREATE TABLE w (t integer CONSTRAINT f REFERENCES t); CREATE MATERIALIZED VIEW m AS SELECT a FROM t;
            CREATE INDEX mi ON m (a);
        """,
        target="""
            CREATE TABLE t (id integer CONSTRAINT "P k" PRIMARY KEY, a integer CONSTRAINT "C" CHECK (a > 0),
                CONSTRAINT "U" UNIQUE (a, id)); CREATE INDEX "I" ON t (a); CREATE STATISTICS "S" ON id, a FROM t;
            CREATE RULE "R" AS ON DELETE TO t DO INSTEAD NOTHING; CREATE POLICY "Y" ON t USING (a > 1);
            CREATE TABLE w (t integer CONSTRAINT "F" REFERENCES t); CREATE MATERIALIZED VIEW m AS SELECT a FROM t;
            CREATE INDEX "MI" ON m (a);
        """,
        renames=[],
    ),
    "parts_that_swap_their_names": Case(
        swaps=True,
        source="CREATE TABLE t (a integer, b text); CREATE INDEX i ON t (a); CREATE INDEX j ON t (b);",
        target="CREATE TABLE t (a integer, b text); CREATE INDEX j ON t (a); CREATE INDEX i ON t (b);",
        renames=[
            {"kind": "index", "source": "t.i", "target": "t.j"},
            {"kind": "index", "source": "t.j", "target": "t.i"},
        ],
    ),
    "sequence_and_view": Case(
        source="""
            CREATE SEQUENCE numbers; CREATE MATERIALIZED VIEW held AS SELECT 1 AS a; CREATE VIEW w AS TABLE held;
        """,
        target="""
            CREATE SEQUENCE digits; CREATE MATERIALIZED VIEW cached AS SELECT 1 AS a; CREATE VIEW w AS TABLE cached;
        """,
        renames=[
            {"kind": "sequence", "source": "numbers", "target": "digits"},
            {"kind": "view", "source": "held", "target": "cached"},
        ],
        rows="SELECT nextval('public.digits')",
        keeps="SELECT nextval('public.numbers') || ',' || count(*) FROM public.w",
        kept="2,1",
    ),
    "partitioned": Case(
        source="""
            CREATE TABLE t (id integer, at date, CHECK (id > 0)) PARTITION BY RANGE (at);
            CREATE TABLE t1 PARTITION OF t FOR VALUES FROM ('2020-01-01') TO ('2021-01-01') PARTITION BY LIST (id);
            CREATE TABLE t11 PARTITION OF t1 DEFAULT; CREATE INDEX ti ON t (at);
        """,
        target="""
            CREATE TABLE o (id integer, day date, CHECK (id > 0)) PARTITION BY RANGE (day);
            CREATE TABLE o1 PARTITION OF o FOR VALUES FROM ('2020-01-01') TO ('2021-01-01') PARTITION BY LIST (id);
            CREATE TABLE o11 PARTITION OF o1 DEFAULT; CREATE INDEX oi ON o (day);
        """,
        renames=[
            {"kind": "table", "source": "t", "target": "o"},
            {"kind": "table", "source": "t1", "target": "o1"},
            {"kind": "table", "source": "t11", "target": "o11"},
            {"kind": "column", "source": "t.at", "target": "o.day"},
        ],
        rows="INSERT INTO o VALUES (1, '2020-05-05')",
        keeps="SELECT at FROM t11",
        kept="2020-05-05",
    ),
    "inherited": Case(
        source="""
            CREATE TABLE p (a integer NOT NULL, b text); CREATE TABLE q (c integer) INHERITS (p);
            CREATE TABLE r () INHERITS (q);
        """,
        target="""
            CREATE TABLE o (x integer NOT NULL, b text); CREATE TABLE q (c integer) INHERITS (o);
            CREATE TABLE r () INHERITS (q);
        """,
        renames=[
            {"kind": "table", "source": "p", "target": "o"},
            {"kind": "column", "source": "p.a", "target": "o.x"},
        ],
        rows="INSERT INTO r VALUES (1, 'b', 3)",
        keeps="SELECT a || b FROM p",
        kept="1b",
    ),
    "range_moved": Case(
        source="CREATE SCHEMA s; CREATE TYPE s.span AS RANGE (subtype = integer); CREATE TABLE t (r s.span)",
        target="CREATE SCHEMA s; CREATE TYPE stretch AS RANGE (subtype = integer); CREATE TABLE t (r stretch)",
        renames=[{"kind": "range type", "source": "s.span", "target": "stretch"}],
        rows="INSERT INTO t VALUES (public.stretch(1, 2))",
        keeps="SELECT r = s.span(1, 2) AND s.span_multirange(r) @> 1 FROM t",
        kept="True",
        avoids="ALTER COLUMN",
    ),
    "foreign_key_on_both_sides": Case(
        source="""
            CREATE TABLE a (id integer PRIMARY KEY, up integer REFERENCES a (id) ON DELETE SET NULL);
            CREATE TABLE b (a_id integer, n integer, FOREIGN KEY (a_id) REFERENCES a (id));
            CREATE VIEW v AS SELECT a.id, b.n FROM a JOIN b ON b.a_id = a.id;
        """,
        target="""
            CREATE TABLE a (key integer PRIMARY KEY, up integer REFERENCES a (key) ON DELETE SET NULL);
            CREATE TABLE b (key integer, n integer, FOREIGN KEY (key) REFERENCES a (key));
            CREATE VIEW v AS SELECT a.key AS id, b.n FROM a JOIN b ON b.key = a.key;
        """,
        renames=[
            {"kind": "column", "source": "a.id", "target": "a.key"},
            {"kind": "column", "source": "b.a_id", "target": "b.key"},
        ],
        rows="INSERT INTO a VALUES (1, 1); INSERT INTO b VALUES (1, 2)",
        keeps="SELECT id || ',' || n FROM v",
        kept="1,2",
        avoids="DROP COLUMN",
    ),
    "column_under_a_subquery": Case(
        source="""
            CREATE TABLE t (a integer, b integer);
            CREATE VIEW v AS SELECT s.a FROM (SELECT t.a FROM t GROUP BY t.a) s WHERE s.a > 0;
        """,
        target="""
            CREATE TABLE t (x integer, b integer);
            CREATE VIEW v AS SELECT s.x AS a FROM (SELECT t.x FROM t GROUP BY t.x) s WHERE s.x > 0;
        """,
        renames=[{"kind": "column", "source": "t.a", "target": "t.x"}],
        rows="INSERT INTO t VALUES (4)",
        keeps="SELECT a FROM v",
        kept="4",
        avoids="DROP COLUMN",
    ),
    "weird_names": Case(
        source='''
            CREATE SCHEMA "a.b"; CREATE TABLE "a.b"."Select" ("Col ""q""" integer PRIMARY KEY, "é" text);
            CREATE FUNCTION "a.b"."f (x"("T Y" integer) RETURNS integer LANGUAGE sql AS 'SELECT 1';
            CREATE VIEW "a.b"."V" AS SELECT "Col ""q""", "é" FROM "a.b"."Select" WHERE "é" <> 'Col "x"';
        ''',
        target='''
            CREATE SCHEMA "x.y"; CREATE TABLE "x.y"."from" ("old col" integer PRIMARY KEY, "é" text);
            CREATE FUNCTION "x.y"."g ) y"("T Y" integer) RETURNS integer LANGUAGE sql AS 'SELECT 1';
            CREATE VIEW "x.y"."V" AS SELECT "old col" AS "Col ""q""", "é" FROM "x.y"."from" WHERE "é" <> 'Col "x"';
        ''',
        renames=[
            {"kind": "schema", "source": "a.b", "target": "x.y"},
            {"kind": "table", "source": ["a.b", "Select"], "target": ["x.y", "from"]},
            {"kind": "column", "source": ["a.b", "Select", 'Col "q"'], "target": ["x.y", "from", "old col"]},
            {"kind": "function", "source": ["a.b", "f (x(integer)"], "target": ["x.y", "g ) y(integer)"]},
        ],
        rows="""INSERT INTO "x.y"."from" VALUES (6, 'é')""",
        keeps='SELECT "Col ""q""" || "é" FROM "a.b"."V"',
        kept="6é",
    ),
}
