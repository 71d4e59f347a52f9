"""What a server may say in the middle of a copy: no room, too long, locked, deadlock, no such snapshot."""

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Thread

import psycopg
import pytest

from migration.core.errors import RunFailed
from migration.core.events import Event, TableProgress
from migration.core.phases import Phase
from migration.engine import chunk_copy, sessions
from migration.runner import RunSpec, run
from schemadiff.embedded import EmbeddedServer, throwaway
from schemadiff.embedded.account import hand_over
from tests.engine.running import ask, carry, copy_spec, one, table
from tests.faults.process import PATIENCE, wait_for
from tests.servers import MakeDatabase

pytestmark = pytest.mark.heavy

ROWS = 200_000
CHUNK = 20_000
SCHEMA = "CREATE TABLE public.orders (id bigint PRIMARY KEY, note text)"
FILL = f"INSERT INTO public.orders SELECT n, md5(n::text) FROM generate_series(1, {ROWS}) AS n"
_HASH = "SELECT count(*), md5(string_agg(o::text, '|' ORDER BY id)) FROM public.orders o"
_CARRIED = "SELECT number, copied_at, xmin::text FROM schemadiff.chunks WHERE copied_at IS NOT NULL"
_HOLDERS = (
    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database() "
    "AND application_name = 'schemadiff' AND state = 'idle in transaction'"
)
_WAITING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'COPY %'"


@pytest.fixture
def source(make_database: MakeDatabase, server16: EmbeddedServer) -> str:
    return make_database(server16, f"{SCHEMA}; {FILL}")


@pytest.fixture
def target(make_database: MakeDatabase, server18: EmbeddedServer) -> str:
    return make_database(server18, SCHEMA)


def orders(target: str, jobs: int = 1) -> RunSpec:
    return copy_spec(target, table("orders", "id", "note"), jobs=jobs)


def goes_on(source: str, target: str, spec: RunSpec) -> None:
    """Resumed, it ends with equal rows, and what was done is left as it is."""
    began = one(
        target, "SELECT to_regclass('schemadiff.chunks') IS NOT NULL"
    )  # under load it may not have come so far
    done = set(ask(target, _CARRIED)) if began else set()
    carry(source, target, spec, resume=True, chunk_rows=CHUNK)
    assert done <= set(ask(target, _CARRIED))
    assert ask(source, _HASH) == ask(target, _HASH)


def may_mount(folder: Path) -> bool:
    """Only the system's administrator may, and not in every container."""
    if os.geteuid():
        return False
    mounted = subprocess.run(["mount", "-t", "tmpfs", "tmpfs", str(folder)], check=False, capture_output=True)
    if mounted.returncode == 0:
        subprocess.run(["umount", str(folder)], check=True)
    return mounted.returncode == 0


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """Eight megabytes in all."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(folder)], check=True)
    try:
        hand_over(folder, 0o700)
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_full_disk_stops_the_run_and_it_goes_on_with_more_room(source: str, jobs: int) -> None:
    folder = Path(tempfile.mkdtemp(prefix="small-disk-", dir="/var/tmp"))  # no other process has the same
    if not may_mount(folder):
        pytest.skip("to make a small disk takes the right to mount one")
    with small_disk(folder), throwaway(18) as server:
        target = server.dsn()
        ask(target, f"CREATE TABLESPACE small LOCATION '{folder}'")
        ask(target, f"{SCHEMA} TABLESPACE small")
        spec = orders(target, jobs)
        with pytest.raises(RunFailed, match=r"SQLSTATE 53100.*Make room, then resume the run"):
            carry(source, target, spec, chunk_rows=CHUNK)
        assert 0 < len(ask(target, _CARRIED)) < ROWS // CHUNK
        subprocess.run(["mount", "-o", "remount,size=100m", str(folder)], check=True)
        goes_on(source, target, spec)
    folder.rmdir()


def test_a_statement_that_takes_too_long(source: str, target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = orders(target)
    with monkeypatch.context() as hurried:
        hurried.setattr(sessions, "_SOURCE", (*sessions._SOURCE, "SET statement_timeout = '5ms'"))
        with pytest.raises(RunFailed, match=r"statement timeout.*Resume the run"):
            carry(source, target, spec, chunk_rows=CHUNK)
    goes_on(source, target, spec)


def test_a_lock_that_is_not_given(source: str, target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = orders(target)
    with monkeypatch.context() as hurried, psycopg.connect(target) as holder:
        hurried.setattr(sessions, "_TARGET", (*sessions._TARGET, "SET lock_timeout = '200ms'"))

        def lock_after_two() -> bool:
            if len(ask(target, _CARRIED)) == 2 and holder.info.transaction_status == 0:
                holder.execute("LOCK TABLE public.orders IN SHARE MODE")
            return False

        with pytest.raises(RunFailed, match=r"lock timeout.*End them or wait, then resume the run"):
            carry(source, target, spec, chunk_rows=CHUNK, should_stop=lock_after_two)
        holder.rollback()
    assert len(ask(target, _CARRIED)) == 2
    goes_on(source, target, spec)


@contextmanager
def deadlock(target: str) -> Iterator[None]:
    """Somebody has the table and waits for the chunk, which waits for the table; what comes after is done at once."""
    with psycopg.connect(target) as other:
        other.execute("SET deadlock_timeout = '1h'")  # so that it is the run that PostgreSQL breaks off

        def meet() -> None:
            wait_for(lambda: bool(one(target, _WAITING)), "the copy to wait")
            other.execute("SELECT FROM schemadiff.chunks FOR UPDATE")
            other.rollback()

        other.execute("LOCK TABLE public.orders IN SHARE MODE")
        meeting = Thread(target=meet, daemon=True)
        meeting.start()
        yield
        meeting.join(PATIENCE)
        assert not meeting.is_alive()


def test_a_deadlock_is_waited_out(source: str, target: str) -> None:
    spec = orders(target)
    with deadlock(target):
        result, told = carry(source, target, spec, chunk_rows=CHUNK)
    assert (result.phase, result.rejects) == (Phase.FINISH, 0)
    assert "public.orders was in a deadlock with another session once, and was carried" in told.text()
    assert ask(source, _HASH) == ask(target, _HASH)


def test_deadlocks_that_do_not_end_fail_the_run(
    source: str, target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = orders(target)
    with monkeypatch.context() as hurried, deadlock(target):
        hurried.setattr(chunk_copy, "PAUSES", ())
        with pytest.raises(RunFailed, match=r"deadlock detected.*Resume the run"):
            carry(source, target, spec, chunk_rows=CHUNK)
    goes_on(source, target, spec)


def test_a_snapshot_that_vanished_before_it_was_shared(source: str, target: str) -> None:
    spec = replace(orders(target), jobs=2)
    ended: list[Event] = []

    def end_holder(event: Event) -> None:
        if isinstance(event, TableProgress) and not ended:
            ended.append(event)
            assert ask(source, _HOLDERS)

    with pytest.raises(
        RunFailed, match=r"snapshot.*is gone.*Resume the run|connection was lost. Resume the run"
    ):
        run(source, target, spec, report=end_holder, chunk_rows=CHUNK)
    assert ended
    goes_on(source, target, spec)
