"""Queries judged on real servers: parsed, planned, described, never executed."""

from collections import Counter
from collections.abc import Iterator

import pytest

from migration import seedcase
from schemadiff.databases import Connection, connect
from schemadiff.embedded import EmbeddedServer
from schemadiff.evidence.queries import (
    NamedQuery,
    QueryOutcome,
    QueryVerdict,
    compare,
    judge,
    named_queries,
)
from tests.servers import MakeDatabase, fresh_database

SCHEMA = """
create table people (id int primary key, name text not null, age int, nick varchar(20));
create table log (id int generated always as identity, line text not null default '', at timestamptz not null);
create function spoil() returns int language plpgsql as $$ begin delete from people; return 1; end $$;
create function liar() returns int language plpgsql immutable as $$ begin return spoil(); end $$;
insert into people values (1, 'Ann', 30, null);
"""


@pytest.fixture(scope="module")
def dsn(server16: EmbeddedServer) -> Iterator[str]:
    """Read by all tests here, changed by none."""
    with fresh_database(server16, SCHEMA) as dsn:
        yield dsn


def verdict(dsn: str, other: str, sql: str) -> QueryVerdict:
    query = NamedQuery(name="q", sql=sql)
    with connect(dsn) as here, connect(other) as there:
        (found,) = compare(judge(here, [query]), judge(there, [query]))
    return found


def test_the_example_on_the_target_as_it_is(source: Connection, target: Connection) -> None:
    queries = named_queries(seedcase.QUERIES_SQL.read_text())
    assert len(queries) == 21
    on_source = judge(source, queries)
    assert all(judged.works for judged in on_source)
    verdicts = {v.name: v for v in compare(on_source, judge(target, queries))}
    outcomes = Counter(v.outcome for v in verdicts.values())
    assert outcomes == {QueryOutcome.CHANGED: 1, QueryOutcome.FAILS: 20}
    assert verdicts["getClientByPhone"].detail.startswith("36 of 44 columns are missing: yclients_id,")
    assert verdicts["upsertClient"].sqlstate == verdicts["getClientById"].sqlstate == "42703"


def test_the_example_on_itself_is_the_same(source: Connection) -> None:
    judged = judge(source, named_queries(seedcase.QUERIES_SQL.read_text()))
    assert {v.outcome for v in compare(judged, judged)} == {QueryOutcome.SAME}


@pytest.mark.parametrize(
    ("sql", "state", "words"),
    [
        ("select nope from people", "42703", "nope"),
        ("select nope(1) from people", "42883", "nope"),
        ("select 1 from nobody", "42P01", "nobody"),
        (
            "insert into people (id, name) values ($1, $2) on conflict (nick) do nothing",
            "42P10",
            "constraint",
        ),
        ("insert into people (id) values ($1)", "23502", "leaves out column name of people"),
        ("insert into people values (1)", "23502", "column name"),
        ("insert into log default values", "23502", "column at"),
        ("insert into log (line) values ('x') returning id", "23502", "column at"),
        ('insert into "people" ("id", "Name") values (1, 2)', "42703", "Name"),
        ("select 1; drop table people", "42601", "multiple commands"),
    ],
)
def test_what_fails_has_a_sqlstate_and_a_sentence(dsn: str, sql: str, state: str, words: str) -> None:
    with connect(dsn) as connection:
        (judged,) = judge(connection, [NamedQuery(name="q", sql=sql)])
    assert not judged.works
    assert judged.sqlstate == state
    assert words in judged.error
    assert judged.error[0].isupper() and judged.error.endswith(".")


@pytest.mark.parametrize(
    "sql",
    [
        "insert into people (id, name) values ($1, $2) on conflict (id) do update set name = excluded.name",
        "insert into log (at) values (now())",
        "insert into people select id, name from people",
        "update people set age = $1 where id = $2",
        "delete from people where id = $1 returning *",
        "with x as (insert into people (id, name) values (1, 'a') returning id) select * from x",
        "merge into people p using log l on p.id = l.id when matched then delete",
        "select name, age % 2 from people where name ilike '%a%' limit $1",
        "values (1, 2)",
    ],
)
def test_what_works_is_described_and_changes_nothing(dsn: str, sql: str) -> None:
    with connect(dsn) as connection:
        (judged,) = judge(connection, [NamedQuery(name="q", sql=sql)])
        assert judged.works, judged.error
        assert connection.execute("select count(*), min(age) from people").fetchone() == (1, 30)


