"""`manage.py compare` and `manage.py snapshot` as a user runs them, on real databases."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from contextlib import nullcontext
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from migration import seedcase
from schemadiff.connections import save
from schemadiff.embedded import EmbeddedServer, load_sql
from schemadiff.models import Connection, Project
from tests.command_line import Manage
from tests.servers import MakeDatabase

ROOT = Path(__file__).parent.parent
RICH = ROOT / "tests/introspection/rich.sql"
REFERENCE = ROOT / "docs/reference/compare-json.md"


@pytest.fixture
def json_of(manage: Manage) -> Callable[..., Any]:
    def run(*arguments: str | Path) -> Any:
        return json.loads(manage("compare", *arguments, "--format", "json").out)

    return run


def test_the_example_differs(manage: Manage, seed_source_dsn: str, seed_target_dsn: str) -> None:
    done = manage("compare", seed_source_dsn, seed_target_dsn)
    assert done.code == 2
    assert (
        "The schemas differ: 19 only in the target, 1 only in the source, 8 changed, 1 the same." in done.out
    )
    assert "~ table public.clients: changed" in done.out
    assert re.search(r"~ phone +not null: nullable → not null\n +type: text → varchar\(20\)", done.out)
    assert re.search(r"− raw_data +jsonb", done.out)
    assert "+ table public.whatsapp_keys: only in the target (table, 7 columns)" in done.out
    assert "table public.whatsapp_keys is dropped" in done.out
    assert done.error == ""


def test_a_database_and_itself(manage: Manage, seed_source_dsn: str) -> None:
    done = manage("compare", seed_source_dsn, seed_source_dsn)
    assert done.code == 0
    assert "The schemas agree: 10 objects, no difference." in done.out
    assert manage("compare", seed_source_dsn, seed_source_dsn, "--format", "sql") == (0, "", "")


def test_with_the_mapping_the_seven_tables_are_as_it_says(
    json_of: Callable[..., Any], seed_source_dsn: str, seed_target_dsn: str
) -> None:
    found = json_of(seed_source_dsn, seed_target_dsn, "--mapping", seedcase.MAPPING_JSON)
    tables = {entry["object"]["name"]: entry for entry in found["objects"] if entry["state"] == "altered"}
    wanted = json.loads(seedcase.MAPPING_JSON.read_text())["tables"]
    assert set(seedcase.TABLES) == set(wanted)
    for name, pairs in wanted.items():
        columns = [part for part in tables[name]["parts"] if part["object"]["kind"] == "column"]
        renamed = {
            (part["object"]["name"], part["target"]["name"])
            for part in columns
            if part["change"] == "renamed"
        }
        assert renamed == {(pair[0], pair[1]) for pair in pairs if pair[0] != pair[1]}
        removed = {part["object"]["name"] for part in columns if part["change"] == "removed"}
        assert not removed & {pair[0] for pair in pairs}
        added = {part["object"]["name"] for part in columns if part["change"] == "added"}
        assert not added & {pair[1] for pair in pairs}


def test_applying_the_sql_leaves_no_difference(
    manage: Manage, seed_source_dsn: str, seed_target_dsn: str
) -> None:
    done = manage("compare", seed_source_dsn, seed_target_dsn, "--format", "sql")
    assert done.code == 2
    assert "-- hazard: data-loss" in done.out
    load_sql(seed_target_dsn, done.out, trusted=True)
    again = manage("compare", seed_source_dsn, seed_target_dsn)
    assert again.code == 0, again.out


def test_making_everything_anew_leaves_no_difference(
    manage: Manage, server16: EmbeddedServer, server18: EmbeddedServer, make_database: MakeDatabase
) -> None:
    source, target = make_database(server16, RICH), make_database(server18)
    load_sql(target, manage("compare", source, target, "--format", "sql").out, trusted=True)
    again = manage("compare", source, target)
    assert again.code == 0, again.out
    back = manage("compare", make_database(server18), target, "--format", "sql").out
    load_sql(target, back, trusted=True)
    assert manage("compare", make_database(server16), target).code == 0


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"password": "wrong-secret"}, "does not accept the password of user postgres"),
        ({"dbname": "no_such_database"}, "There is no database no_such_database on the server at 127.0.0.1"),
        ({"host": "no-such-host.invalid"}, "The host no-such-host.invalid is not known"),
        ({"port": "1"}, "Nothing listens at 127.0.0.1, port 1"),
        ({"sslmode": "require"}, "does not offer TLS"),
    ],
)
def test_a_database_that_cannot_be_opened_is_one_sentence(
    manage: Manage, seed_source_dsn: str, server16: EmbeddedServer, change: dict[str, str], sentence: str
) -> None:
    done = manage("compare", make_conninfo(seed_source_dsn, **change), seed_source_dsn)
    assert (done.code, done.out) == (1, "")
    assert sentence in done.error
    assert len(done.error.strip().splitlines()) == 1
    assert "wrong-secret" not in done.error
    assert server16.password not in done.error


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("empty.json", "", "is empty: expected a snapshot"),
        ("broken.json", "{", "is no snapshot: it is not JSON"),
        ("other.json", '{"a": 1}', "A snapshot is a JSON object"),
        ("newer.json", '{"kind": "schemadiff catalog", "format": 9}', "has format 9"),
        ("binary.json", b"\xff\xfe\x00", "is no snapshot: it is not JSON"),
        ("bad.sql", "CREATE TABLE (;", "bad.sql, line 1: syntax error"),
        ("notes.txt", "x", "is no database: expected a connection URI"),
        ("a=b.json", "", "is empty: expected a snapshot"),
        ("missing.json", None, "could not be read: No such file"),
        ("missing.sql", None, "could not be read: No such file"),
        ("pass word=se cret", None, "The address is no connection URI"),
    ],
)
def test_a_file_that_is_no_database(
    manage: Manage, tmp_path: Path, name: str, content: str | bytes | None, sentence: str
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    done = manage("compare", name if " " in name else path, path)
    assert (done.code, done.out) == (1, "")
    assert sentence in done.error
    assert len(done.error.strip().splitlines()) == 1
    assert "cret" not in done.error


@pytest.mark.heavy
def test_sql_files_and_folders_are_loaded(manage: Manage, tmp_path: Path) -> None:
    folder = tmp_path / "schema"
    folder.mkdir()
    (folder / "1.sql").write_text("CREATE TABLE t (a integer);")
    (folder / "2.sql").write_text("CREATE INDEX i ON t (a);")
    (tmp_path / "whole.sql").write_text("CREATE TABLE t (a integer); CREATE INDEX i ON t (a);")
    (tmp_path / "other.sql").write_text("CREATE TABLE t (a bigint); CREATE INDEX i ON t (a);")
    assert manage("compare", folder, tmp_path / "whole.sql").code == 0
    done = manage("compare", folder, tmp_path / "other.sql")
    assert done.code == 2
    assert "type: integer → bigint" in done.out
    assert "Not compared" not in done.out


def test_a_snapshot_stands_for_its_database(manage: Manage, tmp_path: Path, seed_source_dsn: str) -> None:
    path = tmp_path / "source.json"
    done = manage("snapshot", seed_source_dsn, "-o", path)
    assert done.code == 0
    assert "8 tables, fingerprint " in done.error
    assert manage("compare", path, seed_source_dsn).code == 0
    printed = manage("snapshot", seed_source_dsn)
    assert json.loads(printed.out) == json.loads(path.read_text())
    assert [entry.name for entry in tmp_path.iterdir()] == ["source.json"]
    with psycopg.connect(seed_source_dsn, autocommit=True) as connection:
        connection.execute("ALTER TABLE clients ADD new integer")
    assert "+ new" in manage("compare", path, seed_source_dsn).out


def test_a_snapshot_that_cannot_be_written(manage: Manage, tmp_path: Path, seed_source_dsn: str) -> None:
    done = manage("snapshot", seed_source_dsn, "-o", tmp_path / "no" / "such.json")
    assert done.code == 1
    assert "could not be written: No such file or directory." in done.error


def test_the_json_is_as_documented(
    json_of: Callable[..., Any], seed_source_dsn: str, seed_target_dsn: str
) -> None:
    found = json_of(seed_source_dsn, seed_target_dsn)
    text = REFERENCE.read_text()
    example = json.loads(text.partition("```json\n")[2].partition("```")[0])
    assert found.keys() == example.keys()
    assert found["source"].keys() == example["source"].keys()
    assert (found["kind"], found["format"]) == (example["kind"], example["format"])
    assert found["objects"][0].keys() == example["objects"][0].keys()
    assert found["counts"] == example["counts"]
    phone = next(
        part
        for entry in found["objects"]
        for part in entry["parts"]
        if part["object"]["key"].endswith("clients.phone")
    )
    assert phone.keys() == example["objects"][0]["parts"][0].keys()
    assert example["objects"][0]["parts"][0]["attributes"][0] in phone["attributes"]
    assert not found["identical"]
    assert len(found["source"]["fingerprint"]) == 64


def test_only_breaking_changes_fail(
    manage: Manage, server18: EmbeddedServer, make_database: MakeDatabase
) -> None:
    source = make_database(server18, "CREATE TABLE t (a bigint, b text); CREATE INDEX ON t (a)")
    looser = make_database(server18, "CREATE TABLE t (a integer)")
    richer = make_database(server18, "CREATE TABLE t (a bigint, b text, c text); CREATE INDEX ON t (a)")
    assert manage("compare", source, looser).code == 2
    assert manage("compare", source, looser, "--fail-on", "breaking").code == 0
    done = manage("compare", source, richer, "--fail-on", "breaking")
    assert done.code == 2
    assert "column public.t.c is dropped" in done.out


def test_only_some_schemas(manage: Manage, server18: EmbeddedServer, make_database: MakeDatabase) -> None:
    source = make_database(server18, "CREATE SCHEMA a; CREATE TABLE a.t (x integer); CREATE TABLE extra ()")
    target = make_database(server18, "CREATE SCHEMA a; CREATE TABLE a.t (x integer)")
    assert manage("compare", source, target).code == 2
    assert manage("compare", source, target, "--schema", "a").code == 0
    assert manage("compare", source, target, "--schema", "a", "public").code == 2
    done = manage("compare", source, target, "--schema", "b")
    assert (done.code, done.out) == (1, "")
    assert "Neither database has a schema b; they have a, public." in done.error


def test_a_schema_of_another_name(
    manage: Manage, server16: EmbeddedServer, server18: EmbeddedServer, make_database: MakeDatabase
) -> None:
    renamed = RICH.read_text().replace("crm", '"Cr M"')
    source, target = make_database(server16, RICH), make_database(server18, renamed)
    done = manage("compare", source, target, "--schema-map", "crm=Cr M")
    assert done.code == 0, done.out
    assert manage("compare", source, target, "--schema", "crm", "--schema-map", "crm=Cr M").code == 0
    empty = make_database(server18)
    load_sql(
        empty,
        manage("compare", source, empty, "--schema-map", "crm=Cr M", "--format", "sql").out,
        trusted=True,
    )
    assert manage("compare", target, empty).code == 0


@pytest.mark.parametrize(
    ("pair", "sentence"),
    [
        ("a", "--schema-map takes A=B"),
        ("nope=b", "The source has no schema nope; it has public."),
        ("public=", "--schema-map takes A=B"),
    ],
)
def test_a_wrong_schema_map(manage: Manage, seed_source_dsn: str, pair: str, sentence: str) -> None:
    done = manage("compare", seed_source_dsn, seed_source_dsn, "--schema-map", pair)
    assert (done.code, done.out) == (1, "")
    assert sentence in done.error


def test_a_mapping_file_that_is_not_there(manage: Manage, seed_source_dsn: str, tmp_path: Path) -> None:
    done = manage("compare", seed_source_dsn, seed_source_dsn, "--mapping", tmp_path / "m.json")
    assert done.code == 1
    assert "m.json could not be read: No such file or directory." in done.error


@pytest.fixture
def with_saved_names(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The application's database is Django's test database, which runs already."""
    monkeypatch.setattr("config.appdb.in_use", nullcontext)


