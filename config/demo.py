"""The demo: three servers, the example, the web server and a worker, in one command and one folder.

Everything ends when the command does, and the data stays for the next time.
"""

import fcntl
import os
import signal
import socket
import sys
import time
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from importlib import import_module
from pathlib import Path
from typing import IO

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from waitress import create_server

from config import appdb, demo_databases, demo_writer
from config.demo_worker import watched, working
from schemadiff.core.errors import SchemadiffError
from schemadiff.embedded import processes

HOST = "127.0.0.1"
_THREADS = 8
_PATIENCE = 40  # seconds for what a killed demo left to be cleared up
_FOLDERS = ("app", demo_databases.SOURCE.name, demo_databases.TARGET.name)

Say = Callable[[str], object]


def run(data: Path, port: int, *, say: Say, opened: Callable[[str], object], writes: bool = False) -> None:
    """Serve the demo on the loopback address until interrupted; `opened` gets the address once it answers.

    With `writes` an application writes to its databases meanwhile.
    """
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    with ExitStack() as stack:
        lock = stack.enter_context(_only_one(data))
        listening = stack.enter_context(_listening(port))
        stack.enter_context(watched(data, _FOLDERS, lock))
        _use_data_of(data)
        stack.callback(signal.signal, signal.SIGINT, signal.getsignal(signal.SIGINT))
        source, target = stack.enter_context(
            demo_databases.running(data, beside=appdb.ensure_running, say=say)
        )
        stack.callback(appdb.stop_if_started)
        databases = demo_writer.admit(data, source, target) if writes else None
        _populate(source, target)
        stack.enter_context(working(data, say=say))
        import_module(settings.ROOT_URLCONF)  # all views, so that the first page does not wait for them
        server = create_server(get_wsgi_application(), sockets=[listening], threads=_THREADS, ident=None)
        address = f"http://{HOST}:{listening.getsockname()[1]}/"
        _greet(address, say)
        if databases is not None:
            token = demo_writer.token_for(data)
            stack.enter_context(demo_writer.writing(data, databases, token, address, say=say))
        opened(address)
        server.run()  # returns on Ctrl-C and on SIGTERM
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # a second Ctrl-C does not interrupt the clearing up
        say("Stopping; the data stays.")


def open_browser(address: str) -> None:
    """Show the address in a browser where there is a screen."""
    if sys.platform == "darwin" or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
        webbrowser.open(address)


def _populate(source: str, target: str) -> None:
    from migration import demo  # its models can be imported only now that Django is set up

    demo.populate(source, target)


def _greet(address: str, say: Say) -> None:
    from migration import demo

    say(f"\nSchemadiff is at {address}\n")
    for name, password in demo.LOGINS:
        say(f"    {name:10} {password}")
    say("\nCtrl-C ends it.")


def _use_data_of(data: Path) -> None:
    """Let this process, and those that it starts, keep everything in that folder."""
    os.environ.pop("DATABASE_URL", None)
    os.environ["SCHEMADIFF_DATA"] = str(data)
    settings.DATA_DIR = data


@contextmanager
def _only_one(data: Path) -> Iterator[IO[str]]:
    """Hold the folder's lock; one that a killed demo's watch still holds is waited for."""
    with (data / "demo.lock").open("a+") as lock:
        deadline = time.monotonic() + _PATIENCE
        while not _is_taken(lock):
            lock.seek(0)
            holder = lock.read().strip()
            if time.monotonic() > deadline or (holder.isdigit() and processes.birth(int(holder))):
                raise SchemadiffError(
                    f"A demo runs already with the data in {data} (process {holder}):"
                    " end it first, or choose another folder with --data."
                )
            time.sleep(0.1)
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield lock


def _is_taken(lock: IO[str]) -> bool:
    """Take the lock if it is free."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def _listening(port: int) -> Iterator[socket.socket]:
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, port))
        except (OSError, OverflowError) as exc:
            raise SchemadiffError(
                f"Port {port} of {HOST} cannot be used ({exc}): choose another with --port."
            ) from exc
        yield listener
