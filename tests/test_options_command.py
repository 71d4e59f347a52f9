"""`manage.py options` and `manage.py match`, as a user runs them, on the example's databases."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from config import appdb_settings
from migration import seedcase
from schemadiff.core import mapping_file
from schemadiff.databases import connect
from schemadiff.embedded import EmbeddedServer, known
from tests.servers import MakeDatabase, fresh_database

ROOT = Path(__file__).parent.parent
PROTECTED = ["whatsapp_auth", "whatsapp_keys"]


def manage(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)


@pytest.fixture(scope="module")
def databases(
    server16: EmbeddedServer, server18: EmbeddedServer, seed_source_template: str, seed_target_template: str
) -> Iterator[tuple[str, str]]:
    with (
        fresh_database(server16, template=seed_source_template) as source,
        fresh_database(server18, template=seed_target_template) as target,
    ):
        yield source, target


@pytest.fixture(scope="module")
def document(databases: tuple[str, str]) -> dict[str, Any]:
    done = manage(
        "options",
        *databases,
        *("--queries", str(seedcase.QUERIES_SQL), "--mapping", str(seedcase.MAPPING_JSON)),
        *("--tables", *seedcase.TABLES, "--protect", *PROTECTED, "--format", "json"),
    )
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def figures(document: dict[str, Any], option: str) -> dict[str, int]:
    (found,) = [entry for entry in document["options"] if entry["name"] == option]
    return {measure["key"]: measure["value"] for measure in found["measures"]}


@pytest.mark.parametrize(
    ("option", "expected"),
    [
        ("recreate", {"rows_refused": 0, "values_left_behind": 0, "columns_left_behind": 0}),
        ("transform", {"rows_refused": 51, "values_left_behind": 30_569, "columns_left_behind": 143}),
        ("hybrid", {"rows_refused": 1_490, "values_left_behind": 0, "columns_left_behind": 0}),
    ],
)
def test_what_each_option_loses(document: dict[str, Any], option: str, expected: dict[str, int]) -> None:
    found = figures(document, option)
    assert {key: found[key] for key in expected} == expected
    assert found["rows_in_scope"] == 1_490
    assert found["statements_failed"] == 0


@pytest.mark.parametrize(
    ("option", "same", "changed", "fail"),
    [("recreate", 21, 0, 0), ("transform", 0, 1, 20), ("hybrid", 1, 14, 6)],
)
def test_what_becomes_of_the_queries(
    document: dict[str, Any], option: str, same: int, changed: int, fail: int
) -> None:
    found = figures(document, option)
    queries = (found["queries_same"], found["queries_changed"], found["queries_fail"])
    assert queries == (same, changed, fail)
    assert found["queries_not_judged"] == 0


def test_every_figure_says_how_it_was_measured(document: dict[str, Any]) -> None:
    measures = [measure for option in document["options"] for measure in option["measures"]]
    assert measures
    assert all(measure["how"].endswith(".") for measure in measures)
    keys = [[measure["key"] for measure in option["measures"]] for option in document["options"]]
    assert all(len(set(one)) == len(one) for one in keys)


def test_the_recommendation_is_made_of_the_figures(document: dict[str, Any]) -> None:
    advice = document["recommendation"]
    assert advice["option"] == "recreate"
    assert "21 of 21 queries work as before" in advice["sentence"]
    assert any("30,569 of 51,319 values in 143 columns are left behind" in one for one in advice["reasons"])


def test_nothing_was_changed_and_nothing_was_started(
    document: dict[str, Any], databases: tuple[str, str]
) -> None:
    assert document["protected"] == ["public.whatsapp_auth", "public.whatsapp_keys"]
    with connect(databases[1]) as target:
        assert target.execute("select count(*) from whatsapp_keys").fetchone() == (728,)
        schemas = target.execute(
            "select count(*) from pg_namespace where nspname like 'schemadiff%'"
        ).fetchone()
        assert schemas == (0,)
    assert known(appdb_settings.folder()) is None


@pytest.mark.heavy
def test_as_text_and_markdown_without_queries_and_mapping(databases: tuple[str, str]) -> None:
    text = manage("options", *databases, "--tables", "public.staff")
    assert "No query names" not in text.stdout
    assert text.returncode == 0, text.stderr
    assert "recreate  transform  hybrid" in " ".join(text.stdout.split()).replace(" ", "  ")
    assert "Values left behind [" in text.stdout
    assert "Recommendation" in text.stdout
    assert "queries are not measured yet" in text.stdout
    markdown = manage("options", *databases, "--tables", "staff", "--format", "markdown")
    assert markdown.returncode == 0, markdown.stderr
    assert "| --- | ---: | ---: | ---: |" in markdown.stdout
    for output in (text.stdout, markdown.stdout):
        assert "postgres:" not in output


@pytest.mark.heavy
def test_snapshots_give_what_can_be_known_without_rows(
    server18: EmbeddedServer, make_database: MakeDatabase, tmp_path: Path
) -> None:
    source, target, queries = tmp_path / "source.sql", tmp_path / "target.sql", tmp_path / "q.sql"
    source.write_text("create table t (id int primary key, note text);")
    target.write_text("create table t (id int primary key, remark text);")
    queries.write_text("select note from t;")
    snapshot = tmp_path / "source.json"
    assert manage("snapshot", str(source), "-o", str(snapshot)).returncode == 0
    done = manage("options", str(snapshot), str(target), "--queries", str(queries), "--format", "json")
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert figures(document, "recreate")["queries_same"] == 1
    assert figures(document, "transform")["queries_fail"] == 1
    assert "values_left_behind" not in figures(document, "transform")
    assert "scratch PostgreSQL" in document["options"][0]["measures"][-2]["how"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--tables", "nobody"], "The source has no table public.nobody."),
        (["--protect", "nobody"], "The target has no table public.nobody."),
        (["--mapping", "/no/such/file"], "could not be read"),
        (["--queries", "/no/such/file"], "could not be read"),
        (["--format", "xml"], "invalid choice"),
    ],
)
def test_what_is_wrong_is_one_sentence(databases: tuple[str, str], arguments: list[str], words: str) -> None:
    done = manage("options", *databases, *arguments)
    assert done.returncode == 1
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_a_mapping_of_other_tables_is_refused(databases: tuple[str, str], tmp_path: Path) -> None:
    path = tmp_path / "mapping.json"
    path.write_text(json.dumps({"tables": {"staff": [["nope", "full_name"]]}}))
    done = manage("options", *databases, "--mapping", str(path))
    assert done.returncode == 1
    assert "source column public.staff.nope" in done.stderr


def test_a_mistyped_table_of_a_mapping_is_told_and_the_file_named(
    databases: tuple[str, str], tmp_path: Path
) -> None:
    file = tmp_path / "mapping.json"
    file.write_text('{"tables": {"clientz": [["id", "id"]]}}')
    told = manage("options", *databases, "--mapping", str(file), "--tables", "clients")
    assert told.returncode == 1 and "clientz" in told.stderr
    file.write_text("tables:\n  clients: []\n")
    told = manage("options", *databases, "--mapping", str(file))
    assert told.returncode == 1 and f"{file}: The mapping file is not JSON (" in told.stderr


def test_match_writes_the_pairs(tmp_path: Path) -> None:
    cases, out = tmp_path / "cases.json", tmp_path / "out.json"
    cases.write_text(
        json.dumps(
            {
                "cases": [
                    {
                        "id": "1",
                        "old": [{"name": "id", "type": "int"}, {"name": "colour", "type": "text"}],
                        "new": [{"name": "id", "type": "int"}, {"name": "color", "type": "text"}],
                    }
                ]
            }
        )
    )
    done = manage("match", str(cases), str(out))
    assert done.returncode == 0, done.stderr
    (case,) = json.loads(out.read_text())["cases"]
    assert [(pair["source"], pair["target"]) for pair in case["pairs"]] == [("id", "id"), ("colour", "color")]
    assert {pair["certainty"] for pair in case["pairs"]} == {"unambiguous"}
    assert case["near_misses"] == []
    assert "2 pairs in 1 cases (2 unambiguous, 0 ambiguous, 0 near miss)" in done.stdout
    cases.write_text("[]")
    assert manage("match", str(cases), str(out)).returncode == 1


@pytest.mark.heavy
def test_queries_out_of_code_and_logs(databases: tuple[str, str], tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(
        "cursor.execute('SELECT * FROM clients WHERE id = %s', [1])\ncursor.execute(sql)\n"
    )
    done = manage(
        "options", *databases, "--tables", "clients", "staff", "--queries", str(tmp_path), "--format", "json"
    )
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert document["tables_that_no_query_names"] == ["public.staff"]
    assert figures(document, "recreate")["queries_same"] == 1
    assert document["queries_not_made_out"] == ["app.py:2: execute() is given something that is no literal."]

    log = tmp_path / "server.log"
    log.write_text("LOG:  statement: SELECT * FROM clients\n" * 40 + "LOG:  statement: SELECT 1\n" * 2)
    done = manage("options", *databases, "--tables", "clients", "--queries", str(log))
    assert done.returncode == 0, done.stderr
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("Calls of queries that work")]
    assert line.split()[-3:] == ["42", "2", "2"]
    assert "Of 42 calls of judged queries" in done.stdout

    done = manage("options", *databases, "--tables", "clients", "--queries", "pg_stat_statements")
    assert done.returncode == 1
    assert "has no extension pg_stat_statements. To get it: add" in done.stderr


def test_steps_are_taken_and_the_mapping_is_kept_for_a_run(
    databases: tuple[str, str], tmp_path: Path
) -> None:
    kept = tmp_path / "mended.json"
    given = ("--mapping", str(seedcase.MAPPING_JSON), "--tables", *seedcase.TABLES, "--protect", *PROTECTED)
    done = manage(
        *("options", *databases, *given, "--mend", "units-and-keys", "words", "cleaning"),
        *("--save-mapping", str(kept)),
    )
    assert done.returncode == 0, done.stderr
    mapping = mapping_file.load(kept.read_text(encoding="utf-8"))
    expressions = {
        (entry.source[1], pair.target) for entry in mapping.tables for pair in entry.pairs if pair.expression
    }
    assert len(expressions) == 15
    assert {("companies", "id"), ("staff", "company_id"), ("dialog_contexts", "status")} <= expressions
    refused = manage("options", *databases, *given, "--mend", "magic")
    assert (refused.returncode, "There is no step magic of transform" in refused.stderr) == (1, True)
