"""The example's rows by table, as dicts and as COPY text."""

import json
from collections.abc import Callable, Iterator
from datetime import date, time
from typing import Any

from migration.seedcase import business, sessions, visits
from migration.seedcase.primitives import COUNTS, PROTECTED, Row

SIDES: dict[str, tuple[str, ...]] = {"legacy": tuple(COUNTS), "new": tuple(PROTECTED)}

# The columns whose value is a JSON document even where it is a plain list.
_JSON = {"categories", "visit_history", "ai_messages", "slots", "services", "messages"}

_ROWS: dict[str, Callable[[], Iterator[Row]]] = {
    "companies": business.companies,
    "clients": business.clients,
    "services": business.services,
    "staff": business.staff,
    "staff_schedules": visits.staff_schedules,
    "bookings": visits.bookings,
    "dialog_contexts": visits.dialog_contexts,
    "reminders": visits.reminders,
    "whatsapp_auth": sessions.whatsapp_auth,
    "whatsapp_keys": sessions.whatsapp_keys,
}


def rows(table: str) -> list[Row]:
    """All rows of a table as dicts, in key order."""
    return list(_ROWS[table]())


def copy_lines(table: str) -> tuple[str, list[str]]:
    """The COPY statement of a table and its data lines."""
    data = rows(table)
    lines = ["\t".join(_cell(column, value) for column, value in row.items()) for row in data]
    return f"copy {table} ({', '.join(data[0])}) from stdin", lines


def sequence_statements(side: str) -> list[str]:
    """What sets the sequences behind the loaded rows; the protected tables have none."""
    return [
        f"select setval(pg_get_serial_sequence('{table}', 'id'), (select max(id) from {table}))"
        for table in SIDES[side]
        if table not in PROTECTED
    ]


def script(side: str) -> Iterator[str]:
    """The rows of one side as lines of a psql script."""
    yield "begin;"
    yield "set client_encoding = 'UTF8';"
    for table in SIDES[side]:
        statement, lines = copy_lines(table)
        yield from (f"{statement};", *lines, "\\.")
    yield from (f"{statement};" for statement in sequence_statements(side))
    yield "commit;"


def _cell(column: str, value: Any) -> str:
    if column in _JSON and value is not None:
        value = json.dumps(value, ensure_ascii=False)
    return _literal(value)


def _literal(value: Any) -> str:
    """A value in the text form of COPY."""
    if value is None:
        return r"\N"
    text = _text(value).replace("\\", "\\\\")
    return text.replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, list) and all(isinstance(item, str | int) for item in value):
        items = (str(item).replace("\\", "\\\\").replace('"', '\\"') for item in value)
        return "{" + ",".join(f'"{item}"' for item in items) + "}"
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    return value.isoformat() if isinstance(value, date | time) else str(value)
