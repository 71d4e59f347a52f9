"""Each remedy is carried out on a real target: its rows are in nobody's way afterwards, and none of them is lost."""

from collections.abc import Iterator
from dataclasses import dataclass

import psycopg
import pytest

from schemadiff.core.catalog import Kind
from schemadiff.core.noise.applying import agree
from schemadiff.core.noise.rules import IgnoreRule, Rules
from schemadiff.core.plan import Plan
from schemadiff.core.planner import plan_schema
from schemadiff.core.row_checks import RowCheck, Way, remedies_of, row_checks
from schemadiff.databases import connect
from schemadiff.embedded import EmbeddedServer
from schemadiff.evidence.row_checks import Counted, check_rows
from tests.convergence import execute, read
from tests.servers import two_databases
from tests.test_cases import Two
from tests.wiping import prepare


@pytest.fixture(scope="module", params=[pytest.param(16, marks=pytest.mark.heavy), 18])
def databases(request: pytest.FixtureRequest) -> Iterator[Two]:
    with two_databases(request.getfixturevalue(f"server{request.param}")) as both:
        yield both


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """`value` is what a person says where the remedy asks; `ways` are those that are offered, in their order."""

    source: str
    target: str
    rows: str
    ways: tuple[Way, ...]
    value: str = ""


F, D, Q, N, K, Z = Way.FILL, Way.DEFAULT, Way.QUARANTINE, Way.NOT_VALID, Way.KEEP_BOTH, Way.TIME_ZONE
CASES = {
    "null": Case(
        source='CREATE TABLE t (id integer PRIMARY KEY, "A b" text NOT NULL)',
        target='CREATE TABLE t (id integer PRIMARY KEY, "A b" text)',
        rows="INSERT INTO t VALUES (1, NULL), (2, 'x')",
        ways=(F, N, Q),
        value="none",
    ),
    "null with a default": Case(
        source="CREATE TABLE t (id integer, a integer DEFAULT 7 NOT NULL)",
        target="CREATE TABLE t (id integer, a integer)",
        rows="INSERT INTO t VALUES (1, NULL), (2, 5)",
        ways=(F, N, Q),
    ),
    "new column": Case(
        source="CREATE TABLE t (id integer, a date NOT NULL)",
        target="CREATE TABLE t (id integer)",
        rows="INSERT INTO t VALUES (1), (2)",
        ways=(D, F),
        value="2026-01-31",
    ),
    "check": Case(
        source="CREATE TABLE t (id integer, a integer, CONSTRAINT positive CHECK (a > 0))",
        target="CREATE TABLE t (id integer, a integer)",
        rows="INSERT INTO t VALUES (1, 0), (2, 5), (3, NULL)",
        ways=(F, N, Q),
        value="1",
    ),
    "duplicate": Case(
        source="CREATE TABLE t (id integer, a text UNIQUE)",
        target="CREATE TABLE t (id integer, a text)",
        rows="INSERT INTO t VALUES (1, 'x'), (2, 'x'), (3, 'y'), (4, NULL), (5, NULL), (6, 'x')",
        ways=(Q,),
    ),
    "duplicate expression": Case(
        source="CREATE TABLE t (id integer, a text); CREATE UNIQUE INDEX i ON t (lower(a) text_pattern_ops, id DESC)"
        " WHERE id > 0",
        target="CREATE TABLE t (id integer, a text)",
        rows="INSERT INTO t VALUES (1, 'x'), (1, 'X'), (2, 'x'), (-1, 'a'), (-1, 'A')",
        ways=(Q,),
    ),
    "orphan": Case(
        source="CREATE TABLE p (id integer PRIMARY KEY); CREATE TABLE t (id integer, p bigint REFERENCES p)",
        target="CREATE TABLE p (id integer PRIMARY KEY); CREATE TABLE t (id integer, p integer)",
        rows="INSERT INTO p VALUES (1); INSERT INTO t VALUES (1, 1), (2, 7), (3, NULL)",
        ways=(F, N, Q),
    ),
    "range": Case(
        source="CREATE TABLE p (id integer, at date) PARTITION BY RANGE (at);"
        " CREATE TABLE t PARTITION OF p FOR VALUES FROM ('2026-01-01') TO ('2026-02-01')",
        target="CREATE TABLE p (id integer, at date) PARTITION BY RANGE (at); CREATE TABLE t (id integer, at date)",
        rows="INSERT INTO t VALUES (1, '2026-01-01'), (2, '2026-02-01'), (3, NULL), (4, '2025-12-31')",
        ways=(Q,),
    ),
    "list": Case(
        source="CREATE TABLE p (id integer, kind text) PARTITION BY LIST (kind);"
        " CREATE TABLE t PARTITION OF p FOR VALUES IN ('a, b', 'it''s', NULL)",
        target="CREATE TABLE p (id integer, kind text) PARTITION BY LIST (kind);"
        " CREATE TABLE t (id integer, kind text)",
        rows="INSERT INTO t VALUES (1, 'a, b'), (2, 'a'), (3, NULL), (4, 'it''s')",
        ways=(Q,),
    ),
    "unconvertible": Case(
        source="CREATE TYPE mood AS ENUM ('good'); CREATE TABLE t (id integer, a mood)",
        target="CREATE TYPE mood AS ENUM ('good', 'bad'); CREATE TABLE t (id integer, a mood)",
        rows="INSERT INTO t VALUES (1, 'good'), (2, 'bad')",
        ways=(F, K, Q),
        value="good",
    ),
    "too long": Case(
        source="CREATE TABLE t (id integer, a varchar(3))",
        target="CREATE TABLE t (id integer, a text)",
        rows="INSERT INTO t VALUES (1, 'abc'), (2, 'abcd')",
        ways=(F, K, Q),
        value="abc",
    ),
    "out of range": Case(
        source="CREATE TABLE t (id integer, a smallint)",
        target="CREATE TABLE t (id integer, a bigint)",
        rows="INSERT INTO t VALUES (1, 40000), (2, 4)",
        ways=(F, K, Q),
        value="3",
    ),
    "rounded": Case(
        source="CREATE TABLE t (id integer, a numeric(5,1))",
        target="CREATE TABLE t (id integer, a numeric)",
        rows="INSERT INTO t VALUES (1, 1.25), (2, 4)",
        ways=(F, K),
        value="1.3",
    ),
    "time zone": Case(
        source="CREATE TABLE t (id integer, a timestamptz)",
        target="CREATE TABLE t (id integer, a timestamp)",
        rows="INSERT INTO t VALUES (1, '2026-01-31 12:00')",
        ways=(Z, F, K),
        value="2026-01-31 13:00",
    ),
    "exclusion": Case(
        source="CREATE TABLE t (id integer, r int4range, EXCLUDE USING gist (r WITH &&) WHERE ((id > 0)))",
        target="CREATE TABLE t (id integer, r int4range)",
        rows="INSERT INTO t VALUES (1, '[1,5)'), (2, '[4,9)'), (3, '[8,12)'), (4, '[20,30)'), (-5, '[1,99)')",
        ways=(Q,),
    ),
}