def test_a_trigger_may_fill_what_an_insert_leaves_out(
    server16: EmbeddedServer, make_database: MakeDatabase
) -> None:
    dsn = make_database(
        server16,
        "create table t (a int not null, b int not null);"
        "create function fill() returns trigger language plpgsql as $$ begin new.b := 1; return new; end $$;"
        "create trigger fill before insert on t for each row execute function fill();",
    )
    with connect(dsn) as connection:
        (judged,) = judge(connection, [NamedQuery(name="q", sql="insert into t (a) values (1)")])
    assert judged.works


def test_one_failing_query_does_not_spoil_the_next(dsn: str) -> None:
    names = ["select nope from people", "select name from people", "select 1 +", "select age from people"]
    with connect(dsn) as connection:
        judged = judge(connection, [NamedQuery(name=sql, sql=sql) for sql in names])
    assert [one.works for one in judged] == [False, True, False, True]
    assert [(c.name, c.type) for c in judged[1].columns] == [("name", "text")]


def test_planning_cannot_change_anything(dsn: str) -> None:
    """A function that lies about being immutable is called by the planner."""
    with connect(dsn, read_only=False) as connection:
        (judged,) = judge(connection, [NamedQuery(name="q", sql="select * from people where id = liar()")])
        assert judged.sqlstate == "25006"
        assert connection.execute("select count(*) from people").fetchone() == (1,)


def test_shapes_are_compared_by_name_type_order_and_parameters(
    server18: EmbeddedServer, make_database: MakeDatabase, dsn: str
) -> None:
    other = make_database(
        server18,
        "create table people (name text not null, id bigint primary key, nick varchar(30), born date)",
    )
    changed = verdict(dsn, other, "select * from people where id = $1")
    assert changed.outcome is QueryOutcome.CHANGED
    for words in (
        "1 of 4 columns are missing: age",
        "1 new columns: born",
        "id is bigint instead of integer",
        "nick is character varying(30) instead of character varying(20)",
        "parameter $1 is bigint instead of integer",
    ):
        assert words in changed.detail
    assert verdict(dsn, other, "select name from people").outcome is QueryOutcome.SAME
    assert verdict(dsn, other, "select age from people").outcome is QueryOutcome.FAILS


def test_what_does_not_work_on_the_source_is_not_judged(dsn: str) -> None:
    found = verdict(dsn, dsn, "select nope from people")
    assert found.outcome is QueryOutcome.NOT_JUDGED
    assert "on the source either" in found.detail


def test_other_commands_are_not_judged_and_not_carried_out(dsn: str) -> None:
    for sql in ("drop table people", "commit", "truncate people", "set role postgres"):
        found = verdict(dsn, dsn, sql)
        assert found.outcome is QueryOutcome.NOT_JUDGED
        assert found.detail == "Only SELECT, INSERT, UPDATE, DELETE and MERGE are judged."
    with connect(dsn) as connection:
        assert connection.execute("select count(*) from people").fetchone() == (1,)


def test_a_nul_does_not_hide_the_rest(dsn: str) -> None:
    assert verdict(dsn, dsn, "select 1\0; drop table people").outcome is QueryOutcome.NOT_JUDGED


def test_a_locked_table_leaves_a_query_undecided(dsn: str) -> None:
    with connect(dsn, read_only=False) as holder, connect(dsn) as connection, holder.transaction():
        holder.execute("lock table people in access exclusive mode")
        (judged,) = judge(connection, [NamedQuery(name="q", sql="select name from people")])
    assert not judged.decided
    assert judged.sqlstate == "55P03"


def test_files_with_and_without_names() -> None:
    named = named_queries(
        "-- about\n-- name: a [seed]\nselect 1;\n\n-- name: b :one\nselect ';' -- x\n;\n-- name: a\nselect 3"
    )
    assert [(q.name, q.sql) for q in named] == [
        ("a", "select 1"),
        ("b", "select ';' -- x"),
        ("a (2)", "select 3"),
    ]
    bare = named_queries("select 'a;b'; -- comment\nselect $$;$$;\n\n")
    assert [q.name for q in bare] == ["query 1", "query 2"]
    assert bare[0].sql == "select 'a;b'"
    assert named_queries("") == named_queries("-- only a comment\n") == ()
