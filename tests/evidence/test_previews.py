"""Expressions tried on real rows, and what people try besides."""

from collections.abc import Iterator

import pytest

from schemadiff.core.errors import NotFound, Refused
from schemadiff.core.mapping import ColumnPair
from schemadiff.core.options.required import Needs
from schemadiff.databases import Connection, connect
from schemadiff.embedded import EmbeddedServer
from schemadiff.evidence.previews import Preview, preview
from schemadiff.evidence.refusals import rows_without_value
from tests.servers import MakeDatabase, fresh_database

PEOPLE = ("public", "people")

SCHEMA = """
create table people (id int primary key, age text, phone text, pay numeric(7,2));
insert into people values (3, '30', '123', 7.50), (1, 'x', '1234567', 2), (2, null, '12345  ', 100000 - 1);
create function spoil() returns int language plpgsql as $$ begin delete from people; return 1; end $$;
create function slow() returns int language plpgsql as $$ begin loop end loop; end $$;
create sequence numbers;
"""


@pytest.fixture(scope="module")
def dsn(server16: EmbeddedServer) -> Iterator[str]:
    """Read by all tests here, changed by none."""
    with fresh_database(server16, SCHEMA) as dsn:
        yield dsn


def tried(dsn: str, expression: str, target_type: str = "text", **more: object) -> Preview:
    with connect(dsn, read_only=False) as connection:
        found = preview(connection, PEOPLE, expression, target_type, **more)  # type: ignore[arg-type]
        assert connection.execute("select count(*) from people").fetchone() == (3,)
    return found


def test_rows_come_by_key_with_the_columns_used(dsn: str) -> None:
    found = tried(dsn, "upper(phone) || '-' || id", "text")
    assert (found.key, found.columns) == (("id",), ("id", "phone"))
    assert [(row.key, row.before, row.after) for row in found.rows] == [
        ("1", ("1", "1234567"), "1234567-1"),
        ("2", ("2", "12345  "), "12345  -2"),
        ("3", ("3", "123"), "123-3"),
    ]
    assert found.problems == ()
    assert len(tried(dsn, "phone", limit=2).rows) == 2


def test_a_row_that_cannot_be_converted_is_named_and_the_others_are_shown(dsn: str) -> None:
    found = tried(dsn, "age", "integer", not_null=True)
    assert [(row.after, row.problem) for row in found.rows] == [
        (None, 'Invalid input syntax for type integer: "x".'),
        (None, "There is no value, and the target column must not be null."),
        ("30", None),
    ]


def test_what_is_too_long_is_found_as_an_insert_would(dsn: str) -> None:
    found = tried(dsn, "phone", "character varying(5)")
    assert [row.problem for row in found.rows] == [
        "The value has 7 characters; character varying(5) takes 5.",
        None,  # trailing blanks are cut without complaint
        None,
    ]


def test_values_are_rounded_as_the_target_would(dsn: str) -> None:
    assert [row.after for row in tried(dsn, "pay", "smallint").rows] == ["2", None, "8"]
    assert tried(dsn, "pay", "smallint").problems == ("Smallint out of range.",)


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("phone; delete from people", "2 commands"),
        ("1) TO STDOUT; DELETE FROM people; --", "could not be read"),
        ("1) FROM people) AS x; DELETE FROM people; --", "could not be read"),
        ("phone)::text) from people; --", "could not be read"),
        ("pg_sleep(60)", "pg_sleep"),
        ("nextval('numbers')", "nextval"),
        ("lo_import('/etc/passwd')", "lo_import"),
        ("dblink('dbname=postgres', 'select 1')", "dblink"),
        ("nope", 'Column "nope" does not exist'),
        ("nope(phone)", "nope"),
        ("spoil()", "read-only transaction"),
        ("phone collate nope", "nope"),
    ],
)
def test_what_is_no_harmless_expression_is_refused(dsn: str, expression: str, words: str) -> None:
    with pytest.raises(Refused, match=words):
        tried(dsn, expression)


@pytest.mark.parametrize("name", ["text); delete from people; --", "text as x"])
def test_a_type_is_a_type(dsn: str, name: str) -> None:
    with pytest.raises(Refused, match=r"[Tt]ype"):
        tried(dsn, "phone", name)


def test_a_comment_at_the_end_is_only_a_comment(dsn: str) -> None:
    assert tried(dsn, "phone -- ) from people").rows[2].after == "123"


def test_a_percent_sign_is_an_operator(dsn: str) -> None:
    assert [row.after for row in tried(dsn, "id % 2", "integer").rows] == ["1", "0", "1"]
    assert tried(dsn, "phone like '%3'", "boolean").rows[2].after == "true"