def found_in(databases: Two, case: Case) -> tuple[Plan, RowCheck, Counted]:
    model, dsn = databases
    prepare(model, case.source)
    prepare(dsn, case.target)
    execute(dsn, case.rows)
    wanted, present = read(model), read(dsn)
    plan = plan_schema(wanted, present)
    with connect(dsn) as connection:
        results = check_rows(connection, row_checks(wanted, present, plan))
    found = [one for one in results if isinstance(one, Counted) and one.rows]
    assert found, results
    return plan, found[0].check, found[0]


def plan_after(databases: Two) -> Plan:
    """With the ignore rules that remedies speak of."""
    wanted, present = read(databases[0]), read(databases[1])
    kept = IgnoreRule(reason="Of a remedy.", names=("public.t_quarantine",))
    beside = IgnoreRule(reason="Of a remedy.", names=("a_before",), kinds=(Kind.COLUMN,))
    return plan_schema(agree(wanted, present, Rules(entries=(kept, beside))).wanted, present)


def rows_in(dsn: str) -> int:
    """In the table and in its quarantine."""
    with psycopg.connect(dsn) as connection:
        tables = connection.execute("SELECT relname FROM pg_class WHERE relname IN ('t', 't_quarantine')")
        counts = [connection.execute(f"SELECT count(*) FROM {name}") for (name,) in tables]
        return sum(int(count.fetchall()[0][0]) for count in counts)


