"""Embedded servers: started, adopted, crashed, restarted, swept; what an SQL file may not do."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from schemadiff.embedded import (
    EmbeddedError,
    EmbeddedServer,
    binary,
    create_database,
    drop_database,
    known,
    load_sql,
    nearest_major,
    processes,
    scratch,
    sql_database,
    start,
    throwaway,
)
from tests.servers import MakeDatabase

NO_SYNC = {"fsync": "off"}


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A place for a server that the test may start there; whatever runs there afterwards is ended."""
    place = tmp_path / "with a space" / "server"
    yield place
    processes.kill_all(place / "cluster")


def value_of(dsn: str, query: str) -> object:
    with psycopg.connect(dsn) as connection:
        row = connection.execute(query.encode()).fetchone()
        return row[0] if row else None


def wait_until(condition: object, seconds: float = 60) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if callable(condition) and condition():
            return True
        time.sleep(0.05)
    return False


# ---------------------------------------------------------------- starting and stopping


@pytest.mark.parametrize("major", [16, 18])
def test_a_server_is_what_the_engine_needs(
    major: int, server16: EmbeddedServer, server18: EmbeddedServer
) -> None:
    server = {16: server16, 18: server18}[major]
    assert str(value_of(server.dsn(), "SHOW server_version")).startswith(f"{major}.")
    assert value_of(server.dsn(), "SHOW wal_level") == "logical"
    assert value_of(server.dsn(), "SHOW listen_addresses") == "127.0.0.1"
    assert value_of(server.dsn(), "SELECT upper('ж')") == "Ж"


def test_a_second_start_adopts_the_running_server(folder: Path) -> None:
    server = start(folder, 18, settings=NO_SYNC)
    pid = server.postmaster_pid()
    again = start(folder, 18)
    assert again == server
    assert again.postmaster_pid() == pid
    server.stop()
    assert not again.running()


def test_password_and_port_outlive_a_restart_and_a_crash(folder: Path) -> None:
    server = start(folder, 16, settings=NO_SYNC)
    server.stop()
    assert start(folder, 16, settings=NO_SYNC) == server
    value_of(server.dsn(), "SELECT pg_sleep(0)")
    server.kill()
    assert not server.running()
    assert start(folder, 16, settings=NO_SYNC) == server
    assert value_of(server.dsn(), "SELECT 1") == 1


def test_a_crash_with_a_busy_backend_leaves_no_orphan(folder: Path) -> None:
    server = start(folder, 18, settings=NO_SYNC)
    busy = psycopg.connect(server.dsn())
    busy.pgconn.send_query(b"SELECT count(*) FROM generate_series(1, 10000000000)")
    orphan = busy.info.backend_pid
    server.kill()
    server.restart()
    assert not processes.is_server(orphan, server.cluster)
    assert value_of(server.dsn(), "SELECT 1") == 1
    busy.close()


def test_a_stale_lock_file_that_names_a_living_stranger_is_no_obstacle(folder: Path) -> None:
    server = start(folder, 18, settings=NO_SYNC)
    lock = server.cluster / "postmaster.pid"
    text = lock.read_text()
    server.stop("immediate")
    lock.write_text(text.replace(text.split()[0], str(os.getpid()), 1))
    assert start(folder, 18, settings=NO_SYNC).running()


def test_a_taken_port_is_left_to_its_owner(folder: Path) -> None:
    server = start(folder, 18, settings=NO_SYNC)
    server.stop()
    with socket.socket() as stranger:
        stranger.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        stranger.bind(("127.0.0.1", server.port))
        stranger.listen()
        moved = start(folder, 18, settings=NO_SYNC)
        assert moved.port != server.port
        assert moved.password == server.password
    assert known(folder) == moved


def test_the_other_major_version_is_refused(folder: Path) -> None:
    start(folder, 16, settings=NO_SYNC).stop()
    with pytest.raises(EmbeddedError, match=r"is PostgreSQL 16's; it cannot"):
        start(folder, 18)


def test_a_wrong_password_is_refused(server18: EmbeddedServer) -> None:
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(server18.dsn(password="not this one"))
    assert "28P01" in server18.files.log.read_text()


def test_the_password_is_private_and_not_shown(server18: EmbeddedServer) -> None:
    assert (server18.data_dir / "password").stat().st_mode & 0o777 == 0o600
    assert server18.password not in repr(server18)


def test_a_stopped_server_is_told_in_a_sentence(folder: Path) -> None:
    server = start(folder, 18, settings=NO_SYNC)
    server.stop()
    with pytest.raises(EmbeddedError, match=r"does not answer\. The end of its log: .*shut down"):
        create_database(server, "x")


