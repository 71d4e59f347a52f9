"""The expression in what pg_get_constraintdef() prints of a check, and a domain's check said of a column."""

import re

from schemadiff.core.schema_scope import TOKEN

_VALUE = re.compile(r"VALUE\Z")
_PIECE = re.compile(r"""[Ee]?'(?:[^']|'')*'|"(?:[^"]|"")*"|[()]|[^'"()]+""", re.DOTALL)


def check_expression_of(definition: str) -> str:
    """`CHECK ((a > 0)) NO INHERIT` -> `(a > 0)`."""
    _, _, rest = definition.partition("CHECK (")
    depth, end = 1, 0
    for piece in _PIECE.finditer(rest):
        depth += {"(": 1, ")": -1}.get(piece[0], 0)
        if depth == 0:
            break
        end = piece.end()
    return rest[:end]


def with_value(expression: str, column: str) -> str:
    """`VALUE > 0` -> `(a) > 0`."""
    return TOKEN.sub(lambda found: f"({column})" if _VALUE.match(found[0]) else found[0], expression)
