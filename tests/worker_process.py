"""A real worker, as a process of its own, on the tests' database."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from django.conf import settings
from django.db import connection

PATIENCE = 60  # seconds until whoever waits gives up


class Worker:
    """`manage.py worker`. What it says is in `log`; `within` is the command that starts it somewhere else."""

    def __init__(
        self, log: Path, within: Sequence[str] = (), url: str | None = None, options: Sequence[str] = ()
    ) -> None:
        self.log = log
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                [*within, sys.executable, str(settings.BASE_DIR / "manage.py"), "worker", *options],
                env={
                    **os.environ,
                    "DATABASE_URL": url or database_url(),
                    "SCHEMADIFF_DATA": str(settings.DATA_DIR),
                },
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=settings.BASE_DIR,
            )

    def wait_until_ready(self) -> None:
        until(lambda: "ready." in self.log.read_text(), f"the worker is ready; it said: {self.log}")

    def kill(self) -> None:
        """As the kernel does when memory runs out."""
        self.process.kill()
        self.process.wait()

    def tell_to_end(self) -> None:
        """As an operator does. A second time would end it at once."""
        self.process.send_signal(signal.SIGTERM)

    def ended(self) -> int:
        """Wait for the end; the answer is the exit code."""
        return self.process.wait(PATIENCE)


@contextmanager
def working(folder: Path, *options: str) -> Iterator[Worker]:
    """A worker inside the block, ready for work."""
    worker = Worker(folder / "worker.log", options=options)
    try:
        worker.wait_until_ready()
        yield worker
    finally:
        if worker.process.poll() is None:
            worker.kill()
        forget_jobs()


def database_url() -> str:
    """The tests' database as the application's own."""
    made = connection.settings_dict
    user, password = quote(made["USER"], safe=""), quote(made["PASSWORD"], safe="")
    return f"postgresql://{user}:{password}@{made['HOST']}:{made['PORT']}/{made['NAME']}"


def until(condition: Callable[[], bool], what: str, seconds: float = PATIENCE) -> None:
    """Wait for a condition; fails the test, saying what was waited for, when it does not come true."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"After {seconds} s still not: {what}")
        time.sleep(0.05)


def forget_jobs() -> None:
    """Django empties its own tables after a test, not the queue's."""
    with connection.cursor() as cursor:
        cursor.execute(
            "TRUNCATE procrastinate_jobs, procrastinate_workers, procrastinate_periodic_defers CASCADE"
        )
