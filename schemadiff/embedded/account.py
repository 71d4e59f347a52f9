"""The operating-system account that the servers run under.

PostgreSQL refuses to run as root. Where we are root the servers run as a system user of their own,
which is made at need and can enter (not list) the folders above its data.
"""

import os
import pwd
import stat
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO

from schemadiff.embedded.binaries import installation
from schemadiff.embedded.errors import EmbeddedError

SYSTEM_USER = "schemadiff"
_SEARCH = stat.S_IXOTH
_READ_AND_SEARCH = stat.S_IROTH | stat.S_IXOTH


@dataclass(frozen=True, slots=True)
class Account:
    """A user and group number to run under."""

    uid: int
    gid: int


def account() -> Account | None:
    """Whom the servers run as; None means as ourselves."""
    return _system_user() if os.geteuid() == 0 else None


def run(
    command: Sequence[str | Path],
    *,
    env: Mapping[str, str] | None = None,
    stdout: IO[bytes] | int = subprocess.DEVNULL,
    stderr: IO[bytes] | int = subprocess.DEVNULL,
    timeout: float = 120,
) -> int:
    """Run a program to its end under the servers' account; returns its exit code."""
    who = account()
    return subprocess.run(
        [str(word) for word in command],
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=stderr,
        cwd="/",
        env={**clean_environment(), **(env or {})},
        user=who.uid if who else None,
        group=who.gid if who else None,
        extra_groups=[] if who else None,
        timeout=timeout,
        check=False,
    ).returncode


def clean_environment() -> dict[str, str]:
    """An environment without the caller's `PG*` variables, language or home."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "HOME": "/nonexistent"}


def hand_over(path: Path, mode: int) -> None:
    """Make the servers' account the owner of one file or folder."""
    path.chmod(mode)
    if who := account():
        os.chown(path, who.uid, who.gid)


def open_way_to(folder: Path, major: int) -> None:
    """Let the servers' account reach `folder` and the programs of `major`; nothing else is opened."""
    if account() is None:
        return
    _make_searchable(folder)
    programs = installation(major)
    _make_searchable(programs)
    if not (programs / "bin" / "postgres").stat().st_mode & stat.S_IROTH:
        _make_readable(programs)  # installed under a strict umask
        _make_readable(programs.parent.with_name(programs.parent.name + ".libs"))


def _make_searchable(folder: Path) -> None:
    for step in (folder, *folder.parents):
        mode = step.stat().st_mode
        if not mode & _SEARCH:
            step.chmod(stat.S_IMODE(mode) | _SEARCH)


def _make_readable(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        if path.is_symlink() or not path.exists():
            continue
        mode = stat.S_IMODE(path.stat().st_mode)
        wanted = _READ_AND_SEARCH if path.is_dir() or mode & stat.S_IXUSR else stat.S_IROTH
        path.chmod(mode | wanted)


@cache
def _system_user() -> Account:
    for _ in range(20):  # several processes may make the user at the same time
        try:
            entry = pwd.getpwnam(SYSTEM_USER)
            return Account(entry.pw_uid, entry.pw_gid)
        except KeyError:
            _make_system_user()
            time.sleep(0.05)
    raise EmbeddedError(
        "PostgreSQL does not run as root, and the system user"
        f" {SYSTEM_USER!r} to run it as could not be made: make it, or start Schemadiff as an ordinary user."
    )


def _make_system_user() -> None:
    command = ["useradd", "--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin"]
    try:
        subprocess.run([*command, SYSTEM_USER], check=False, capture_output=True, timeout=30)
    except OSError as exc:
        raise EmbeddedError(
            f"PostgreSQL does not run as root, and useradd, to make a user for it, is missing ({exc})."
        ) from exc
