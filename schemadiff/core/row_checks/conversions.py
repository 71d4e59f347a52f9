"""Which values of a column do not become what another type wants of them, by what PostgreSQL's own casts do.

Every condition is true for the rows in question and raises no error on any row.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from schemadiff.core.ddl.conversions import base_type, conversion, has_cast, limits
from schemadiff.core.identifiers import literal
from schemadiff.core.row_checks.check import Trouble

SOFT_INPUT = 160000  # pg_input_is_valid()

_STRINGS = frozenset({"text", "character varying", "character", "name", '"char"'})
_INTEGERS = {"smallint": 2**15, "integer": 2**31, "bigint": 2**63}
_FLOATS = frozenset({"real", "double precision"})
_NUMBERS = frozenset({*_INTEGERS, "numeric", *_FLOATS})
_ZONED = {"timestamp with time zone", "timestamp without time zone"}
_CLOCKS = frozenset({"time without time zone", "time with time zone"})
_BYTES = {"name": 63, '"char"': 1}


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    trouble: Trouble
    condition: str
    since: int = 0
    trial: str | None = None


def doubts(column: str, present: str, wanted: str) -> Iterator[Doubt]:
    """About a (quoted) column whose values change from the type `present` to `wanted`."""
    start, end = base_type(present), base_type(wanted)
    if condition := _shortened(column, start, wanted):
        yield Doubt(trouble=Trouble.ROUNDED, condition=condition)
    if end in ("character varying", "character") and limits(wanted):
        yield Doubt(
            trouble=Trouble.TOO_LONG,
            condition=f"length(rtrim({column}::text, ' ')) > {limits(wanted)[0]}",
        )
    elif start in _NUMBERS and end in _NUMBERS:
        yield from _numbers(column, start, wanted)
    elif start in _ZONED and end in (*_ZONED, "date", *_CLOCKS):
        yield from _times(column, present, wanted)
    elif end in _STRINGS:
        return
    elif start in _STRINGS or not has_cast(start, end):
        yield _unreadable(column, present, wanted)
    elif start != end or limits(present) != limits(wanted):
        yield from _by_trial(column, present, wanted)


def _shortened(column: str, start: str, wanted: str) -> str | None:
    """Values of which a cast leaves a part away."""
    match start, base_type(wanted):
        case _, ("name" | '"char"') as end if start != end:
            return f"octet_length({column}::text) > {_BYTES[end]}"
        case "integer", "boolean":
            return f"{column} NOT IN (0, 1)"
        case "inet", "cidr":
            return f"{column} <> network({column})"
        case "time with time zone", "time without time zone":
            return f"{column} IS NOT NULL"
        case "jsonb", ("smallint" | "integer" | "bigint"):
            return f"CASE jsonb_typeof({column}) WHEN 'number' THEN {column}::numeric <> round({column}::numeric) END"
        case (("numeric" | "real" | "double precision"), "money"):
            return f"{column}::numeric <> round({column}::numeric, 2)"
        case "interval", _ if wanted.startswith("interval") and wanted != "interval":
            return f"{column} <> {column}::{wanted}"
    return None


def labels_missing(column: str, is_array: bool, labels: tuple[str, ...]) -> Doubt:
    """Of values that become an enum's."""
    listed = ", ".join(map(literal, labels)) or "NULL"
    condition = f"{column}::text NOT IN ({listed})"
    if is_array:
        elements = f"unnest({column}::text[]) AS element (label)"
        condition = f"EXISTS (SELECT FROM {elements} WHERE label NOT IN ({listed}))"
    if not labels:
        condition = f"{column} IS NOT NULL"
    return Doubt(trouble=Trouble.UNCONVERTIBLE, condition=condition)


def _numbers(column: str, start: str, wanted: str) -> Iterator[Doubt]:
    end, value = base_type(wanted), f"{column}::numeric"
    if end in _INTEGERS:
        bound = _INTEGERS[end]
        if _INTEGERS.get(start, 2**64) > bound:
            yield Doubt(
                trouble=Trouble.OUT_OF_RANGE,
                condition=f"round({value}) NOT BETWEEN {-bound} AND {bound - 1}",
            )
        if start not in _INTEGERS:
            yield Doubt(trouble=Trouble.ROUNDED, condition=f"{value} <> round({value})")
    elif end == "numeric" and limits(wanted):
        digits, scale = (*limits(wanted), 0)[:2]
        yield Doubt(
            trouble=Trouble.OUT_OF_RANGE,
            condition=f"abs(round({value}, {scale})) >= 1e{digits - scale}::numeric",
        )
        if start not in _INTEGERS:
            yield Doubt(trouble=Trouble.ROUNDED, condition=f"{value} <> round({value}, {scale})")
    elif end in _FLOATS and start not in ("smallint", end):
        largest = "3.4028234e38" if end == "real" else "1.7976931348623157e308"
        fits = f"abs({value}) <= {largest}::numeric"
        yield Doubt(trouble=Trouble.OUT_OF_RANGE, condition=f"NOT {fits} AND abs({value}) <> 'Infinity'")
        after = f"{column}::{end}"
        differs = f"{after} <> {column}" if start in _FLOATS else f"{after}::numeric <> {value}"
        yield Doubt(trouble=Trouble.ROUNDED, condition=f"CASE WHEN {fits} THEN {differs} END")


def _times(column: str, present: str, wanted: str) -> Iterator[Doubt]:
    start, end = base_type(present), base_type(wanted)
    if start != end and "timestamp with time zone" in (start, end):
        yield Doubt(trouble=Trouble.TIME_ZONE, condition=f"{column} IS NOT NULL")
    if end in _CLOCKS:
        yield Doubt(trouble=Trouble.ROUNDED, condition=f"{column} IS NOT NULL")
    elif end == "date":
        yield Doubt(trouble=Trouble.ROUNDED, condition=f"{column} <> {column}::date::{start}")
    elif limits(wanted) and limits(wanted) != limits(present):
        places = f"timestamp({limits(wanted)[0]}) {start.removeprefix('timestamp ')}"
        yield Doubt(trouble=Trouble.ROUNDED, condition=f"{column} <> {column}::{places}")


def _unreadable(column: str, present: str, wanted: str) -> Doubt:
    return Doubt(
        trouble=Trouble.UNCONVERTIBLE,
        condition=f"NOT pg_catalog.pg_input_is_valid({column}::text, {literal(wanted)})",
        since=SOFT_INPUT,
        trial=conversion(column, present, wanted),
    )


def _by_trial(column: str, present: str, wanted: str) -> Iterator[Doubt]:
    """PostgreSQL has a cast, and no function that says beforehand whether it works on a value."""
    yield Doubt(
        trouble=Trouble.UNCONVERTIBLE,
        condition="false",
        since=10**9,
        trial=conversion(column, present, wanted),
    )
