"""Rows that a partition's bound does not take, where it is a list or a range of one column's values."""

import re

from schemadiff.core.identifiers import unquoted
from schemadiff.core.row_checks.elements import elements_of

_ONE_COLUMN = re.compile(r'(?:LIST|RANGE) \((?P<column>"(?:[^"]|"")+"|[\w$]+)\)\Z')
_RANGE = "FOR VALUES FROM ("
_LIST = "FOR VALUES IN ("
_INFINITE = ("MINVALUE", "MAXVALUE")


def bounded_column(key: str | None) -> str:
    """The column that `RANGE (at)` is about; empty for several, and for expressions."""
    found = _ONE_COLUMN.match(key or "")
    return unquoted(found["column"]) if found else ""


def outside(column: str, bound: str) -> str:
    """Of the (quoted) column: true for rows that the bound does not take. Empty for a bound of another kind."""
    if bound.startswith(_LIST):
        values = elements_of(bound.removeprefix(_LIST))
        known = [value for value in values if value != "NULL"]
        within = f"{column} IN ({', '.join(known)})" if known else "false"
        return f"({within}) IS NOT TRUE" + (f" AND {column} IS NOT NULL" if "NULL" in values else "")
    if bound.startswith(_RANGE):
        rest = bound.removeprefix(_RANGE)
        start = ", ".join(elements_of(rest))
        end = rest.removeprefix(f"{start}) TO (").removesuffix(")")
        sides = [f"{column} IS NULL"]
        sides += [f"{column} < {start}"] if start not in _INFINITE else []
        sides += [f"{column} >= {end}"] if end not in _INFINITE else []
        return f"({' OR '.join(sides)})"
    return ""
