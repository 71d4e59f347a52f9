"""A worker that helps with a run which another process leads, to be killed: `python -m tests.faults.helping_process
SOURCE TARGET RUN SNAPSHOT`."""

import subprocess
import sys
from uuid import UUID

from migration.engine.helping import help_copy
from migration.runner import never
from tests.faults.process import ROOT


def start(source: str, target: str, run: UUID, snapshot: str) -> subprocess.Popen[bytes]:
    """Help in another process, once."""
    command = [sys.executable, "-m", __name__, source, target, str(run), snapshot]
    return subprocess.Popen(command, cwd=ROOT)


if __name__ == "__main__":
    help_copy(sys.argv[1], sys.argv[2], UUID(sys.argv[3]), sys.argv[4], never)
