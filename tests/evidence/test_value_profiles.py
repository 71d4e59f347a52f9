"""Profiles of values read from real tables, of which nothing but the matcher's reasons is kept."""

import psycopg
import pytest

from schemadiff.core.mapping import ColumnPair, PairStatus
from schemadiff.databases import connect
from schemadiff.embedded import EmbeddedServer
from schemadiff.evidence import value_profiles
from schemadiff.evidence.value_profiles import read_profiles
from schemadiff.introspection import read_catalog
from schemadiff.row_matching import suggest_from_rows
from tests.servers import MakeDatabase

T = ("public", "t")
SOURCE = """
create table t (
    id int primary key, a1 text, a2 date, a3 integer, a4 numeric(10,2), a5 jsonb, "A 6" timestamptz, a7 text[]
);
insert into t select n, ' Secret ' || n || '@x.org', date '2026-01-01' + n % 90, n * 7,
    (n % 13)::numeric / 4, '{}', timestamptz '2026-03-01 12:00+00' + n * interval '1 day', '{}'
from generate_series(1, 300) n;
update t set a3 = null where id % 2 = 0;
"""
TARGET = """
create table t (
    id int primary key, b5 varchar(90), b4 timestamp with time zone, b3 bigint, b2 numeric, b1 jsonb
);
insert into t select n, 'secret ' || n || '@x.org', timestamptz '2026-01-01 00:00+00' + n % 90 * interval '1 day',
    n * 7, (n % 13)::numeric / 4.000, '{}'
from generate_series(1, 300) n;
update t set b3 = null where id % 2 = 0;
"""


@pytest.fixture
def both(server16: EmbeddedServer, server18: EmbeddedServer, make_database: MakeDatabase) -> tuple[str, str]:
    return make_database(server16, SOURCE), make_database(server18, TARGET)


def matched(source: str, target: str, *, rows: bool) -> dict[str, ColumnPair]:
    with connect(source) as left, connect(target) as right:
        catalogs = read_catalog(left), read_catalog(right)
    addresses = (source, target) if rows else (source, None)
    (table,) = suggest_from_rows(*catalogs, [T], *addresses).tables
    return {str(pair.source): pair for pair in table.pairs}


def test_values_find_what_names_cannot(both: tuple[str, str]) -> None:
    """Text in capitals, dates as moments, decimals of another scale: the same values all the same."""
    by_name, by_rows = matched(*both, rows=False), matched(*both, rows=True)
    truth = {"a1": "b5", "a2": "b4", "a3": "b3", "a4": "b2"}
    assert {name: by_rows[name].target for name in truth} == truth
    assert {name for name in truth if name in by_name and by_name[name].target == truth[name]} != set(truth)
    assert "100% of the values are the same" in by_rows["a1"].reasons
    assert "as many rows have no value (50% and 50%)" in by_rows["a3"].reasons
    assert all(by_rows[name].status is PairStatus.SUGGESTED for name in truth)
    assert "ecret" not in repr(by_rows)


def test_a_profile_holds_no_value(both: tuple[str, str]) -> None:
    with connect(both[0]) as connection:
        table = read_catalog(connection).table(*T)
        assert table is not None
        (found,) = read_profiles(connection, {T: table.columns}).values()
    assert set(found) == {"id", "a1", "a2", "a3", "a4", "A 6"}  # neither json nor arrays
    assert found["a1"].forms == (("a 9@a.a", 1.0),)
    assert (found["a3"].rows, found["a3"].nulls, found["a3"].distinct) == (300, 150, 150)
    assert found["a4"].distinct == 13 and (found["a4"].low, found["a4"].high) == (0, 3)
    assert len(found["a1"].sketch) == 64
    assert "ecret" not in repr(found)


def test_few_rows_say_nothing(server16: EmbeddedServer, make_database: MakeDatabase) -> None:
    dsn = make_database(server16, f"{SOURCE} delete from t where id > 19;")
    with connect(dsn) as connection:
        table = read_catalog(connection).table(*T)
        assert table is not None
        assert read_profiles(connection, {T: table.columns}) == {T: {}}


def test_what_may_not_be_read_is_left_out(both: tuple[str, str]) -> None:
    with psycopg.connect(both[0], autocommit=True) as owner:
        owner.execute("create table s as select * from t")
        owner.execute("create role onlooker_of_values")
        owner.execute("grant select on s to onlooker_of_values")
    try:
        with connect(both[0]) as connection:
            table = read_catalog(connection).table(*T)
            assert table is not None
            connection.execute("set role onlooker_of_values")
            found = read_profiles(connection, {T: table.columns, ("public", "s"): table.columns})
            assert list(found) == [("public", "s")]
    finally:
        with psycopg.connect(both[0], autocommit=True) as owner:
            owner.execute("drop owned by onlooker_of_values")
            owner.execute("drop role onlooker_of_values")


def test_a_big_table_is_sampled(both: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    with psycopg.connect(both[0], autocommit=True) as owner:
        owner.execute("insert into t (id, a1) select n, n::text from generate_series(301, 60000) n")
        owner.execute("analyze t")
    monkeypatch.setattr(value_profiles, "ROWS", 5_000)
    with connect(both[0]) as connection:
        table = read_catalog(connection).table(*T)
        assert table is not None
        found = read_profiles(connection, {T: table.columns})[T]["id"]
    assert 1_000 < found.rows < 15_000


def test_there_is_an_end_to_it(both: tuple[str, str]) -> None:
    """The clock is looked at before each table."""
    with connect(both[0]) as connection:
        table = read_catalog(connection).table(*T)
        assert table is not None
        times = iter([0.0, 1.0, 30.0])
        wanted = {T: table.columns, ("public", "u"): table.columns}
        assert list(read_profiles(connection, wanted, clock=lambda: next(times))) == [T]


def test_without_a_connection_names_are_left(both: tuple[str, str]) -> None:
    with connect(both[0]) as left, connect(both[1]) as right:
        catalogs = read_catalog(left), read_catalog(right)
    gone = "host=127.0.0.1 port=1 dbname=none connect_timeout=2"
    found = suggest_from_rows(*catalogs, [T], both[0], gone)
    assert found == suggest_from_rows(*catalogs, [T], None, None)
