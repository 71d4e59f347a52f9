"""A file of pg_dump loaded inside of a transaction of ours: pg_restore writes it as a script, and this sends it.

So what is done around it holds or falls with it, and no password is handed to anybody.
"""

import re
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from migration.core.errors import RunFailed
from migration.engine.sessions import Session

_RESTRICTED = re.compile(rb"^\\restrict (\S+)\s*$", re.MULTILINE)
_COPY = re.compile(rb"^COPY .* FROM stdin;\r?\n$", re.DOTALL)
_END_OF_ROWS = (b"\\.\n", b"\\.\r\n")
_SENT = 1 << 16  # bytes at a time
_NEWER = b"SET transaction_timeout = 0;\n"  # which servers before 17 do not know


@dataclass(frozen=True, slots=True, kw_only=False)
class Archive:
    """`program` is a pg_restore that can read the file at `path`."""

    program: Path
    path: Path

    def load(self, target: Session) -> None:
        """Make the objects, fill the tables, then add keys, indexes and triggers. Raises RunFailed, psycopg.Error."""
        self._define(target, "pre-data")
        self._fill(target)
        self._define(target, "post-data")

    def _define(self, target: Session, section: str) -> None:
        with self._script(section) as lines:
            script = lines.read()
        _send(target, _plain(script, target))

    def _fill(self, target: Session) -> None:
        """This section holds rows and single statements of one line, so that what begins a line tells them apart."""
        with self._script("data") as lines:
            before: list[bytes] = []
            for line in lines:
                if _COPY.match(line):
                    _send(target, _plain(b"".join(before), target))
                    before.clear()
                    _copy(target, line, lines)
                elif not line.startswith(b"\\"):
                    before.append(line)
            _send(target, _plain(b"".join(before), target))

    @contextmanager
    def _script(self, section: str) -> Iterator[IO[bytes]]:
        command = [str(self.program), f"--section={section}", "--file=-", str(self.path)]
        with tempfile.TemporaryFile() as complaints:
            with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=complaints) as process:
                assert process.stdout is not None
                try:
                    yield process.stdout
                except BaseException:
                    process.kill()
                    raise
            if process.returncode:
                complaints.seek(0)
                told = complaints.read().decode(errors="replace").strip().splitlines()
                said = told[0].removeprefix("pg_restore: ") if told else f"exit code {process.returncode}"
                raise RunFailed(
                    f"The backup {self.path} could not be read, and nothing was changed: pg_restore says “{said}”."
                )


def _copy(target: Session, statement: bytes, lines: IO[bytes]) -> None:
    with target.cursor() as cursor, cursor.copy(statement.decode()) as copy:
        waiting, size = [], 0
        for line in lines:
            if line in _END_OF_ROWS:
                break
            waiting.append(line)
            size += len(line)
            if size >= _SENT:
                copy.write(b"".join(waiting))
                waiting, size = [], 0
        copy.write(b"".join(waiting))


def _plain(script: bytes, target: Session) -> bytes:
    """Without what only psql understands, and what this server does not."""
    restricted = _RESTRICTED.search(script)
    if restricted is not None:
        for word in (b"\\restrict ", b"\\unrestrict "):
            script = script.replace(word + restricted[1] + b"\n", b"")
    return script if target.info.server_version >= 170_000 else script.replace(_NEWER, b"", 1)


def _send(target: Session, script: bytes) -> None:
    if script.strip():
        target.execute(script)
