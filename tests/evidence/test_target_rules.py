"""What a target column's own rules refuse, tried on values and not on rows."""

from collections.abc import Iterator, Sequence

import pytest

from schemadiff.databases import connect
from schemadiff.embedded import EmbeddedServer
from schemadiff.evidence.target_rules import refused_values
from tests.servers import fresh_database

SCHEMA = """
create type mood as enum ('glad', 'sad');
create domain short as text check (length(value) < 4);
create schema "Ünï";
create table "Ünï"."q""t" (
    id int primary key,
    "Prïce" numeric(7, 2) constraint "above 0" check ("Prïce" > 0),
    feeling mood,
    code short,
    mail text unique,
    tag text,
    low int, high int,
    constraint ordered check (low < high)
);
create unique index "tags 1" on "Ünï"."q""t" (tag) include (low);
create unique index partly on "Ünï"."q""t" (low) where high > 0;
insert into "Ünï"."q""t" (id) values (1);
"""


@pytest.fixture(scope="module")
def dsn(server18: EmbeddedServer) -> Iterator[str]:
    with fresh_database(server18, SCHEMA) as dsn:
        yield dsn


def refused(dsn: str, column: str, values: Sequence[str | None]) -> list[str]:
    with connect(dsn) as connection:
        return refused_values(connection, ("Ünï", 'q"t'), column, values)


def test_a_check_of_the_column_is_named_with_what_it_asks(dsn: str) -> None:
    said = refused(dsn, "Prïce", ["1.50", "0", None, "-3"])
    assert said[0] == said[2] == ""
    assert said[1] == said[3]
    assert said[1].startswith('The target\'s check "above 0" refuses it: ') and "> " in said[1]


def test_what_the_type_refuses_is_told_by_itself(dsn: str) -> None:
    assert refused(dsn, "Prïce", ["100000", "x", "2"]) == [
        "Numeric field overflow.",
        'Invalid input syntax for type numeric: "x".',
        "",
    ]
    assert refused(dsn, "feeling", ["glad", "GLAD", 'a"b\\c,{}']) == [
        "",
        'Invalid input value for enum mood: "GLAD".',
        'Invalid input value for enum mood: "a"b\\c,{}".',
    ]
    assert refused(dsn, "code", ["abc", "abcd"]) == [
        "",
        'Value for domain short violates check constraint "short_check".',
    ]


def test_two_rows_of_the_same_value_are_told_where_it_is_unique(dsn: str) -> None:
    said = refused(dsn, "mail", ["a", "b", "a", None, None])
    assert [bool(each) for each in said] == [True, False, True, False, False]
    assert said[0] == 'Another of these rows gives the same value, and "q""t_mail_key" is unique.'
    assert (
        refused(dsn, "tag", ["a", "a"])[1]
        == 'Another of these rows gives the same value, and "tags 1" is unique.'
    )
    assert refused(dsn, "low", ["1", "1"]) == ["", ""]  # of some rows only
    assert refused(dsn, "feeling", ["glad", "glad"]) == ["", ""]


def test_rules_over_several_columns_and_columns_that_are_not_there_refuse_nothing(dsn: str) -> None:
    assert refused(dsn, "low", ["5", "6"]) == ["", ""]
    assert refused(dsn, "nowhere", ["5"]) == [""]
    assert refused(dsn, "low", []) == []
