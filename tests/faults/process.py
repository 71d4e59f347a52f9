"""A run in a process of its own, to be killed: `python -m tests.faults.process FILE`."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psycopg

from migration.core.spec import RunSpec, spec_from_json, spec_to_json
from migration.runner import run

ROOT = Path(__file__).parent.parent.parent
PATIENCE = 30.0


def start(folder: Path, source: str, target: str, spec: RunSpec, chunk_rows: int) -> subprocess.Popen[bytes]:
    """Begin the run in another process."""
    file = folder / f"{spec.ledger_id}.json"
    file.write_text(
        json.dumps({"source": source, "target": target, "spec": spec_to_json(spec), "rows": chunk_rows})
    )
    return subprocess.Popen([sys.executable, "-m", "tests.faults.process", str(file)], cwd=ROOT)


def kill(process: "subprocess.Popen[bytes]") -> None:
    """SIGKILL, and collect."""
    process.send_signal(signal.SIGKILL)
    process.wait()


def wait_for(condition: Callable[[], bool], what: str) -> None:
    """Ask again and again. Fails the test after half a minute."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain for: {what}"
        time.sleep(0.01)


def chunks_carried(target: str, spec: RunSpec) -> int:
    """How many chunks the ledger has as done; 0 where there is no ledger yet."""
    try:
        with psycopg.connect(target, autocommit=True) as connection:
            row = connection.execute(
                "SELECT count(*) FROM schemadiff.chunks WHERE run = %s AND copied_at IS NOT NULL",
                [spec.ledger_id],
            ).fetchone()
    except (psycopg.errors.UndefinedTable, psycopg.OperationalError):
        return 0
    return int(row[0]) if row else 0


def main(file: Path) -> None:
    given = json.loads(file.read_text())
    run(
        given["source"],
        given["target"],
        spec_from_json(given["spec"]),
        report=lambda event: None,
        chunk_rows=given["rows"],
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
