"""What a verification finds, by every kind of key, and what it does not mistake for a difference."""

import psycopg
import pytest

from migration.core.checksums import DifferingRow, Sample
from migration.engine.carrying import Equality
from migration.engine.sessions import open_target_to_read
from migration.engine.verify import SAMPLE, verify
from schemadiff.core.mapping import Mapping
from schemadiff.embedded import EmbeddedServer
from tests.engine.running import Told, ask, one, table
from tests.servers import MakeDatabase

_ROWS = "INSERT INTO public.a SELECT {key}, n / 8.0, n FROM generate_series(1, 9000) AS n"
_KEYS = {
    "number": ("id int", "PRIMARY KEY (id)", "n"),
    "sparse number": ("id bigint", "PRIMARY KEY (id)", "n * 1000000007::bigint"),
    "text": ("id text", "PRIMARY KEY (id)", "n"),
    "two columns": ("id int", "PRIMARY KEY (whole, id)", "n"),
}


@pytest.fixture
def sides(make_database: MakeDatabase, server16: EmbeddedServer, server18: EmbeddedServer) -> tuple[str, str]:
    return make_database(server16), make_database(server18)


@pytest.mark.parametrize("kind", sorted(_KEYS))
def test_every_difference_is_counted(sides: tuple[str, str], kind: str) -> None:
    column, key, value = _KEYS[kind]
    for dsn in sides:
        ask(dsn, f"CREATE TABLE public.a ({column}, share numeric, whole int, {key})")
        ask(dsn, _ROWS.format(key=value))
    source, target = sides
    mapping = Mapping(tables=(table("a", "id", "share", "whole"),))
    assert verify(source, target, mapping)[0].differing == 0
    ask(
        target, "UPDATE public.a SET share = 2.50 WHERE whole = 20"
    )  # equal as a number, not as it is written
    ask(target, "UPDATE public.a SET share = NULL WHERE whole IN (30, 31)")
    ask(target, "DELETE FROM public.a WHERE whole BETWEEN 4000 AND 4009")
    ask(source, "DELETE FROM public.a WHERE whole = 9000")
    told = Told()
    (found,) = verify(source, target, mapping, report=told.report)
    assert (found.source_rows, found.target_rows, found.differing) == (8_999, 8_990, 14)
    assert "10 only in the source, 1 only in the target, 3 with different values (in share)" in told.text()


def test_doubled_rows_are_seen_without_a_key(sides: tuple[str, str]) -> None:
    source, target = sides
    for dsn in sides:
        ask(dsn, "CREATE TABLE public.a (n int)")
    ask(source, "INSERT INTO public.a VALUES (1), (1), (2), (2)")
    ask(target, "INSERT INTO public.a VALUES (1), (1), (3), (3)")
    (found,) = verify(source, target, Mapping(tables=(table("a", "n"),)))
    assert found.differing == 1
    assert found.method == "count and one sum of all rows (no key)"


def test_what_the_cast_changes_is_no_difference(sides: tuple[str, str]) -> None:
    source, target = sides
    ask(source, "CREATE TABLE public.a (id int PRIMARY KEY, d numeric(5,2), at date, f float8, i interval)")
    ask(
        target, "CREATE TABLE public.a (id int PRIMARY KEY, d smallint, at timestamptz, f float8, i interval)"
    )
    ask(
        source,
        "INSERT INTO public.a VALUES (1, 7.50, '2025-11-11', 0.1::float4, '1 day'), (2, 7.49, NULL, '-0', NULL)",
    )
    ask(
        target,
        "INSERT INTO public.a VALUES (1, 8, '2025-11-11+00', 0.1::float4, '1 day'), (2, 7, NULL, '-0', NULL)",
    )
    entry = Mapping(tables=(table("a", "id", "d", "at", "f", "i"),))
    assert verify(source, target, entry)[0].differing == 0
    ask(target, "UPDATE public.a SET i = '24 hours' WHERE id = 1; UPDATE public.a SET f = 0 WHERE id = 2")
    assert verify(source, target, entry)[0].differing == 2


def test_settings_of_a_database_do_not_matter(sides: tuple[str, str]) -> None:
    source, target = sides
    for dsn in sides:
        ask(dsn, "CREATE TABLE public.a (id timestamptz PRIMARY KEY, i interval, b bytea)")
        ask(dsn, "INSERT INTO public.a VALUES ('2025-03-30 01:30+01', '1 mon -3 h', '\\x00ff')")
    database = one(target, "SELECT current_database()")
    for setting in ("timezone = 'Asia/Tokyo'", "intervalstyle = 'iso_8601'", "bytea_output = 'escape'"):
        ask(target, f"ALTER DATABASE {database} SET {setting}")
    assert verify(source, target, Mapping(tables=(table("a", "id", "i", "b"),)))[0].differing == 0


