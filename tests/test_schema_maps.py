"""`--schema-map`: what a schema holds, made in one of another name, does not differ from it any more."""

import tomllib
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from schemadiff.core.diff import diff
from schemadiff.core.planner import plan_schema, render
from schemadiff.core.schema_scope import rename_schemas
from schemadiff.embedded import EmbeddedServer, load_sql
from schemadiff.introspection import read_catalog
from tests.command_line import Manage
from tests.servers import MakeDatabase, two_databases
from tests.wiping import wipe

CASES = Path(__file__).parent / "cases"
NAMES = (
    "composite_types",
    "domains",
    "extension",
    "foreign_keys_of_partitions",
    "function_of_rows",
    "generated_expression",
    "matview_columns",
    "operator_classes",
    "policies_over_columns",
    "rules",
    "serial_and_identity",
    "statistics_objects",
    "text_search_mapping",
    "triggers",
    "view_recursive",
)


@pytest.fixture(scope="module")
def databases(server18: EmbeddedServer) -> Iterator[tuple[str, str]]:
    with two_databases(server18) as both:
        yield both


@pytest.mark.parametrize("side", ["source", "target"])
@pytest.mark.parametrize("name", NAMES)
def test_made_in_another_schema_it_is_the_same(databases: tuple[str, str], name: str, side: str) -> None:
    expected = tomllib.loads((CASES / name / "expect.toml").read_text(encoding="utf-8"))
    assert not expected.get("roles")
    source, target = databases
    for dsn in databases:
        wipe(dsn)
    load_sql(source, (CASES / name / f"{side}.sql").read_text(encoding="utf-8"), trusted=True)
    with (
        psycopg.connect(source, autocommit=True) as one,
        psycopg.connect(target, autocommit=True) as other,
    ):
        wanted = rename_schemas(read_catalog(one), {"public": "Moved on"})
        script = render(plan_schema(wanted, read_catalog(other)))
        assert "public." not in script.replace("DROP SCHEMA public;", "")
        load_sql(target, script, trusted=True)
        left = diff(wanted, read_catalog(other)).different
        assert not left, f"{left}\n{script}"


def test_the_command_finds_nothing_afterwards_and_says_what_it_left(
    manage: Manage, server16: EmbeddedServer, server18: EmbeddedServer, make_database: MakeDatabase
) -> None:
    source = make_database(
        server16,
        """
        CREATE TABLE clients (id bigserial PRIMARY KEY, mail text);
        CREATE FUNCTION clients_found() RETURNS bigint LANGUAGE sql SET search_path = public
            AS 'SELECT count(*) FROM public.clients';
        CREATE FUNCTION untouched() RETURNS int LANGUAGE sql AS 'SELECT 1';
        CREATE VIEW mails AS SELECT public.mail FROM clients public WHERE public.mail <> 'public.clients';
        """,
    )
    target = make_database(server18, "DROP SCHEMA public; CREATE SCHEMA app")
    arguments = ("compare", source, target, "--schema-map", "public=app")
    script = manage(*arguments, "--format", "sql").out
    assert "SET search_path TO 'app'" in script
    load_sql(target, script, trusted=True)
    again = manage(*arguments)
    assert again.code == 0, again.out
    assert "no schema's name is changed; these name public: public.clients_found()." in again.out