def apply(dsn: str, plan: Plan, instead: dict[str, str]) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        for statement in plan.statements:
            connection.execute(instead.get(statement.sql, statement.sql).encode())


@pytest.mark.parametrize("name", CASES)
def test_every_remedy_lets_the_plan_through_and_keeps_every_row(databases: Two, name: str) -> None:
    case, (_, dsn) = CASES[name], databases
    plan, check, counted = found_in(databases, case)
    assert tuple(remedy.way for remedy in remedies_of(check)) == case.ways
    if check.trouble.fails:
        with pytest.raises(psycopg.Error):
            apply(dsn, plan, {})
    for way in case.ways:
        plan, check, counted = found_in(databases, case)
        before = rows_in(dsn)
        (remedy,) = [one for one in remedies_of(check) if one.way is way]
        script = remedy.sql.replace(":'value'", f"'{case.value}'")
        if way is N:
            script, _, validate = script.partition("\n")
            assert "VALIDATE CONSTRAINT" in validate
            apply(dsn, plan, {check.statement: script})
        else:
            execute(dsn, script)
            apply(dsn, plan_after(databases), {})
        assert rows_in(dsn) == before == counted.total


def test_the_values_that_were_there_are_in_the_column_beside(databases: Two) -> None:
    case, (_, dsn) = CASES["too long"], databases
    _, check, _ = found_in(databases, case)
    (remedy,) = [one for one in remedies_of(check) if one.way is K]
    execute(dsn, remedy.sql.replace(":'value'", "'ab'"))
    with psycopg.connect(dsn) as connection:
        rows = connection.execute("SELECT a, a_before FROM t ORDER BY id").fetchall()
    assert rows == [("abc", None), ("ab", "abcd")]


def test_only_the_rows_in_the_way_go_to_the_quarantine(databases: Two) -> None:
    left = {
        "duplicate": {1, 3, 4, 5},
        "exclusion": {1, 4, -5},
        "duplicate expression": {1, 2, -1},
        "orphan": {1, 3},
        "range": {1},
        "list": {1, 3, 4},
    }
    for name, ids in left.items():
        _, check, _ = found_in(databases, CASES[name])
        (remedy,) = [one for one in remedies_of(check) if one.way is Q]
        execute(databases[1], remedy.sql)
        with psycopg.connect(databases[1]) as connection:
            assert {row[0] for row in connection.execute("SELECT id FROM t")} == ids, name


def test_without_a_count_nothing_is_said_of_single_rows(databases: Two) -> None:
    _, check, _ = found_in(databases, CASES["unconvertible"])
    (remedy,) = remedies_of(check, is_counted=False)
    assert remedy.way is K and "WHERE" not in remedy.sql


def test_keys_without_overlaps_and_with_period(server18: EmbeddedServer) -> None:
    keys = """CREATE TABLE p (id int4range, v daterange, PRIMARY KEY (id, v WITHOUT OVERLAPS));
        CREATE TABLE t (id int4range, v daterange, FOREIGN KEY (id, PERIOD v) REFERENCES p (id, PERIOD v));"""
    with two_databases(server18) as (model, dsn):
        prepare(model, keys)
        prepare(dsn, "CREATE TABLE p (id int4range NOT NULL, v daterange NOT NULL); CREATE TABLE t (LIKE p)")
        execute(
            dsn,
            """INSERT INTO p VALUES ('[1,2)', '[2026-01-01,2026-02-01)'), ('[1,2)', '[2026-02-01,2026-03-01)'),
                ('[2,3)', '[2026-01-01,2026-03-01)'), ('[2,3)', '[2026-02-01,2026-04-01)');
            INSERT INTO t VALUES ('[1,2)', '[2026-01-15,2026-02-15)'), ('[1,2)', '[2026-02-15,2026-03-15)')""",
        )
        wanted, present = read(model), read(dsn)
        with connect(dsn) as connection:
            found = check_rows(
                connection, row_checks(wanted, present, plan_schema(wanted, present)), samples=5
            )
    counts = [(one.check.trouble.value, one.rows) for one in found if isinstance(one, Counted)]
    assert sorted(counts) == [("orphan", 1), ("overlap", 2)]
