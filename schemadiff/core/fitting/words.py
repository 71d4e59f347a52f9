"""The words that a column may hold: those of its enum, or of a CHECK that lists them."""

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from schemadiff.core.catalog import Catalog, ConstraintKind, Table
from schemadiff.core.columns import Column


def allowed_words(catalog: Catalog, table: Table, column: Column) -> tuple[str, ...]:
    """In their own order; empty where the column may hold others, or nothing says so."""
    for enum in catalog.enums:
        if column.type in (enum.name, f"{enum.schema}.{enum.name}"):
            return enum.labels
    for constraint in table.constraints:
        if constraint.kind is ConstraintKind.CHECK and constraint.columns == (column.name,):
            found = _listed(constraint.definition, column.name)
            if found:
                return found
    return ()


def _listed(definition: str, column: str) -> tuple[str, ...]:
    """The texts of `CHECK (column = ANY (ARRAY['a', 'b']))`, the way in which PostgreSQL prints an IN."""
    condition = definition.removeprefix("CHECK").removesuffix(" NOT VALID").removesuffix(" NO INHERIT")
    try:
        tree = sqlglot.parse_one(f"SELECT {condition}", read="postgres").expressions[0]
    except (SqlglotError, IndexError):
        return ()
    inner = _bare(tree)
    if isinstance(inner, exp.Or):  # … OR column IS NULL
        sides = [_bare(inner.left), _bare(inner.right)]
        others = [side for side in sides if not _is_null(side)]
        inner = others[0] if len(others) == 1 else inner
    if not isinstance(inner, exp.EQ) or _bare(inner.left).name != column:
        return ()
    right = _bare(inner.expression)
    listed = _bare(right.this) if isinstance(right, exp.Any) else right
    items = listed.expressions if isinstance(listed, exp.Array) else [listed]
    texts = [_bare(item) for item in items]
    if not all(isinstance(text, exp.Literal) and text.is_string for text in texts):
        return ()
    return tuple(str(text.this) for text in texts)


def _bare(node: exp.Expr) -> exp.Expr:
    """Without brackets and casts."""
    while isinstance(node, exp.Paren | exp.Cast):
        node = node.this
    return node


def _is_null(node: exp.Expr) -> bool:
    return isinstance(node, exp.Is) and isinstance(node.expression, exp.Null)
