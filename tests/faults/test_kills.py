"""Processes and servers that die in the middle of a copy. What the ledger says is done is never done again."""

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from migration.core.errors import RunFailed, RunStopped
from migration.core.events import TableProgress
from migration.core.phases import Phase
from migration.engine.clean import leftovers
from migration.engine.ledger import resumable
from migration.engine.sessions import open_target
from migration.runner import RunSpec
from schemadiff.core.errors import Refused
from schemadiff.embedded import EmbeddedServer, throwaway
from tests.engine.running import Told, ask, carry, copy_spec, one, table
from tests.faults.process import chunks_carried, kill, start, wait_for
from tests.servers import MakeDatabase

ROWS = 200_000
CHUNK = 5_000
SCHEMA = (
    "CREATE TABLE public.orders (id bigint PRIMARY KEY, client integer NOT NULL, note text, at timestamptz)"
)
FILL = (
    f"INSERT INTO public.orders SELECT n * 3, n % 977, repeat(md5(n::text), 4), "
    f"timestamptz '2025-01-01' + n * interval '1 minute' FROM generate_series(1, {ROWS}) AS n"
)
_CARRIED = (
    "SELECT number, copied_at, xmin::text FROM schemadiff.chunks WHERE run = %s AND copied_at IS NOT NULL"
)


@pytest.fixture
def source(make_database: MakeDatabase, server16: EmbeddedServer) -> str:
    dsn = make_database(server16)
    ask(dsn, SCHEMA)
    ask(dsn, FILL)
    return dsn


@pytest.fixture
def target(make_database: MakeDatabase, server18: EmbeddedServer) -> str:
    dsn = make_database(server18)
    ask(dsn, SCHEMA)
    return dsn


@pytest.fixture
def mortal() -> Iterator[EmbeddedServer]:
    """A server that a test may kill."""
    with throwaway(18) as server:
        yield server


def orders(target: str, jobs: int = 1) -> RunSpec:
    return copy_spec(target, table("orders", "id", "client", "note", "at"), jobs=jobs)


def carried(target: str, spec: RunSpec) -> dict[int, Any]:
    return {row[0]: row[1:] for row in ask(target, _CARRIED, spec.ledger_id)}


def assert_every_row_once(target: str) -> None:
    assert ask(target, "SELECT count(*), count(DISTINCT id), sum(id) FROM public.orders") == [
        (ROWS, ROWS, 3 * ROWS * (ROWS + 1) // 2)
    ]


@pytest.mark.parametrize("jobs", [1, 2])
def test_killed_and_resumed(tmp_path: Path, source: str, target: str, jobs: int) -> None:
    spec = orders(target, jobs)
    wanted = random.Random(f"kill {jobs}").randrange(3, 15)
    process = start(tmp_path, source, target, spec, CHUNK)
    wait_for(lambda: chunks_carried(target, spec) >= wanted, f"{wanted} chunks")
    kill(process)
    before = carried(target, spec)
    assert wanted <= len(before) < ROWS // CHUNK
    result, _ = carry(source, target, spec, resume=True, chunk_rows=CHUNK)
    after = carried(target, spec)
    assert (result.rows_read, result.rows_written, result.rejects) == (ROWS, ROWS, 0)
    assert len(after) == ROWS // CHUNK
    assert {number: after[number] for number in before} == before
    assert_every_row_once(target)


def test_killed_again_and_again(tmp_path: Path, source: str, target: str) -> None:
    spec = orders(target)
    process = start(tmp_path, source, target, spec, CHUNK)
    wait_for(lambda: chunks_carried(target, spec) >= 2, "2 chunks")
    kill(process)
    for stop_at in (8, 16):
        with pytest.raises(RunStopped):
            carry(
                source,
                target,
                spec,
                resume=True,
                chunk_rows=CHUNK,
                should_stop=lambda at=stop_at: chunks_carried(target, spec) >= at,  # type: ignore[misc]
            )
    carry(source, target, spec, resume=True, chunk_rows=CHUNK)
    assert_every_row_once(target)


@pytest.mark.heavy
def test_target_server_killed_and_back(tmp_path: Path, source: str, mortal: EmbeddedServer) -> None:
    target = mortal.dsn()
    ask(target, SCHEMA)
    spec = orders(target)
    process = start(tmp_path, source, target, spec, CHUNK)
    wait_for(lambda: chunks_carried(target, spec) >= 4, "4 chunks")
    mortal.kill()
    assert process.wait() != 0
    mortal.restart()
    carry(source, target, spec, resume=True, chunk_rows=CHUNK)
    assert_every_row_once(target)


def test_source_lost_is_said_and_resumable(source: str, target: str) -> None:
    spec = orders(target)
    told = Told()

    def cut_off() -> bool:
        if chunks_carried(target, spec) == 3:
            ask(
                source,
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()",
            )
        return False

    with pytest.raises(RunFailed, match="connection was lost"):
        carry(source, target, spec, chunk_rows=CHUNK, should_stop=cut_off)
    with open_target(target) as session:
        found = resumable(session)
    assert found is not None and (found.id, found.phase, found.reached) == (
        spec.ledger_id,
        Phase.FAILED,
        Phase.COPY,
    )
    result, told = carry(source, target, spec, resume=True, chunk_rows=CHUNK)
    assert result.rows_written == ROWS
    assert told.of(TableProgress)[0].rows_written > 0
    assert_every_row_once(target)


def test_cancelled_between_chunks(source: str, target: str) -> None:
    spec = orders(target)
    with pytest.raises(RunStopped):
        carry(source, target, spec, chunk_rows=CHUNK, should_stop=lambda: chunks_carried(target, spec) >= 5)
    assert one(target, "SELECT count(*) FROM public.orders") == chunks_carried(target, spec) * CHUNK
    assert one(target, "SELECT phase FROM schemadiff.runs") == "cancelled"
    assert [leftover.kind for leftover in leftovers(target)] == ["run", "ledger"]
    with open_target(target) as session:
        assert resumable(session) is None


def test_cancelled_with_processes(source: str, target: str) -> None:
    spec = orders(target, jobs=2)
    with pytest.raises(RunStopped):
        carry(source, target, spec, chunk_rows=CHUNK, should_stop=lambda: chunks_carried(target, spec) >= 2)
    assert one(target, "SELECT count(*) FROM public.orders") == chunks_carried(target, spec) * CHUNK < ROWS


@pytest.mark.heavy
def test_two_runs_at_once_are_refused(tmp_path: Path, source: str, target: str) -> None:
    spec = orders(target)
    process = start(tmp_path, source, target, spec, CHUNK)
    wait_for(lambda: chunks_carried(target, spec) >= 1, "the first chunk")
    # Stopped, so that it holds its lock for as long as the second one needs.
    process.send_signal(19)
    try:
        with pytest.raises(Refused, match="Another run is at work on the target"):
            carry(source, target, orders(target), chunk_rows=CHUNK)
    finally:
        kill(process)
