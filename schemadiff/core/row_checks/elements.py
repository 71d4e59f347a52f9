"""The elements of what pg_get_indexdef() and pg_get_constraintdef() print: expressions, operators, the predicate."""

import re
from collections.abc import Iterator

_PIECE = re.compile(r"""[Ee]?'(?:[^']|'')*'|"(?:[^"]|"")*"|[(),]|[^'"(),]+""", re.DOTALL)
_NAME = r'(?:"(?:[^"]|"")*"|[\w$]+)'
_CALLED = re.compile(rf"{_NAME}(?:\.{_NAME})*", re.UNICODE)
_COLLATION = re.compile(rf" COLLATE {_NAME}(?:\.{_NAME})*", re.UNICODE)


def index_expressions(definition: str, method: str) -> tuple[str, ...]:
    """`CREATE INDEX i ON t USING btree (lower(a) text_pattern_ops, b DESC)` -> `lower(a)`, `b`."""
    _, _, rest = definition.partition(f" USING {method} (")
    return tuple(_expression(element) for element in _elements(rest))


def exclusion_elements(definition: str) -> tuple[tuple[str, str], ...]:
    """`EXCLUDE USING gist (room WITH =, during WITH &&)` -> (`room`, `=`), (`during`, `&&`)."""
    _, _, rest = definition.partition(" (")
    pairs = (element.rpartition(" WITH ") for element in _elements(rest))
    return tuple((_expression(expression), operator) for expression, _, operator in pairs)


def exclusion_predicate(definition: str) -> str:
    """What its WHERE says; `true` without one."""
    _, _, rest = definition.partition(" (")
    rest = rest[_end_of(rest) :]
    _, found, predicate = rest.partition(" WHERE (")
    return predicate[: _end_of(predicate) - 1] if found else "true"


def elements_of(rest: str) -> tuple[str, ...]:
    """What stands between commas up to the parenthesis that closes one opened before the text."""
    return tuple(_elements(rest))


def _elements(rest: str) -> Iterator[str]:
    inside, depth, start = rest[: _end_of(rest) - 1], 0, 0
    for piece in _PIECE.finditer(inside):
        depth += {"(": 1, ")": -1}.get(piece[0], 0)
        if piece[0] == "," and depth == 0:
            yield inside[start : piece.start()].strip()
            start = piece.end()
    yield inside[start:].strip()


def _end_of(rest: str) -> int:
    """Behind the parenthesis that closes one opened before the text."""
    depth = 1
    for piece in _PIECE.finditer(rest):
        depth += {"(": 1, ")": -1}.get(piece[0], 0)
        if depth == 0:
            return piece.end()
    return len(rest) + 1


def _expression(element: str) -> str:
    """Without operator class and order; what it is collated by is part of it."""
    name = _CALLED.match(element)
    end = name.end() if name else 0
    if element[end : end + 1] == "(":
        end += 1 + _end_of(element[end + 1 :])
    collation = _COLLATION.match(element, end)
    return element[: collation.end() if collation else end]
