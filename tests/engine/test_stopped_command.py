"""A copy that is stopped by Ctrl-C: what it says, that it goes on where it was, and that none begins beside it."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from schemadiff.embedded import EmbeddedServer
from tests.command_line import Manage
from tests.engine.running import ask, one
from tests.servers import MakeDatabase
from tests.worker_process import until

pytestmark = pytest.mark.heavy

_ROWS = 600_000
_TABLE = f"""
CREATE TABLE public.big (id int PRIMARY KEY, note text);
INSERT INTO public.big SELECT n, repeat('x', 100) FROM generate_series(1, {_ROWS}) AS n;
ANALYZE public.big;
"""
_CHUNKS = "SELECT number, rows, copied_at FROM schemadiff.chunks WHERE rows IS NOT NULL ORDER BY number"


def test_it_goes_on_where_it_was_and_no_row_comes_twice(
    manage: Manage,
    make_database: MakeDatabase,
    server16: EmbeddedServer,
    server18: EmbeddedServer,
    tmp_path: Path,
) -> None:
    source, target = make_database(server16, _TABLE), make_database(server18)
    out, error = tmp_path / "out", tmp_path / "error"
    with out.open("w") as said, error.open("w") as wrong:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "copy", source, target, "--max-rows-per-second", "60000"],
            stdout=said,
            stderr=wrong,
        )
        try:
            until(
                lambda: (
                    process.poll() is not None
                    or (
                        bool(one(target, "SELECT to_regclass('schemadiff.chunks') IS NOT NULL"))
                        and len(ask(target, _CHUNKS)) > 0
                    )
                ),
                "the first chunk is there",
            )
            process.send_signal(signal.SIGINT)
            assert process.wait(90) == 1, out.read_text()
        finally:
            process.kill()
            process.wait()
    (told,) = error.read_text().splitlines()
    assert told.startswith("The run was stopped ") and "With --resume it goes on from there" in told
    done = ask(target, _CHUNKS)
    assert 0 < sum(rows for _, rows, _ in done) < _ROWS
    for more in ((), ("--dry-run",)):
        refused = manage("copy", source, target, *more)
        assert refused.code == 1
        assert (
            "public.big has rows that public.big of the source has, too, and no unique key" in refused.error
        )
    resumed = manage("copy", source, target, "--resume")
    assert (resumed.code, resumed.error) == (0, "")
    assert set(done) <= set(ask(target, _CHUNKS)), "a chunk that was there came again"
    assert ask(target, "SELECT count(*), count(DISTINCT id) FROM public.big") == [(_ROWS, _ROWS)]
