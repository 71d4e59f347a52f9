"""Queries in a server's log: what `log_statement` or `log_min_duration_statement` wrote, as stderr, csv or json."""

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator

from schemadiff.core.errors import Refused
from schemadiff.evidence.query_sources.found import Found, Gathering, Unresolved

_MESSAGE = re.compile(
    r"\A(?:duration: [\d.]+ ms  )?(?P<what>statement|execute|parse|bind)(?: (?P<name>[^:]*))?: (?P<sql>.*)\Z",
    re.DOTALL,
)
_LOG_LINE = re.compile(r"(?:^|[^\w])LOG: {2}(?P<message>.*)\Z", re.DOTALL)
_OTHER_LINE = re.compile(
    r"(?:^|[^\w])(?:DETAIL|HINT|CONTEXT|STATEMENT|ERROR|FATAL|PANIC|WARNING|NOTICE|INFO|DEBUG\d?|QUERY|LOCATION): {2}"
)
_FIRST, _LONGEST_FIELD = 5, 1_000_000_000
_CSV_USER, _CSV_SEVERITY, _CSV_MESSAGE, _CSV_COLUMNS = 1, 11, 13, 23
_ROLE = re.compile(r"\b(?:user|usr|u)=(?P<named>[^\s,;@]+)|(?P<at>[^\s,;:=@]+)@[^\s,;@]+")


def queries_in_log(text: str, name: str) -> Found:
    """What a log of that name tells. Raises Refused if it tells of no statement at all.

    Each statement is counted once a call: a prepared one when it is executed, not when it is parsed or bound.
    """
    gathering = Gathering()
    for message, role in _messages(text):
        found = _MESSAGE.match(message)
        if found and found["what"] in ("statement", "execute"):
            gathering.add(found["sql"], calls=1, place="", roles=[role] if role else [])
    queries = gathering.queries()
    unresolved: tuple[Unresolved, ...] = ()
    if gathering.unreadable:
        why = f"Statements that could not be read as SQL, cut off perhaps: {gathering.unreadable:,}."
        unresolved = (Unresolved(place=name, why=why),)
    if not queries and not gathering.passed_over and not unresolved:
        raise Refused(
            f"{name} tells of no statement. Expected a log of PostgreSQL in English (lc_messages = C) with "
            "log_statement = 'all', or log_min_duration_statement = 0, set for some days of the application's work."
        )
    return Found(queries=queries, unresolved=unresolved, passed_over=gathering.passed_over)


def _messages(text: str) -> Iterator[tuple[str, str]]:
    """Each with the role that sent it, empty where the log does not say. The first lines tell the format; one of them
    may be cut off."""
    lines = [line.removesuffix("\r") for line in text.split("\n")]
    if any(line.startswith('{"') for line in lines[:_FIRST]):
        return _json_messages(lines)
    if (rows := _csv_rows(text)) is not None:
        return ((row[_CSV_MESSAGE], row[_CSV_USER]) for row in rows if row[_CSV_SEVERITY] == "LOG")
    return _stderr_messages(lines)


def _json_messages(lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    for line in lines:
        try:
            entry = json.loads(line)
        except ValueError:  # the last line of a log that is being written
            continue
        if isinstance(entry, dict) and entry.get("error_severity") == "LOG":
            yield str(entry.get("message", "")), str(entry.get("user", ""))


def _csv_rows(text: str) -> list[list[str]] | None:
    """None where it is no csvlog."""
    csv.field_size_limit(max(csv.field_size_limit(), _LONGEST_FIELD))
    rows = []
    try:
        for place, row in enumerate(csv.reader(io.StringIO(text.replace("\0", "")))):
            if len(row) >= _CSV_COLUMNS:
                rows.append(row)
            elif place >= _FIRST and not rows:
                return None
    except csv.Error:  # what follows cannot be told apart
        pass
    return rows or None


def _stderr_messages(lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    """A message goes on in the lines that start with a tab."""
    message: list[str] = []
    role = ""
    for line in lines:
        if line.startswith("\t"):
            if message:
                message.append(line[1:])
            continue
        if message:
            yield "\n".join(message), role
        found = None if _OTHER_LINE.search(line.split("LOG:  ")[0]) else _LOG_LINE.search(line)
        message = [found["message"]] if found else []
        role = _role_in(line[: found.start()]) if found else ""
    if message:
        yield "\n".join(message), role


def _role_in(prefix: str) -> str:
    """As the usual settings of log_line_prefix say it: `%u@%d`, or `user=%u`."""
    found = _ROLE.search(prefix)
    role = (found["named"] or found["at"]) if found else ""
    return "" if role == "[unknown]" else role
