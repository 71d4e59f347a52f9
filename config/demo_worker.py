"""The demo's worker process, and the watch that ends everything if the demo itself is killed."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from config.environment import BASE_DIR
from schemadiff.embedded.files import Files

_PATIENCE = 20  # seconds for the worker to put down its work
_PAUSE = 2  # seconds before it is started again
_SHORT_LIVES = 3  # so often it may end within seconds of its start before it is given up
_SHORT = 10

# `read` returns when the demo says that it is done, or is gone: only the demo holds the pipe's other end.
_WATCH = """
trap '' INT TERM HUP
read -r word
[ "$word" = done ] && exit 0
gone() { ! kill -0 "$1" 2>/dev/null; }
if [ -f "$1" ]; then
    worker=$(cat "$1")
    kill -TERM "$worker" 2>/dev/null
    for _ in 1 2 3 4 5 6 7 8 9 10; do gone "$worker" && break; sleep 0.5; done
    kill -KILL "$worker" 2>/dev/null
    rm -f "$1"
fi
shift
for lock in "$@"; do
    [ -f "$lock" ] && kill -INT "$(head -n 1 "$lock")" 2>/dev/null
done
for lock in "$@"; do
    for _ in 1 2 3 4 5 6 7 8 9 10; do
        [ -f "$lock" ] && ! gone "$(head -n 1 "$lock")" || break
        sleep 0.5
    done
done
"""


@contextmanager
def watched(data: Path, folders: tuple[str, ...], lock: IO[str]) -> Iterator[None]:
    """If this process is killed inside the block, the worker and the servers in those folders are stopped.

    The demo's lock stays taken until that is done.
    """
    postmasters = [Files(data / name).cluster / "postmaster.pid" for name in folders]
    watch = subprocess.Popen(
        ["/bin/sh", "-c", _WATCH, "watch", str(_pid_file(data)), *map(str, postmasters)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={"PATH": os.environ.get("PATH", os.defpath)},
        start_new_session=True,
        pass_fds=(lock.fileno(),),
    )
    try:
        yield
    finally:
        watch.communicate(b"done\n")


@contextmanager
def working(data: Path, *, say: Callable[[str], object]) -> Iterator[None]:
    """A worker inside the block; one that ends by itself is started again."""
    ending = threading.Event()
    worker = _Worker(_pid_file(data))
    supervisor = threading.Thread(target=_supervise, args=(worker, ending, say), daemon=True)
    supervisor.start()
    try:
        yield
    finally:
        ending.set()
        worker.stop()
        supervisor.join()
        _pid_file(data).unlink(missing_ok=True)


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


def _pid_file(data: Path) -> Path:
    return data / "worker.pid"
