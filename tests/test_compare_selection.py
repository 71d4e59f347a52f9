"""`manage.py compare --select`: a selection's script is what is selected and what that needs, and applies by itself."""

import json
from collections.abc import Iterator

import psycopg
import pytest

from schemadiff.core.catalog import Catalog, ObjectRef
from schemadiff.core.diff import diff
from schemadiff.core.noise.selection import find, select
from schemadiff.core.planner import plan_schema, render
from schemadiff.embedded import EmbeddedServer, create_database, drop_database, load_sql
from schemadiff.introspection import read_catalog
from tests.command_line import Manage
from tests.servers import MakeDatabase

SOURCE = """
CREATE SCHEMA app;
CREATE TYPE app.state AS ENUM ('new', 'paid', 'sent');
CREATE FUNCTION app.twice(n int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT n * 2';
CREATE TABLE app.clients (id bigserial PRIMARY KEY, mail text NOT NULL, size int DEFAULT app.twice(2));
CREATE TABLE app.orders (
    id bigint PRIMARY KEY, client bigint REFERENCES app.clients, state app.state DEFAULT 'sent', total numeric(12,4)
);
CREATE INDEX by_state ON app.orders (state);
CREATE VIEW app.open_orders AS SELECT id, total, state FROM app.orders WHERE state <> 'sent';
CREATE VIEW app.totals AS SELECT total FROM app.open_orders;
CREATE TABLE app.days (day date, what text) PARTITION BY RANGE (day);
CREATE TABLE app.days_new PARTITION OF app.days FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
COMMENT ON TABLE app.orders IS 'What was ordered';
"""
TARGET = """
CREATE SCHEMA app;
CREATE TYPE app.state AS ENUM ('new', 'paid');
CREATE TYPE app.mood AS ENUM ('good', 'bad');
CREATE TABLE app.orders (id bigint PRIMARY KEY, state app.state, total numeric(10,2), mood app.mood);
CREATE VIEW app.open_orders AS SELECT id, total, state FROM app.orders;
CREATE VIEW app.totals AS SELECT total FROM app.open_orders;
CREATE VIEW app.moods AS SELECT id, mood FROM app.orders;
CREATE FUNCTION app.good(m app.mood) RETURNS boolean LANGUAGE sql AS $$ SELECT m = 'good'::app.mood $$;
CREATE TABLE app.days (day date, what text, note text) PARTITION BY RANGE (day);
"""


@pytest.fixture(scope="module")
def templates(server18: EmbeddedServer) -> Iterator[tuple[str, str]]:
    names = ("selection_source", "selection_target")
    for name, sql in zip(names, (SOURCE, TARGET), strict=True):
        load_sql(create_database(server18, name), sql, trusted=True)
    yield names
    for name in names:
        drop_database(server18, name)


def read(dsn: str) -> Catalog:
    with psycopg.connect(dsn, autocommit=True) as connection:
        return read_catalog(connection)


def differing(source: Catalog, target: Catalog) -> set[ObjectRef]:
    return {entry.ref for entry in diff(source, target).different}


def whole(ref: ObjectRef) -> str:
    """A part's table or view, by its name."""
    return f"{ref.schema}.{ref.parent or ref.name}"


@pytest.mark.parametrize("place", range(12))
def test_each_object_by_itself(server18: EmbeddedServer, templates: tuple[str, str], place: int) -> None:
    """Afterwards exactly the selected objects and those they need agree; the others are as they were."""
    source, target = (read(server18.dsn(name)) for name in templates)
    chosen = sorted(differing(source, target))[place]
    selection = select(source, target, [chosen])
    script = render(plan_schema(selection.wanted, target), selection.remark)
    dsn = create_database(server18, f"selection_{place}", templates[1])
    try:
        load_sql(dsn, script, trusted=True)
        reached = read(dsn)
    finally:
        drop_database(server18, f"selection_{place}")
    touched = {chosen, *selection.about, *(one.ref for one in selection.needed)}
    assert not {ref for ref in touched if not ref.parent} & differing(source, reached), script
    names = {whole(ref) for ref in touched}
    moved = {whole(ref) for ref in differing(target, reached)}
    # A view over a column of another type has another type itself.
    assert moved - names <= {"app.moods", "app.totals", "app.open_orders"}, script
    assert moved & names, script


def test_there_are_as_many_objects_as_are_tried(server18: EmbeddedServer, templates: tuple[str, str]) -> None:
    source, target = (read(server18.dsn(name)) for name in templates)
    assert len(differing(source, target)) == 12


def test_the_command_shows_what_comes_along(
    manage: Manage, server18: EmbeddedServer, make_database: MakeDatabase
) -> None:
    source, target = make_database(server18, SOURCE), make_database(server18, TARGET)
    done = manage("compare", source, target, "--select", "app.clients", "view:app.open_orders")
    assert done.code == 2
    assert "Selected:\n  table app.clients\n  view app.open_orders\n" in done.out
    assert "  function app.twice(integer), needed by column app.clients.size\n" in done.out
    assert "enum app.state, needed by view app.open_orders" in done.out
    assert "app.days" not in done.out

    script = manage("compare", source, target, "--select", "app.clients", "--format", "sql").out
    assert "-- needed by: column app.clients.size\nCREATE FUNCTION app.twice" in script.replace(
        " OR REPLACE", ""
    )
    load_sql(target, script, trusted=True)
    again = manage("compare", source, target, "--select", "app.clients")
    assert (again.code, "What is selected does not differ." in again.out) == (0, True)

    found = json.loads(manage("compare", source, target, "--select", "app.moods", "--format", "json").out)[
        "selected"
    ]
    assert [one["key"] for one in found["objects"]] == ["view:app.moods"]
    assert found["needed"] == []


def test_what_uses_something_that_goes_follows(
    manage: Manage, server18: EmbeddedServer, make_database: MakeDatabase
) -> None:
    source, target = make_database(server18, SOURCE), make_database(server18, TARGET)
    done = manage("compare", source, target, "--select", "enum:app.mood", "--format", "sql")
    assert "-- needed by: enum app.mood\n" in done.out
    assert "DROP VIEW app.moods" in done.out and "DROP COLUMN mood" in done.out
    load_sql(target, done.out, trusted=True)
    assert "app.mood" not in manage("compare", source, target).out


def test_a_name_that_means_nothing(
    manage: Manage, server18: EmbeddedServer, make_database: MakeDatabase
) -> None:
    empty = make_database(server18)
    done = manage("compare", empty, empty, "--select", "public.none")
    assert (done.code, done.out) == (1, "")
    assert done.error.startswith("Neither side has an object public.none. Objects are named `public.clients`")


def test_patterns_and_parts(server18: EmbeddedServer, templates: tuple[str, str]) -> None:
    source, target = (read(server18.dsn(name)) for name in templates)

    def keys(*names: str) -> list[str]:
        return [ref.key for ref in find(source, target, names)]

    assert keys("app.days*") == ["table:app.days", "table:app.days_new"]
    assert keys("app.twice") == keys("function:app.twice(integer)") == ["function:app.twice(integer)"]
    assert keys("index:app.orders.by_state") == ["index:app.orders.by_state"]
