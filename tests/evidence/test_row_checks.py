"""The rows that are in the way of a plan are counted on a real target, and what could not be counted says why."""

import json
from collections.abc import Iterator

import psycopg
import pytest

from schemadiff.core import mapping_file
from schemadiff.core.planner import plan_schema
from schemadiff.core.row_checks import RowCheck, Trouble, row_checks
from schemadiff.databases import connect
from schemadiff.evidence.row_checks import Counted, Unknown, check_rows
from tests.convergence import execute, read
from tests.servers import two_databases
from tests.test_cases import Two
from tests.wiping import prepare


@pytest.fixture(scope="module", params=[16, 18])
def databases(request: pytest.FixtureRequest) -> Iterator[Two]:
    with two_databases(request.getfixturevalue(f"server{request.param}")) as both:
        yield both


def results(
    databases: Two, source: str, target: str, rows: str, renames: str = "[]", seconds: float = 60
) -> tuple[Counted | Unknown, ...]:
    model, dsn = databases
    prepare(model, source)
    prepare(dsn, target)
    execute(dsn, rows)
    wanted, present = read(model), read(dsn)
    mapping = mapping_file.load(json.dumps({"renames": json.loads(renames)}))
    checks = row_checks(wanted, present, plan_schema(wanted, present, mapping=mapping), mapping)
    with connect(dsn) as connection:
        return check_rows(connection, checks, samples=3, seconds_per_check=seconds)


def troubles(found: tuple[Counted | Unknown, ...]) -> dict[Trouble, int | None]:
    counted = [one for one in found if isinstance(one, Counted)]
    assert len(counted) == len(found), found
    return {one.check.trouble: one.rows for one in counted}


def test_nulls_and_new_columns_without_a_value(databases: Two) -> None:
    found = results(
        databases,
        "CREATE TABLE t (id integer PRIMARY KEY, a text NOT NULL, b text NOT NULL)",
        "CREATE TABLE t (id integer PRIMARY KEY, a text)",
        "INSERT INTO t VALUES (1, NULL), (2, 'x'), (3, NULL)",
    )
    assert troubles(found) == {Trouble.NULL: 2, Trouble.NO_VALUE: 3}
    (nulls,) = [one for one in found if isinstance(one, Counted) and one.check.trouble is Trouble.NULL]
    assert nulls.samples == (("1",), ("3",))


def test_checks_keys_and_references(databases: Two) -> None:
    found = results(
        databases,
        """CREATE TABLE p (id integer PRIMARY KEY); CREATE TABLE t (a integer CHECK (a > 1 OR a = 0), u text UNIQUE,
            p integer REFERENCES p); CREATE UNIQUE INDEX i ON t (a) WHERE u <> 'z'""",
        "CREATE TABLE p (id integer PRIMARY KEY); CREATE TABLE t (a integer, u text, p integer)",
        "INSERT INTO p VALUES (1); INSERT INTO t VALUES (1, 'x', 1), (1, 'x', 7), (3, NULL, NULL), (4, NULL, 8)",
    )
    assert sorted((one.check.trouble.value, one.rows) for one in found if isinstance(one, Counted)) == [
        ("breaks a check", 2),
        ("duplicate", 2),
        ("duplicate", 2),
        ("orphan", 2),
    ]


