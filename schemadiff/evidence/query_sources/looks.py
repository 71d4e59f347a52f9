"""Whether a text looks like SQL that reads or writes rows."""

import re

_START = r"\A(?:\s|--[^\n]*\n|/\*.*?\*/|\()*"
_LOOKS = re.compile(
    _START + r"(?:SELECT\s|INSERT\s+INTO\s|UPDATE\s.+\sSET\s|DELETE\s+FROM\s|WITH\s.*\bAS\b|MERGE\s+INTO\s)",
    re.IGNORECASE | re.DOTALL,
)
_BEGINS = re.compile(_START + r"(?:SELECT|INSERT|UPDATE|DELETE|WITH|MERGE)\b", re.IGNORECASE | re.DOTALL)


def looks_like_sql(text: str) -> bool:
    """A whole statement, by how it begins."""
    return _LOOKS.match(text) is not None


def begins_like_sql(text: str) -> bool:
    """Perhaps cut off: the first word is one of SQL's."""
    return _BEGINS.match(text) is not None
