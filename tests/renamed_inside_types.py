"""Pairs of schemas in which labels of enums and attributes of composite types have other names."""

from tests.renamed_pairs import Case

INSIDE_TYPES = {
    "labels_wherever_they_are_used": Case(
        source="""
            CREATE TYPE state AS ENUM ('fresh', 'half "done"', 'it''s over', 'gone');
            CREATE DOMAIN open_state AS state DEFAULT 'fresh' CHECK (VALUE <> 'it''s over');
            CREATE TABLE job (id integer PRIMARY KEY, s state NOT NULL DEFAULT 'fresh', o open_state DEFAULT 'fresh',
                path state[] DEFAULT '{fresh,"half \\"done\\""}', note text DEFAULT 'new',
                CHECK (s <> 'it''s over' OR note <> 'new'),
                is_new boolean GENERATED ALWAYS AS (s = 'fresh') STORED);
            CREATE INDEX open_jobs ON job (id) WHERE s IN ('fresh', 'half "done"');
            CREATE VIEW later AS SELECT id, s > 'half "done"' AS late, 'new' AS word FROM job;
            CREATE MATERIALIZED VIEW counted AS SELECT s, count(*) FROM job WHERE s < 'it''s over' GROUP BY s;
            CREATE FUNCTION first_state(state DEFAULT 'fresh') RETURNS state LANGUAGE sql RETURN 'fresh'::state;
            CREATE POLICY seen ON job USING (s = 'fresh');
            CREATE TABLE part (s state, id integer) PARTITION BY LIST (s);
            CREATE TABLE part_1 PARTITION OF part FOR VALUES IN ('fresh', 'it''s over');
        """,
        target="""
            CREATE TYPE state AS ENUM ('new', 'half', 'over', 'gone');
            CREATE DOMAIN open_state AS state DEFAULT 'new' CHECK (VALUE <> 'over');
            CREATE TABLE job (id integer PRIMARY KEY, s state NOT NULL DEFAULT 'new', o open_state DEFAULT 'new',
                path state[] DEFAULT '{new,half}', note text DEFAULT 'new',
                CHECK (s <> 'over' OR note <> 'new'),
                is_new boolean GENERATED ALWAYS AS (s = 'new') STORED);
            CREATE INDEX open_jobs ON job (id) WHERE s IN ('new', 'half');
            CREATE VIEW later AS SELECT id, s > 'half' AS late, 'new' AS word FROM job;
            CREATE MATERIALIZED VIEW counted AS SELECT s, count(*) FROM job WHERE s < 'over' GROUP BY s;
            CREATE FUNCTION first_state(state DEFAULT 'new') RETURNS state LANGUAGE sql RETURN 'new'::state;
            CREATE POLICY seen ON job USING (s = 'new');
            CREATE TABLE part (s state, id integer) PARTITION BY LIST (s);
            CREATE TABLE part_1 PARTITION OF part FOR VALUES IN ('new', 'over');
        """,
        renames=[
            {"kind": "enum label", "source": "public.state.fresh", "target": "public.state.new"},
            {"kind": "enum label", "source": 'state.half "done"', "target": "state.half"},
            {"kind": "enum label", "source": "state.it's over", "target": "state.over"},
        ],
        rows="INSERT INTO job (id) VALUES (1); INSERT INTO part VALUES ('over', 2)",
        keeps="SELECT job.s || job.path::text || part.s FROM job, part_1 part",
        kept='fresh{fresh,"half \\"done\\""}it\'s over',
    ),
    "labels_exchanged_in_a_renamed_type": Case(
        source="""
            CREATE TYPE rank AS ENUM ('a.b', 'low', 'high');
            CREATE TABLE t (r rank DEFAULT 'low');
        """,
        target="""
            CREATE TYPE level AS ENUM ('none', 'high', 'low');
            CREATE TABLE t (r level DEFAULT 'high');
        """,
        renames=[
            {"kind": "enum", "source": "rank", "target": "level"},
            {"kind": "enum label", "source": ["public", "rank", "a.b"], "target": "level.none"},
            {"kind": "enum label", "source": "rank.low", "target": "level.high"},
            {"kind": "enum label", "source": "rank.high", "target": "level.low"},
        ],
        rows="INSERT INTO t VALUES ('low'), ('none')",
        keeps="SELECT string_agg(r::text, ',' ORDER BY r) FROM t",
        kept="a.b,high",
        swaps=True,
    ),
    "attributes": Case(
        source="""
            CREATE TYPE price AS (amount numeric, "Cur" text, since date);
            COMMENT ON COLUMN price.amount IS 'how much';
            CREATE TABLE offer (id integer, p price, ps price[],
                twice numeric GENERATED ALWAYS AS ((p).amount * 2) STORED);
            CREATE INDEX by_amount ON offer (((p).amount)) WHERE (p)."Cur" = 'EUR';
            CREATE VIEW cheap AS SELECT id, (p).amount AS sum, (ps[1])."Cur" AS first FROM offer WHERE (p).amount < 5;
        """,
        target="""
            CREATE TYPE price AS (value numeric, currency text, since date);
            COMMENT ON COLUMN price.value IS 'how much';
            CREATE TABLE offer (id integer, p price, ps price[],
                twice numeric GENERATED ALWAYS AS ((p).value * 2) STORED);
            CREATE INDEX by_amount ON offer (((p).value)) WHERE (p).currency = 'EUR';
            CREATE VIEW cheap AS SELECT id, (p).value AS sum, (ps[1]).currency AS first FROM offer WHERE (p).value < 5;
        """,
        renames=[
            {"kind": "attribute", "source": "price.amount", "target": "price.value"},
            {"kind": "attribute", "source": "price.Cur", "target": "price.currency"},
        ],
        rows="INSERT INTO offer VALUES (7, (3, 'EUR', NULL), ARRAY[ROW(1, 'USD', NULL)::price])",
        keeps="SELECT id || ',' || sum || first FROM cheap",
        kept="7,3USD",
    ),
}