def test_several_tables_at_a_time(sides: tuple[str, str]) -> None:
    source, target = sides
    for dsn in sides:
        for name in "abcd":
            ask(
                dsn,
                f"CREATE TABLE public.{name} (id int PRIMARY KEY); INSERT INTO public.{name} VALUES (1), (2)",
            )
    ask(target, "DELETE FROM public.c WHERE id = 2")
    found = verify(source, target, Mapping(tables=tuple(table(name, "id") for name in "abcd")), jobs=3)
    assert [(each.table[1], each.differing) for each in found] == [("a", 0), ("b", 0), ("c", 1), ("d", 0)]


def test_a_session_that_only_looks_cannot_write(sides: tuple[str, str]) -> None:
    with (
        open_target_to_read(sides[1]) as target,
        pytest.raises(psycopg.errors.ReadOnlySqlTransaction),
    ):
        target.execute("CREATE TABLE public.a (id int)")


def test_doubled_rows_are_seen_where_only_the_source_has_a_key(sides: tuple[str, str]) -> None:
    source, target = sides
    ask(
        source,
        "CREATE TABLE public.a (id int PRIMARY KEY, n int); INSERT INTO public.a VALUES (1, 1), (2, 2)",
    )
    ask(target, "CREATE TABLE public.a (id int, n int); INSERT INTO public.a VALUES (1, 1), (2, 2), (2, 2)")
    (found,) = verify(source, target, Mapping(tables=(table("a", "id", "n"),)))
    assert (found.missing, found.surplus, found.different) == (0, 1, 0)


def test_what_is_only_written_differently_is_equal_in_meaning(sides: tuple[str, str]) -> None:
    source, target = sides
    for dsn in sides:
        ask(
            dsn,
            "CREATE TABLE public.a (id int PRIMARY KEY, n numeric, f float8, j json, b jsonb, i interval, "
            "l numeric[])",
        )
    ask(
        source,
        """INSERT INTO public.a VALUES (1, 1.5, -0.0, '{"a":1,"b":2}', '{"a":1.0}', '1 day', '{1,2}'),
        (2, 1, 1, '{}', '{}', '1 day', '{1}')""",
    )
    ask(
        target,
        """INSERT INTO public.a VALUES (1, 1.50, 0.0, '{"b": 2, "a": 1}', '{"a":1}', '24 hours', '{1.0,2}'),
        (2, 1, 2, '{}', '{}', '1 day', '{1}')""",
    )
    entry = Mapping(tables=(table("a", "id", "n", "f", "j", "b", "i", "l"),))
    told = Told()
    assert verify(source, target, entry, report=told.report)[0].differing == 2
    assert "1 of the 2 that were looked at mean the same" in told.text()
    (found,) = verify(source, target, entry, equality=Equality.SEMANTIC)
    assert (found.differing, found.method) == (1, "semantic hash per 2,000 values of id")


def test_every_row_that_differs_is_counted_but_few_are_noted(sides: tuple[str, str]) -> None:
    source, target = sides
    for dsn in sides:
        ask(dsn, "CREATE TABLE public.a (id text PRIMARY KEY, n int)")
    ask(source, "INSERT INTO public.a SELECT n, n FROM generate_series(1, 20000) n")
    ask(target, "INSERT INTO public.a SELECT n, -n FROM generate_series(1, 20000) n")
    noted: list[DifferingRow] = []
    (found,) = verify(
        source, target, Mapping(tables=(table("a", "id", "n"),)), note=lambda _, rows: noted.extend(rows)
    )
    assert (found.different, len(noted)) == (20_000, SAMPLE)


@pytest.mark.parametrize("kind", ["int", "text"])
def test_a_sample_says_what_was_not_looked_at(sides: tuple[str, str], kind: str) -> None:
    source, target = sides
    for dsn in sides:
        ask(dsn, f"CREATE TABLE public.a (id {kind} PRIMARY KEY, n int)")
        ask(dsn, "INSERT INTO public.a SELECT n, n FROM generate_series(1, 100000) n; ANALYZE public.a")
    entry, sample = Mapping(tables=(table("a", "id", "n"),)), Sample(percent=1)
    told = Told()
    (found,) = verify(source, target, entry, sample=sample, report=told.report)
    assert found.differing == 0 and 0 < found.source_rows < 50_000
    assert "only a sample was compared, 10 of" in told.text()
    assert "Nothing is known of the other rows." in told.text()
    ask(target, "UPDATE public.a SET n = -1")
    (spoilt,) = verify(source, target, entry, sample=sample)
    assert spoilt.different == found.source_rows == spoilt.target_rows


def test_a_table_of_few_ranges_is_no_sample(sides: tuple[str, str]) -> None:
    source, target = sides
    for dsn in sides:
        ask(
            dsn,
            "CREATE TABLE public.a (id int PRIMARY KEY); INSERT INTO public.a SELECT generate_series(1, 9000)",
        )
    ask(target, "DELETE FROM public.a WHERE id = 77")
    told = Told()
    entry = Mapping(tables=(table("a", "id"),))
    (found,) = verify(source, target, entry, sample=Sample(percent=1), report=told.report)
    assert (found.source_rows, found.missing) == (9_000, 1)
    assert "sample" not in told.text()