@pytest.mark.heavy
@pytest.mark.usefixtures("with_saved_names")
def test_a_saved_name(manage: Manage, seed_source_dsn: str) -> None:
    address = conninfo_to_dict(seed_source_dsn)
    password = str(address["password"])
    connection = Connection(
        project=Project.objects.create(slug="crm", name="CRM"),
        name="old-crm",
        host=str(address["host"]),
        port=int(address["port"] or 0),
        dbname=str(address["dbname"]),
        user=str(address["user"]),
        sslmode="prefer",
    )
    save(connection, password=password)
    done = manage("compare", "@old-crm", seed_source_dsn)
    assert done.code == 0
    assert done.out.startswith("@old-crm (PostgreSQL 16")
    assert password not in done.out


@pytest.mark.usefixtures("with_saved_names")
def test_a_name_that_is_not_saved(manage: Manage, seed_source_dsn: str) -> None:
    done = manage("compare", "@nowhere", seed_source_dsn)
    assert (done.code, done.out) == (1, "")
    assert "nowhere" in done.error
    assert len(done.error.strip().splitlines()) == 1


def test_what_is_not_compared_is_listed(
    manage: Manage, server18: EmbeddedServer, make_database: MakeDatabase
) -> None:
    dsn = make_database(
        server18,
        "SELECT lo_create(424242);"
        " DO $$BEGIN EXECUTE format('ALTER DATABASE %I SET work_mem = 4096', current_database()); END$$",
    )
    done = manage("compare", dsn, dsn)
    assert done.code == 0
    assert (
        "Not compared, in the source:\n  1 × database setting: work_mem\n  1 × large object: 424242\n"
        in done.out
    )
    assert "Not compared, in the target:" in done.out


