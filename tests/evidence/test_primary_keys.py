"""An upsert that names no key is judged by the source's primary key."""

import pytest

from schemadiff.databases import connect
from schemadiff.embedded import EmbeddedServer
from schemadiff.evidence.primary_keys import with_primary_keys
from schemadiff.evidence.queries import compare, judge
from schemadiff.evidence.query_files import NamedQuery
from schemadiff.evidence.query_sources.found import Gathering
from schemadiff.evidence.query_sources.javascript.reader import read_javascript
from schemadiff.introspection import read_catalog
from tests.servers import MakeDatabase

SOURCE = """
create table t ("No" int primary key, a text);
create table pair (x int, y int, a text, primary key (y, x));
create table bare (a text);
create schema other;
create table other.t (k int primary key, "No" int, a text);
"""
TARGET = SOURCE.replace('"No" int primary key', '"No" int, id int primary key')


def upsert(table: str, columns: str) -> NamedQuery:
    values = ", ".join(f"${place}" for place, _ in enumerate(columns.split(","), 1))
    changes = ", ".join(f"{name.strip()} = EXCLUDED.{name.strip()}" for name in columns.split(","))
    sql = (
        f"INSERT INTO {table} ({columns}) VALUES ({values}) ON CONFLICT (PRIMARY KEY) DO UPDATE SET {changes}"
    )
    return NamedQuery(name=table, sql=sql)


@pytest.fixture
def both(server16: EmbeddedServer, server18: EmbeddedServer, make_database: MakeDatabase) -> tuple[str, str]:
    return make_database(server16, SOURCE), make_database(server18, TARGET)


def test_the_key_is_the_sources_and_judged_on_the_result(both: tuple[str, str]) -> None:
    asked = [
        upsert("t", '"No", a'),
        upsert("pair", "x, y, a"),
        upsert("other.t", "k, a"),
        upsert("bare", "a"),
        upsert("gone", "a"),
        NamedQuery(name="read", sql="SELECT a FROM t"),
    ]
    with connect(both[0]) as source, connect(both[1]) as target:
        queries = with_primary_keys(asked, read_catalog(source))
        assert 'ON CONFLICT ("No") DO UPDATE' in queries[0].sql
        assert "ON CONFLICT (y, x) DO UPDATE" in queries[1].sql
        assert "ON CONFLICT (k) DO UPDATE" in queries[2].sql
        assert "CONFLICT" not in queries[3].sql and "CONFLICT" not in queries[4].sql
        assert queries[5] is asked[5]
        verdicts = compare(judge(source, queries), judge(target, queries))
    outcomes = {verdict.name: (verdict.outcome.value, verdict.sqlstate) for verdict in verdicts}
    assert outcomes["t"] == ("fails", "42P10")  # no unique key over the source's
    assert outcomes["pair"] == outcomes["other.t"] == outcomes["bare"] == outcomes["read"] == ("same", "")
    assert outcomes["gone"][0] == "not judged"


def test_it_is_read_in_code() -> None:
    code = (
        "supabase.from('t').upsert({ a: 1, b }); supabase.from('t').upsert({ a }, { ignoreDuplicates: true })"
    )
    gathering = Gathering()
    assert list(read_javascript(code, "a", ".ts", gathering)) == []
    assert [query.sql for query in gathering.queries()] == [
        "INSERT INTO t (a, b) VALUES ($1, $2) ON CONFLICT (PRIMARY KEY) DO UPDATE SET a = EXCLUDED.a, b = EXCLUDED.b",
        "INSERT INTO t (a) VALUES ($1) ON CONFLICT (PRIMARY KEY) DO NOTHING",
    ]
