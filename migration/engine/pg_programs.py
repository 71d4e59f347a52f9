"""PostgreSQL's own programs pg_dump and pg_restore: which there are on this machine, and of which version."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from schemadiff.core.errors import Refused
from schemadiff.embedded import SUPPORTED_MAJORS, EmbeddedError, binary

_PACKAGED = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql@*/bin")
_PATIENCE = 10.0  # seconds for a program to say its version


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    path: Path
    major: int


def pg_dump_for(server: int) -> Program:
    """The oldest pg_dump that reads a server of that major version. Raises Refused with what to install."""
    return _oldest("pg_dump", server, f"the target's server is PostgreSQL {server}")


def pg_restore_for(made_by: int) -> Program:
    """The oldest pg_restore that reads what a pg_dump of that major version wrote. Raises Refused."""
    return _oldest("pg_restore", made_by, f"the backup was written by pg_dump {made_by}")


def _oldest(name: str, least: int, because: str) -> Program:
    found = programs(name)
    fitting = [each for each in found if each.major >= least]
    if fitting:
        return min(fitting, key=lambda each: each.major)
    there = f"the newest here is {max(each.major for each in found)}" if found else "there is none here"
    raise Refused(
        f"{name} of PostgreSQL {least} or later is needed, for {because}, and {there}. Install the client programs of "
        f"that version (the package postgresql-client-{least} on Debian and Ubuntu, postgresql{least} on Red Hat) on "
        "this machine, or put their folder on PATH."
    )


@cache
def programs(name: str) -> tuple[Program, ...]:
    """Those on PATH, where packages put them, and those of the embedded servers; in the order of their versions."""
    found = {path: major for path in _places(name) if (major := _major(path)) is not None}
    return tuple(Program(path=path, major=found[path]) for path in sorted(found, key=lambda p: (found[p], p)))


def _places(name: str) -> Iterator[Path]:
    on_path = shutil.which(name)
    # Debian's wrapper of that name takes whichever version it likes.
    if on_path is not None and Path(on_path).resolve().name == name:
        yield Path(on_path)
    for pattern in _PACKAGED:
        yield from (folder / name for folder in Path("/").glob(pattern.lstrip("/")))
    for major in SUPPORTED_MAJORS:
        try:
            yield binary(major, name)
        except EmbeddedError:
            continue


def _major(path: Path) -> int | None:
    """None for what is no such program, or cannot be started."""
    try:
        said = subprocess.run(
            [path, "--version"], capture_output=True, text=True, timeout=_PATIENCE, check=False
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    version = re.search(r"\(PostgreSQL\) (\d+)", said)
    return int(version[1]) if version else None
