"""A dump of what a run is about to park or change, and the way back from it, on real servers and programs."""

import stat
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from migration.core.backup import Backup
from migration.core.errors import RunStopped
from migration.core.events import BackedUp, PhaseStarted
from migration.core.phases import Phase
from migration.engine import pg_programs
from migration.engine.hashing import fingerprint
from migration.engine.pg_programs import Program, pg_dump_for, pg_restore_for, programs
from migration.engine.restore_backup import read_backup
from migration.runner import run
from schemadiff.core.errors import Refused
from schemadiff.core.options.option import Scope
from schemadiff.core.options.recreate import recreate
from schemadiff.embedded import EmbeddedServer
from tests.command_line import Manage, managing
from tests.engine.running import Told, ask, catalog, fingerprint_of, one, spec_of
from tests.servers import MakeDatabase

_SOURCE = """
CREATE TABLE clients (id int PRIMARY KEY, name text);
CREATE TABLE orders (id int PRIMARY KEY, client int REFERENCES clients, note text);
INSERT INTO clients SELECT n, 'new ' || n FROM generate_series(1, 20) n;
INSERT INTO orders SELECT n, n, 'x' FROM generate_series(1, 20) n;
"""
# Names that have to be quoted, a serial, an identity, partitions, a trigger, a comment, rows that look like scripts,
# and a table around them whose key refers to one that is parked.
_TARGET = r"""
CREATE TYPE mood AS ENUM ('calm', 'cross');
CREATE TABLE clients (id serial PRIMARY KEY, name text NOT NULL, mood mood, pay numeric(10, 2), "Odd ""name" text);
INSERT INTO clients (name, mood, pay, "Odd ""name") SELECT 'old ' || n, 'cross', n / 3.0, E'a\tb\\n\n\\.\n' || n
FROM generate_series(1, 500) n;
CREATE TABLE orders (id int GENERATED ALWAYS AS IDENTITY, client int REFERENCES clients, day date NOT NULL,
                     note text, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
CREATE TABLE orders_past PARTITION OF orders FOR VALUES FROM (MINVALUE) TO ('2026-01-01');
CREATE TABLE orders_now PARTITION OF orders FOR VALUES FROM ('2026-01-01') TO (MAXVALUE);
INSERT INTO orders (client, day, note) SELECT n, date '2025-12-01' + n, 'COPY x FROM stdin;'
FROM generate_series(1, 60) n;
CREATE INDEX orders_by_client ON orders (client);
COMMENT ON TABLE clients IS E'Who pays\n\\restrict nobody';
CREATE TABLE visits (id int PRIMARY KEY, client int CONSTRAINT visits_of REFERENCES clients ON DELETE CASCADE);
INSERT INTO visits SELECT n, n FROM generate_series(1, 20) n;
CREATE TABLE secrets (id int PRIMARY KEY);
INSERT INTO secrets VALUES (1);
"""


@pytest.fixture
def manage(capsys: pytest.CaptureFixture[str]) -> Iterator[Manage]:
    with managing(capsys) as run:
        yield run


@pytest.fixture
def source(make_database: MakeDatabase, server16: EmbeddedServer) -> str:
    return make_database(server16, _SOURCE)


@pytest.fixture
def target(make_database: MakeDatabase, server18: EmbeddedServer) -> str:
    return make_database(server18, _TARGET)


def _hashes(dsn: str, *tables: str) -> list[tuple[int, str]]:
    with psycopg.connect(dsn, autocommit=True) as session:
        session.execute("SET timezone = 'UTC'")
        found = [fingerprint(session, ("public", table), "now") for table in tables]
    return [(each.rows, each.digest) for each in found]


def _backup(folder: Path) -> tuple[Path, Backup]:
    (path,) = folder.glob("*.dump")
    return path, read_backup(path)