CONVERSIONS = {
    "too long": ("varchar(3)", "text", "('abcd'), ('abc'), ('ab      ')", {Trouble.TOO_LONG: 1}),
    "smaller integer": ("smallint", "bigint", "(32768), (-32768), (1)", {Trouble.OUT_OF_RANGE: 1}),
    "integer of numeric": (
        "integer",
        "numeric",
        "(1.5), (2), (1e12), (NULL)",
        {Trouble.OUT_OF_RANGE: 1, Trouble.ROUNDED: 1},
    ),
    "scale": (
        "numeric(5,2)",
        "numeric",
        "(1.005), (1000), (999.99), (999.999)",
        {Trouble.OUT_OF_RANGE: 2, Trouble.ROUNDED: 2},
    ),
    "float": (
        "real",
        "double precision",
        "(0.1), (1e300), (2), ('Infinity')",
        {Trouble.OUT_OF_RANGE: 1, Trouble.ROUNDED: 1},
    ),
    "integer of text": (
        "integer",
        "text",
        "('1'), ('x'), (NULL), ('99999999999')",
        {Trouble.UNCONVERTIBLE: 2},
    ),
    "day": ("date", "timestamp", "('2020-01-01 10:00'), ('2020-01-01')", {Trouble.ROUNDED: 1}),
    "precision": (
        "timestamp(0)",
        "timestamp",
        "('2020-01-01 10:00:00.5'), ('2020-01-01')",
        {Trouble.ROUNDED: 1},
    ),
    "zone": ("timestamp", "timestamptz", "('2020-01-01 10:00'), (NULL)", {Trouble.TIME_ZONE: 1}),
    "digits of an interval": (
        "interval(0)",
        "interval",
        "('1 day 00:00:01.5'), ('1 day 00:00:02')",
        {Trouble.ROUNDED: 1},
    ),
    "fields of an interval": (
        "interval year to month",
        "interval",
        "('1 year 2 days'), ('1 year')",
        {Trouble.ROUNDED: 1},
    ),
    "digits of a time": ("time(0)", "time", "('10:00:00.5'), ('10:00')", {Trouble.ROUNDED: 1}),
    "zone of a time": ("time", "timetz", "('10:00+05'), (NULL)", {Trouble.ROUNDED: 1}),
    "numeric of text": (
        "numeric(5,1)",
        "text",
        "('1.26'), ('1.30'), ('x'), (NULL)",
        {Trouble.UNCONVERTIBLE: 1, Trouble.ROUNDED: 1},
    ),
    "day of text": (
        "date",
        "text",
        "('2020-01-01 10:00'), ('2020-01-01'), ('x')",
        {Trouble.UNCONVERTIBLE: 1, Trouble.ROUNDED: 1},
    ),
    "time of text": (
        "time",
        "text",
        "('2020-01-01 10:00'), ('10:00 PM'), ('x')",
        {Trouble.UNCONVERTIBLE: 1, Trouble.ROUNDED: 1},
    ),
    "zone of text": (
        "timestamp",
        "text",
        "('2020-01-01 10:00:00+02'), ('2020-01-01 10:00 CET'), ('2020-01-01 10:00 PM'), ('x')",
        {Trouble.UNCONVERTIBLE: 1, Trouble.ROUNDED: 2},
    ),
    "cents": ("money", "numeric", "(1.255), (1.25), (NULL)", {Trouble.UNCONVERTIBLE: 0, Trouble.ROUNDED: 1}),
    "name": ("name", "text", "(repeat('x', 64)), (repeat('x', 63))", {Trouble.ROUNDED: 1}),
    "truth": ("boolean", "integer", "(0), (1), (2)", {Trouble.ROUNDED: 1}),
    "network": ("cidr", "inet", "('10.0.0.5/8'), ('10.0.0.0/8')", {Trouble.UNCONVERTIBLE: 1}),
    "one byte": ('"char"', "text", "('a'), ('ab'), ('é'), (NULL)", {Trouble.ROUNDED: 2}),
    "number in JSON": ("integer", "jsonb", "('1.5'), ('1')", {Trouble.ROUNDED: 1, Trouble.UNCONVERTIBLE: 0}),
    "array of numbers": (
        "numeric(3,1)[]",
        "numeric[]",
        "('{1.26}'), ('{1.3,NULL}'), ('{1000}'), (NULL)",
        {Trouble.UNCONVERTIBLE: 1, Trouble.ROUNDED: 1},
    ),
    "array of times": (
        "time[]",
        "timestamp[]",
        "('{2020-01-01 10:00}'), (NULL)",
        {Trouble.UNCONVERTIBLE: 0, Trouble.ROUNDED: 1},
    ),
    "enum": ("public.mood", "text", "('good'), ('odd'), (NULL)", {Trouble.UNCONVERTIBLE: 1}),
}


@pytest.mark.parametrize(("wanted", "present", "rows", "expected"), CONVERSIONS.values(), ids=CONVERSIONS)
def test_values_that_do_not_become_what_the_type_wants(
    databases: Two, wanted: str, present: str, rows: str, expected: dict[Trouble, int]
) -> None:
    type_ = "CREATE TYPE public.mood AS ENUM ('good', 'bad'); " if "mood" in wanted else ""
    found = results(
        databases,
        f"{type_}CREATE TABLE t (v {wanted})",
        f"CREATE TABLE t (v {present})",
        f"INSERT INTO t VALUES {rows}",
    )
    assert troubles(found) == expected


