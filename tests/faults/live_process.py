"""A live run in a process of its own, to be killed: `python -m tests.faults.live_process FILE`. It resumes."""

import json
import subprocess
import sys
from pathlib import Path

from migration.core.events import Event, PhaseStarted
from migration.core.spec import RunSpec, spec_from_json, spec_to_json
from migration.runner import run
from schemadiff.core.errors import SchemadiffError
from tests.faults.process import ROOT


def start(folder: Path, source: str, target: str, spec: RunSpec) -> "subprocess.Popen[bytes]":
    """Begin the run in another process, or go on with it."""
    file = folder / f"{spec.ledger_id}.json"
    file.write_text(json.dumps({"source": source, "target": target, "spec": spec_to_json(spec)}))
    _place(file).write_text("")
    command = [sys.executable, "-m", "tests.faults.live_process", str(file)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)


def phase_of(folder: Path, spec: RunSpec) -> str:
    """The phase that the process itself is in: what the ledger says may be a former one's, which was killed."""
    return _place(folder / f"{spec.ledger_id}.json").read_text()


def _place(file: Path) -> Path:
    return file.with_suffix(".phase")


def main(file: Path) -> int:
    given = json.loads(file.read_text())

    def report(event: Event) -> None:
        if isinstance(event, PhaseStarted):
            _place(file).write_text(event.phase.value)

    try:
        run(
            given["source"],
            given["target"],
            spec_from_json(given["spec"]),
            report=report,
            hands_back=lambda: True,
            resume=True,
            takes_over=True,
            chunk_rows=200,
        )
    except SchemadiffError as error:
        sys.stdout.write(str(error))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
