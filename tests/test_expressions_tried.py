"""Every command that takes `--mapping` tries its expressions on the source before it uses them."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from schemadiff.embedded import EmbeddedServer
from tests.command_line import Manage
from tests.convergence import execute
from tests.servers import two_databases
from tests.test_cases import Two

SOURCE = (
    """CREATE TABLE clients (id integer PRIMARY KEY, name text); INSERT INTO clients VALUES (1, 'Ada');"""
)
TARGET = """CREATE TABLE clients (id integer PRIMARY KEY, name text); INSERT INTO clients VALUES (1, 'ada');
    CREATE SCHEMA app; CREATE TABLE app.clients (id integer PRIMARY KEY, name text);"""
ASKING = {
    "compare": ("--rows",),
    "copy": ("--data-only", "--dry-run"),
    "options": (),
    "probe": (),
    "run": ("--option", "transform", "--dry-run"),
    "verify": (),
}


@pytest.fixture(scope="module")
def databases(server18: EmbeddedServer) -> Iterator[Two]:
    with two_databases(server18) as both:
        execute(both[0], SOURCE)
        execute(both[1], TARGET)
        yield both


def mapping(folder: Path, expression: str, table: str = "public.clients") -> str:
    pairs: list[dict[str, Any]] = [{"source": "id", "target": "id", "status": "confirmed"}]
    pairs.append({"source": "name", "target": "name", "status": "confirmed", "expression": expression})
    document = {"tables": [{"source": table, "target": table, "columns": pairs}]}
    path = folder / "mapping.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return str(path)


@pytest.mark.parametrize("command", ASKING)
def test_a_bad_expression_is_named_before_it_is_used(
    manage: Manage, databases: Two, tmp_path: Path, command: str
) -> None:
    told = manage(command, *databases, *ASKING[command], "--mapping", mapping(tmp_path, "lower(nmae)"))
    assert told.code == 1
    assert "The expression “lower(nmae)” of public.clients for public.clients.name: " in told.error
    assert 'Column "nmae" does not exist.' in told.error


@pytest.mark.parametrize(("command", "code"), [("compare", 2), ("options", 0), ("verify", 0)])
def test_a_good_one_is_used(manage: Manage, databases: Two, tmp_path: Path, command: str, code: int) -> None:
    told = manage(command, *databases, *ASKING[command], "--mapping", mapping(tmp_path, "lower(name)"))
    assert told.code == code, told.error


def test_the_expression_is_tried_in_the_schema_that_the_source_calls_otherwise(
    manage: Manage, databases: Two, tmp_path: Path
) -> None:
    def said(expression: str) -> str:
        file = mapping(tmp_path, expression, "app.clients")
        return manage("compare", *databases, "--rows", "--schema-map", "public=app", "--mapping", file).error

    assert 'of public.clients for app.clients.name: Column "nmae" does not exist.' in said("lower(nmae)")
    assert not said("lower(name)")
