"""A run in a process of its own, to be killed: `python -m tests.faults.process FILE`."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import psycopg

from migration.core.events import Event, PhaseFinished, PhaseStarted
from migration.core.phases import Phase
from migration.core.spec import RunSpec, spec_from_json, spec_to_json
from migration.runner import run
from schemadiff.core.errors import SchemadiffError

ROOT = Path(__file__).parent.parent.parent
PATIENCE = 90.0


def start(folder: Path, source: str, target: str, spec: RunSpec, chunk_rows: int) -> subprocess.Popen[bytes]:
    """Begin the run in another process."""
    return subprocess.Popen(_command(folder, source, target, spec, chunk_rows), cwd=ROOT)


class Stepwise:
    """A run in another process, and processes of that one, which waits at each phase's begin and end for a word."""

    def __init__(self, folder: Path, source: str, target: str, spec: RunSpec, chunk_rows: int) -> None:
        self._process = subprocess.Popen(
            [*_command(folder, source, target, spec, chunk_rows), "stepwise"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        assert self._process.stdin is not None and self._process.stdout is not None
        self.told: IO[bytes] = self._process.stdout
        self._answers: IO[bytes] = self._process.stdin

    def next(self) -> dict[str, Any]:
        """`begun` or `ended` with a phase, or `failed` with a sentence; nothing when the process has ended."""
        line = self.told.readline()
        return dict(json.loads(line)) if line else {}

    def begins(self, phase: Phase) -> None:
        """Let it go on until it is about to begin this phase."""
        while (said := self.next()).get("begun") != phase.value:
            assert said and "failed" not in said, f"{said} before {phase}"
            self.go_on()

    def go_on(self) -> None:
        self._answers.write(b"\n")
        self._answers.flush()

    def kill(self) -> None:
        """The run's own process only."""
        self._process.kill()
        self.wait()

    def kill_all(self) -> None:
        """It, and all that it has started."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self.wait()

    def wait(self) -> int:
        code = self._process.wait(PATIENCE)
        self.told.close()
        self._answers.close()
        return code

    def last_words(self) -> str:
        """Let it go on to its end; why it failed."""
        while said := self.next():
            if "failed" in said:
                return str(said["failed"])
            self.go_on()
        return ""


def kill(process: "subprocess.Popen[bytes]") -> None:
    """SIGKILL, and collect."""
    process.send_signal(signal.SIGKILL)
    process.wait()


def wait_for(condition: Callable[[], bool], what: str) -> None:
    """Ask again and again. Fails the test after `PATIENCE` seconds."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain for: {what}"
        time.sleep(0.01)


def crash(dsn: str, backend: Callable[[], int]) -> None:
    """SIGKILL to one backend: with it PostgreSQL ends all the others, and recovers. Returns when it is up again.

    Until it notices, it answers as before: so a session of ours is to end first.
    """
    with psycopg.connect(dsn, autocommit=True) as witness:
        pid = backend()
        os.kill(pid, signal.SIGKILL)
        wait_for(lambda: not _still_answers(witness), f"the end of all sessions with backend {pid}")
    wait_for(lambda: _answers(dsn), "the server to be back")


def _still_answers(session: psycopg.Connection[Any]) -> bool:
    try:
        session.execute("SELECT 1")
    except psycopg.OperationalError:
        return False
    return True


def _answers(dsn: str) -> bool:
    try:
        with psycopg.connect(dsn, autocommit=True) as session:
            return _still_answers(session)
    except psycopg.OperationalError:
        return False


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


def _command(folder: Path, source: str, target: str, spec: RunSpec, chunk_rows: int) -> list[str]:
    file = folder / f"{spec.ledger_id}.json"
    file.write_text(
        json.dumps({"source": source, "target": target, "spec": spec_to_json(spec), "rows": chunk_rows})
    )
    return [sys.executable, "-m", "tests.faults.process", str(file)]


def main(file: Path, report: Callable[[Event], None]) -> None:
    given = json.loads(file.read_text())
    spec = spec_from_json(given["spec"])
    run(given["source"], given["target"], spec, report=report, chunk_rows=given["rows"])


def stepwise(file: Path) -> int:
    try:
        main(file, _ask_at_phases)
    except SchemadiffError as error:
        _say({"failed": str(error)})
        return 1
    return 0


def _ask_at_phases(event: Event) -> None:
    if isinstance(event, PhaseStarted | PhaseFinished):
        _say({"begun" if isinstance(event, PhaseStarted) else "ended": event.phase.value})
        sys.stdin.readline()


def _say(what: dict[str, str]) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    if sys.argv[2:] == ["stepwise"]:
        sys.exit(stepwise(Path(sys.argv[1])))
    main(Path(sys.argv[1]), lambda event: None)
