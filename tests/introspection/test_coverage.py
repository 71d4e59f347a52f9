"""Nothing that a database holds is dropped in silence."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from schemadiff.core.catalog import Catalog
from schemadiff.databases import connect
from schemadiff.embedded import EmbeddedServer
from schemadiff.introspection import read_catalog
from schemadiff.introspection.coverage import COMPARED, NAMED, NAMED_KINDS, NO_SCHEMA
from tests.servers import MakeDatabase

HERE = Path(__file__).parent
WHAT_IS_COMPARED = HERE.parent.parent / "docs/reference/what-is-compared.md"

# Made by no statement that every test server takes.
NEEDS_MORE = {
    "user mapping": "somebody who may not read pg_user_mapping",
    "subscription": "somebody who may not read the connection strings",
    "enforced check": "NOT ENFORCED, which is known since 18",
    "security label": "a label provider is a library of its own",
}


@pytest.fixture(params=["server16", "server18"])
def uncompared_dsn(request: pytest.FixtureRequest, make_database: MakeDatabase) -> Iterator[str]:
    dsn = make_database(request.getfixturevalue(request.param), HERE / "uncompared.sql")
    yield dsn
    with psycopg.connect(dsn, autocommit=True) as connection:  # a database with a subscription is not dropped
        connection.execute("DROP SUBSCRIPTION changes_in")


def catalog_of(dsn: str) -> Catalog:
    with connect(dsn) as connection:
        return read_catalog(connection)


def kinds_of(dsn: str) -> set[str]:
    return {entry.kind for entry in catalog_of(dsn).uncompared}


@pytest.mark.parametrize("server", ["server16", "server18"])
def test_every_catalog_of_the_server_is_compared_or_named_or_no_schema(
    request: pytest.FixtureRequest, server: str, make_database: MakeDatabase
) -> None:
    with connect(make_database(request.getfixturevalue(server))) as connection:
        rows = connection.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'pg_catalog'::regnamespace AND relkind = 'r'"
        ).fetchall()
    unknown = {name for (name,) in rows} - COMPARED.keys() - NAMED.keys() - NO_SCHEMA.keys()
    assert not unknown, f"say in coverage.py where these go: {sorted(unknown)}"


def test_one_of_each_kind_is_named(uncompared_dsn: str) -> None:
    assert kinds_of(uncompared_dsn) == NAMED_KINDS - NEEDS_MORE.keys()


def test_names_are_those_of_the_objects(uncompared_dsn: str) -> None:
    named = {entry.kind: entry.names for entry in catalog_of(uncompared_dsn).uncompared}
    assert named["statistics target"] == ("public.stays_days_box_excl.box",)
    assert named["owner"] == ("large object 424242 (uncompared_role)",)
    assert named["database setting"] == ("work_mem",)
    assert any(name.startswith("database ") for name in named["comment"])
    assert named["privileges"] == ("large object 424242", "table column public.stays.tableoid")
    assert named["order of a partition's index"] == ("public.logs_1_newest",)
    assert named["multirange type in another schema"] == ("elsewhere.spells",)
    assert named["privileges on a system object"] == (
        "function pg_catalog.pg_read_file(pg_catalog.text)",
        "table column pg_catalog.pg_authid.rolname",
    )
    assert named["privileges on an extension's object"] == ("language plpgsql",)
    assert named["policy on an extension's table"] == ("policy guard on public.guarded",)


def test_what_only_newer_servers_have(server18: EmbeddedServer, make_database: MakeDatabase) -> None:
    dsn = make_database(
        server18,
        "CREATE TABLE p (a integer, CONSTRAINT c CHECK (a > 0) NOT ENFORCED) PARTITION BY LIST (a);"
        "CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1); CREATE TABLE p2 (a integer, CONSTRAINT c CHECK (a > 0));"
        "ALTER TABLE p ATTACH PARTITION p2 FOR VALUES IN (2)",
    )
    named = {entry.kind: entry.names for entry in catalog_of(dsn).uncompared}
    assert named == {"enforced check": ("c on public.p2",)}


def test_what_holds_secrets_is_named_where_it_cannot_be_read(
    server18: EmbeddedServer, make_database: MakeDatabase
) -> None:
    dsn = make_database(
        server18,
        "CREATE FOREIGN DATA WRAPPER w; CREATE SERVER s FOREIGN DATA WRAPPER w;"
        " CREATE USER MAPPING FOR PUBLIC SERVER s OPTIONS (password 'pa55')",
    )
    subscribe = (
        "CREATE SUBSCRIPTION taken CONNECTION 'password=pa55' PUBLICATION p"
        " WITH (connect = false, slot_name = NONE)"
    )
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(subscribe.encode())
        connection.execute("SET ROLE pg_monitor")
        catalog = read_catalog(connection)
        connection.execute("RESET ROLE; DROP SUBSCRIPTION taken")
    assert [(entry.kind, entry.names) for entry in catalog.uncompared] == [
        ("subscription", ("taken",)),
        ("user mapping", ("public on server s",)),
    ]
    assert [value.name for value in catalog.defined] == ["w", "s"]


def test_an_ordinary_schema_has_nothing_uncompared(
    server18: EmbeddedServer, make_database: MakeDatabase
) -> None:
    assert catalog_of(make_database(server18, HERE / "rich.sql")).uncompared == ()


def test_twenty_names_at_most_and_all_counted(server18: EmbeddedServer, make_database: MakeDatabase) -> None:
    objects = ";".join("SELECT lo_create(0)" for _ in range(25))
    (entry,) = catalog_of(make_database(server18, objects)).uncompared
    assert (entry.count, len(entry.names)) == (25, 20)
    assert list(entry.names) == sorted(entry.names)


def test_the_documentation_names_every_kind() -> None:
    text = WHAT_IS_COMPARED.read_text()
    assert not [kind for kind in sorted(NAMED_KINDS) if kind not in text]
