"""The files that a server keeps: its cluster, password, port, settings and log.

DIR/            ours; others may pass through, not look
DIR/cluster/    PostgreSQL's data directory, of the servers' account
DIR/log         of the servers' account
DIR/password    0600, made once
DIR/port        the port of the last start
DIR/lock        held while a server is started or stopped
"""

import contextlib
import fcntl
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from schemadiff.embedded.account import hand_over
from schemadiff.embedded.errors import EmbeddedError
from schemadiff.embedded.processes import cluster_name
from schemadiff.private_files import write_private

HOST = "127.0.0.1"
_LOG_LIMIT = 20_000_000
_SETTINGS_FILE = "schemadiff.conf"

_SETTINGS: Mapping[str, str] = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    "wal_level": "logical",
    "max_wal_senders": "20",
    "max_replication_slots": "20",
    "password_encryption": "scram-sha-256",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %e ",
    "lc_messages": "C",
}


@dataclass(frozen=True, slots=True)
class Files:
    """The paths below a server's folder (an absolute path without symbolic links)."""

    folder: Path

    @property
    def cluster(self) -> Path:
        return self.folder / "cluster"

    @property
    def draft(self) -> Path:
        """Where a cluster is made, to become `cluster` once it is whole."""
        return self.folder / "cluster.new"

    @property
    def log(self) -> Path:
        return self.folder / "log"

    def prepare(self) -> None:
        """Make the folder and an empty log, and put an overlong log aside."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self.log.exists() and self.log.stat().st_size > _LOG_LIMIT:
            self.log.replace(self.folder / "log.1")
        if not self.log.exists():
            self.log.touch(mode=0o600)
            hand_over(self.log, 0o600)

    @contextlib.contextmanager
    def lock(self) -> Iterator[None]:
        """One process or thread at a time starts or stops this server."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self.folder / "lock").open("w") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield

    def password(self) -> str:
        """The superuser's password; made at the first call."""
        path = self.folder / "password"
        if not path.exists():
            write_private(path, secrets.token_urlsafe(24))
        return path.read_text().strip()

    def port(self) -> int | None:
        try:
            return int((self.folder / "port").read_text())
        except (OSError, ValueError):
            return None

    def major(self) -> int | None:
        """The version that made the cluster; None if there is none yet."""
        try:
            return int((self.cluster / "PG_VERSION").read_text())
        except (OSError, ValueError):
            return None

    def postmaster(self) -> tuple[int, int] | None:
        """Process number and port out of `postmaster.pid`, whether or not that process lives."""
        try:
            lines = (self.cluster / "postmaster.pid").read_text().splitlines()
            return int(lines[0]), int(lines[3])
        except (OSError, ValueError, IndexError):
            return None

    def configure(self, port: int, settings: Mapping[str, str]) -> None:
        """Write the settings of the next start. What `ALTER SYSTEM` set goes before them."""
        lines = {**_SETTINGS, "port": str(port), "cluster_name": cluster_name(self.cluster), **settings}
        text = "".join(f"{name} = {_quoted(value)}\n" for name, value in lines.items())
        path = self.cluster / _SETTINGS_FILE
        path.write_text(text)
        hand_over(path, 0o600)
        main = self.cluster / "postgresql.conf"
        include = f"include = '{_SETTINGS_FILE}'\n"
        if not (known := main.read_text()).endswith(include):
            main.write_text(known + include)
        (self.folder / "port").write_text(f"{port}\n")

    def last_log_line(self) -> str:
        """The last of the log's closing lines that tells of an error, else the last line at all."""
        if not self.log.exists():
            return ""
        with self.log.open("rb") as handle:
            handle.seek(max(0, self.log.stat().st_size - 16_384))
            lines = handle.read().decode(errors="replace").splitlines()[-12:]
        told = [line for line in lines if "FATAL:" in line or "PANIC:" in line]
        return next(reversed(told or lines), "").strip()

    def failure(self, sentence: str) -> EmbeddedError:
        """An error of one sentence, with the log's last word behind it."""
        last = self.last_log_line()
        return EmbeddedError(f"{sentence} The end of its log: {last}" if last else sentence)


def _quoted(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"
