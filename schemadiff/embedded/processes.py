"""Which server processes belong to a data directory, and whether they live.

They are known by their command lines, which everybody may read: the postmaster's names the directory,
its backends' titles carry the cluster name that `cluster_name` makes from it. So neither a process number
that a stranger uses by now nor a zombie that nobody collects is taken for a server.
"""

import hashlib
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

_PROC = Path("/proc")


def cluster_name(cluster: Path) -> str:
    """The name that the server of this data directory gives itself."""
    return "schemadiff-" + hashlib.sha256(os.fsencode(cluster)).hexdigest()[:12]


def is_server(pid: int, cluster: Path) -> bool:
    """Is that process a living PostgreSQL process of this data directory?"""
    return _belongs(_command(pid), cluster)


def servers_of(cluster: Path) -> tuple[int, ...]:
    """All living PostgreSQL processes of this data directory, orphaned backends too."""
    return tuple(sorted(pid for pid, command in _commands() if _belongs(command, cluster)))


def kill_all(cluster: Path, *, patience: float = 5.0) -> None:
    """SIGKILL every process of the data directory and wait until none is left."""
    deadline = time.monotonic() + patience
    while (left := servers_of(cluster)) and time.monotonic() < deadline:
        for pid in left:
            send(pid, signal.SIGKILL)
        time.sleep(0.02)


def quit_all(cluster: Path, *, patience: float = 3.0) -> None:
    """Have the server end at once, without a checkpoint; whatever is left after that time is killed.

    A server that is only killed leaves its shared memory to the machine, which has room for some thousands.
    """
    deadline = time.monotonic() + patience
    if (postmaster := _postmaster(cluster)) is not None:
        send(postmaster, signal.SIGQUIT)
        while is_server(postmaster, cluster) and time.monotonic() < deadline:
            time.sleep(0.01)
    kill_all(cluster)


def send(pid: int, number: signal.Signals) -> None:
    """Send a signal; a process that is gone already is fine."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


def birth(pid: int) -> str | None:
    """A mark that tells this process from a later one with the same number; None if it is gone."""
    if not (_PROC / "self").exists():
        return _ps("-o", "lstart=", "-p", str(pid)).strip() or None
    try:
        fields = (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in "ZX" else fields[19]


def _postmaster(cluster: Path) -> int | None:
    """As its lock file says; None where that is of a server that lives no more."""
    try:
        pid = int((cluster / "postmaster.pid").read_text().partition("\n")[0])
    except (OSError, ValueError):
        return None
    return pid if is_server(pid, cluster) else None


def _belongs(command: str, cluster: Path) -> bool:
    if "postgres" not in command:
        return False
    return f"{command} ".find(f" -D {cluster} ") > 0 or f" {cluster_name(cluster)}: " in command


def _command(pid: int) -> str:
    if not (_PROC / "self").exists():
        return _ps("-o", "command=", "-p", str(pid)).strip()
    try:
        return _spaced((_PROC / str(pid) / "cmdline").read_bytes())
    except OSError:
        return ""


def _commands() -> Iterator[tuple[int, str]]:
    if (_PROC / "self").exists():
        for name in os.listdir(_PROC):
            if name.isdigit():
                yield int(name), _command(int(name))
        return
    for line in _ps("-axo", "pid=,command=").splitlines():
        pid, _, command = line.strip().partition(" ")
        yield int(pid), command


def _spaced(raw: bytes) -> str:
    return os.fsdecode(raw.replace(b"\0", b" ")).strip()


def _ps(*arguments: str) -> str:
    return subprocess.run(["ps", *arguments], capture_output=True, text=True, check=False).stdout
