"""What pg_get_indexdef() prints, without the names of index and table."""

import re

_NAME = r'(?:"(?:[^"]|"")+"|[^\s".]+)'
_DEFINITION = re.compile(
    rf"CREATE (?P<unique>UNIQUE )?INDEX {_NAME} ON (?:ONLY )?{_NAME}\.{_NAME} USING (?P<rest>.*)\Z", re.DOTALL
)


def without_names(definition: str) -> str:
    """`unique btree (a, lower(b)) WHERE c`: what makes two indexes equal whatever their names."""
    found = _DEFINITION.match(definition)
    if found is None:
        return definition
    return f"{'unique ' if found['unique'] else ''}{found['rest']}"
