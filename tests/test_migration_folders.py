"""Folders of migrations: the order in which each tool's files are loaded, and what is left out and said so."""

from pathlib import Path

import pytest

from schemadiff.embedded import EmbeddedError, EmbeddedServer, load_sql, order_of
from tests.command_line import Manage
from tests.servers import MakeDatabase


def folder(tmp_path: Path, *names: str) -> Path:
    for name in names:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("SELECT 1;\n", encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("names", "expected", "left_out"),
    [
        (["10_c.sql", "2_b.sql", "001_a.sql"], ["001_a.sql", "2_b.sql", "10_c.sql"], []),
        (
            ["20240102030405_b.sql", "20230101000000_a.sql", "readme.md"],
            ["20230101000000_a.sql", "20240102030405_b.sql"],
            [],
        ),
        (
            ["1_a.up.sql", "1_a.down.sql", "2_b.up.sql", "2_b.undo.sql"],
            ["1_a.up.sql", "2_b.up.sql"],
            ["1_a.down.sql (leads back)", "2_b.undo.sql (leads back)"],
        ),
        (
            ["V2__b.sql", "V10__c.sql", "V1.1__a.sql", "R__z.sql", "R__y.sql", "U2__b.sql", "notes.sql"],
            ["V1.1__a.sql", "V2__b.sql", "V10__c.sql", "R__y.sql", "R__z.sql"],
            ["U2__b.sql (leads back)", "notes.sql (no name that Flyway knows)"],
        ),
        (
            ["V1__a.sql", "V2__b.sql", "V3__c.sql", "B1__old.sql", "B2__base.sql"],
            ["B2__base.sql", "V3__c.sql"],
            [
                "B1__old.sql (an older baseline)",
                "V1__a.sql (in the baseline B2__base.sql)",
                "V2__b.sql (in the baseline B2__base.sql)",
            ],
        ),
        (
            ["2024_b/migration.sql", "2023_a/migration.sql", "migration_lock.toml"],
            ["2023_a/migration.sql", "2024_b/migration.sql"],
            [],
        ),
        (
            ["migrations/2_b/up.sql", "migrations/2_b/down.sql", "migrations/1_a/up.sql"],
            ["migrations/1_a/up.sql", "migrations/2_b/up.sql"],
            ["migrations/2_b/down.sql (leads back)"],
        ),
        (
            ["migrations/2_b.sql", "migrations/1_a.sql", "config.toml"],
            ["migrations/1_a.sql", "migrations/2_b.sql"],
            [],
        ),
        (["b.sql", "a.sql"], ["a.sql", "b.sql"], []),
    ],
)
def test_the_order_of_a_folder(
    tmp_path: Path, names: list[str], expected: list[str], left_out: list[str]
) -> None:
    found = order_of(folder(tmp_path, *names))
    assert [name for name, _ in found.files] == expected
    assert [f"{one.name} ({one.reason})" for one in found.left_out] == left_out


def test_what_is_said_of_it(tmp_path: Path) -> None:
    few = order_of(folder(tmp_path / "few", "1.up.sql", "1.down.sql", "2.up.sql"))
    assert few.sentence == "2 files in this order: 1.up.sql, 2.up.sql; left out: 1.down.sql (leads back)"
    many = order_of(folder(tmp_path / "many", *(f"{number}_x.sql" for number in range(30))))
    assert many.sentence == "30 files, from 0_x.sql to 29_x.sql"
    assert order_of(folder(tmp_path / "one", "a.sql")).sentence == "1 file: a.sql"


@pytest.mark.parametrize("names", [["notes.txt"], ["1.down.sql"]])
def test_a_folder_that_leads_nowhere(tmp_path: Path, names: list[str]) -> None:
    with pytest.raises(EmbeddedError, match=r"holds (no|only) \.sql file"):
        order_of(folder(tmp_path, *names))


@pytest.mark.parametrize(
    ("up", "down"),
    [
        ("-- migrate:up", "-- migrate:down"),
        ("-- +goose Up", "-- +goose Down"),
        ("-- +migrate Up", "-- +migrate Down"),
        ("--migrate:up transaction:false", "--migrate:down"),
    ],
)
def test_of_two_ways_in_one_file_only_one_is_gone(
    manage: Manage, tmp_path: Path, server18: EmbeddedServer, make_database: MakeDatabase, up: str, down: str
) -> None:
    (tmp_path / "1_a.sql").write_text(f"{up}\nCREATE TABLE a (id int);\n\n{down}\nDROP TABLE a;\n")
    (tmp_path / "2_b.sql").write_text(f"{up}\nCREATE TABLE b (id int);\n{down}\nDROP TABLE b;\n")
    database = make_database(server18, "CREATE TABLE a (id int); CREATE TABLE b (id int);")
    done = manage("compare", tmp_path, database)
    assert done.code == 0, done.out
    assert f"{tmp_path}: 2 files in this order: 1_a.sql, 2_b.sql.\n" in done.out


def test_an_error_names_the_file_and_its_line(
    tmp_path: Path, server18: EmbeddedServer, make_database: MakeDatabase
) -> None:
    (tmp_path / "1_a.sql").write_text(
        "-- migrate:down\nDROP TABLE a;\n-- migrate:up\nCREATE TABLE a (id int)x;\n"
    )
    with pytest.raises(EmbeddedError, match=r"1_a\.sql, line 4: syntax error"):
        load_sql(make_database(server18), tmp_path)


def test_a_folder_against_a_snapshot(
    manage: Manage, tmp_path: Path, server18: EmbeddedServer, make_database: MakeDatabase
) -> None:
    """Both say where they come from; a script of such a comparison says it, too."""
    migrations = folder(tmp_path / "db")
    (tmp_path / "db").mkdir()
    (migrations / "1_a.up.sql").write_text("CREATE TABLE a (id int);")
    (migrations / "1_a.down.sql").write_text("DROP TABLE a;")
    snapshot = tmp_path / "then.json"
    manage("snapshot", make_database(server18), "-o", snapshot)
    done = manage("compare", migrations, snapshot, "--format", "sql")
    assert done.code == 2
    assert done.out.startswith(
        f"-- {migrations}: 1 file: 1_a.up.sql; left out: 1_a.down.sql (leads back).\n-- Makes"
    )
