"""pg_dump as an outside witness: what it writes of a schema, put so that equal schemas give equal texts.

It shares no line with the catalog queries that it judges. One pg_dump, the newest at hand, writes both databases.
Taken away is only what cannot agree between two databases: the `\\restrict` line's random word, the lines that
say who dumped what, the order of the entries, which PostgreSQL's object numbers decide, and that of grants, which
says when each was set, and that of a table's parents, which pg_dump takes as they lie in the catalog's pages. Where an
entry relies on a setting (table access method, tablespace) that stands before it, the setting is said in the entry.
Columns come in their order; `with_columns_sorted` leaves that out too, for a column that is added goes last.
"""

import difflib
import re
import subprocess
from collections.abc import Iterator

from schemadiff.embedded.binaries import SUPPORTED_MAJORS, binary

_BETWEEN = "\n\n==== "
_HEADER = re.compile(r"^--\n-- Name: (?P<name>.*); Type: (?P<type>[A-Z ]+); Schema: .*\n--\n", re.MULTILINE)
_NO_SCHEMA = re.compile(r"^(\\(un)?restrict .*|-- PostgreSQL database dump complete|--)(\n|\Z)", re.MULTILINE)
_SETTING = re.compile(r"^SET (default_tablespace|default_table_access_method) = (.*);\n+", re.MULTILINE)
_ATTACHED = re.compile(
    r'^ALTER INDEX (?:\w+|"[^"]+")\.(\w+|"(?:[^"]|"")+") ATTACH PARTITION (?:\w+|"[^"]+")\.(\w+|"(?:[^"]|"")+");',
    re.MULTILINE,
)
_USUAL = {"default_tablespace": "''", "default_table_access_method": "heap"}
_GRANTS_AS_OTHERS = re.compile(r"(SET SESSION AUTHORIZATION .*;)\n(.*)\n(RESET SESSION AUTHORIZATION;)\n*")
_STATISTICS = re.compile(r"^(CREATE STATISTICS .* ON )(.*)( FROM .*;)", re.MULTILINE)
_PUBLISHED = re.compile(r"^(ALTER PUBLICATION .* ADD TABLE ONLY [^(]*\()(.*?)(\).*;)", re.MULTILINE)
_PARENTS = re.compile(r"^(INHERITS \()(.*)(\).*)$", re.MULTILINE)
_OF_COLUMNS = ("TABLE: ", "FOREIGN TABLE: ")


def witnessed(dsn: str) -> str:
    """What pg_dump writes of the database's schema: the same text for the same schema."""
    return normalised(_dump(dsn))


def normalised(dump: str) -> str:
    """The entries of a dump, sorted."""
    return _BETWEEN.join(["As pg_dump writes it:", *sorted(_entries(dump))])


def with_columns_sorted(testimony: str) -> str:
    """The same, whatever the order of the columns of each table."""
    entries = (_sorted_lists(entry) for entry in testimony.split(_BETWEEN))
    return _BETWEEN.join(_sorted(entry) if entry.startswith(_OF_COLUMNS) else entry for entry in entries)


def with_partitions_indexes_unnamed(testimony: str) -> str:
    """PostgreSQL names a partition's share of an index where nobody does, and numbers the names as they come."""
    parents = {child: parent for parent, child in _ATTACHED.findall(testimony)}
    for _ in range(3):  # partitions of partitions of partitions
        parents = {child: parents.get(parent, parent) for child, parent in parents.items()}
    names = {
        name: parent
        for child, parent in parents.items()
        for name in (child, child.strip('"').replace('""', '"'))
    }
    if not names:
        return testimony
    longest_first = sorted(map(re.escape, names), key=len, reverse=True)
    anywhere = re.compile(rf"(?<![\w\"])(?:{'|'.join(longest_first)})(?![\w\"])")
    entries = testimony.split(_BETWEEN)
    unnamed = (anywhere.sub(lambda found: f"<of {names[found[0]]}>", entry) for entry in entries)
    return _BETWEEN.join([entries[0], *sorted(list(unnamed)[1:])])


def disagreement(wanted: str, reached: str) -> str:
    """The lines in which two testimonies differ; empty if they agree."""
    lines = difflib.unified_diff(
        wanted.splitlines(), reached.splitlines(), "wanted", "reached", n=3, lineterm=""
    )
    return "\n".join(lines)


def _entries(dump: str) -> Iterator[str]:
    headers = list(_HEADER.finditer(dump))
    starts = [header.start() for header in headers]
    settings = dict(_USUAL)
    _settle(settings, dump[: min(starts, default=0)])
    ends = [*starts, len(dump)][1:] if starts else []  # nothing at all is dumped of an empty database
    for header, end in zip(headers, ends, strict=True):
        body = dump[header.end() : end]
        said = "".join(f" ({name} {value})" for name, value in settings.items() if value != _USUAL[name])
        text = _NO_SCHEMA.sub("", _SETTING.sub("", body)).strip()
        text = _sorted_list(_PARENTS, text)
        text = _with_grants_sorted(text) if header["type"].endswith("ACL") else text
        yield f"{header['type']}: {header['name']}{said}\n{text}"
        _settle(settings, body)


def _with_grants_sorted(text: str) -> str:
    """What others than the owner granted is one line each, with who did."""
    return "\n".join(sorted(_GRANTS_AS_OTHERS.sub(r"\1 \2 \3\n", text).splitlines()))


def _settle(settings: dict[str, str], text: str) -> None:
    """A setting stands before the header of what it is for, so in the text of the entry before."""
    settings.update(_SETTING.findall(text))


def _sorted(entry: str) -> str:
    """Line by line, for what is said of columns after CREATE TABLE comes in their order too."""
    heading, *lines = entry.splitlines()
    return "\n".join([heading, *sorted(line.removesuffix(",") for line in lines)])


def _sorted_lists(entry: str) -> str:
    """PostgreSQL keeps a statistics object's and a publication's columns in the order that they have in the table."""
    return _sorted_list(_PUBLISHED, _sorted_list(_STATISTICS, entry))


def _sorted_list(listed: re.Pattern[str], entry: str) -> str:
    return listed.sub(lambda found: found[1] + ", ".join(sorted(found[2].split(", "))) + found[3], entry)


def _dump(dsn: str) -> str:
    command = [str(binary(max(SUPPORTED_MAJORS), "pg_dump")), "--schema-only", f"--dbname={dsn}"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout
