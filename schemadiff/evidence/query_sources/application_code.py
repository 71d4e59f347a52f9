"""The queries in an application's source code, each with file and line: in a folder, or in an archive of one."""

import lzma
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import IO

from schemadiff.core.errors import Refused
from schemadiff.evidence.query_files import named_queries
from schemadiff.evidence.query_sources import python_code
from schemadiff.evidence.query_sources.found import Found, Gathering, Unresolved
from schemadiff.evidence.query_sources.javascript import reader as javascript

_READ = javascript.SUFFIXES | {".py", ".sql"}
_PASSED_OVER = frozenset(
    {".git", ".hg", ".svn", ".tox", ".venv", "venv", "node_modules", "__pycache__", "site-packages"}
    | {"dist", "build", ".next", "coverage"}
)
_LARGEST = 5_000_000  # bytes: no hand has written more
_MOST = 50_000_000  # bytes of an archive, once unpacked
_DAMAGED = (zlib.error, lzma.LZMAError)
_EXPECTED = "expected the source code of an application, in Python, JavaScript, TypeScript or SQL"


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    """`text` is None where it could not be read."""

    name: str
    text: str | None

    @property
    def suffix(self) -> str:
        return PurePath(self.name).suffix


def queries_in_code(folder: Path) -> Found:
    """Python, JavaScript and TypeScript are read for queries; `.sql` files that hold queries count, too.

    Raises Refused where the folder has none of them.
    """
    return _queries_in(_in_folder(folder), str(folder))


def queries_in_archive(content: IO[bytes], name: str) -> Found:
    """The same of a .zip file. Raises Refused where it is none, or too large."""
    try:
        with zipfile.ZipFile(content) as archive:
            return _queries_in(_in_archive(archive, name), name)
    except zipfile.BadZipFile as exc:
        raise _not_unpacked(name) from exc


def _queries_in(files: Iterable[_File], where: str) -> Found:
    gathering, unresolved, read = Gathering(), list[Unresolved](), 0
    for file in files:
        if file.text is None:
            why = "The file is larger than 5 MB, or no UTF-8 text."
            unresolved.append(Unresolved(place=f"{file.name}:1", why=why))
            continue
        read += 1
        unresolved += _read(file.name, file.suffix, file.text, gathering)
    if not read:
        raise Refused(f"{where} holds nothing to read queries from: {_EXPECTED}.")
    return Found(queries=gathering.queries(), unresolved=tuple(unresolved), passed_over=gathering.passed_over)


def _read(name: str, suffix: str, text: str, gathering: Gathering) -> Iterable[Unresolved]:
    if suffix == ".sql":
        for query in named_queries(text):
            gathering.add(query.sql, place=name)
    elif suffix == ".py" and python_code.is_worth_reading(text):
        yield from python_code.read_python(text, name, gathering)
    elif suffix in javascript.SUFFIXES and javascript.is_worth_reading(text):
        yield from javascript.read_javascript(text, name, suffix, gathering)


def _in_folder(folder: Path) -> Iterator[_File]:
    for path in sorted(folder.rglob("*")):
        inner = path.relative_to(folder)
        if _is_read(inner) and path.is_file():
            yield _File(name=str(inner), text=_text_of(path))


def _in_archive(archive: zipfile.ZipFile, name: str) -> Iterator[_File]:
    entries = [entry for entry in archive.infolist() if _is_read(PurePath(entry.filename))]
    if sum(entry.file_size for entry in entries) > _MOST:
        raise Refused(f"{name} holds more than 50 MB of code. Leave out what is not the application's own.")
    for entry in sorted(entries, key=lambda each: each.filename):
        content = _unpacked(archive, entry, name)
        yield _File(name=entry.filename, text=_decoded(content) if len(content) <= _LARGEST else None)


def _unpacked(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, name: str) -> bytes:
    """At most a little more than what is read: what the entry says of its size may be wrong."""
    try:
        with archive.open(entry) as file:
            return file.read(_LARGEST + 1)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, *_DAMAGED) as exc:
        raise _not_unpacked(name) from exc


def _not_unpacked(name: str) -> Refused:
    return Refused(f"{name} could not be unpacked: expected a .zip file without a password.")


def _is_read(inner: PurePath) -> bool:
    is_minified = inner.name.endswith((".min.js", ".d.ts"))
    return inner.suffix in _READ and not is_minified and not _PASSED_OVER.intersection(inner.parts)


def _text_of(path: Path) -> str | None:
    try:
        return _decoded(path.read_bytes()) if path.stat().st_size <= _LARGEST else None
    except OSError:
        return None


def _decoded(content: bytes) -> str | None:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
