"""Conditions about a row and the other rows of its table, or those of the table that it refers to."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from schemadiff.core.catalog import Constraint, ConstraintKind
from schemadiff.core.identifiers import quote, unquoted
from schemadiff.core.row_checks.elements import exclusion_elements

REFERENCED = "referenced"

Elements: TypeAlias = Sequence[tuple[str, str]]
"""Expressions, each with the operator that must not be true of all of them for two rows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlaps:
    """As of a RowCheck. Without the `later` rows none overlaps another."""

    relation: str
    condition: str
    later: str
    keys: tuple[str, ...]
    names: tuple[str, ...]


def elements_that_exclude(constraint: Constraint) -> Elements:
    """Of an exclusion constraint or a key WITHOUT OVERLAPS; empty for any other."""
    if constraint.kind is ConstraintKind.EXCLUSION:
        return exclusion_elements(constraint.definition)
    if "WITHOUT OVERLAPS" in constraint.definition:
        *equal, period = map(quote, constraint.columns)
        return (*((name, "=") for name in equal), (period, "&&"))
    return ()


def overlaps(rows: str, elements: Elements, predicate: str) -> Overlaps:
    """Of `rows`, a relation that has the columns of the expressions, and tableoid and ctid."""
    keys = tuple(f"key_{number}" for number in range(1, len(elements) + 1))
    shown = ", ".join(f"{expression} AS {key}" for (expression, _), key in zip(elements, keys, strict=True))
    relation = f"(SELECT tableoid, ctid, {shown} FROM {rows} WHERE {predicate})"
    both = " AND ".join(
        f"one.{key} {operator} other.{key}" for (_, operator), key in zip(elements, keys, strict=True)
    )

    def another(comparison: str) -> str:
        is_another = f"(other.tableoid, other.ctid) {comparison} (one.tableoid, one.ctid)"
        return f"EXISTS (SELECT FROM {relation} AS other WHERE {is_another} AND {both})"

    return Overlaps(
        relation=f"{relation} AS one",
        condition=another("<>"),
        later=another("<"),
        keys=tuple(f"one.{key}" for key in keys),
        names=tuple(unquoted(expression) for expression, _ in elements),
    )


def referred_to(rows: str, own: Sequence[str], key: Constraint) -> str:
    """Whether the row that the values `own` refer to is among `rows`, a relation called REFERENCED."""
    others = [f"{REFERENCED}.{quote(name)}" for name in key.referenced_columns]
    if " PERIOD " not in key.definition:
        same = _same(others, own)
        return f"EXISTS (SELECT FROM {rows} WHERE {same})"
    periods = f"SELECT pg_catalog.range_agg({others[-1]}) FROM {rows} WHERE {_same(others[:-1], own[:-1])}"
    return f"coalesce({own[-1]} <@ ({periods}), false)"


def _same(others: Sequence[str], own: Sequence[str]) -> str:
    return " AND ".join(f"{other} = {name}" for other, name in zip(others, own, strict=True)) or "true"
