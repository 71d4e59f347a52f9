"""Starting, adopting and stopping one server.

A server keeps its password for ever and its port as long as nobody else takes it, so that saved
connections stay right. After a crash the next start clears up what the dead server left.
"""

import os
import random
import shutil
import signal
import socket
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import quote

import psycopg

from schemadiff.embedded import processes
from schemadiff.embedded.account import hand_over, open_way_to, run
from schemadiff.embedded.binaries import binary
from schemadiff.embedded.errors import EmbeddedError
from schemadiff.embedded.files import HOST, Files

StopMode = Literal["smart", "fast", "immediate"]

_PORTS = range(15_432, 32_000)  # below the range from which systems take ports for outgoing connections
_ATTEMPTS = 5
_PATIENCE = 120  # seconds for a start, which may have to recover from a crash, and for a stop


@dataclass(frozen=True, slots=True)
class EmbeddedServer:
    """A handle on a server; it stays valid while the server is stopped, and after `restart`."""

    major: int
    port: int
    data_dir: Path
    password: str = field(repr=False)
    user: str = "postgres"

    def dsn(self, dbname: str = "postgres", user: str | None = None, password: str | None = None) -> str:
        """A connection URI; without `user` the superuser's."""
        secret = password if password is not None else ("" if user else self.password)
        login = quote(user or self.user, safe="") + (f":{quote(secret, safe='')}" if secret else "")
        return f"postgresql://{login}@{HOST}:{self.port}/{quote(dbname, safe='')}"

    @property
    def files(self) -> Files:
        return Files(self.data_dir)

    @property
    def cluster(self) -> Path:
        """PostgreSQL's own data directory."""
        return self.files.cluster

    def postmaster_pid(self) -> int | None:
        """The process number of the running server's postmaster."""
        found = self.files.postmaster()
        return found[0] if found and processes.is_server(found[0], self.cluster) else None

    def running(self) -> bool:
        return self.postmaster_pid() is not None

    def stop(self, mode: StopMode = "fast") -> None:
        """Shut down and wait for the end; a server that is not running is left alone."""
        with self.files.lock():
            _stop(self, mode)

    def kill(self) -> None:
        """SIGKILL the postmaster, as a crash would; its backends find out by themselves."""
        pid = self.postmaster_pid()
        if pid is None:
            return
        processes.send(pid, signal.SIGKILL)
        deadline = time.monotonic() + 5
        while processes.is_server(pid, self.cluster) and time.monotonic() < deadline:
            time.sleep(0.01)

    def restart(self) -> None:
        """Stop if running, and start on the same port with the settings of the last start."""
        with self.files.lock():
            _stop(self, "fast")
            _clear_up(self.files)
            if not _is_free(self.port):
                raise EmbeddedError(
                    f"Port {self.port} of the embedded server {self.data_dir} was taken by another."
                )
            if not _launch(self):
                raise self.files.failure(f"The embedded PostgreSQL {self.major} did not start again.")


def start(
    data_dir: Path, major: int, *, settings: Mapping[str, str] | None = None, superuser: str = "postgres"
) -> EmbeddedServer:
    """A running server for that folder, made there if need be.

    A server that runs there already is adopted as it is, without the `settings`. Raises EmbeddedError
    if the folder belongs to another major version or the server cannot run.
    """
    folder = Path(os.path.abspath(data_dir.expanduser())).resolve()
    files = Files(folder)
    with files.lock():
        files.prepare()
        if (made_by := files.major()) not in (None, major):
            raise EmbeddedError(
                f"The data in {folder} is PostgreSQL {made_by}'s; it cannot be opened as {major}."
            )
        open_way_to(folder, major)
        if made_by is None:
            _initialise(files, major, superuser, durable=(settings or {}).get("fsync") != "off")
        adopted = _adopt(files, major, superuser)
        return adopted or _start_anew(files, major, superuser, settings or {})


def known(data_dir: Path, *, superuser: str = "postgres") -> EmbeddedServer | None:
    """The server of that folder as it was when last started, running or not; None if never made.

    Writes and starts nothing.
    """
    files = Files(Path(os.path.abspath(data_dir.expanduser())).resolve())
    major, port = files.major(), files.port()
    if major is None or port is None or not (files.folder / "password").exists():
        return None
    return EmbeddedServer(major, port, files.folder, files.password(), superuser)