def test_what_is_parked_is_dumped_first_and_comes_back_as_it_was(
    source: str, target: str, manage: Manage, tmp_path: Path
) -> None:
    """Also when the parked tables are gone for good."""
    before, shape = _hashes(target, "clients", "orders"), fingerprint_of(target)
    command = ("run", source, target, "--option", "recreate", "--tables", "clients", "orders")
    done = manage(*command, "--protect", "secrets", "--backup-to", tmp_path, "--yes")
    assert done.code == 0, done.error
    path, backup = _backup(tmp_path)
    assert "2 tables of the target backed up by pg_dump 18, 560 rows" in done.out
    assert [each.table for each in backup.tables] == [("public", "clients"), ("public", "orders")]
    assert [(each.rows, each.digest) for each in backup.tables] == before
    assert set(backup.parts) == {("public", "orders_now"), ("public", "orders_past")}
    for file in (path, path.with_name(f"{path.name}.json")):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert one(target, "SELECT count(*) FROM clients WHERE name LIKE 'new%'") == 20
    run = str(backup.run)
    assert manage("clean", target, "--run", run, "--yes").code == 0

    asked = manage("restore", target, "--from-backup", path)
    assert asked.code == 1
    assert "back:  table public.clients, 500 rows" in asked.out
    assert "key:   public.visits.visits_of FOREIGN KEY (client) REFERENCES public.clients(id)" in asked.out
    put = manage("restore", target, "--from-backup", path, "--yes")
    assert put.code == 0, put.error
    assert _hashes(target, "clients", "orders") == before
    aside = f"schemadiff_parked_{backup.run.hex[:8]}_replaced"
    assert one(target, f"SELECT count(*) FROM {aside}.clients") == 20, (
        "what lay there is moved aside, not dropped"
    )
    ask(target, f"DROP SCHEMA {aside} CASCADE")
    assert fingerprint_of(target) == shape, "types, keys, indexes, comments and defaults are as they were"
    ask(target, "INSERT INTO clients (name) VALUES ('next')")
    assert one(target, "SELECT max(id) FROM clients") == 501
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        ask(target, "INSERT INTO visits VALUES (99, 99999)")


def test_rows_that_are_overwritten_are_dumped_too(
    source: str, make_database: MakeDatabase, server18: EmbeddedServer, manage: Manage, tmp_path: Path
) -> None:
    target = make_database(server18, _SOURCE.replace("new", "old"))
    before = _hashes(target, "clients", "orders")
    done = manage("copy", source, target, "--data-only", "--overwrite", "--backup-to", tmp_path)
    assert done.code == 0, done.error
    assert _hashes(target, "clients", "orders") != before
    path, _ = _backup(tmp_path)
    assert manage("restore", target, "--from-backup", path, "--yes").code == 0
    assert _hashes(target, "clients", "orders") == before


def test_a_backup_that_was_damaged_changes_nothing(
    source: str, target: str, manage: Manage, tmp_path: Path
) -> None:
    command = ("run", source, target, "--option", "recreate", "--tables", "clients", "orders")
    assert manage(*command, "--backup-to", tmp_path, "--yes").code == 0
    path, backup = _backup(tmp_path)
    now, shape = _hashes(target, "clients", "orders"), fingerprint_of(target)
    note = path.with_name(f"{path.name}.json")
    note.write_text(note.read_text().replace(backup.tables[0].digest, "0" * 64))
    refused = manage("restore", target, "--from-backup", path, "--yes")
    assert refused.code == 1
    assert (
        "“public.clients” came out of the backup with 500 rows that are not those which were dumped"
        in refused.error
    )
    path.write_bytes(path.read_bytes()[:2_000])
    refused = manage("restore", target, "--from-backup", path, "--yes")
    assert refused.code == 1
    assert "could not be read, and nothing was changed: pg_restore says" in refused.error
    note.unlink()
    refused = manage("restore", target, "--from-backup", path, "--yes")
    assert "A backup is a .dump file with its .json beside it" in refused.error
    assert (_hashes(target, "clients", "orders"), fingerprint_of(target)) == (now, shape)


