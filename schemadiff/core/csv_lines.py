"""Lines of a CSV file that no spreadsheet takes for anything but text."""

import csv
import io
from collections.abc import Sequence

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_line(values: Sequence[str]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer).writerow([_harmless(value) for value in values])
    return buffer.getvalue()


def _harmless(value: str) -> str:
    """A spreadsheet takes a cell that begins so for a formula and carries it out; the apostrophe makes it text."""
    return f"'{value}" if value.startswith(_FORMULA) else value