def _initialise(files: Files, major: int, superuser: str, *, durable: bool) -> None:
    for folder in (files.cluster, files.draft):  # deleted under a running server; half made
        processes.kill_all(folder)
        shutil.rmtree(folder, ignore_errors=True)
    files.draft.mkdir()
    hand_over(files.draft, 0o700)
    for locale in ("C.UTF-8", "en_US.UTF-8", "C"):
        if _initdb(files, major, superuser, locale, durable=durable):
            files.draft.rename(files.cluster)
            return
    raise files.failure(f"The data directory of the embedded PostgreSQL {major} could not be made.")


def _initdb(files: Files, major: int, superuser: str, locale: str, *, durable: bool) -> bool:
    with tempfile.NamedTemporaryFile("w", dir=files.folder, prefix=".initdb-") as secret:
        secret.write(files.password())
        secret.flush()
        hand_over(Path(secret.name), 0o600)
        command: list[str | Path] = [binary(major, "initdb"), "-D", files.draft, "-U", superuser]
        command += [
            f"--pwfile={secret.name}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            f"--locale={locale}",
        ]
        with files.log.open("ab") as log:
            return run([*command, *([] if durable else ["--no-sync"])], stdout=log, stderr=log) == 0


def _adopt(files: Files, major: int, superuser: str) -> EmbeddedServer | None:
    found = files.postmaster()
    if found is None or not processes.is_server(found[0], files.cluster):
        return None
    server = EmbeddedServer(major, found[1], files.folder, files.password(), superuser)
    deadline = time.monotonic() + _PATIENCE
    while processes.is_server(found[0], files.cluster):
        try:
            psycopg.connect(server.dsn(), connect_timeout=5).close()
            return server
        except psycopg.OperationalError as exc:
            if "password authentication failed" in str(exc):
                raise files.failure(
                    f"The running embedded server {files.folder} refuses its password."
                ) from exc
            if time.monotonic() > deadline:
                raise files.failure(f"The running embedded server {files.folder} does not answer.") from exc
            time.sleep(0.1)
    return None


def _start_anew(files: Files, major: int, superuser: str, settings: Mapping[str, str]) -> EmbeddedServer:
    _clear_up(files)
    for attempt in range(_ATTEMPTS):
        port = _port_for(files, fresh=attempt > 0)
        files.configure(port, settings)
        server = EmbeddedServer(major, port, files.folder, files.password(), superuser)
        if _launch(server):
            return server
        if _is_free(port):  # so it failed for a reason that another port does not mend
            break
    raise files.failure(f"The embedded PostgreSQL {major} in {files.folder} did not start.")


def _clear_up(files: Files) -> None:
    """After a server that was killed: end its orphans, remove its stale lock file."""
    processes.kill_all(files.cluster)
    (files.cluster / "postmaster.pid").unlink(missing_ok=True)


def _launch(server: EmbeddedServer) -> bool:
    command: list[str | Path] = [binary(server.major, "pg_ctl"), "start", "--wait", "--silent"]
    command += [f"--timeout={_PATIENCE}", f"--pgdata={server.cluster}", f"--log={server.files.log}"]
    return run(command) == 0 and server.running()


def _stop(server: EmbeddedServer, mode: StopMode) -> None:
    if not server.running():
        return
    command: list[str | Path] = [binary(server.major, "pg_ctl"), "stop", "--wait", "--silent"]
    run([*command, f"--timeout={_PATIENCE}", f"--mode={mode}", f"--pgdata={server.cluster}"])
    if server.running():
        raise server.files.failure(
            f"The embedded PostgreSQL {server.major} in {server.data_dir} does not stop."
        )


def _port_for(files: Files, *, fresh: bool) -> int:
    last = files.port()
    if last is not None and not fresh and _is_free(last):
        return last
    for port in random.SystemRandom().sample(_PORTS, 200):
        if _is_free(port):
            return port
    raise EmbeddedError(f"No free port was found on {HOST} between {_PORTS.start} and {_PORTS.stop}.")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True
