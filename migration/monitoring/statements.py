"""The SQL of monitoring, from its files."""

from functools import cache
from pathlib import Path
from typing import Any

from django.db import connection

_FOLDER = Path(__file__).parent / "queries"


@cache
def text_of(name: str) -> str:
    """The statement of `queries/NAME.sql`."""
    return (_FOLDER / f"{name}.sql").read_text(encoding="utf-8")


def rows_of(name: str, parameters: dict[str, Any]) -> list[tuple[Any, ...]]:
    """What the statement returns, on the application's own database."""
    with connection.cursor() as cursor:
        cursor.execute(text_of(name), parameters)
        return list(cursor.fetchall())


def carry_out(name: str, parameters: dict[str, Any]) -> int:
    """The number of rows that the statement touched."""
    with connection.cursor() as cursor:
        cursor.execute(text_of(name), parameters)
        return int(cursor.rowcount)
