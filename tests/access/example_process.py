"""The example application of the documentation as a process of its own, and what it printed."""

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

EXAMPLE = settings.BASE_DIR / "docs/examples/application.py"
FIRST = 10**12
"""The numbers of the clients that it writes begin above it."""
_ENDED = "discarding closed connection"


@dataclass(frozen=True, slots=True)
class Call:
    """One line that the application printed."""

    method: str
    number: int
    backend: str
    seconds: float
    rows: int
    error: str


class Running:
    """One process of the example. What it prints is kept in a file."""

    def __init__(self, log: Path, environment: dict[str, str]) -> None:
        self.log = log
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, str(EXAMPLE)],
                env={**os.environ, **environment, "PYTHONPATH": str(settings.BASE_DIR)},
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=log.parent,
            )

    def calls(self) -> list[Call]:
        """Those whose lines are whole; anything else that it said fails the test.

        But for what the pool says of connections that a fence has ended.
        """
        lines = [line for line in self.log.read_text().split("\n")[:-1] if not line.startswith(_ENDED)]
        assert all(line.startswith("[") for line in lines), [line for line in lines if line[:1] != "["]
        return [Call(*json.loads(line)) for line in lines]

    def end(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(60) == 0, self.log.read_text()[-2000:]

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
