"""The real web server, as a process of its own, on the tests' database."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from tests.worker_process import database_url, until

_SERVING = re.compile(r"Serving on (http://127\.0\.0\.1:\d+)")


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """The server inside the block, as the demo has it; yields its address."""
    log = folder / "web.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "waitress",
                "--listen=127.0.0.1:0",
                "--threads=8",
                "config.wsgi:application",
            ],
            env={**os.environ, "DATABASE_URL": database_url(), "SCHEMADIFF_DATA": str(settings.DATA_DIR)},
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=settings.BASE_DIR,
        )
    try:
        until(lambda: _SERVING.search(log.read_text()) is not None, f"the web server serves; it said: {log}")
        found = _SERVING.search(log.read_text())
        assert found is not None
        yield found[1]
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