@pytest.mark.parametrize(("version", "major"), [(140005, 16), (160014, 16), (170001, 18), (190000, 18)])
def test_the_nearest_version_can_read_the_server(version: int, major: int) -> None:
    assert nearest_major(version) == major


# ---------------------------------------------------------------- throw-away servers


def test_a_throwaway_is_gone_afterwards_also_after_an_exception() -> None:
    with pytest.raises(RuntimeError, match="on purpose"), throwaway(18) as server:
        raise RuntimeError("on purpose")
    assert not server.data_dir.exists()
    assert processes.servers_of(server.cluster) == ()


def test_a_throwaway_gives_its_shared_memory_back() -> None:
    """The machine has room for some thousands of such segments; no server starts when all are taken."""
    with throwaway(18) as server:
        key, segment = (server.cluster / "postmaster.pid").read_text().splitlines()[6].split()
        assert [key, segment] in _shared_memory()
    assert [key, segment] not in _shared_memory()


def _shared_memory() -> list[list[str]]:
    return [line.split()[:2] for line in Path("/proc/sysvipc/shm").read_text().splitlines()]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_throwaway_does_not_outlive_its_process(number: signal.Signals) -> None:
    script = (
        "from schemadiff.embedded import throwaway\n"
        "with throwaway(18) as server:\n"
        "    print(server.data_dir, flush=True)\n"
        "    input()\n"
    )
    child = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, stdin=subprocess.PIPE)
    assert child.stdout is not None
    folder = Path(child.stdout.readline().decode().strip())
    assert processes.servers_of(folder / "cluster")
    child.send_signal(number)
    child.communicate()
    assert wait_until(lambda: not folder.exists()), "the folder is still there"
    assert wait_until(lambda: not processes.servers_of(folder / "cluster")), "the server still runs"


def test_what_a_dead_process_left_is_swept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    abandoned = tmp_path / "schemadiff-pg-abandoned"
    living = tmp_path / "schemadiff-pg-living"
    for folder, owner in ((abandoned, "1 0"), (living, f"{os.getpid()} {processes.birth(os.getpid())}")):
        folder.mkdir()
        (folder / "owner").write_text(owner)
    scratch.sweep()
    assert not abandoned.exists()
    assert living.exists()


# ---------------------------------------------------------------- databases and SQL files


def test_databases_are_made_copied_and_dropped(server18: EmbeddedServer) -> None:
    first = create_database(server18, 'with "quotes"')
    with psycopg.connect(first, autocommit=True) as session:  # both have to get rid of it
        session.execute("CREATE TABLE t AS SELECT 7 AS n")
        session.execute("SELECT pg_create_logical_replication_slot('left_over', 'pgoutput')")
        copy = create_database(server18, "a_copy", template='with "quotes"')
        assert value_of(copy, "SELECT n FROM t") == 7
    drop_database(server18, "a_copy")
    drop_database(server18, 'with "quotes"')
    drop_database(server18, "never_was")


def test_a_database_with_subscriptions_is_dropped(server18: EmbeddedServer) -> None:
    dsn = create_database(server18, "subscriber")
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(
            "CREATE SUBSCRIPTION \"to 'that'\" CONNECTION 'host=127.0.0.1 port=1' PUBLICATION p WITH (connect = false)"
        )
    drop_database(server18, "subscriber")
    with psycopg.connect(server18.dsn(), autocommit=True) as connection:
        names = connection.execute("SELECT FROM pg_database WHERE datname = 'subscriber'").fetchall()
    assert not names
    assert value_of(server18.dsn(), "SELECT count(*) FROM pg_database WHERE datname ~ 'quotes|a_copy'") == 0


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("\\! touch /tmp/x", r"the psql command \\! is not allowed"),
        ("\\copy t from '/etc/passwd'", r"the psql command \\copy is not allowed"),
        ("\\i /etc/passwd", r"the psql command \\i is not allowed"),
        ("SELECT 1 \\g |id", r"the psql command \\g is not allowed"),
        ("SELECT 1; \\unrestrict guess", "wrong key"),
        ("COPY (SELECT 1) TO PROGRAM 'id';", "external program"),
        ("CREATE TABLE f (t text); COPY f FROM '/etc/passwd';", "from a file"),
        ("SELECT pg_read_file('/etc/passwd');", "pg_read_file"),
        ("SELECT lo_import('/etc/passwd');", "lo_import"),
        ("ALTER SYSTEM SET archive_command = 'id';", "archive_command"),
        ("GRANT pg_execute_server_program TO schemadiff_loader;", "pg_execute_server_program"),
        ("ALTER ROLE schemadiff_loader SUPERUSER;", "alter role"),
        ("CREATE FUNCTION f() RETURNS int LANGUAGE c AS 'libc', 'system';", "language c"),
    ],
)
def test_an_sql_file_reaches_neither_files_nor_programs(
    server18: EmbeddedServer, make_database: MakeDatabase, tmp_path: Path, statement: str, reason: str
) -> None:
    dsn = make_database(server18)
    file = tmp_path / "bad.sql"
    file.write_text(f"CREATE TABLE t (x text);\n\n{statement}\n")
    with pytest.raises(EmbeddedError, match=rf"^bad\.sql, line 3: .*{reason}.*--trust-sql"):
        load_sql(dsn, file)
    assert value_of(dsn, "SELECT to_regclass('t')::text") == "t", "what came before stays"