def test_an_enum_that_loses_a_label_in_columns_and_arrays(databases: Two) -> None:
    found = results(
        databases,
        "CREATE TYPE mood AS ENUM ('a'); CREATE TABLE t (m mood, ms mood[])",
        "CREATE TYPE mood AS ENUM ('a', 'b'); CREATE TABLE t (m mood, ms mood[])",
        "INSERT INTO t VALUES ('a', '{a,b}'), ('b', NULL), ('a', '{a,NULL}'), (NULL, '{b}')",
    )
    assert sorted(one.rows or 0 for one in found if isinstance(one, Counted)) == [1, 2]


def test_a_domains_new_rules(databases: Two) -> None:
    found = results(
        databases,
        "CREATE DOMAIN d AS integer NOT NULL CHECK (VALUE > 0); CREATE TABLE t (v d)",
        "CREATE DOMAIN d AS integer; CREATE TABLE t (v d)",
        "INSERT INTO t VALUES (1), (0), (NULL), (NULL)",
    )
    assert troubles(found) == {Trouble.NULL: 2, Trouble.BREAKS_CHECK: 1}


def test_a_domain_that_the_plan_makes(databases: Two) -> None:
    """Its values are read as what is below it, its rules are asked about by themselves, and no other check needs it."""
    found = results(
        databases,
        """CREATE DOMAIN coarse AS numeric(4,1) CHECK (VALUE > 0);
        CREATE DOMAIN fine AS coarse NOT NULL CHECK (VALUE < 100);
        CREATE TABLE t (id bigint PRIMARY KEY, v fine UNIQUE, c coarse[], CHECK (v <> 7))""",
        "CREATE TABLE t (id integer, v text, c numeric[])",
        """INSERT INTO t VALUES (1, '1.26', '{1.26}'), (1, '1.3', NULL), (2, '-1', NULL), (3, '200', NULL),
            (4, NULL, NULL), (5, '7', NULL)""",
    )
    counted = [(one.check.ref.name, one.check.trouble, one.rows) for one in found if isinstance(one, Counted)]
    assert len(counted) == len(found), found
    assert sorted((name, trouble.value, rows or 0) for name, trouble, rows in counted if rows) == [
        ("c", "rounded", 1),
        ("t_pkey", "duplicate", 2),
        ("t_v_check", "breaks a check", 1),
        ("t_v_key", "duplicate", 2),
        ("v", "breaks a check", 1),
        ("v", "breaks a check", 1),
        ("v", "null", 1),
        ("v", "rounded", 1),
    ]


def test_what_cannot_be_read_is_not_held_against_the_domains_rules(databases: Two) -> None:
    found = results(
        databases,
        "CREATE DOMAIN d AS integer CHECK (VALUE > 0); CREATE TABLE t (v d)",
        "CREATE TABLE t (v text)",
        "INSERT INTO t VALUES ('x'), ('0'), ('1'), (NULL)",
    )
    assert troubles(found) == {Trouble.UNCONVERTIBLE: 1, Trouble.BREAKS_CHECK: 1}


def test_a_key_that_only_gets_another_name_asks_nothing(databases: Two) -> None:
    found = results(
        databases,
        "CREATE TABLE t (a integer, CONSTRAINT one UNIQUE (a)); CREATE UNIQUE INDEX i ON t ((a + 1))",
        "CREATE TABLE t (a integer, CONSTRAINT two UNIQUE (a)); CREATE UNIQUE INDEX j ON t ((a + 1))",
        "INSERT INTO t VALUES (1)",
    )
    assert found == ()


def test_weird_names_and_confirmed_renames(databases: Two) -> None:
    found = results(
        databases,
        'CREATE TABLE "T ""x""" ("select" integer NOT NULL CHECK ("select" > 5), "é" text UNIQUE)',
        'CREATE TABLE "old.name" ("from" bigint, "é" text)',
        """INSERT INTO "old.name" VALUES (NULL, 'a'), (7, 'a'), (3, 'b'), (3000000000, 'c')""",
        json.dumps(
            [
                {"kind": "table", "source": ["public", 'T "x"'], "target": ["public", "old.name"]},
                {
                    "kind": "column",
                    "source": ["public", 'T "x"', "select"],
                    "target": ["public", "old.name", "from"],
                },
            ]
        ),
    )
    counted = {one.check.trouble: one.rows for one in found if isinstance(one, Counted)}
    assert counted[Trouble.NULL] == 1
    assert counted[Trouble.OUT_OF_RANGE] == 1
    assert counted[Trouble.DUPLICATE] == 2


def test_an_empty_table_is_in_nobodys_way(databases: Two) -> None:
    found = results(
        databases,
        "CREATE TABLE t (a integer NOT NULL UNIQUE CHECK (a > 0), b text NOT NULL)",
        "CREATE TABLE t (a text)",
        "",
    )
    assert set(troubles(found).values()) == {0}


