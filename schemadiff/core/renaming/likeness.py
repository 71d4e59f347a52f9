"""How alike two objects are that have different names: a figure between 0 and 1, and why in words.

Only what both sides say of themselves is looked at; nothing here needs a matching library, so that comparing stays
quick.
"""

from collections.abc import Set
from dataclasses import dataclass
from difflib import SequenceMatcher

from schemadiff.core.attributes import TopLevel, attributes_of
from schemadiff.core.catalog import Column, Function, Sequence, Table, TypeAttribute, View
from schemadiff.core.column_types import short
from schemadiff.core.ddl.conversions import base_type
from schemadiff.core.identifiers import qualified

PROPOSE_FROM = 0.6
_STRINGS = frozenset({"text", "character varying", "character"})
_NUMBERS = frozenset({"smallint", "integer", "bigint", "numeric"})
_CLOSE_NAMES = 0.6


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    figure: float
    reasons: tuple[str, ...]


NOTHING = Likeness(figure=0.0, reasons=())


def names_alike(one: str, other: str) -> float:
    if one == other:
        return 1.0
    left, right = one.lower(), other.lower()
    if min(len(left), len(right)) > 2 and (left in right or right in left):
        return 0.8
    return SequenceMatcher(a=left, b=right, autojunk=False).ratio()


def columns_alike(one: Column, other: Column) -> Likeness:
    """Of columns of the same table."""
    if one.generated or other.generated:
        same = one.generated == other.generated and one.default == other.default
        return Likeness(figure=0.9, reasons=("the same expression",)) if same else NOTHING
    type_, reason = _types(one.type, other.type)
    name = names_alike(one.name, other.name)
    if not type_:
        return NOTHING
    found: list[tuple[float, str]] = [(type_, reason)]
    if (one.not_null, one.default, one.identity) == (other.not_null, other.default, other.identity):
        found.append((0.15, "null and default agree"))
    if one.position == other.position:
        found.append((0.15, "at the same place"))
    if name >= _CLOSE_NAMES:
        found.append((0.25 * name, "spelled alike"))
    return Likeness(figure=sum(figure for figure, _ in found), reasons=tuple(reason for _, reason in found))


def labels_alike(one: str, other: str, *, at_the_same_place: bool, alone: bool) -> Likeness:
    """Of an enum's labels. `alone`: no other label comes, and no other goes."""
    found = _around(at_the_same_place=at_the_same_place, alone=alone)
    name = names_alike(one, other)
    if name >= _CLOSE_NAMES:
        found.append((0.3 * name, "spelled alike"))
    return Likeness(figure=sum(figure for figure, _ in found), reasons=tuple(reason for _, reason in found))


def attributes_alike(
    one: TypeAttribute, other: TypeAttribute, *, at_the_same_place: bool, alone: bool
) -> Likeness:
    """Of a composite type's, which keep their values only where their type is the same."""
    if (one.type, one.collation) != (other.type, other.collation):
        return NOTHING
    like = labels_alike(one.name, other.name, at_the_same_place=at_the_same_place, alone=alone)
    reasons = (f"both are {short(one.type)}", *like.reasons)
    return Likeness(figure=like.figure + 0.1, reasons=reasons)


def _around(*, at_the_same_place: bool, alone: bool) -> list[tuple[float, str]]:
    found = [(0.45, "at the same place")] if at_the_same_place else []
    return [*found, (0.2, "no other comes or goes")] if alone else found


def _types(one: str, other: str) -> tuple[float, str]:
    if one == other:
        return 0.5, f"both are {short(one)}"
    bases = {base_type(one), base_type(other)}
    if len(bases) == 1 or bases <= _STRINGS or bases <= _NUMBERS:
        return 0.35, f"{short(one)} and {short(other)} are near"
    return 0.0, ""


def tables_alike(one: Table, other: Table) -> Likeness:
    left = {column.name: column for column in one.columns}
    right = {column.name: column for column in other.columns}
    common = left.keys() & right.keys()
    most = max(len(left), len(right))
    name = names_alike(one.name, other.name)
    if not most or (len(common) < 2 and name < _CLOSE_NAMES):
        return NOTHING
    same = sum(0.7 + _types(left[shared].type, right[shared].type)[0] * 0.6 for shared in common)
    same += 0.5 * len(_at_the_same_places(one, other, common))
    columns = f"{len(common)} of {most} columns have the same names"
    reasons = (columns, "spelled alike") if _CLOSE_NAMES <= name < 1 else (columns,)
    return Likeness(figure=0.75 * same / most + 0.25 * name, reasons=reasons)


def _at_the_same_places(one: Table, other: Table, common: Set[str]) -> set[tuple[int, str]]:
    """Columns of other names, by place and type."""
    places = [
        {(place, column.type) for place, column in enumerate(table.columns) if column.name not in common}
        for table in (one, other)
    ]
    return places[0] & places[1]


def wholes_alike(one: TopLevel, other: TopLevel) -> Likeness:
    """Of two objects of the same kind that hold no columns of rows."""
    if isinstance(one, Table) and isinstance(other, Table):
        return tables_alike(one, other)
    name = names_alike(one.name, other.name)
    if isinstance(one, Sequence):
        # All sequences are alike: only the name tells.
        return Likeness(figure=name, reasons=("spelled alike",)) if name < 1 else _MOVED
    if isinstance(one, Function) and isinstance(other, Function):
        return _functions(one, other)
    if isinstance(one, View) and isinstance(other, View) and name < 1 and one.definition != other.definition:
        return NOTHING
    if attributes_of(one) == attributes_of(other):
        return Likeness(figure=0.75 + 0.25 * name, reasons=("the same but for the name",))
    return _MOVED if name == 1 else NOTHING


_MOVED = Likeness(figure=0.7, reasons=("the same name in another schema",))


def _functions(one: Function, other: Function) -> Likeness:
    if (one.kind, one.arguments, one.returns) != (other.kind, other.arguments, other.returns):
        return NOTHING
    name = names_alike(one.name, other.name)
    if _nameless(one) == _nameless(other):
        return Likeness(figure=0.75 + 0.25 * name, reasons=("the same but for the name",))
    return _MOVED if name == 1 else NOTHING


def _nameless(function: Function) -> str:
    return function.definition.replace(qualified(function.schema, function.name), "", 1)