HOSTILE = '"<script>alert(1)</script>"'


class Elements(HTMLParser):
    """Which elements a page has, and what they load."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.names: list[str] = []
        self.loaded: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        self.loaded += [value for name, value in attrs if name in ("src", "href") and value]


def test_a_page_of_html_and_markdown_take_names_literally(
    manage: Manage, server18: EmbeddedServer, make_database: MakeDatabase
) -> None:
    source = make_database(server18, f"CREATE TABLE {HOSTILE} (a integer, {HOSTILE} integer)")
    target = make_database(
        server18, f"CREATE TABLE {HOSTILE} (a integer); COMMENT ON TABLE {HOSTILE} IS '`|`<b>'"
    )
    page = manage("compare", source, target, "--format", "html")
    assert page.code == 2
    elements = Elements(page.out)
    assert not {"script", "b", "link", "img"} & set(elements.names)
    assert elements.loaded == []
    assert "&lt;script&gt;" in page.out
    markdown = manage("compare", source, target, "--format", "markdown").out
    assert "\\<script\\>" in markdown
    rows = [line for line in markdown.splitlines() if line.startswith("| − only in the source")]
    assert len(rows) == 1


def test_nothing_but_the_two_databases_is_touched(seed_source_dsn: str, tmp_path: Path) -> None:
    """As a process of its own: the application's server is not made, nor anything of its."""
    done = subprocess.run(
        [sys.executable, "manage.py", "compare", seed_source_dsn, seed_source_dsn],
        cwd=ROOT,
        env={**os.environ, "SCHEMADIFF_DATA": str(tmp_path), "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert " → " in done.stdout
    assert list(tmp_path.iterdir()) == []
