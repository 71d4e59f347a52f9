"""How values get from one type to another, and when PostgreSQL need not touch them.

Types are compared as format_type() writes them. A cast that exists is used; otherwise the value goes through
its text, which every type can be written as and read from.
"""

import re

from schemadiff.core.catalog import Column
from schemadiff.core.column_types import fits

_STRINGS = frozenset({"text", "character varying", "character", "name", '"char"'})
_NUMBERS = frozenset({"smallint", "integer", "bigint", "numeric", "real", "double precision"})
_INTEGERS = frozenset({"smallint", "integer", "bigint"})
_FLOATS = frozenset({"real", "double precision"})
_TIMES = frozenset({"timestamp without time zone", "timestamp with time zone", "date"})
_CLOCKS = frozenset({"time without time zone", "time with time zone"})
_TIMED = (_TIMES | _CLOCKS) - {"date"}
_FINEST = (6,)  # digits of a second, which is what a time has without a precision
_JSON = frozenset({"json", "jsonb"})
_DIRECT = (_NUMBERS, _TIMES, _CLOCKS, _JSON, frozenset({"boolean", "integer"}))
_ONE_WAY = {
    ("cidr", "inet"),  # the other way the cast clears bits, which a text keeps and cidr refuses
    ("timestamp without time zone", "time without time zone"),
    ("timestamp with time zone", "time without time zone"),
    ("timestamp with time zone", "time with time zone"),
    ("jsonb", "boolean"),
    *(("jsonb", number) for number in _NUMBERS),
}
_MOMENT_RANGES = frozenset({"tsrange", "tstzrange", "tsmultirange", "tstzmultirange"})
_DATE_RANGES = frozenset({"daterange", "datemultirange"})
_SHORT = frozenset({*_NUMBERS, "boolean", "uuid", '"char"'})  # fit a name
_CENTS = "numeric(19,2)"  # what money holds, with two places
# These types without a length: `character` and `bit` alone have the length 1.
_BARE = {
    "character varying": "character varying",
    "character": "bpchar",
    "bit varying": "bit varying",
    "bit": '"bit"',
}
_UNCUT = _BARE | {f"{name}[]": f"{bare}[]" for name, bare in _BARE.items()}
_LIMITED = re.compile(r"(?P<before>[^(]*)\((?P<numbers>[\d,]+)\)(?P<after>.*)\Z")


def conversion(name: str, source: str, target: str) -> str:
    """An expression that turns the (quoted) column of type `source` into `target`.

    An explicit cast cuts strings in silence. So they are cast without their length here; what is too long is
    refused when it is assigned to the column.
    """
    start, end = base_type(source), base_type(target)
    target = _UNCUT.get(end, target)
    if end in _JSON and start not in _STRINGS | _JSON:
        return f"pg_catalog.to_jsonb({name})::{target}"
    if has_cast(start, end):
        return f"{name}::{target}"
    return f"{name}::text::{target}"


def loses_in_silence(source: str, target: str) -> bool:
    """Whether the conversion may round or shorten a value without an error. Of a domain, say the type below it."""
    if target.endswith("[]") and (source.endswith("[]") or base_type(source) in _STRINGS):
        return loses_in_silence(source.removesuffix("[]"), target.removesuffix("[]"))
    start, end = base_type(source), base_type(target)
    if fits(source, target):
        return False
    if end in _INTEGERS:
        return start in (_NUMBERS - _INTEGERS) | {"jsonb"}
    if end in ("numeric", "money"):
        wanted = _CENTS if end == "money" else target
        return start in _FLOATS or (start not in _INTEGERS and _rounds(source, wanted))
    if end in _TIMES | _CLOCKS:
        return _loses_time(source, target)
    return end in _FLOATS or _loses_a_part(start, end, target)


def _loses_a_part(start: str, end: str, target: str) -> bool:
    """What PostgreSQL's own casts leave away: true is any number but 0, a name has 63 bytes, and so on."""
    match end:
        case "boolean":
            return start == "integer"  # others go through their text
        case '"char"':
            return start != end  # its first byte
        case "name":
            return start not in _SHORT  # its first 63 bytes
        case "tsvector":
            return start in _STRINGS
        case _ if end in _DATE_RANGES:
            return start in _MOMENT_RANGES
    return end.startswith("interval") and target != "interval"


def _rounds(source: str, target: str) -> bool:
    """Too many digits before the point are an error; those behind it are rounded."""
    given, wanted = limits(source), limits(target)
    return bool(wanted) and (not given or [*given, 0][1] > [*wanted, 0][1])


def _loses_time(source: str, target: str) -> bool:
    start, end = base_type(source), base_type(target)
    if limits(target) and limits(source) != limits(target):
        return True
    if start in (end, "date"):
        return False
    without_zone = end.endswith("without time zone") and (start in _STRINGS or start == "time with time zone")
    return end == "date" or without_zone or (end in _CLOCKS and start not in _CLOCKS)


def is_widening(source: Column, target: Column) -> bool:
    """Whether a column of the target's type becomes the source's without a value being looked at or written.

    PostgreSQL manual, ALTER TABLE, Notes: neither the table nor its indexes are rewritten then.
    """
    if source.collation != target.collation:
        return False
    start, end = base_type(target.type), base_type(source.type)
    if start != end:
        strings = {start, end} <= {"text", "character varying"}
        return strings and not limits(source.type)
    return start in {"character varying", "numeric", "bit varying"} and _is_wider(source.type, target.type)


def keeps_bytes(source: str, target: str) -> bool:
    """Whether PostgreSQL sees that values of the target's type are the source's as they are, collations aside."""
    if source == target:
        return True
    start, end = base_type(target), base_type(source)
    if start == end and end in _TIMED:
        wanted, present = limits(source) or _FINEST, limits(target) or _FINEST
        return wanted >= present
    return {start, end} <= {"text", "character varying"} and not limits(source)


def base_type(type_: str) -> str:
    """Without length, precision and scale: `timestamp(3) with time zone` -> `timestamp with time zone`."""
    found = _LIMITED.match(type_)
    return found["before"] + found["after"] if found else type_


def limits(type_: str) -> tuple[int, ...]:
    found = _LIMITED.match(type_)
    return tuple(int(number) for number in found["numbers"].split(",")) if found else ()


def _is_wider(source: str, target: str) -> bool:
    wanted, present = limits(source), limits(target)
    if not wanted:
        return True
    if not present or len(wanted) != len(present):
        return False
    return wanted[0] >= present[0] and wanted[1:] == present[1:]


def has_cast(start: str, end: str) -> bool:
    if '"char"' in (start, end):  # a number's is the character with that number
        return {start, end} <= _STRINGS
    if start == end or start in _STRINGS or end in _STRINGS:
        return True
    return (start, end) in _ONE_WAY or any({start, end} <= family for family in _DIRECT)
