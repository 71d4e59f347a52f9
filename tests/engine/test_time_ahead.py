"""A dry run says how long the run will take, and by what it knows: a sample of the source, or former runs."""

import re
from collections.abc import Iterator

import pytest

from schemadiff.embedded import EmbeddedServer
from tests.command_line import Manage, managing
from tests.engine.running import ask, fingerprint_of
from tests.servers import MakeDatabase

_TABLES = (
    "CREATE TABLE clients (id int PRIMARY KEY, name text); CREATE TABLE notes (id int PRIMARY KEY, text text)"
)
_ROWS = """
INSERT INTO clients SELECT n, 'Client ' || n FROM generate_series(1, 60000) n;
INSERT INTO notes SELECT n, repeat('x', 20) FROM generate_series(1, 60000) n;
ANALYZE;
"""


@pytest.fixture
def manage(capsys: pytest.CaptureFixture[str]) -> Iterator[Manage]:
    with managing(capsys) as run:
        yield run


def _times(out: str) -> list[str]:
    return [line.removeprefix("-- time: ") for line in out.splitlines() if line.startswith("-- time: ")]


def test_a_sample_says_how_long_at_least_and_former_runs_give_a_range(
    make_database: MakeDatabase, server16: EmbeddedServer, server18: EmbeddedServer, manage: Manage
) -> None:
    source, target = make_database(server16, _TABLES), make_database(server18)
    ask(source, _ROWS)
    before = fingerprint_of(target)
    said = _times(manage("copy", source, target, "--dry-run").out)
    assert said[0].startswith("the copy takes at least ")
    assert "by samples of 2 tables just now (one process)" in said[0]
    assert said[1].startswith("how fast the target writes is known after a first run into it")
    assert fingerprint_of(target) == before
    assert not ask(target, "SELECT FROM pg_namespace WHERE nspname = 'schemadiff'")

    slow = manage("copy", source, target, "--max-rows-per-second", "60000")
    assert slow.code == 0, slow.error
    ask(
        target, "UPDATE schemadiff.chunks SET seconds = 1 WHERE source_table = 'clients'"
    )  # a slow network, say
    said = _times(manage("run", source, target, "--option", "recreate", "--dry-run").out)
    figure = r"[\d.]+ (?:s|min|h)"
    assert re.fullmatch(
        rf"the copy takes {figure} to {figure}, by what 1 former run into this target measured"
        r"(, 1 of 2 tables as any of them)?",
        said[0],
    ), said
    assert re.fullmatch(
        rf"the whole run takes (about )?{figure}( to {figure})?, by what 1 finished run took for as many rows",
        said[1],
    ), said


def test_tables_that_were_never_counted_are_named(
    make_database: MakeDatabase, server16: EmbeddedServer, server18: EmbeddedServer, manage: Manage
) -> None:
    quiet = "WITH (autovacuum_enabled = off)"
    source = make_database(
        server16,
        f"CREATE TABLE clients (id int PRIMARY KEY) {quiet}; CREATE TABLE notes (id int PRIMARY KEY) {quiet}",
    )
    ask(source, "INSERT INTO clients SELECT generate_series(1, 100)")
    ask(source, "INSERT INTO notes SELECT generate_series(1, 100); ANALYZE notes")
    said = _times(manage("copy", source, make_database(server18), "--dry-run").out)
    assert said[-1] == "not in it: public.clients, whose rows were never counted (ANALYZE)"
