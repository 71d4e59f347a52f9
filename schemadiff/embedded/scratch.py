"""Servers for a moment: in a temporary folder, without fsync, gone afterwards.

A small shell process watches over each: when this process ends in whatever way, kill -9 included, it
stops the server and removes the folder. What even that leaves (the machine went down), the next
`throwaway` sweeps.
"""

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from schemadiff.embedded import processes
from schemadiff.embedded.account import clean_environment
from schemadiff.embedded.databases import create_database
from schemadiff.embedded.files import Files
from schemadiff.embedded.loading import load_sql, loader_dsn
from schemadiff.embedded.server import EmbeddedServer, start

_PREFIX = "schemadiff-pg-"
_OWNER = "owner"
_NO_SYNC = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off", "shared_buffers": "64MB"}

# `read` returns when the other end of the pipe, which only this process holds, is closed.
_WATCH = """
trap '' INT TERM HUP
read _ || true
pid=$(head -n 1 "$1/cluster/postmaster.pid" 2>/dev/null) && kill -QUIT "$pid" 2>/dev/null
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    [ -e "$1/cluster/postmaster.pid" ] || break
    sleep 0.1
done
rm -rf "$1"
"""


@contextlib.contextmanager
def throwaway(major: int = 18, *, fast: bool = True, superuser: str = "postgres") -> Iterator[EmbeddedServer]:
    """A server that exists inside the `with` block only; `fast` leaves out fsync."""
    sweep()
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX)).resolve()
    (folder / _OWNER).write_text(f"{os.getpid()} {processes.birth(os.getpid())}")
    watcher = _watch(folder)
    try:
        yield start(folder, major, settings=_NO_SYNC if fast else {}, superuser=superuser)
    finally:
        _remove(folder)
        assert watcher.stdin is not None
        watcher.stdin.close()
        watcher.wait()


@contextlib.contextmanager
def sql_database(
    source: Path | str, *, major: int = 18, trusted: bool = False, timeout: float = 900
) -> Iterator[str]:
    """A database in a throw-away server with `.sql` files loaded (see `load_sql`); yields its URI.

    Untrusted SQL is to be read, too, as a role that is no superuser: the URI is that role's.
    The server's superuser is not called `postgres`, so that a dump may make that name an ordinary owner.
    """
    with throwaway(major, superuser="schemadiff_superuser") as server:
        dsn = create_database(server, "loaded")
        load_sql(dsn, source, trusted=trusted, timeout=timeout)
        yield dsn if trusted else loader_dsn(dsn)


def sweep() -> None:
    """Remove what the throw-away servers of dead processes left behind."""
    for folder in sorted(Path(tempfile.gettempdir()).glob(f"{_PREFIX}*")):
        with contextlib.suppress(OSError):
            if folder.is_dir() and folder.stat().st_uid == os.geteuid() and _is_abandoned(folder):
                _remove(folder.resolve())


def _is_abandoned(folder: Path) -> bool:
    try:
        pid, _, birth = (folder / _OWNER).read_text().partition(" ")
        return processes.birth(int(pid)) != birth
    except (OSError, ValueError):
        return False  # just being made


def _remove(folder: Path) -> None:
    processes.quit_all(Files(folder).cluster)
    shutil.rmtree(folder, ignore_errors=True)


def _watch(folder: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        ["/bin/sh", "-c", _WATCH, "watch", str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd="/",
        env=clean_environment(),
        start_new_session=True,
    )
