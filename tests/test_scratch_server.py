"""Rehearsals on a server that somebody names: databases come and go there, and nothing else is done."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from migration.scratch import replayed
from migration.scratch_places import PREFIX, on_server
from schemadiff.core.errors import Refused
from schemadiff.databases import connect
from schemadiff.embedded import EmbeddedServer
from schemadiff.introspection import read_catalog
from tests.command_line import Manage
from tests.engine.live import wait_for
from tests.engine.running import ask, one
from tests.servers import MakeDatabase, roles_on

_ROLE = "scratch_maker"
_SETTING = "session_replication_role"
_SOURCE = """
CREATE TABLE people (id int PRIMARY KEY, name text, boss int REFERENCES people);
INSERT INTO people VALUES (1, 'Ann', 2), (2, 'Bob', NULL), (3, NULL, 1);
"""
_TARGET = "CREATE TABLE people (id int PRIMARY KEY, name text NOT NULL, boss int REFERENCES people);"
_DATABASES = f"SELECT count(*) FROM pg_database WHERE starts_with(datname, '{PREFIX}')"
_ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def scratch_server(server16: EmbeddedServer) -> Iterator[str]:
    """Its address for a role that may do what is needed."""
    with roles_on(server16, [_ROLE]):
        ask(server16.dsn(), f"ALTER ROLE {_ROLE} LOGIN CREATEDB PASSWORD 'secret'")
        ask(server16.dsn(), f"GRANT SET ON PARAMETER {_SETTING} TO {_ROLE}")
        yield make_conninfo(server16.dsn(), user=_ROLE, password="secret")


@pytest.fixture
def sides(make_database: MakeDatabase, server16: EmbeddedServer, server18: EmbeddedServer) -> tuple[str, str]:
    return make_database(server16, _SOURCE), make_database(server18, _TARGET)


@pytest.mark.heavy
def test_the_figures_are_those_of_a_throw_away_server(
    sides: tuple[str, str], scratch_server: str, server16: EmbeddedServer, manage: Manage
) -> None:
    found = []
    for more in ((), ("--scratch-server", scratch_server)):
        done = manage("options", *sides, "--rehearse", "--format", "json", *more)
        assert done.code == 0, done.error
        assert ("a scratch database on 127.0.0.1:" in done.out) == bool(more)
        found.append(_figures(json.loads(done.out)))
    assert found[0]["hybrid", "rows_refused"] == 1
    assert found[0] == found[1]
    assert one(server16.dsn(), _DATABASES) == 0


def _figures(report: dict[str, list[dict[str, Any]]]) -> dict[tuple[str, str], int]:
    """Without what depends on time."""
    return {
        (option["name"], each["key"]): each["value"]
        for option in report["options"]
        for each in option["measures"]
        if each["key"].startswith("rows_") and each["key"] != "rows_a_second"
    }


def test_who_may_not_or_may_too_much_is_told(
    sides: tuple[str, str], scratch_server: str, server16: EmbeddedServer
) -> None:
    with connect(sides[1]) as connection:
        catalog = read_catalog(connection)
    ask(server16.dsn(), f"ALTER ROLE {_ROLE} NOCREATEDB; REVOKE SET ON PARAMETER {_SETTING} FROM {_ROLE}")
    lacks = rf"ALTER ROLE {_ROLE} CREATEDB; GRANT SET ON PARAMETER {_SETTING} TO {_ROLE};"
    with pytest.raises(Refused, match=lacks), replayed(catalog, on_server(scratch_server)):
        pass
    with pytest.raises(Refused, match="is a superuser"), replayed(catalog, on_server(server16.dsn())):
        pass
    assert one(server16.dsn(), _DATABASES) == 0


def test_nothing_is_left_after_an_error(
    sides: tuple[str, str], scratch_server: str, server16: EmbeddedServer
) -> None:
    with connect(sides[1]) as connection:
        catalog = read_catalog(connection)
    with (
        pytest.raises(ZeroDivisionError),
        replayed(catalog, on_server(scratch_server)) as scratch,
        scratch.copied(),
    ):
        assert one(server16.dsn(), _DATABASES) == 2
        raise ZeroDivisionError
    assert one(server16.dsn(), _DATABASES) == 0


_DYING = """
import sys, time
from migration.scratch import replayed
from migration.scratch_places import on_server
from schemadiff.databases import connect
from schemadiff.introspection import read_catalog
with connect(sys.argv[1]) as connection:
    catalog = read_catalog(connection)
with replayed(catalog, on_server(sys.argv[2])):
    time.sleep(600)
"""


def test_what_a_killed_process_left_goes_when_the_next_comes_and_what_is_in_use_stays(
    sides: tuple[str, str], scratch_server: str, server16: EmbeddedServer
) -> None:
    command = [sys.executable, "-c", _DYING, sides[1], scratch_server]
    with connect(sides[1]) as connection:
        catalog = read_catalog(connection)
    with subprocess.Popen(command, cwd=_ROOT, env={**os.environ, "PYTHONPATH": str(_ROOT)}) as process:
        wait_for(lambda: one(server16.dsn(), _DATABASES) == 1, "its database")
        with replayed(catalog, on_server(scratch_server)) as scratch:
            assert one(server16.dsn(), _DATABASES) == 2, "the other is in use"
            with scratch.loading() as into:
                into.execute("INSERT INTO people VALUES (1, 'Ann', 99)")  # refers to nobody
        process.send_signal(signal.SIGKILL)
    sessions = f"SELECT count(*) FROM pg_stat_activity WHERE usename = '{_ROLE}'"
    wait_for(lambda: one(server16.dsn(), sessions) == 0, "its sessions to end")
    assert one(server16.dsn(), _DATABASES) == 1
    with replayed(catalog, on_server(scratch_server)):
        assert one(server16.dsn(), _DATABASES) == 1, "its own"
    assert one(server16.dsn(), _DATABASES) == 0


def test_a_server_that_is_not_there_is_told_without_a_password(
    scratch_server: str, manage: Manage, sides: tuple[str, str]
) -> None:
    wrong = make_conninfo(scratch_server, password="wr0ng")
    told = manage("options", *sides, "--scratch-server", wrong)
    assert told.code == 1
    assert "wr0ng" not in told.error
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(wrong)
