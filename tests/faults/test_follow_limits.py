"""What a follower must stand: a transaction of a million rows in bounded memory, and a target whose disk is full."""

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from migration.core.phases import Phase
from migration.core.spec import RunSpec
from schemadiff.embedded import EmbeddedServer, throwaway
from tests.engine.live import LiveRun, live_spec, mapped, wait_for
from tests.engine.running import ask, one
from tests.faults.live_process import start
from tests.faults.process import kill
from tests.faults.test_refusals import may_mount, small_disk
from tests.servers import MakeDatabase

pytestmark = pytest.mark.heavy

_MILLION = 1_000_000
_ENOUGH = 100_000  # of its rows: a follower that kept them all would be found by then
_MB = 1_048_576
_SCHEMA = "CREATE TABLE public.many (id int PRIMARY KEY, words text, amount numeric)"
_ROWS = "INSERT INTO public.many SELECT n, repeat(md5(n::text), 3), n / 7.0 FROM generate_series({}, {}) AS n"
_HASH = "SELECT count(*), sum(hashtextextended(m::text, 0)) FROM public.many m"


@pytest.fixture
def source(make_database: MakeDatabase, server16: EmbeddedServer) -> Iterator[str]:
    dsn = make_database(server16, _SCHEMA)
    ask(dsn, _ROWS.format(1, 10))
    yield dsn
    ask(
        dsn,
        "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE database = current_database()",
    )


def followed(target: str) -> RunSpec:
    return live_spec(target, mapped("many", "many", {"id": "id", "words": "words", "amount": "amount"}, {}))


@contextmanager
def following(folder: Path, source: str, target: str) -> Iterator["subprocess.Popen[bytes]"]:
    process = start(folder, source, target, followed(target))
    try:
        yield process
    finally:
        if process.poll() is None:
            kill(process)
        assert process.stdout is not None
        process.stdout.close()


def memory(process: "subprocess.Popen[bytes]") -> int:
    """The most that it has had so far, in bytes."""
    lines = Path(f"/proc/{process.pid}/status").read_text().splitlines()
    (peak,) = [line.split()[1] for line in lines if line.startswith("VmHWM")]
    return int(peak) * 1024


def test_a_transaction_of_a_million_rows(
    tmp_path: Path, source: str, make_database: MakeDatabase, server18: EmbeddedServer
) -> None:
    target = make_database(server18, _SCHEMA)
    with following(tmp_path, source, target) as process:

        def has(rows: int) -> bool:
            assert process.poll() is None
            return bool(one(target, f"SELECT count(*) >= {rows} FROM public.many"))

        wait_for(lambda: has(10), "the copy")
        ask(source, _ROWS.format(11, 20_000))
        wait_for(lambda: has(20_000), "a first transaction")
        before = memory(process)
        ask(source, _ROWS.format(20_001, 20_000 + _MILLION))
        wait_for(lambda: has(_ENOUGH), "a good part of the large transaction", 200)
        assert one(target, "SELECT part IS NOT NULL AND skipped > 50000 FROM schemadiff.followers")
        assert memory(process) - before < 50 * _MB


def test_the_disk_of_the_target_is_full_while_it_follows(source: str) -> None:
    folder = Path(tempfile.mkdtemp(prefix="small-disk-", dir="/var/tmp"))  # no other process has the same
    if not may_mount(folder):
        pytest.skip("to make a small disk takes the right to mount one")
    with small_disk(folder), throwaway(18) as server:
        target = server.dsn()
        ask(target, f"CREATE TABLESPACE small LOCATION '{folder}'")
        ask(target, f"{_SCHEMA} TABLESPACE small")
        spec = followed(target)
        with LiveRun(source, target, spec) as live:
            live.reaches(Phase.CUT_OVER)
            ask(source, _ROWS.format(11, 100_000))  # one transaction, of which a part finds room
            assert "Make room, then resume the run" in live.fails()
            assert "53100" in str(live.error)
        there = one(target, "SELECT inserts FROM schemadiff.followed")
        assert 0 < there < 100_000
        assert one(target, "SELECT skipped FROM schemadiff.followers") == there
        subprocess.run(["mount", "-o", "remount,size=100m", str(folder)], check=True)
        with LiveRun(source, target, spec, resume=True) as again:
            again.reaches(Phase.CUT_OVER)
            again.catches_up(source)
            assert ask(source, _HASH) == ask(target, _HASH)
            assert one(target, "SELECT inserts FROM schemadiff.followed") == 100_000 - 10
    folder.rmdir()
