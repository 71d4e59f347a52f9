"""Which roles an SQL script names without making them.

A dump of one database names grantees that live outside of it. This looks at single lines, as
`pg_dump` writes them; a role too many is harmless, one too few shows as PostgreSQL's own error.
"""

import re
from collections.abc import Iterable

from schemadiff.embedded.scripts import marked

_NAME = r'"(?:[^"]|"")+"|[A-Za-z_][\w$]*'
_MADE = re.compile(rf"\bCREATE\s+(?:ROLE|USER|GROUP)\s+({_NAME})", re.IGNORECASE)
_NAMED = re.compile(rf"\b(?:AUTHORIZATION|FOR\s+(?:ROLE|USER))\s+({_NAME})", re.IGNORECASE)
_GRANTED = re.compile(
    rf"\b(?:GRANT\b.*\bTO|REVOKE\b.*\bFROM|POLICY\b.*\bTO)\s+((?:{_NAME})(?:\s*,\s*(?:{_NAME}))*)",
    re.IGNORECASE,
)
_NOT_ROLES = {"public", "current_user", "current_role", "session_user", "group"}


def roles_named_in(lines: Iterable[bytes]) -> frozenset[str]:
    """The names of grantees and owners of schemas in a script, but for those that it makes itself."""
    named: set[str] = set()
    made: set[str] = set()
    for raw, is_sql in marked(lines):
        text = raw.decode(errors="replace")
        made.update(map(_folded, _MADE.findall(text)))  # in bodies too: `DO $$ ... CREATE ROLE ... $$`
        if is_sql:
            named.update(map(_folded, _NAMED.findall(text)))
            for names in _GRANTED.findall(text):
                named.update(map(_folded, re.findall(_NAME, names)))
    return frozenset(name for name in named - made - _NOT_ROLES if not name.startswith("pg_"))


def _folded(name: str) -> str:
    """The name as PostgreSQL keeps it."""
    return name[1:-1].replace('""', '"') if name.startswith('"') else name.lower()
