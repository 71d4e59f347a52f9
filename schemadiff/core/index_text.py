"""What pg_get_indexdef() prints: without the names of index and table, and its storage parameters."""

import re

from schemadiff.core.identifiers import quote

_NAME = r'(?:"(?:[^"]|"")+"|[^\s".]+)'
_DEFINITION = re.compile(
    rf"CREATE (?P<unique>UNIQUE )?INDEX {_NAME} ON (?:ONLY )?{_NAME}\.{_NAME} USING (?P<rest>.*)\Z", re.DOTALL
)

_QUOTED = re.compile(r"\"(?:[^\"]|\"\")*\"|'(?:[^']|'')*'")
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


def in_tablespace(definition: str, name: str) -> str:
    """The definition with the clause, which stands before the predicate."""
    place = outside_quotes(definition, " WHERE ")
    place = len(definition) if place < 0 else place
    return f"{definition[:place]} TABLESPACE {quote(name)}{definition[place:]}"


def outside_quotes(text: str, word: str) -> int:
    """Where the word stands outside of quotes and parentheses; -1 if it does not."""
    plain = _QUOTED.sub(lambda found: "x" * len(found[0]), text)
    depth = 0
    for place, letter in enumerate(plain):
        if not depth and plain.startswith(word, place):
            return place
        depth += (letter == "(") - (letter == ")")
    return -1


def _unquoted(value: str) -> str:
    return value[1:-1].replace("''", "'") if value.startswith("'") else value