def test_the_password_is_nowhere_but_in_the_programs_environment(
    source: str, target: str, manage: Manage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A program of that name that writes down how it was called, and fails."""
    spy = tmp_path / "pg_dump"
    spy.write_text(
        f'#!/bin/sh\nprintf "%s\\n" "$@" >{tmp_path}/arguments\nprintf "%s" "$PGPASSWORD" >{tmp_path}/password\n'
        'echo "pg_dump: error: no room for password=$PGPASSWORD" >&2\nexit 1\n'
    )
    spy.chmod(0o755)
    monkeypatch.setattr("migration.engine.backup.pg_dump_for", lambda server: Program(path=spy, major=18))
    folder, shape = tmp_path / "kept", fingerprint_of(target)
    folder.mkdir()
    command = ("run", source, target, "--option", "recreate", "--tables", "clients", "orders")
    done = manage(*command, "--backup-to", folder, "--yes")
    password = conninfo_to_dict(target)["password"]
    assert (tmp_path / "password").read_text() == password
    assert str(password) not in (tmp_path / "arguments").read_text()
    assert done.code == 1
    assert "nothing was changed: pg_dump 18 says “error: no room" in done.error
    assert str(password) not in done.error + done.out
    assert not list(folder.iterdir()), "no part of a file is left behind"
    assert fingerprint_of(target) == shape


def test_what_lacks_for_a_backup_is_said_before_anything_is_written(
    source: str, target: str, manage: Manage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = ("run", source, target, "--option", "recreate", "--tables", "clients", "orders")
    for ending in (("--yes",), ("--dry-run",)):
        refused = manage(*command, "--backup-to", tmp_path / "nowhere", *ending)
        assert refused.code == 1
        assert "nowhere is to take the backup, and is no folder on" in refused.error
    old = tuple(each for each in programs("pg_dump") if each.major < 18)
    monkeypatch.setattr(pg_programs, "programs", lambda name: old)
    refused = manage(*command, "--backup-to", tmp_path, "--yes")
    assert (
        "pg_dump of PostgreSQL 18 or later is needed, for the target's server is PostgreSQL 18"
        in refused.error
    )
    assert "postgresql-client-18" in refused.error
    monkeypatch.setattr(pg_programs, "programs", lambda name: ())
    assert "there is none here" in manage(*command, "--backup-to", tmp_path, "--yes").error
    assert not ask(target, "SELECT FROM pg_namespace WHERE nspname = 'schemadiff'")


def test_the_oldest_program_that_is_new_enough_is_taken() -> None:
    majors = {each.major for each in programs("pg_dump")}
    assert {16, 18} <= majors, "those of the embedded servers are found"
    assert pg_dump_for(16).major == 16
    assert pg_restore_for(17).major == 18
    with pytest.raises(Refused, match="of PostgreSQL 99 or later is needed"):
        pg_dump_for(99)


def test_a_run_that_is_stopped_at_its_backup_makes_it_when_it_is_resumed_and_only_once(
    source: str, target: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow, begun, folder = tmp_path / "pg_dump", tmp_path / "begun", tmp_path / "kept"
    slow.write_text(f"#!/bin/sh\n: >{begun}\nexec sleep 600\n")
    slow.chmod(0o755)
    folder.mkdir()
    scope = Scope(tables=(("public", "clients"), ("public", "orders")))
    spec = replace(
        spec_of(recreate(catalog(source), catalog(target), scope)), backup_to=str(folder), author="anna"
    )
    monkeypatch.setattr("migration.engine.backup.pg_dump_for", lambda server: Program(path=slow, major=18))
    with pytest.raises(RunStopped):
        run(source, target, spec, report=Told().report, should_stop=begun.exists, hands_back=lambda: True)
    assert not list(folder.iterdir())
    monkeypatch.undo()
    told = Told()
    stop_at_copy = partial(_has_begun, told, Phase.COPY)
    with pytest.raises(RunStopped):
        run(
            source,
            target,
            spec,
            report=told.report,
            should_stop=stop_at_copy,
            hands_back=lambda: True,
            resume=True,
        )
    (first,) = told.of(BackedUp)
    again = Told()
    run(source, target, spec, report=again.report, resume=True)
    assert not again.of(BackedUp), "the tables are no longer as they were"
    assert [path.name for path in folder.glob("*.dump")] == [Path(first.path).name]


def _has_begun(told: Told, phase: Phase) -> bool:
    return PhaseStarted(phase=phase) in told.events
