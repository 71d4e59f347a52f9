"""What an application says about its flag client, in code or in its environment."""

import math
import os
import re
import secrets
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from migration.access.flag_client.errors import FlagsUnavailable

VERSION = "0.1.0"
VARIABLES = (
    "SCHEMADIFF_FLAGS_ADDRESS",
    "SCHEMADIFF_FLAGS_TOKEN",
    "SCHEMADIFF_FLAGS_APPLICATION",
    "SCHEMADIFF_FLAGS_MODULE",
    "SCHEMADIFF_FLAGS_INTERVAL",
    "SCHEMADIFF_FLAGS_TIMEOUT",
    "SCHEMADIFF_FLAGS_KEEP",
    "SCHEMADIFF_FLAGS_CA_FILE",
)
"""The environment variables that `from_environment` reads."""
_NAME = re.compile(r"[^\x21-\x7e]")
_LONGEST_PART = 60  # of a name, of which the server keeps 200 characters


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientSettings:
    """Where the flags come from, and how long who waits for them. All times are in seconds.

    `module` is the part of the application that this process is; empty where it is several. `keep` is the file
    that the last known good flags are kept in, for a start while the server is down; None keeps none.
    FlagsUnavailable, with a sentence, for settings that cannot work.
    """

    address: str
    token: str = field(repr=False)
    application: str = "application"
    module: str = ""
    version: str = VERSION
    interval: float = 5.0  # between two questions, until the server says otherwise
    timeout: float = 3.0  # of one request
    keep: Path | None = None
    ca_file: Path | None = None

    def __post_init__(self) -> None:
        _check_address(self.address)
        if not self.token or not self.token.isascii() or not self.token.isprintable():
            raise FlagsUnavailable(
                "The flag client needs the application's token: issue one on its flags page, and give it "
                "as SCHEMADIFF_FLAGS_TOKEN."
            )
        for name, seconds in (("interval", self.interval), ("timeout", self.timeout)):
            if not (math.isfinite(seconds) and 0 < seconds <= 3600):
                raise FlagsUnavailable(
                    f"The flag client's {name} is more than 0 and at most 3600 seconds, not {seconds!r}."
                )


def from_environment(variables: Mapping[str, str] = os.environ) -> ClientSettings:
    """The settings as `SCHEMADIFF_FLAGS_…` give them. FlagsUnavailable, naming the variable, for what is wrong."""
    given = {name: variables.get(name, "").strip() for name in VARIABLES}
    return ClientSettings(
        address=given["SCHEMADIFF_FLAGS_ADDRESS"],
        token=given["SCHEMADIFF_FLAGS_TOKEN"],
        application=given["SCHEMADIFF_FLAGS_APPLICATION"] or "application",
        module=given["SCHEMADIFF_FLAGS_MODULE"],
        interval=_seconds("SCHEMADIFF_FLAGS_INTERVAL", given, 5.0),
        timeout=_seconds("SCHEMADIFF_FLAGS_TIMEOUT", given, 3.0),
        keep=_path(given["SCHEMADIFF_FLAGS_KEEP"]),
        ca_file=_path(given["SCHEMADIFF_FLAGS_CA_FILE"]),
    )


def _seconds(name: str, given: Mapping[str, str], default: float) -> float:
    try:
        return float(given[name] or default)
    except ValueError:
        raise FlagsUnavailable(
            f"{name} is a number of seconds, as in 5 or 0.5; the environment says {given[name]!r}."
        ) from None


def _path(text: str) -> Path | None:
    return Path(text) if text else None


def _check_address(address: str) -> None:
    try:
        parts = urlsplit(address)
        sound = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        sound = False
    else:
        sound = sound and parts.username is None and not parts.query and not parts.fragment
    if not sound:
        raise FlagsUnavailable(
            f"The flag client needs the server's address, as in https://schemadiff.example.org, not {_shown(address)}. "
            "Give it as SCHEMADIFF_FLAGS_ADDRESS."
        )


def _shown(address: str) -> str:
    """Without what may be a password."""
    return repr(address.rpartition("@")[2][:200])


def client_name(settings: ClientSettings) -> str:
    """What the flags page lists a client as: application, module, host, process, and four digits, another at each call.

    Two clients must not have the same name, or a cut-over would see the writes of one of them only; process numbers
    alone are not enough where containers share a host's name.
    """
    part = f".{settings.module[:_LONGEST_PART]}" if settings.module else ""
    host = socket.gethostname()[:_LONGEST_PART]
    name = f"{settings.application[:_LONGEST_PART]}{part}@{host}:{os.getpid()}-{secrets.token_hex(2)}"
    return _NAME.sub("_", name)
