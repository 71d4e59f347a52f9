"""Debian's PostgreSQL 15, where it is on the machine: the wheel brings none that old."""

import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from schemadiff.embedded.account import account, hand_over

_BIN = Path("/usr/lib/postgresql/15/bin")
COUNTS_STATEMENTS = Path("/usr/share/postgresql/15/extension/pg_stat_statements.control").exists()


@pytest.fixture(scope="session")
def server15_dsn() -> Iterator[str]:
    """A server on a socket of its own, without a port; skipped where there is no PostgreSQL 15."""
    if not (_BIN / "initdb").exists():
        pytest.skip("there is no PostgreSQL 15 on this machine")
    with tempfile.TemporaryDirectory(prefix="pg15-", dir="/tmp") as name:
        folder = Path(name)
        folder.chmod(0o755)
        data = folder / "data"
        data.mkdir()
        hand_over(data, 0o700)
        hand_over(folder, 0o755)
        _run(
            "initdb",
            "-D",
            data,
            "-U",
            "postgres",
            "--auth=trust",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
            "--no-sync",
        )
        settings = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off"
        if COUNTS_STATEMENTS:
            settings += " -c shared_preload_libraries=pg_stat_statements"
        _run("pg_ctl", "start", "-w", "-D", data, "-l", data / "log", "-o", settings)
        try:
            yield f"host={folder} user=postgres dbname=postgres"
        finally:
            _run("pg_ctl", "stop", "-w", "-m", "immediate", "-D", data)


@pytest.fixture
def database15(server15_dsn: str) -> Iterator[str]:
    """An empty database on it."""
    with psycopg.connect(server15_dsn, autocommit=True) as connection:
        connection.execute("CREATE DATABASE fresh TEMPLATE template0")
        yield server15_dsn.replace("dbname=postgres", "dbname=fresh")
        connection.execute("DROP DATABASE fresh WITH (FORCE)")


def _run(program: str, *arguments: str | Path) -> None:
    """PostgreSQL refuses to run as root."""
    who = account()
    subprocess.run(
        [_BIN / program, *arguments],
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd="/",
        env={"PATH": os.environ["PATH"], "LC_ALL": "C"},
        user=who.uid if who else None,
        group=who.gid if who else None,
        extra_groups=[] if who else None,
    )
