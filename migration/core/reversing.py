"""A mapping's expression read backwards: the source's value out of the target's, where its form is known.

Known are a cast, a product with, a quotient by, a sum with and a difference from a whole number, words exchanged
one by one (CASE), a default for NULL (`coalesce`), a value turned into NULL (`nullif`), and text that was tidied. Of
everything else it is said that it cannot be read back.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import sqlglot
from sqlglot import exp

from schemadiff.core.inverses import given_back, with_value
from schemadiff.core.mapping import ColumnPair

_TIDYING = (
    exp.SplitPart,
    exp.Trim,
    exp.Lower,
    exp.Upper,
    exp.Left,
    exp.Substring,
    exp.Initcap,
    exp.RegexpReplace,
)

HERE = "\x00"
"""In no SQL there can be one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reversed:
    """`value`: SQL with HERE wherever the target's column stands. `changed`: what was lost on the way, in words;
    `rounds`: which values of the target's have none that is exactly theirs."""

    value: str
    changed: str = ""
    rounds: str = ""


def reads_tables(expression: str) -> bool:
    """Does it look into other rows? On the target these would be other rows."""
    return _parsed(expression).find(exp.Query) is not None


def reversed_expression(expression: str, field: str) -> Reversed | None:
    """How `field` is read out of the column that `expression` fills; None where the form is not known."""
    node = _bare(_parsed(expression))
    if [column.name for column in _columns(node)] and {each.name for each in _columns(node)} != {field}:
        return None
    if isinstance(node, exp.Case):
        return _words(node)
    if isinstance(node, exp.Coalesce) and _is_column(node.this) and len(node.expressions) == 1:
        return Reversed(value=HERE, changed=f"nothing became {_sql(node.expressions[0])}")
    if isinstance(node, exp.Nullif) and _is_column(node.this):
        return Reversed(value=HERE, changed=f"{_sql(node.expression)} became nothing")
    if isinstance(node, exp.Div | exp.Mul):
        return _arithmetic(node)
    if isinstance(node, exp.Add | exp.Sub):
        return _moved(node)
    if isinstance(node, _TIDYING) and _is_column(_innermost(node)):
        return Reversed(value=HERE, changed=f"the text was changed by {_sql(node)}")
    return Reversed(value=HERE) if _is_column(node) else None


def way_back(pair: ColumnPair, field: str) -> Reversed | None:
    """How `field` is read out of the pair's target column: as a person wrote it, else as its expression shows."""
    if pair.inverse is not None and given_back(pair) == field:
        return Reversed(value=f"{with_value(pair.inverse, HERE)}\n")  # which ends a comment at its end
    return reversed_expression(pair.expression, field) if pair.expression is not None else None


def _parsed(expression: str) -> exp.Expr:
    return sqlglot.parse_one(expression, read="postgres")


def _bare(node: exp.Expr) -> exp.Expr:
    """Without brackets and casts around it."""
    while isinstance(node, exp.Paren | exp.Cast):
        node = node.this
    return node


def _columns(node: exp.Expr) -> Iterator[exp.Column]:
    yield from node.find_all(exp.Column)


def _is_column(node: exp.Expr | None) -> bool:
    return node is not None and isinstance(_bare(node), exp.Column)


def _innermost(node: exp.Expr) -> exp.Expr:
    while isinstance(node, _TIDYING):
        node = _bare(node.this)
    return node


def _arithmetic(node: exp.Div | exp.Mul) -> Reversed | None:
    left, right = _bare(node.this), _bare(node.expression)
    if not isinstance(left, exp.Column) or not isinstance(right, exp.Literal) or right.is_string:
        return None
    if not right.name.isdecimal() or int(right.name) == 0:
        return None
    if isinstance(node, exp.Div):
        return Reversed(
            value=f"{HERE} * {right.name}", changed=f"it was rounded to a multiple of {right.name}"
        )
    return Reversed(value=f"{HERE} / {right.name}", rounds=f"what is no multiple of {right.name} is rounded")


def _moved(node: exp.Add | exp.Sub) -> Reversed | None:
    left, right = _bare(node.this), _bare(node.expression)
    if not isinstance(left, exp.Column) or not isinstance(right, exp.Literal) or right.is_string:
        return None
    if not right.name.isdecimal():
        return None
    return Reversed(value=f"{HERE} {'-' if isinstance(node, exp.Add) else '+'} {right.name}")


def _words(node: exp.Case) -> Reversed | None:
    """`CASE a WHEN 'x' THEN 'y' … ELSE a END`, and `CASE WHEN a IN (…) THEN a END`, which keeps only some."""
    default = node.args.get("default")
    if default is not None and not _is_column(default):
        return None
    branches = node.args["ifs"]
    if node.this is None:
        kept = len(branches) == 1 and _is_column(branches[0].args["true"]) and default is None
        return (
            Reversed(value=HERE, changed="values other than those allowed became nothing") if kept else None
        )
    pairs = [(_bare(each.this), _bare(each.args["true"])) for each in branches]
    literal = all(isinstance(part, exp.Literal) for pair in pairs for part in pair)
    if not _is_column(node.this) or not literal or len({there for _, there in pairs}) < len(pairs):
        return None
    back = " ".join(f"WHEN {_sql(there)} THEN {_sql(here)}" for here, there in pairs)
    rest = "" if default is None else f" ELSE {HERE}"
    changed = "other words became nothing" if default is None else _mixed(pairs)
    return Reversed(value=f"CASE {HERE} {back}{rest} END", changed=changed)


def _mixed(pairs: list[tuple[exp.Expr, exp.Expr]]) -> str:
    """A word that others are turned into can no longer be told from what it was itself."""
    made = {there.name for _, there in pairs} - {here.name for here, _ in pairs}
    return f"{', '.join(sorted(made))} cannot be told from what was so before" if made else ""


def _sql(node: exp.Expr) -> str:
    return node.sql(dialect="postgres")
