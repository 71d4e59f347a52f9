"""`manage.py compare` with renames and `--rows`: what it prints leads there, and counts what is in the way."""

import html
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from schemadiff.embedded import EmbeddedServer
from tests.command_line import Manage
from tests.convergence import execute
from tests.core.test_compare_json_schema import SCHEMA
from tests.json_schema import problems
from tests.servers import two_databases
from tests.test_cases import Two
from tests.wiping import prepare

SOURCE = """CREATE TABLE clients (id integer PRIMARY KEY, phone text NOT NULL, score integer);
    CREATE TABLE visits (client integer REFERENCES clients);"""
TARGET = """CREATE TABLE customers (id integer PRIMARY KEY, mobile text, score numeric);
    CREATE TABLE visits (client integer);"""
ROWS = """INSERT INTO customers VALUES (1, NULL, 1.5), (2, '0170-4711', 2);
    INSERT INTO visits VALUES (1), (77);"""
MAPPING = {
    "renames": [
        {"kind": "table", "source": "clients", "target": "customers"},
        {"kind": "column", "source": "clients.phone", "target": "customers.mobile"},
    ]
}


@pytest.fixture(scope="module")
def places(server18: EmbeddedServer) -> Iterator[Two]:
    with two_databases(server18) as both:
        yield both


@pytest.fixture
def databases(places: Two) -> Two:
    prepare(places[0], SOURCE)
    prepare(places[1], TARGET)
    execute(places[1], ROWS)
    return places


@pytest.fixture
def mapping(tmp_path: Path) -> Path:
    path = tmp_path / "mapping.json"
    path.write_text(json.dumps(MAPPING), encoding="utf-8")
    return path


def test_what_looks_like_a_rename_is_said_and_not_done(manage: Manage, databases: Two) -> None:
    text = manage("compare", *databases).out
    assert "table public.customers looks like a rename of public.customers to public.clients" in text
    script = manage("compare", *databases, "--format", "sql").out
    line = next(line for line in script.splitlines() if line.startswith("-- hazard: possible-rename:"))
    assert "confirm it in a mapping, or its values are lost" in line
    found = json.loads(manage("compare", *databases, "--format", "json").out)
    (proposal,) = found["possible_renames"]
    assert proposal["candidates"][0]["source"]["key"] == "table:public.clients"


@pytest.mark.parametrize("form", ["markdown", "html"])
def test_every_report_says_it(manage: Manage, databases: Two, form: str) -> None:
    assert "looks like a rename of" in manage("compare", *databases, "--format", form).out


def test_with_the_mapping_the_script_renames(manage: Manage, databases: Two, mapping: Path) -> None:
    script = manage("compare", *databases, "--mapping", mapping, "--format", "sql").out
    assert "ALTER TABLE public.customers RENAME TO clients;" in script
    assert "ALTER TABLE public.clients RENAME COLUMN mobile TO phone;" in script
    assert "DROP" not in script
    assert "possible-rename" not in script


def test_rows_in_the_way_are_counted_in_every_format(manage: Manage, databases: Two, mapping: Path) -> None:
    options = ("--mapping", mapping, "--rows")
    text = manage("compare", *databases, *options).out
    assert "1 of 2 rows of public.customers: no value of phone; the statement fails." in text
    assert (
        "1 of 2 rows of public.visits: client refers to a row that is not there; the statement fails." in text
    )
    assert "1 of 2 rows of public.customers: score is rounded or loses a part; nothing fails" in text
    script = manage("compare", *databases, *options, "--format", "sql").out
    before, _, _ = script.partition("ALTER COLUMN phone SET NOT NULL")
    assert "-- rows: 1 of 2 rows of public.customers: no value of phone" in before
    found = json.loads(manage("compare", *databases, *options, "--format", "json").out)["rows"]
    assert {(entry["trouble"], entry["rows"]) for entry in found} >= {
        ("null", 1),
        ("orphan", 1),
        ("rounded", 1),
    }
    for form in ("markdown", "html"):
        assert "Will it work on these rows?" in manage("compare", *databases, *options, "--format", form).out


def test_no_value_of_a_row_is_in_a_report(manage: Manage, databases: Two, mapping: Path) -> None:
    for form in ("text", "json", "sql", "markdown", "html"):
        done = manage("compare", *databases, "--mapping", mapping, "--rows", "--format", form)
        assert "4711" not in done.out + done.error


FILL = "UPDATE public.customers SET mobile = CAST(:'value' AS text)"


def test_what_helps_stands_beneath_in_every_report(manage: Manage, databases: Two, mapping: Path) -> None:
    options = ("--mapping", mapping, "--rows", "--format")
    for form in ("text", "markdown"):
        out = manage("compare", *databases, *options, form).out
        assert FILL in out and "CREATE TABLE IF NOT EXISTS public.visits_quarantine" in out
    assert html.escape(FILL) in manage("compare", *databases, *options, "html").out
    found = json.loads(manage("compare", *databases, *options, "json").out)["rows"]
    (nulls,) = [entry for entry in found if entry["trouble"] == "null"]
    assert [remedy["way"] for remedy in nulls["remedies"]] == ["fill", "not valid first", "quarantine"]
    assert (nulls["rows"], nulls["of"], nulls["samples"]) == (1, 2, None)


def test_rows_are_shown_to_who_asks_for_them(manage: Manage, databases: Two, mapping: Path) -> None:
    options = ("--mapping", mapping, "--rows", "--samples", "5", "--format")
    out = manage("compare", *databases, *options, "text").out
    assert "For example (id): (1)" in out and "For example (client): (77)" in out
    assert "For example (id, score): (1, 1.5)" in out
    for form in ("markdown", "html"):
        assert "(77)" in manage("compare", *databases, *options, form).out
    document = json.loads(manage("compare", *databases, *options, "json").out)
    assert list(problems(document, SCHEMA, SCHEMA)) == []
    (orphan,) = [entry for entry in document["rows"] if entry["trouble"] == "orphan"]
    assert orphan["samples"] == {"columns": ["client"], "rows": [["77"]]}
    assert "--samples takes a number from 0 to 100, not 101." in (
        manage("compare", *databases, "--rows", "--samples", "101").error
    )


def test_a_target_without_rows_is_refused(manage: Manage, databases: Two, tmp_path: Path) -> None:
    snapshot = tmp_path / "target.json"
    manage("snapshot", databases[1], "-o", snapshot)
    done = manage("compare", databases[0], snapshot, "--rows")
    assert done.code == 1
    assert "--rows counts rows of the target" in done.error
