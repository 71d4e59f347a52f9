"""Which values of a column do not become what another type wants of them, by what PostgreSQL's own casts do.

Every condition is true for the rows in question and raises no error on any row.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from schemadiff.core.ddl.conversions import (
    base_type,
    conversion,
    has_cast,
    limits,
    loses_in_silence,
)
from schemadiff.core.identifiers import literal
from schemadiff.core.row_checks.check import Trouble

SOFT_INPUT = 160000  # pg_input_is_valid()

_STRINGS = frozenset({"text", "character varying", "character", "name", '"char"'})
_INTEGERS = {"smallint": 2**15, "integer": 2**31, "bigint": 2**63}
_FLOATS = frozenset({"real", "double precision"})
_NUMBERS = frozenset({*_INTEGERS, "numeric", *_FLOATS})
_ZONED = {"timestamp with time zone", "timestamp without time zone"}
_WITH_ZONE = r":[0-9.]+\s*([+-][0-9]|(?!([ap]m|bc)\y)[a-z])"
_CUT_WHEN_READ = frozenset({"numeric", "interval", *_ZONED, "time without time zone", "time with time zone"})
_CLOCKS = frozenset({"time without time zone", "time with time zone"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    trouble: Trouble
    condition: str
    since: int = 0
    trial: str | None = None


def doubts(column: str, present: str, wanted: str) -> Iterator[Doubt]:
    """About a (quoted) column whose values change from the type `present` to `wanted`."""
    start, end = base_type(present), base_type(wanted)
    if wanted.endswith("[]"):
        yield from _elements(column, present, wanted)
    elif end in ("character varying", "character") and limits(wanted):
        yield Doubt(
            trouble=Trouble.TOO_LONG,
            condition=f"length(rtrim({column}::text, ' ')) > {limits(wanted)[0]}",
        )
    elif start in _NUMBERS and end in _NUMBERS:
        yield from _numbers(column, start, wanted)
    elif start in _ZONED and end in (*_ZONED, "date", *_CLOCKS):
        yield from _times(column, present, wanted)
    elif end in ("name", '"char"'):
        yield Doubt(trouble=Trouble.ROUNDED, condition=f"{column}::text <> {column}::text::{end}::text")
    elif end in _STRINGS:
        return
    elif start.split()[0] == end.split()[0] in ("time", "interval"):
        yield from _cut(column, present, wanted)
    elif start in _STRINGS or not has_cast(start, end):
        yield _unreadable(column, present, wanted)
        if end == "money":
            yield from _cents(column, start)
        elif start in _STRINGS:
            yield from _cut_text(column, wanted)
    elif (start, end) == ("integer", "boolean"):
        yield Doubt(trouble=Trouble.ROUNDED, condition=f"{column} NOT IN (0, 1)")
    elif start == "jsonb" and end in _INTEGERS:
        number = f"{column}::numeric <> round({column}::numeric)"
        condition = f"CASE jsonb_typeof({column}) WHEN 'number' THEN {number} END"
        yield Doubt(trouble=Trouble.ROUNDED, condition=condition)
        yield from _by_trial(column, present, wanted)
    elif start != end or limits(present) != limits(wanted):
        yield from _by_trial(column, present, wanted)


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


def _cut(column: str, present: str, wanted: str) -> Iterator[Doubt]:
    """Digits of seconds, fields of an interval, and the zone of a clock's time."""
    if loses_in_silence(present, wanted):
        is_zone_lost = base_type(present) == "time with time zone" != base_type(wanted)
        condition = f"{column} IS NOT NULL" if is_zone_lost else f"{column} <> {column}::{wanted}"
        yield Doubt(trouble=Trouble.ROUNDED, condition=condition)


def _cut_text(column: str, wanted: str) -> Iterator[Doubt]:
    """Where a string can be read as the type: what it says beyond that."""
    end = base_type(wanted)
    full = {"date": "timestamp without time zone"}.get(
        end, end.partition(" ")[0] if "interval" in end else end
    )
    if end == "date" or (wanted != full and full in _CUT_WHEN_READ):
        value = f"{column}::text::{full}"
        cut = f"{value} <> {value}::{wanted}"
        condition = f"CASE WHEN {_is_valid(column, full)} AND {_is_valid(column, wanted)} THEN {cut} END"
        yield Doubt(trouble=Trouble.ROUNDED, condition=condition, since=SOFT_INPUT)

    elif end in _CLOCKS:
        dated = _is_valid(column, "timestamp without time zone")
        condition = f"CASE WHEN {_is_valid(column, wanted)} THEN {dated} END"
        yield Doubt(trouble=Trouble.ROUNDED, condition=condition, since=SOFT_INPUT)
    elif end == "timestamp without time zone":
        condition = f"CASE WHEN {_is_valid(column, wanted)} THEN {column}::text ~* {literal(_WITH_ZONE)} END"
        yield Doubt(trouble=Trouble.ROUNDED, condition=condition, since=SOFT_INPUT)


def _cents(column: str, start: str) -> Iterator[Doubt]:
    cut = f"{column}::text::numeric <> round({column}::text::numeric, 2)"
    if start in _NUMBERS:
        yield Doubt(trouble=Trouble.ROUNDED, condition=cut)
    elif start in _STRINGS:
        condition = f"CASE WHEN {_is_valid(column, 'numeric')} THEN {cut} END"
        yield Doubt(trouble=Trouble.ROUNDED, condition=condition, since=SOFT_INPUT)


def _elements(column: str, present: str, wanted: str) -> Iterator[Doubt]:
    """Of arrays. What is rounded is not what it was when it is read back."""
    if base_type(present) == base_type(wanted) and not limits(wanted):
        return
    yield _unreadable(column, present, wanted)
    if present.endswith("[]") and loses_in_silence(present, wanted):
        read = f"{column}::text::{wanted}::text"
        back = f"WHEN {_is_valid(read, present)} THEN {read}::{present} <> {column} ELSE {column} IS NOT NULL"
        condition = f"CASE WHEN NOT {_is_valid(column, wanted)} THEN false {back} END"
        yield Doubt(trouble=Trouble.ROUNDED, condition=condition, since=SOFT_INPUT)


def _is_valid(column: str, type_: str) -> str:
    return f"pg_catalog.pg_input_is_valid({column}::text, {literal(type_)})"


def _unreadable(column: str, present: str, wanted: str) -> Doubt:
    return Doubt(
        trouble=Trouble.UNCONVERTIBLE,
        condition=f"NOT {_is_valid(column, wanted)}",
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
