"""A row's hash: the same on every server, another one for every other row."""

from collections.abc import Sequence

import psycopg
import pytest
from psycopg import sql

from migration.engine.carrying import Equality, column_types
from migration.engine.row_hash import row_hash
from migration.engine.sessions import open_target_to_read
from schemadiff.embedded import EmbeddedServer
from tests.engine.running import ask
from tests.servers import MakeDatabase

# Values of one type, no two of them the same for whoever reads them.
_VALUES = {
    "smallint": ("0", "1", "-1", "32767"),
    "integer": ("0", "1", "-1", "65536"),
    "bigint": ("0", "1", "-1", "4294967296", "4294967297", "-4294967296", str(2**63 - 1), str(-(2**63))),
    "numeric": ("1.5", "1.50", "0", "NaN", "Infinity", "-Infinity"),
    "numeric(9,2)": ("1.5", "0", "-0.01", "NaN"),
    "double precision": ("0", "-0", "1.5", "NaN"),
    "text": ("", " ", "a", "A", "ä"),
    "varchar(3)": ("", "a", "a "),
    "boolean": ("t", "f"),
    "date": ("2026-01-01", "2026-01-02", "infinity", "-infinity"),
    "timestamp": ("2026-01-01 00:00", "2026-01-01 00:00:00.000001", "infinity", "-infinity"),
    "timestamptz": ("2026-01-01 00:00Z", "2026-01-01 00:00+03", "infinity", "-infinity"),
    "interval": ("1 day", "24 hours", "30 days"),
    "uuid": ("00000000-0000-0000-0000-000000000000", "00000000-0000-0000-0000-000000000001"),
    "bytea": ("", "\\x00", "\\x0000"),
    "jsonb": ("1", "1.0", '{"a": 1}', "null"),
    "integer[]": ("{}", "{1}", "{{1}}", "{NULL}"),
}


@pytest.fixture
def two(make_database: MakeDatabase, server16: EmbeddedServer, server18: EmbeddedServer) -> tuple[str, str]:
    return make_database(server16), make_database(server18)


def _hashes(dsn: str, equality: Equality = Equality.STRICT, table: str = "t") -> list[int]:
    with open_target_to_read(dsn) as session:
        types = [each for each in column_types(session, ("public", table)) if each.column != "n"]
        values = [each.hashed(sql.Identifier(each.column), equality) for each in types]
        query = sql.SQL("SELECT {} FROM public.{} ORDER BY n").format(row_hash(values), sql.Identifier(table))
        return [row[0] for row in session.execute(query)]


def _fill(dsn: str, columns: str, rows: Sequence[Sequence[str | None]]) -> None:
    ask(dsn, f"CREATE TABLE public.t (n serial, {columns})")
    with psycopg.connect(dsn, autocommit=True) as connection, connection.cursor() as cursor:
        names = sql.SQL(", ").join(sql.Identifier(each.split()[0]) for each in columns.split(", "))
        marks = sql.SQL(", ").join([sql.Placeholder()] * len(rows[0]))
        cursor.executemany(sql.SQL("INSERT INTO public.t ({}) VALUES ({})").format(names, marks), rows)


@pytest.mark.parametrize("type_", sorted(_VALUES))
def test_different_values_have_different_hashes_and_the_same_ones_on_both_servers(
    two: tuple[str, str], type_: str
) -> None:
    for dsn in two:
        _fill(dsn, f"v {type_}", [(value,) for value in (*_VALUES[type_], None)])
    here, there = map(_hashes, two)
    assert here == there
    assert len(set(here)) == len(_VALUES[type_]) + 1


def test_values_that_change_places_make_another_hash(two: tuple[str, str]) -> None:
    _fill(
        two[1],
        "a int, b int, c text, d text",
        [("1", "2", "x", None), ("2", "1", "x", None), ("1", "2", None, "x")],
    )
    assert len(set(_hashes(two[1]))) == 3


def test_a_row_of_nulls_and_a_table_of_one_unusual_type(two: tuple[str, str]) -> None:
    _fill(
        two[1],
        "a int, b inet, c date",
        [(None, None, None), (None, "10.0.0.1", None), (None, None, "2026-01-01")],
    )
    assert len(set(_hashes(two[1]))) == 3


@pytest.mark.parametrize(
    ("type_", "one", "other"),
    [
        ("numeric", "1.5", "1.50"),
        ("double precision", "0", "-0"),
        ("interval", "1 day", "24:00"),
        ("json", "1", " 1"),
    ],
)
def test_by_meaning_the_same_is_the_same(two: tuple[str, str], type_: str, one: str, other: str) -> None:
    _fill(two[1], f"v {type_}", [(one,), (other,)])
    assert len(set(_hashes(two[1]))) == 2
    assert len(set(_hashes(two[1], Equality.SEMANTIC))) == 1


def test_an_instant_is_one_in_every_zone(two: tuple[str, str]) -> None:
    for dsn, zone in zip(two, ("UTC", "Asia/Kolkata"), strict=True):
        _fill(dsn, "v timestamptz", [("2026-01-01 00:00Z",)])
        ask(
            dsn,
            f"DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET timezone = %L', current_database(), '{zone}'); END $$",
        )
    here, there = map(_hashes, two)
    assert here == there