def test_several_rows_for_one_are_an_error_of_the_row(dsn: str) -> None:
    assert tried(dsn, "generate_series(1, 2)", "integer").problems == (
        "More than one row returned by a subquery used as an expression.",
    )


@pytest.mark.heavy
def test_an_endless_expression_is_ended(dsn: str) -> None:
    with pytest.raises(Refused, match="longer than 5 seconds"):
        tried(dsn, "slow()", "integer")


def test_an_error_that_quotes_a_long_value_is_cut(dsn: str) -> None:
    problem = tried(dsn, "repeat('x', 1000000)", "integer").rows[0].problem
    assert problem is not None and "invalid input syntax" in problem.lower()
    assert len(problem) < 400


def test_the_connection_is_as_before_afterwards(dsn: str) -> None:
    with connect(dsn) as connection:
        before = connection.execute("show statement_timeout").fetchone()
        with pytest.raises(Refused):
            preview(connection, PEOPLE, "nope", "text")
        preview(connection, PEOPLE, "phone", "text")
        assert connection.execute("show statement_timeout").fetchone() == before
        assert connection.info.transaction_status.name == "IDLE"


def test_tables_without_key_and_partitioned_tables(
    server16: EmbeddedServer, make_database: MakeDatabase
) -> None:
    dsn = make_database(
        server16,
        "create table bare (a int); insert into bare values (5), (6);"
        "create table parts (a int) partition by range (a);"
        "create table low partition of parts for values from (0) to (10);"
        "create table high partition of parts for values from (10) to (20);"
        "insert into parts values (3), (13);",
    )
    with connect(dsn) as connection:
        assert [row.after for row in preview(connection, ("public", "bare"), "a + 1", "text").rows] == [
            "6",
            "7",
        ]
        parts = preview(connection, ("public", "parts"), "a", "text").rows
        assert sorted((row.before, row.after) for row in parts) == [(("13",), "13"), (("3",), "3")]
        with pytest.raises(NotFound, match=r"public\.nobody"):
            preview(connection, ("public", "nobody"), "1", "integer")


def test_rows_without_a_value_are_counted(source: Connection) -> None:
    """Eight of the example's clients have no phone, which the target must have."""
    clients, phone = ("public", "clients"), ColumnPair(source="phone", target="phone")
    words = ColumnPair(target="x", expression="nullif(gender, 'unknown') -- ?")
    some = Needs(source=clients, target=clients, nullable=(phone,))
    more = Needs(source=clients, target=clients, nullable=(phone, words))
    every = Needs(source=clients, target=clients, unfilled=("slug",), nullable=(phone,))
    counts = rows_without_value(source, [some, more, every])
    assert counts[some] == 8
    assert counts[every] == 1_299
    assert counts[some] < counts[more] < counts[every]
    wrong = Needs(
        source=clients, target=clients, nullable=(ColumnPair(target="x", expression="1 / (id - id)"),)
    )
    with pytest.raises(Refused, match=r"public\.clients.*fails on a row: division by zero"):
        rows_without_value(source, [wrong])


def test_rows_are_taken_from_all_over_a_large_table_and_are_the_same_again(server16: EmbeddedServer) -> None:
    rows = 60_000
    schema = f"""
    create table people (id int primary key, age text);
    insert into people select n, n::text from generate_series(1, {rows}) n;
    analyze people;
    """
    with fresh_database(server16, schema) as dsn, connect(dsn) as connection:
        taken = [preview(connection, PEOPLE, "age", "integer", limit=100) for _ in range(2)]
    assert taken[0] == taken[1]
    keys = [int(row.key) for row in taken[0].rows]
    assert len(keys) == 100 and keys == sorted(keys)
    quarters = {(key - 1) * 4 // rows for key in keys}
    assert quarters == {0, 1, 2, 3}


def test_a_table_that_nobody_counted_is_sampled_by_its_size(server16: EmbeddedServer) -> None:
    schema = "create table people (id int primary key, age text) with (autovacuum_enabled = off);"
    fill = "insert into people select n, repeat('x', 200) from generate_series(1, 60000) n;"
    with fresh_database(server16, schema + fill) as dsn, connect(dsn) as connection:
        assert len(preview(connection, PEOPLE, "id", "integer", limit=20).rows) == 20


def test_a_type_that_this_database_does_not_have_is_left_to_the_target(dsn: str) -> None:
    assert [row.after for row in tried(dsn, "phone", "mood").rows] == ["1234567", "12345  ", "123"]
    with pytest.raises(Refused, match='Type "nope" does not exist'):
        tried(dsn, "phone::nope", "mood")
