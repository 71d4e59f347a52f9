"""What pg_get_indexdef() prints: without the names of index and table, and its storage parameters."""

import re

_NAME = r'(?:"(?:[^"]|"")+"|[^\s".]+)'
_DEFINITION = re.compile(
    rf"CREATE (?P<unique>UNIQUE )?INDEX {_NAME} ON (?:ONLY )?{_NAME}\.{_NAME} USING (?P<rest>.*)\Z", re.DOTALL
)

_OPTION = re.compile(r"(\w+)=('(?:[^']|'')*'|[^,)]*)")
_OPTIONS = re.compile(
    rf" WITH \((?P<options>{_OPTION.pattern}(?:, {_OPTION.pattern})*)\)(?= TABLESPACE | WHERE |\Z)", re.ASCII
)


def without_names(definition: str) -> str:
    """`unique btree (a, lower(b)) WHERE c`: what makes two indexes equal whatever their names."""
    found = _DEFINITION.match(definition)
    if found is None:
        return definition
    return f"{'unique ' if found['unique'] else ''}{found['rest']}"


def options(definition: str) -> tuple[str, ...]:
    """`fillfactor=70`, as pg_class.reloptions has them."""
    found = _OPTIONS.search(definition)
    if found is None:
        return ()
    return tuple(f"{name}={_unquoted(value)}" for name, value in _OPTION.findall(found["options"]))


def without_options(definition: str) -> str:
    """What cannot be altered in place."""
    return _OPTIONS.sub("", definition, count=1)


def _unquoted(value: str) -> str:
    return value[1:-1].replace("''", "'") if value.startswith("'") else value
