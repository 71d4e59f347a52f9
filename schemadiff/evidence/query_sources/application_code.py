"""The queries in a folder of an application's source code, each with file and line."""

from pathlib import Path

from schemadiff.core.errors import Refused
from schemadiff.evidence.query_files import named_queries
from schemadiff.evidence.query_sources.found import Found, Gathering, Unresolved
from schemadiff.evidence.query_sources.python_code import is_worth_reading, read_python

_PASSED_OVER = frozenset(
    {
        ".git",
        ".hg",
        ".svn",
        ".tox",
        ".venv",
        "venv",
        "node_modules",
        "__pycache__",
        "site-packages",
        "dist",
        "build",
    }
)
_LARGEST = 5_000_000  # bytes: no hand has written more


def queries_in_code(folder: Path) -> Found:
    """Python files are read for literals of SQL; `.sql` files that hold queries count, too.

    Raises Refused where the folder has neither.
    """
    gathering, unresolved, read = Gathering(), list[Unresolved](), 0
    for path in sorted(folder.rglob("*")):
        inner = path.relative_to(folder)
        if path.suffix not in (".py", ".sql") or _PASSED_OVER.intersection(inner.parts) or not path.is_file():
            continue
        text = _text_of(path)
        if text is None:
            unresolved.append(
                Unresolved(place=f"{inner}:1", why="The file is larger than 5 MB, or no UTF-8 text.")
            )
            continue
        read += 1
        if path.suffix == ".sql":
            for query in named_queries(text):
                gathering.add(query.sql, place=f"{inner}")
        elif is_worth_reading(text):
            unresolved += read_python(text, str(inner), gathering)
    if not read:
        raise Refused(f"{folder} has no Python and no .sql file: expected the source code of an application.")
    return Found(queries=gathering.queries(), unresolved=tuple(unresolved), passed_over=gathering.passed_over)


def _text_of(path: Path) -> str | None:
    if path.stat().st_size > _LARGEST:
        return None
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return None
