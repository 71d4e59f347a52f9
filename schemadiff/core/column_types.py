"""What format_type() says of a column's type: its parts, its short name, and which values fit it."""

import re
from dataclasses import dataclass
from functools import lru_cache

_TYPE = re.compile(
    r"(?P<base>[^(\[]+?)\s*(?:\((?P<modifiers>[^)]*)\))?"
    r"(?P<rest> with(?:out)? time zone)?(?P<array>(?:\[\])*)\Z"
)
_SHORT = {
    "character varying": "varchar",
    "character": "char",
    "timestamp with time zone": "timestamptz",
    "timestamp without time zone": "timestamp",
    "time with time zone": "timetz",
    "time without time zone": "time",
    "bit varying": "varbit",
}
_INTEGERS = {"smallint": 5, "integer": 10, "bigint": 19}  # decimal digits
_TEXTS = {"text", "character varying"}
_MOMENTS = {"timestamp without time zone", "timestamp with time zone"}
_DEFAULT_PRECISION = 6  # fractional digits of a second


@dataclass(frozen=True, slots=True)
class ColumnType:
    """A type taken apart: `numeric(10,2)[]` has base `numeric`, modifiers (10, 2), one dimension."""

    base: str
    modifiers: tuple[str, ...] = ()
    dimensions: int = 0

    @property
    def length(self) -> int | None:
        """The first modifier where it is a number: a length, or a precision."""
        return int(self.modifiers[0]) if self.modifiers and self.modifiers[0].isdecimal() else None

    @property
    def scale(self) -> int:
        """Digits after the point of a numeric with a precision."""
        return int(self.modifiers[1]) if len(self.modifiers) > 1 else 0


@lru_cache(maxsize=4096)
def parse(type_name: str) -> ColumnType:
    """Take apart what format_type() printed. A name that it would not print is a base of its own."""
    found = _TYPE.match(type_name) if not type_name.startswith('"') else None
    if found is None:
        return ColumnType(type_name)
    modifiers = tuple(part.strip() for part in found["modifiers"].split(",")) if found["modifiers"] else ()
    return ColumnType(found["base"] + (found["rest"] or ""), modifiers, len(found["array"]) // 2)


def short(type_name: str) -> str:
    """The usual abbreviation: `varchar(20)`, `timestamptz`."""
    parts = parse(type_name)
    if parts.base not in _SHORT:
        return type_name
    modifiers = f"({','.join(parts.modifiers)})" if parts.modifiers else ""
    return f"{_SHORT[parts.base]}{modifiers}{'[]' * parts.dimensions}"


def fits(start: str, end: str) -> bool:
    """Whether every value of type `start` is one of type `end`, unchanged. Unknown pairs do not fit."""
    if start == end:
        return True
    one, other = parse(start), parse(end)
    if one.dimensions != other.dimensions:
        return False
    if one.base == other.base or {one.base, other.base} <= _TEXTS:
        return _same_base_fits(one, other)
    if one.base in _INTEGERS:
        return _integer_fits(one, other)
    if one.base == "character" and other.base in _TEXTS:
        return _within(one.length or 1, other.length)
    return (one.base, other.base) in {("real", "double precision"), ("date", "timestamp without time zone")}


def _same_base_fits(one: ColumnType, other: ColumnType) -> bool:
    if one.base == "numeric":
        return _numeric_fits(one, other)
    if one.base in _MOMENTS or one.base.startswith("time "):
        return _within(_precision(one), _precision(other))
    if one.base in _TEXTS or one.base == "bit varying":
        return _within(one.length, other.length)
    if one.base == "character":
        return _within(one.length or 1, other.length or 1)
    return not other.modifiers or one.modifiers == other.modifiers


def _precision(moment: ColumnType) -> int:
    return _DEFAULT_PRECISION if moment.length is None else moment.length


def _numeric_fits(one: ColumnType, other: ColumnType) -> bool:
    if other.length is None:
        return True
    if one.length is None:
        return False
    return one.scale <= other.scale and one.length - one.scale <= other.length - other.scale


def _integer_fits(one: ColumnType, other: ColumnType) -> bool:
    digits = _INTEGERS[one.base]
    if other.base in _INTEGERS:
        return digits <= _INTEGERS[other.base]
    if other.base == "numeric":
        return other.length is None or digits <= other.length - other.scale
    # Their mantissas hold 24 and 53 bits.
    exact = {"real": {"smallint"}, "double precision": {"smallint", "integer"}}
    return one.base in exact.get(other.base, set())


def _within(length: int | None, limit: int | None) -> bool:
    return limit is None or (length is not None and length <= limit)
