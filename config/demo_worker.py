"""The demo's worker process, and the watch that ends everything if the demo itself is killed."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from config.demo_databases import Side
from config.environment import BASE_DIR
from schemadiff.embedded.files import Files

_PATIENCE = 20  # seconds for the worker to put down its work
_PAUSE = 2  # seconds before it is started again
_SHORT_LIVES = 3  # so often it may end within seconds of its start before it is given up
_SHORT = 10

# `read` returns when the demo, which alone holds the other end of the pipe, is gone or closes it.
_WATCH = """
trap '' INT TERM HUP
read _ || true
[ -f "$1" ] || exit 0
kill -TERM "$(cat "$1")" 2>/dev/null
rm -f "$1"
shift
for lock in "$@"; do
    [ -f "$lock" ] && kill -INT "$(head -n 1 "$lock")" 2>/dev/null
done
"""


@contextmanager
def working(data: Path, sides: tuple[Side, ...], *, say: Callable[[str], object]) -> Iterator[None]:
    """A worker inside the block; one that ends by itself is started again."""
    pid_file = data / "worker.pid"
    ending = threading.Event()
    worker = _Worker(pid_file)
    watch = _watch(pid_file, [Files(data / side.name).cluster / "postmaster.pid" for side in sides])
    supervisor = threading.Thread(target=_supervise, args=(worker, ending, say), daemon=True)
    supervisor.start()
    try:
        yield
    finally:
        ending.set()
        worker.stop()
        supervisor.join()
        pid_file.unlink(missing_ok=True)
        watch.communicate()


class _Worker:
    """The process; stopping it while it is being started stops it, too."""

    def __init__(self, pid_file: Path) -> None:
        self._pid_file = pid_file
        self._guard = threading.Lock()
        self._stopped = False
        self._process: subprocess.Popen[bytes] | None = None

    def run(self) -> int | None:
        """Start it and wait for its end; the exit code, or None after `stop`."""
        with self._guard:
            if self._stopped:
                return None
            self._process = subprocess.Popen(
                [sys.executable, str(BASE_DIR / "manage.py"), "worker"],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                start_new_session=True,  # a Ctrl-C is for the demo, which ends the worker in its turn
            )
            self._pid_file.write_text(f"{self._process.pid}\n")
        return self._process.wait()

    def stop(self) -> None:
        with self._guard:
            self._stopped = True
            process = self._process
        if process is None:
            return
        process.terminate()
        try:
            process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()


def _supervise(worker: _Worker, ending: threading.Event, say: Callable[[str], object]) -> None:
    short_lives = 0
    while not ending.is_set():
        started = time.monotonic()
        code = worker.run()
        if code is None or ending.is_set():
            return
        short_lives = short_lives + 1 if time.monotonic() - started < _SHORT else 0
        if short_lives == _SHORT_LIVES:
            say(f"The worker ended with code {code} again and again; `manage.py worker` shows why.")
            return
        say(f"The worker ended with code {code}; it is started again.")
        ending.wait(_PAUSE)


def _watch(pid_file: Path, locks: list[Path]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        ["/bin/sh", "-c", _WATCH, "watch", str(pid_file), *map(str, locks)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={"PATH": os.environ.get("PATH", os.defpath)},
        start_new_session=True,
    )
