"""Flags as an environment file, for applications that read their environment: `NAME=value`, one a line.

Names and values stand as they are: `true`, `false`, `source`, `target`, or a variant. A value with anything but
letters, digits and `_ . / : @ % + -` stands in single quotes, as shells, systemd and Docker's `env_file` read it.
"""

import re
from collections.abc import Mapping, Sequence

from migration.core.errors import FlagRefused
from migration.core.flags import MODULE_PREFIX, Backend, Flags, FlagValue, backend_of, value_of

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}", re.ASCII)
_PLAIN = re.compile(r"[A-Za-z0-9_./:@%+-]*", re.ASCII)
SIDE_PREFIX = "TIMEWEB_"
SEED_NAMES: dict[str, str] = {
    "backend.dataLoader": "TIMEWEB_DATA_LOADER",
    "backend.syncScripts": "TIMEWEB_SYNC",
    "backend.services": "TIMEWEB_SERVICES",
}


def default_name(key: str) -> str:
    """`backend.dataLoader` is BACKEND_DATA_LOADER, a key of capitals is itself."""
    if _NAME.fullmatch(key) and key == key.upper():
        return key
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", key)
    return re.sub(r"[^A-Za-z0-9]+", "_", parted).strip("_").upper()


def names_of(keys: Sequence[str], chosen: Mapping[str, str]) -> dict[str, str]:
    """The name of each flag in the environment: what was chosen, else the seed's, else one made of its key."""
    return {key: chosen.get(key) or SEED_NAMES.get(key) or default_name(key) for key in keys}


def check_names(names: Mapping[str, str]) -> None:
    """Raises FlagRefused where a name is none, or two flags have the same one."""
    by_name: dict[str, str] = {}
    for key, name in names.items():
        if not _NAME.fullmatch(name):
            raise FlagRefused(
                f"{name!r} cannot be a name in an environment: that has letters, digits and _, and no digit first."
            )
        if name in by_name:
            raise FlagRefused(
                f"{by_name[name]} and {key} would both be {name}. Give one of them another name."
            )
        by_name[name] = key


def env_file(flags: Flags, names: Mapping[str, str], *, title: str, revision: int) -> str:
    """The file. A module under a name that begins with TIMEWEB_ is `true` where it uses the target, else `false`."""
    head = f"# {title}: revision {revision}\n"
    return head + "".join(f"{name}={_quoted(_word(flags, key, name))}\n" for key, name in names.items())


def _word(flags: Flags, key: str, name: str) -> str:
    if key.startswith(MODULE_PREFIX) and name.startswith(SIDE_PREFIX):
        choice = backend_of(flags, key.removeprefix(MODULE_PREFIX))
        return _text(choice.backend is Backend.TARGET)
    return _text(value_of(flags, key))


def _text(value: FlagValue) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _quoted(text: str) -> str:
    if _PLAIN.fullmatch(text):
        return text
    return "'" + text.replace("'", "'\\''") + "'"
