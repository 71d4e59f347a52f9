"""`manage.py compare --rules FILE`: what is ignored is neither shown nor in the script, and is counted."""

import json
from pathlib import Path

import pytest

from schemadiff.embedded import EmbeddedServer, load_sql
from tests.command_line import Manage
from tests.servers import MakeDatabase

SOURCE = """
CREATE SCHEMA audit;
CREATE TABLE audit.log (id bigint, what text);
CREATE TABLE clients (id bigint CONSTRAINT clients_key PRIMARY KEY, mail text, phone text) WITH (fillfactor = 70);
COMMENT ON TABLE clients IS 'ours';
COMMENT ON COLUMN clients.mail IS 'ours';
CREATE INDEX by_mail ON clients (mail) WITH (fillfactor = 50);
CREATE TABLE tmp_import (id int);
CREATE FUNCTION twice(n int) RETURNS int LANGUAGE sql AS 'SELECT n * 2';
CREATE VIEW clients_twice AS SELECT public.twice(id::int) AS id FROM clients;
"""
TARGET = """
CREATE SCHEMA audit;
CREATE TABLE audit.log (id bigint);
CREATE TABLE clients (id bigint CONSTRAINT clients_pkey PRIMARY KEY, mail text, old_phone text);
COMMENT ON TABLE clients IS 'theirs';
CREATE INDEX by_mail ON clients (mail);
CREATE VIEW tmp_phones AS SELECT old_phone FROM clients;
"""
RULES = """
format = 1
[[ignore]]
attributes = ["comment"]
reason = "The platform has its own."
[[ignore]]
attributes = ["constraint name", "storage options"]
reason = "Nothing depends on them."
[[ignore]]
schemas = ["audit"]
reason = "Another team's."
[[ignore]]
names = ["tmp_*"]
reason = "Goes by itself."
[[ignore]]
kinds = ["function"]
reason = "Deployed apart."
"""


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    path = tmp_path / "rules.toml"
    path.write_text(RULES, encoding="utf-8")
    return path


@pytest.fixture
def databases(
    server16: EmbeddedServer, server18: EmbeddedServer, make_database: MakeDatabase
) -> tuple[str, str]:
    return make_database(server16, SOURCE), make_database(server18, TARGET)


def test_what_is_ignored_is_counted_and_not_shown(
    manage: Manage, databases: tuple[str, str], rules: Path
) -> None:
    done = manage("compare", *databases, "--rules", rules)
    assert done.code == 2
    assert "− phone  text" in done.out
    assert "audit.log" not in done.out and "tmp_import" not in done.out and "comment:" not in done.out
    assert "Hidden by 5 rules: 9 changes:" in done.out
    assert "  2 changes of 1 object: comment (The platform has its own.)" in done.out
    assert "  3 changes of 1 object: constraint name, storage options (Nothing depends on them.)" in done.out
    assert "  1 change of 1 object: everything (in audit) (Another team's.)" in done.out
    assert "  3 changes of 3 objects: everything (named tmp_*) (Goes by itself.)" in done.out
    assert "  0 changes: everything (function) (Deployed apart.)" in done.out
    assert "Function public.twice(integer) is shown although a rule ignores it: view" in done.out
    assert "Column public.clients.old_phone stays as the target has it, although no rule says so" in done.out


def test_the_script_holds_nothing_of_it_and_leaves_no_difference(
    manage: Manage, databases: tuple[str, str], rules: Path
) -> None:
    script = manage("compare", *databases, "--rules", rules, "--format", "sql").out
    for absent in ("COMMENT", "audit", "tmp_", "fillfactor", "clients_key", "old_phone"):
        assert absent not in script
    load_sql(databases[1], script, trusted=True)
    again = manage("compare", *databases, "--rules", rules)
    assert again.code == 0, again.out
    assert "The schemas agree in all that is not ignored" in again.out
    assert manage("compare", *databases, "--rules", rules, "--format", "sql").out == ""
    assert manage("compare", *databases).code == 2


@pytest.mark.parametrize("form", ["markdown", "html"])
def test_other_formats_count_it_too(
    manage: Manage, databases: tuple[str, str], rules: Path, form: str
) -> None:
    out = manage("compare", *databases, "--rules", rules, "--format", form).out
    assert "Hidden by 5 rules: 9 changes" in out
    assert "The platform has its own." in out
    assert "stays as the target has it" in out


def test_json_counts_it_by_rule(manage: Manage, databases: tuple[str, str], rules: Path) -> None:
    found = json.loads(manage("compare", *databases, "--rules", rules, "--format", "json").out)["ignored"]
    assert found["changes"] == 9
    assert found["rules"][0]["reason"] == "The platform has its own."
    assert found["rules"][0]["changes"] == 2
    assert found["rules"][3]["names"] == ["tmp_*"]
    assert {one["object"]["key"] for one in found["not_as_the_rules_say"]} == {
        "column:public.clients.old_phone",
        "function:public.twice(integer)",
    }


def test_a_file_that_cannot_be_used_is_one_sentence(
    manage: Manage, databases: tuple[str, str], tmp_path: Path
) -> None:
    missing = manage("compare", *databases, "--rules", tmp_path / "none.toml")
    assert (missing.code, missing.out) == (1, "")
    assert (
        missing.error
        == f"The rules file {tmp_path}/none.toml could not be read: No such file or directory.\n"
    )
    (tmp_path / "bad.toml").write_text("format = 1\n[[ignore]]\nkinds = ['tables']\nreason = 'x'\n")
    wrong = manage("compare", *databases, "--rules", tmp_path / "bad.toml")
    assert wrong.code == 1
    assert wrong.error.startswith(
        "bad.toml, line 2 (rule 1): there is no kind tables; expected one of schema,"
    )