def test_a_view_in_the_way_changes_nothing_about_the_count(databases: Two) -> None:
    found = results(
        databases,
        "CREATE TABLE t (a integer); CREATE VIEW v AS SELECT a FROM t",
        "CREATE TABLE t (a text); CREATE VIEW v AS SELECT a FROM t",
        "INSERT INTO t VALUES ('x')",
    )
    assert troubles(found) == {Trouble.UNCONVERTIBLE: 1}


@pytest.fixture
def nobody(databases: Two) -> Iterator[str]:
    execute(databases[1], "CREATE ROLE rows_nobody")
    yield "rows_nobody"
    execute(databases[1], "DROP OWNED BY rows_nobody; DROP ROLE rows_nobody")


def test_a_missing_right_names_the_grant(databases: Two, nobody: str) -> None:
    model, dsn = databases
    prepare(model, "CREATE TABLE t (a text NOT NULL)")
    prepare(dsn, "CREATE TABLE t (a text); GRANT USAGE ON SCHEMA public TO rows_nobody")
    checks = row_checks(read(model), read(dsn), plan_schema(read(model), read(dsn)))
    with connect(dsn) as connection:
        connection.execute(f"SET ROLE {nobody}")
        (found,) = check_rows(connection, checks)
    assert isinstance(found, Unknown)
    assert "GRANT SELECT ON public.t TO rows_nobody" in found.reason


def test_what_takes_too_long_is_not_counted_and_says_so(databases: Two) -> None:
    model, dsn = databases
    prepare(model, "CREATE TABLE t (a integer CHECK (a > 0), UNIQUE (a))")
    prepare(dsn, "CREATE TABLE t (a integer)")
    execute(dsn, "INSERT INTO t SELECT g / 2 FROM generate_series(2, 1000001) g")
    checks = row_checks(read(model), read(dsn), plan_schema(read(model), read(dsn)))
    with connect(dsn) as connection:
        hasty = check_rows(connection, checks, seconds_per_check=1, seconds_in_all=0.5)
        found = check_rows(connection, checks, seconds_per_check=120)
    assert all(isinstance(one, Unknown) and "used up" in one.reason for one in hasty)
    assert troubles(found) == {Trouble.BREAKS_CHECK: 0, Trouble.DUPLICATE: 1_000_000}


def test_a_slow_check_is_ended(databases: Two) -> None:
    model, dsn = databases
    function = """CREATE FUNCTION slow(integer) RETURNS boolean LANGUAGE plpgsql AS
        $$ BEGIN PERFORM pg_sleep(30); RETURN true; END $$;"""
    prepare(model, f"{function} CREATE TABLE t (a integer CHECK (public.slow(a)))")
    prepare(dsn, f"{function} CREATE TABLE t (a integer); INSERT INTO t VALUES (1)")
    checks = row_checks(read(model), read(dsn), plan_schema(read(model), read(dsn)))
    with connect(dsn) as connection:
        (found,) = check_rows(connection, checks, seconds_per_check=1)
    assert isinstance(found, Unknown)
    assert "public.t was not read within 1 s" in found.reason


def test_the_checks_only_read(databases: Two) -> None:
    model, dsn = databases
    function = """CREATE SEQUENCE s; CREATE FUNCTION sneaky(integer) RETURNS boolean LANGUAGE sql AS
        $$ SELECT nextval('public.s') > 0 $$;"""
    prepare(model, f"{function} CREATE TABLE t (a integer CHECK (public.sneaky(a)))")
    prepare(dsn, f"{function} CREATE TABLE t (a integer); INSERT INTO t VALUES (1)")
    checks = row_checks(read(model), read(dsn), plan_schema(read(model), read(dsn)))
    with connect(dsn) as connection:
        (found,) = check_rows(connection, checks)
    assert isinstance(found, Unknown)
    assert "ReadOnlySqlTransaction" in found.reason
    with psycopg.connect(dsn) as connection:
        assert connection.execute("SELECT is_called FROM public.s").fetchone() == (False,)


def test_every_check_has_a_statement_of_the_plan(databases: Two) -> None:
    found = results(
        databases, "CREATE TABLE t (a text NOT NULL)", "CREATE TABLE t (a text)", "INSERT INTO t VALUES ('')"
    )
    (one,) = found
    assert isinstance(one.check, RowCheck)
    assert one.check.statement.endswith("SET NOT NULL")
