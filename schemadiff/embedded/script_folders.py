"""Folders of migrations: which of their files lead to the present schema, in which order, and which are left out.

Understood are plain files in the order of their numbers or names, pairs of `.up.sql` and `.down.sql`, Flyway's
`V1_2__name.sql` with `R__`, `B__` and `U__`, a folder for each migration (`migration.sql`, or `up.sql` and `down.sql`),
and files that hold both ways in sections (`-- migrate:up`, `-- +goose Up`, `-- +migrate Up`).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from schemadiff.embedded.errors import EmbeddedError

_Natural: TypeAlias = tuple[tuple[int, int, str], ...]

_BACK = re.compile(r"(?:[._-](?:down|undo|rollback)\.sql|(?:^|/)down\.sql)\Z", re.IGNORECASE)
_FLYWAY = re.compile(r"(?P<kind>[VUB])(?P<version>\d+(?:[._]\d+)*)__.*\.sql\Z|(?P<again>R)__.*\.sql\Z")
_NAMED_SO = ("migration.sql", "up.sql", "down.sql")
_INSIDE = "migrations"
_MOST_NAMES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """A file that is not loaded, and why."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderOrder:
    """`files` are in the order in which they are loaded, each with its name below the folder."""

    files: tuple[tuple[str, Path], ...]
    left_out: tuple[LeftOut, ...] = ()

    @property
    def sentence(self) -> str:
        """`3 files in this order: a.sql, b.sql, c.sql; left out: a.down.sql (leads back)`."""
        names = [name for name, _ in self.files]
        left = [f"{one.name} ({one.reason})" for one in self.left_out]
        if len(names) > _MOST_NAMES:
            said = f"{len(names)} files, from {names[0]} to {names[-1]}"
        else:
            said = (f"{len(names)} files in this order: " if len(names) > 1 else "1 file: ") + ", ".join(
                names
            )
        if not left:
            return said
        more = f" and {len(left) - _MOST_NAMES} more" if len(left) > _MOST_NAMES else ""
        return f"{said}; left out: {', '.join(left[:_MOST_NAMES])}{more}"


def order_of(folder: Path) -> FolderOrder:
    """Raises EmbeddedError where the folder holds no `.sql` file that leads forward."""
    found = _files(folder)
    if not found and (folder / _INSIDE).is_dir():
        found = [(f"{_INSIDE}/{name}", path) for name, path in _files(folder / _INSIDE)]
    if not found:
        raise EmbeddedError(f"The folder {folder} holds no .sql file.")
    forward = [(name, path) for name, path in found if not _BACK.search(name)]
    back = [LeftOut(name=name, reason="leads back") for name, _ in found if _BACK.search(name)]
    order = _flyway(forward) if any(_FLYWAY.match(path.name) for _, path in forward) else _plain(forward)
    if not order.files:
        raise EmbeddedError(f"The folder {folder} holds only .sql files that lead back: {_listed(found)}.")
    return FolderOrder(files=order.files, left_out=(*back, *order.left_out))


def _files(folder: Path) -> list[tuple[str, Path]]:
    """Those in it and, of folders that hold one migration each, theirs."""
    own = [(path.name, path) for path in sorted(folder.glob("*.sql"))]
    for below in sorted(path for path in folder.iterdir() if path.is_dir()):
        own += [(f"{below.name}/{name}", below / name) for name in _NAMED_SO if (below / name).is_file()]
    return own


def _plain(files: Iterable[tuple[str, Path]]) -> FolderOrder:
    return FolderOrder(files=tuple(sorted(files, key=lambda entry: _natural(entry[0]))))


def _flyway(files: Iterable[tuple[str, Path]]) -> FolderOrder:
    """The newest baseline, the versions above it by number, then what is repeated, by name."""
    versions: list[tuple[tuple[int, ...], str, Path]] = []
    baselines: list[tuple[tuple[int, ...], str, Path]] = []
    again: list[tuple[str, Path]] = []
    left_out = []
    for name, path in files:
        match = _FLYWAY.match(path.name)
        if match is None:
            left_out.append(LeftOut(name=name, reason="no name that Flyway knows"))
        elif match["again"]:
            again.append((name, path))
        elif match["kind"] == "U":
            left_out.append(LeftOut(name=name, reason="leads back"))
        else:
            (baselines if match["kind"] == "B" else versions).append((_version(match["version"]), name, path))
    start = max(baselines, default=None)
    for entry in sorted(baselines):
        if entry is not start:
            left_out.append(LeftOut(name=entry[1], reason="an older baseline"))
    for entry in sorted(versions):
        if start and entry[0] <= start[0]:
            left_out.append(LeftOut(name=entry[1], reason=f"in the baseline {start[1]}"))
    after = [entry for entry in sorted(versions) if not start or entry[0] > start[0]]
    ordered = [(name, path) for _, name, path in ([start] if start else []) + after]
    return FolderOrder(files=(*ordered, *sorted(again)), left_out=tuple(left_out))


def _version(text: str) -> tuple[int, ...]:
    """Without the zeros at its end: 1.0 is 1."""
    numbers = [int(number) for number in re.split(r"[._]", text)]
    while len(numbers) > 1 and not numbers[-1]:
        numbers.pop()
    return tuple(numbers)


def _natural(name: str) -> _Natural:
    """By numbers where there are numbers: 2_b.sql is before 10_a.sql."""
    pieces = re.findall(r"\d+|\D+", name)
    return tuple((0, int(piece), "") if piece.isdecimal() else (1, 0, piece) for piece in pieces)


def _listed(files: Iterable[tuple[str, Path]]) -> str:
    return ", ".join(name for name, _ in files)