def test_a_mistake_in_a_file_is_told_with_its_place(
    server16: EmbeddedServer, make_database: MakeDatabase
) -> None:
    dsn = make_database(server16)
    with pytest.raises(EmbeddedError, match=r"the SQL text, line 2: division by zero \(22012\)\.$"):
        load_sql(dsn, "SELECT 1;\nSELECT 1/0;\n")


def test_a_file_that_runs_for_ever_is_ended(server16: EmbeddedServer, make_database: MakeDatabase) -> None:
    dsn = make_database(server16)
    with pytest.raises(EmbeddedError, match="ended after 1 seconds"):
        load_sql(dsn, "SELECT pg_sleep(60);", timeout=1)


def test_a_folder_is_loaded_in_the_order_of_names(
    server18: EmbeddedServer, make_database: MakeDatabase, tmp_path: Path
) -> None:
    (tmp_path / "2-rows.sql").write_text("INSERT INTO t VALUES (1)")
    (tmp_path / "1-table.sql").write_text("\ufeffCREATE TABLE t (n int)")
    (tmp_path / "notes.txt").write_text("no SQL")
    dsn = make_database(server18)
    load_sql(dsn, tmp_path)
    assert value_of(dsn, "SELECT n FROM t") == 1


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda place: place / "missing.sql", "There is no file or folder"),
        (lambda place: place, "holds no .sql file"),
        (lambda place: _archive(place), "archive of pg_dump"),
    ],
    ids=["missing", "empty folder", "archive"],
)
def test_what_is_no_sql_is_refused(
    server18: EmbeddedServer, make_database: MakeDatabase, tmp_path: Path, make: object, reason: str
) -> None:
    assert callable(make)
    with pytest.raises(EmbeddedError, match=reason):
        load_sql(make_database(server18), make(tmp_path))


def _archive(place: Path) -> Path:
    (place / "dump.sql").write_bytes(b"PGDMP\x01\x0e\x00")
    return place / "dump.sql"


DUMPED = r"""
CREATE ROLE dump_app;
CREATE ROLE "Dump Reader";
CREATE SCHEMA private AUTHORIZATION dump_app;
CREATE TABLE private.lines (id int PRIMARY KEY, line text);
INSERT INTO private.lines VALUES
    (1, E'\restrict abc'), (2, 'ALTER TABLE x OWNER TO y;'), (3, E'a\tb\nc\\d'), (4, NULL), (5, '\.');
CREATE FUNCTION private.body() RETURNS void LANGUAGE plpgsql AS $_$
BEGIN
    NULL;
ALTER TABLE private.lines OWNER TO dump_app;
END $_$;
ALTER TABLE private.lines OWNER TO dump_app;
GRANT SELECT ON private.lines TO "Dump Reader";
ALTER DEFAULT PRIVILEGES FOR ROLE dump_app IN SCHEMA private GRANT SELECT ON TABLES TO "Dump Reader";
"""


def test_a_plain_dump_with_rows_owners_and_grants_loads(
    server16: EmbeddedServer, make_database: MakeDatabase, tmp_path: Path
) -> None:
    dsn = make_database(server16)
    load_sql(dsn, DUMPED, trusted=True)
    dump = tmp_path / "dump.sql"
    subprocess.run([binary(16, "pg_dump"), "-f", dump, dsn], check=True)
    assert "\\restrict" in dump.read_text()
    query = "SELECT string_agg(coalesce(line, '-'), '|' ORDER BY id) FROM private.lines"
    with sql_database(dump) as loaded:
        assert value_of(loaded, query) == value_of(dsn, query)
        assert value_of(loaded, "SELECT prosrc FROM pg_proc WHERE proname = 'body'") == value_of(
            dsn, "SELECT prosrc FROM pg_proc WHERE proname = 'body'"
        )
        assert value_of(loaded, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") is False
    with psycopg.connect(server16.dsn(), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {dsn.rpartition('/')[2]} WITH (FORCE)".encode())
        connection.execute('DROP ROLE dump_app; DROP ROLE "Dump Reader"')
