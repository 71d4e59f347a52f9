"""Values counted on real tables."""

import pytest

from migration import seedcase
from schemadiff.core import mapping_file
from schemadiff.core.errors import NotFound, Refused
from schemadiff.databases import Connection, connect
from schemadiff.embedded import EmbeddedServer
from schemadiff.evidence.profiles import count_non_null, non_null_counts, row_counts
from schemadiff.introspection import read_catalog
from tests.servers import MakeDatabase


def test_what_the_true_mapping_leaves_behind(source: Connection) -> None:
    mapping = mapping_file.load(seedcase.MAPPING_JSON.read_text())
    catalog = read_catalog(source)
    lost = []
    for entry in mapping.tables:
        table = catalog.table(*entry.source)
        assert table is not None
        kept = {pair.source for pair in entry.accepted()}
        lost += [(entry.source, column.name) for column in table.columns if column.name not in kept]
    counted = count_non_null(source, lost)
    assert len(lost) == 143
    assert sum(counted.counts.values()) == 30_569
    assert counted.how == "Counted on the source: count(column) over every row."


def test_rows_are_counted(source: Connection) -> None:
    counts = row_counts(source, [("public", table) for table in seedcase.TABLES])
    assert sum(counts.values()) == 1_490
    assert counts["public", "clients"] == 1_299


def test_a_great_table_is_sampled_and_that_is_said(
    server16: EmbeddedServer, make_database: MakeDatabase
) -> None:
    dsn = make_database(
        server16,
        "create table big (id int, half int);"
        "insert into big select n, nullif(n % 2, 0) from generate_series(1, 200000) as n;",
    )
    columns = [(("public", "big"), "id"), (("public", "big"), "half")]
    with connect(dsn) as connection:
        exact = count_non_null(connection, columns)
        sampled = count_non_null(connection, columns, exact_up_to=2 * 1024**2)
    assert exact.counts == {columns[0]: 200_000, columns[1]: 100_000}
    assert sampled.sampled == (("public", "big"),)
    assert "sample of the pages of public.big" in sampled.how
    assert sampled.counts[columns[0]] == pytest.approx(200_000, rel=0.3)
    assert sampled.counts[columns[1]] == pytest.approx(sampled.counts[columns[0]] / 2, rel=0.05)


def test_names_that_need_quotes_and_many_columns(
    server16: EmbeddedServer, make_database: MakeDatabase
) -> None:
    names = [f"c{n}" for n in range(600)]
    dsn = make_database(
        server16,
        'create schema "My Schema"; create table "My Schema"."Odd "" name%" ("select" text, "a%b" text);'
        """insert into "My Schema"."Odd "" name%" values ('x', null);"""
        f"create table wide ({', '.join(f'{name} bool' for name in names)});"
        "insert into wide (c0, c599) values (true, true);",
    )
    odd = ("My Schema", 'Odd " name%')
    with connect(dsn) as connection:
        assert non_null_counts(connection, [(odd, "select"), (odd, "a%b")]) == {
            (odd, "select"): 1,
            (odd, "a%b"): 0,
        }
        wide = non_null_counts(connection, [(("public", "wide"), name) for name in names])
    assert len(wide) == 600
    assert sum(wide.values()) == 2


def test_what_is_not_there_and_what_may_not_be_read(
    server16: EmbeddedServer, make_database: MakeDatabase, source: Connection
) -> None:
    with pytest.raises(NotFound, match=r"public\.nobody"):
        row_counts(source, [("public", "nobody")])
    with pytest.raises(NotFound, match=r"public\.clients"):
        non_null_counts(source, [(("public", "clients"), "nope")])
    dsn = make_database(server16, "create table secret (a int)")
    with connect(dsn, read_only=False) as connection:
        connection.execute("create role nobody_at_all")
        try:
            connection.execute("set role nobody_at_all")
            with pytest.raises(Refused, match=r"Grant SELECT"):
                row_counts(connection, [("public", "secret")])
        finally:
            connection.execute("reset role")
            connection.execute("drop role nobody_at_all")
