"""How values get from one type to another, and when PostgreSQL need not touch them.

Types are compared as format_type() writes them. A cast that exists is used; otherwise the value goes through
its text, which every type can be written as and read from.
"""

import re

from schemadiff.core.catalog import Column

_STRINGS = frozenset({"text", "character varying", "character", "name", '"char"'})
_NUMBERS = frozenset({"smallint", "integer", "bigint", "numeric", "real", "double precision"})
_TIMES = frozenset({"timestamp without time zone", "timestamp with time zone", "date"})
_CLOCKS = frozenset({"time without time zone", "time with time zone"})
_JSON = frozenset({"json", "jsonb"})
_DIRECT = (_NUMBERS, _TIMES, _CLOCKS, _JSON, frozenset({"boolean", "integer"}), frozenset({"inet", "cidr"}))
_ONE_WAY = {
    ("timestamp without time zone", "time without time zone"),
    ("timestamp with time zone", "time without time zone"),
    ("timestamp with time zone", "time with time zone"),
    ("jsonb", "boolean"),
    *(("jsonb", number) for number in _NUMBERS),
}
_LIMITED = re.compile(r"(?P<before>[^(]*)\((?P<numbers>[\d,]+)\)(?P<after>.*)\Z")


def conversion(name: str, source: str, target: str) -> str:
    """An expression that turns the (quoted) column of type `source` into `target`."""
    start, end = base_type(source), base_type(target)
    if end in _JSON and start not in _STRINGS | _JSON:
        return f"pg_catalog.to_jsonb({name})::{target}"
    if _has_cast(start, end):
        return f"{name}::{target}"
    return f"{name}::text::{target}"


def is_widening(source: Column, target: Column) -> bool:
    """Whether a column of the target's type becomes the source's without a value being looked at or written.

    PostgreSQL manual, ALTER TABLE, Notes: neither the table nor its indexes are rewritten then.
    """
    if source.collation != target.collation:
        return False
    start, end = base_type(target.type), base_type(source.type)
    if start != end:
        strings = {start, end} <= {"text", "character varying"}
        return strings and not _limits(source.type)
    return start in {"character varying", "numeric", "bit varying"} and _is_wider(source.type, target.type)


def base_type(type_: str) -> str:
    """Without length, precision and scale: `timestamp(3) with time zone` -> `timestamp with time zone`."""
    found = _LIMITED.match(type_)
    return found["before"] + found["after"] if found else type_


def _limits(type_: str) -> tuple[int, ...]:
    found = _LIMITED.match(type_)
    return tuple(int(number) for number in found["numbers"].split(",")) if found else ()


def _is_wider(source: str, target: str) -> bool:
    wanted, present = _limits(source), _limits(target)
    if not wanted:
        return True
    if not present or len(wanted) != len(present):
        return False
    return wanted[0] >= present[0] and wanted[1:] == present[1:]


def _has_cast(start: str, end: str) -> bool:
    if start == end or start in _STRINGS or end in _STRINGS:
        return True
    return (start, end) in _ONE_WAY or any({start, end} <= family for family in _DIRECT)
