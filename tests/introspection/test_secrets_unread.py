"""What looks like a secret is in no catalog, whatever it is an option of."""

import json
from collections.abc import Iterator

import psycopg
import pytest

from schemadiff.core.catalog import Catalog
from schemadiff.core.defined_objects import SECRET
from schemadiff.core.planner import create_all, render
from schemadiff.core.snapshot import to_json
from schemadiff.embedded import EmbeddedServer
from schemadiff.introspection import read_catalog
from tests.servers import MakeDatabase

SCHEMA = """
CREATE FOREIGN DATA WRAPPER w OPTIONS (api_key 'hunter2', debug 'true');
CREATE SERVER s FOREIGN DATA WRAPPER w OPTIONS (
    host 'a', "Secret word" 'hunter2', url 'http://u:hunter2@a/', dsn 'password=hunter2'
);
CREATE FOREIGN TABLE f (id integer OPTIONS (token 'hunter2', key 'true')) SERVER s
    OPTIONS (program 'get http://u:hunter2@a/', table_name 'f');
CREATE USER MAPPING FOR PUBLIC SERVER s OPTIONS ("user" 'u', password 'hunter2', access_token 'hunter2');
"""
SUBSCRIPTIONS = (
    "CREATE SUBSCRIPTION a CONNECTION 'host=h user=u password=hunter2' PUBLICATION p",
    "CREATE SUBSCRIPTION b CONNECTION 'postgresql://u:hunter2@h/d?sslpassword=hunter2' PUBLICATION p",
    "CREATE SUBSCRIPTION c CONNECTION 'host=h passfile=/hunter2' PUBLICATION p",
)


@pytest.fixture
def catalog(server18: EmbeddedServer, make_database: MakeDatabase) -> Iterator[Catalog]:
    dsn = make_database(server18, SCHEMA)
    with psycopg.connect(dsn, autocommit=True) as connection:
        for statement in SUBSCRIPTIONS:
            connection.execute(f"{statement} WITH (connect = false, slot_name = NONE)".encode())
        yield read_catalog(connection)
        connection.execute("DROP SUBSCRIPTION a")
        connection.execute("DROP SUBSCRIPTION b")
        connection.execute("DROP SUBSCRIPTION c")


def test_no_secret_is_in_the_snapshot_or_the_script(catalog: Catalog) -> None:
    assert "hunter2" not in json.dumps(to_json(catalog))
    script = render(create_all(catalog))
    assert "hunter2" not in script
    assert script.count("-- hazard: secret-left-out: ") == 7


def test_that_there_is_one_is_kept_with_all_else(catalog: Catalog) -> None:
    settings = {value.name: dict(value.settings) for value in catalog.defined}
    assert settings["w"] == {f"{SECRET}api_key": "set", "option debug": "true"}
    assert set(settings["s"]) == {"option host", *(SECRET + name for name in ("Secret word", "dsn", "url"))}
    assert settings["PUBLIC SERVER s"]["option user"] == "u"
    assert settings["a"]["connection"] == "user=u host=h"
    assert settings["b"][f"{SECRET}sslpassword"] == "set"
