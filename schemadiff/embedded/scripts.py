"""SQL scripts as files: which there are, and which of their lines are SQL.

Knows just enough of the language to tell statements from COPY data, strings and comments, line by line.
"""

import re
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from schemadiff.embedded.errors import EmbeddedError
from schemadiff.embedded.script_folders import order_of

_ARCHIVE = b"PGDMP"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_COPY = re.compile(rb"\s*COPY\b[^;]*\bFROM\s+STDIN\b[^;]*;\s*$", re.IGNORECASE)
_GUARD = re.compile(rb"\\(un)?restrict [A-Za-z0-9]+\s*$")
_OWNER = re.compile(rb"ALTER [^;']+ OWNER TO [^;']+;\s*$")
_SECTION = re.compile(rb"--\s*(?:migrate:\s*|\+goose\s+|\+migrate\s+)(up|down)\b", re.IGNORECASE)
_TOKEN = re.compile(rb"--[^\n]*|/\*|\*/|\$(?:[A-Za-z_]\w*)?\$|\b[Ee]'|'|\"")
_ESCAPED = re.compile(rb"(?:\\.|[^'\\])*(')?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Script:
    """One script: its name for messages, and its bytes in lines.

    Of a file that holds both ways of a migration in sections only the way forward is SQL; the other lines are empty.
    """

    name: str
    path: Path | None
    text: bytes = b""

    def lines(self) -> Iterator[bytes]:
        """All lines with their ends, without a byte order mark."""
        back = False
        for line in self._unmarked():
            if found := _SECTION.match(line):
                back = found[1].lower() == b"down"
            yield b"\n" if back else line

    def _unmarked(self) -> Iterator[bytes]:
        for number, line in enumerate(self._raw()):
            yield line.removeprefix(_BYTE_ORDER_MARK) if number == 0 else line

    def line(self, number: int) -> str:
        found = (line for place, line in enumerate(self.lines(), 1) if place == number)
        return next(found, b"").decode(errors="replace")

    def _raw(self) -> Iterator[bytes]:
        if self.path is None:
            yield from self.text.splitlines(keepends=True)
            return
        with self.path.open("rb") as handle:
            yield from handle


def scripts_in(source: Path | str) -> tuple[Script, ...]:
    """A file, or a folder's files as `order_of` puts them (a Path), or SQL text (a str)."""
    if isinstance(source, str):
        return (Script("the SQL text", None, source.encode()),)
    if not source.exists():
        raise EmbeddedError(f"There is no file or folder {source}.")
    files = order_of(source).files if source.is_dir() else ((source.name, source),)
    scripts = tuple(Script(name, path) for name, path in files)
    for script in scripts:
        if next(script.lines(), b"").startswith(_ARCHIVE):
            raise EmbeddedError(
                f"{script.name} is an archive of pg_dump, not SQL; `pg_restore -f FILE` makes SQL of it."
            )
    return scripts


def restricted(lines: Iterable[bytes]) -> Iterator[bytes]:
    """The script as psql can load it in restricted mode and as no superuser; one line is put in front.

    The key that ends the mode is random. A dump's own `\\restrict`, and its statements that give
    objects to owners, of which a throw-away server knows none, become empty lines.
    """
    yield f"\\restrict {secrets.token_hex(32)}\n".encode()
    for line, is_sql in marked(lines):
        yield b"\n" if is_sql and (_GUARD.match(line) or _OWNER.match(line)) else line


def marked(lines: Iterable[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Each line, and whether it begins as SQL: not in COPY data, a string, a body or a comment."""
    inside = b""
    for line in lines:
        yield line, not inside
        if inside == b"COPY":
            inside = b"" if line.rstrip(b"\r\n") == b"\\." else inside
        elif not inside and _COPY.match(line):
            inside = b"COPY"
        else:
            inside = _state_after(line, inside)


def _state_after(line: bytes, inside: bytes) -> bytes:
    """What is open at the line's end: a quote, a dollar tag, comments (one `/*` each) or nothing."""
    place = 0
    while place < len(line):
        if not inside or inside.startswith(b"/*"):
            token = _TOKEN.search(line, place)
            if token is None:
                break
            place, inside = token.end(), _opened(token[0], inside)
            continue
        place = _end_of(inside, line, place)
        if place < 0:
            break
        inside = b""
    return inside


def _end_of(quote: bytes, line: bytes, place: int) -> int:
    """Behind the closing quote; -1 if it is not in this line."""
    if quote == b"E'":
        found = _ESCAPED.match(line, place)
        return found.end() if found and found[1] else -1
    end = line.find(quote, place)
    return end + len(quote) if end >= 0 else -1


def _opened(token: bytes, inside: bytes) -> bytes:
    if token == b"/*":
        return inside + token
    if token == b"*/":
        return inside.removesuffix(b"/*") if inside else inside
    if inside or token.startswith(b"--"):
        return inside
    return b"E'" if token in (b"E'", b"e'") else token
