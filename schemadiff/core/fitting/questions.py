"""What is to be counted in a source table, so that it is known whether its values fit: predicates over one row."""

import re
from collections.abc import Iterator

from schemadiff.core import column_types
from schemadiff.core.catalog import Catalog, Table
from schemadiff.core.columns import Column
from schemadiff.core.fitting import keys
from schemadiff.core.fitting.question import TEXTS, Kind, Question, computed
from schemadiff.core.fitting.words import allowed_words
from schemadiff.core.identifiers import literal, quote
from schemadiff.core.mapping import ColumnPair, Mapping, PairStatus, TableMapping

_INTEGERS = {"smallint": 2**15, "integer": 2**31, "bigint": 2**63}
_FRACTIONS = {"numeric", "double precision", "real"}
# What a name says of its unit, and how many of the smaller one are one of it.
_UNITS = {
    "minutes": (60, "seconds", "minutes"),
    "minute": (60, "seconds", "minutes"),
    "mins": (60, "seconds", "minutes"),
    "min": (60, "seconds", "minutes"),
    "hours": (3600, "seconds", "hours"),
    "hour": (3600, "seconds", "hours"),
    "seconds": (1000, "milliseconds", "seconds"),
    "secs": (1000, "milliseconds", "seconds"),
    "sec": (1000, "milliseconds", "seconds"),
}


def questions(
    source: Catalog, target: Catalog, mapping: Mapping, table: TableMapping
) -> tuple[Question, ...]:
    """Of every pair whose values are taken as they are; of an expression's only whether there are any."""
    giver, taker = source.table(*table.source), target.table(*table.target)
    if giver is None or taker is None:
        return ()
    names = keys.referring_names(target)
    found: list[Question] = []
    for pair in table.pairs:
        one = giver.column(pair.source) if pair.source else None
        other = taker.column(pair.target)
        if pair.status is PairStatus.REJECTED or one is None or other is None or other.generated is not None:
            continue
        link = keys.link_of(source, names, mapping, taker, other)
        found += _of_empty_values(table, link, pair, one, other)
        if pair.expression is None:
            found += _of_types(pair, one, other)
            found += _of_words(target, taker, pair, one, other)
            found += keys.of_own_numbers(giver, taker, table, pair)
            found += keys.of_references(table, link, pair, one, other)
    return tuple(found)


def _of_empty_values(
    table: TableMapping, link: keys.Link | None, pair: ColumnPair, one: Column, other: Column
) -> Iterator[Question]:
    """Where there is one row only that a key could refer to, it is the one."""
    if not other.not_null or (one.not_null and pair.expression is None):
        return
    value = f"t.{quote(computed(other) if pair.expression else one.name)}"
    only = keys.only_row(table, link, pair, one)
    yield Question(
        kind=Kind.EMPTY if only is None else Kind.ONLY_ROW,
        pair=pair,
        source=one,
        target=other,
        predicate=f"{value} IS NULL",
        mended="false" if only is None else only.condition,
        expression="" if only is None else only.expression,
        refers=link.refers if link else None,
    )


def _of_types(pair: ColumnPair, one: Column, other: Column) -> Iterator[Question]:
    column = f"t.{quote(one.name)}"
    given, taken = column_types.parse(one.type), column_types.parse(other.type)
    if given.dimensions or taken.dimensions:
        return
    length = taken.length if taken.base in ("character varying", "character") else None
    if length is not None and not (given.base in TEXTS and given.length and given.length <= length):
        text = f"{column}::text"
        first = f"btrim(split_part({text}, ',', 1))"
        yield Question(
            kind=Kind.TOO_LONG,
            pair=pair,
            source=one,
            target=other,
            predicate=f"length(rtrim({text})) > {length}",
            mended=f"{text} LIKE '%,%' AND length({first}) BETWEEN 1 AND {length}",
        )
    if given.base in _FRACTIONS and (taken.base in _INTEGERS or taken.base == "numeric"):
        yield from _of_fractions(pair, one, other, taken)
    if taken.base in _INTEGERS and given.base in {*_INTEGERS, *_FRACTIONS}:
        yield from _of_ranges(pair, one, other, given, taken)
    if given.base in _INTEGERS and taken.base in {*_INTEGERS, "numeric"}:
        yield from _of_units(pair, one, other)


def _of_fractions(
    pair: ColumnPair, one: Column, other: Column, taken: column_types.ColumnType
) -> Iterator[Question]:
    given = column_types.parse(one.type)
    scale = 0 if taken.base in _INTEGERS else taken.scale if taken.length else None
    if scale is None or (given.base == "numeric" and given.length and given.scale <= scale):
        return
    value = f"t.{quote(one.name)}::numeric"
    yield Question(
        kind=Kind.ROUNDED,
        pair=pair,
        source=one,
        target=other,
        predicate=f"t.{quote(one.name)}::text NOT IN ('NaN', 'Infinity', '-Infinity')"
        f" AND {value} <> round({value}, {scale})",
    )


def _of_ranges(
    pair: ColumnPair,
    one: Column,
    other: Column,
    given: column_types.ColumnType,
    taken: column_types.ColumnType,
) -> Iterator[Question]:
    limit = _INTEGERS[taken.base]
    if _INTEGERS.get(given.base, limit + 1) > limit:
        yield Question(
            kind=Kind.TOO_LARGE,
            pair=pair,
            source=one,
            target=other,
            predicate=f"t.{quote(one.name)} NOT BETWEEN {-limit} AND {limit - 1}",
        )


def _of_units(pair: ColumnPair, one: Column, other: Column) -> Iterator[Question]:
    """The target's name says a unit, the source's does not say the same, and the values are multiples."""
    theirs = next((token for token in reversed(_tokens(other.name)) if token in _UNITS), "")
    if not theirs:
        return
    factor, small, large = _UNITS[theirs]
    ours = [_UNITS[token][2] for token in _tokens(one.name) if token in _UNITS]
    if ours == [large]:
        return
    column = f"t.{quote(one.name)}"
    yield Question(
        kind=Kind.OTHER_UNIT,
        pair=pair,
        source=one,
        target=other,
        predicate=f"{column} <> 0",
        mended=f"{column} % {factor} = 0",
        factor=factor,
        units=(small, large),
    )


def _of_words(
    catalog: Catalog, taker: Table, pair: ColumnPair, one: Column, other: Column
) -> Iterator[Question]:
    words = allowed_words(catalog, taker, other)
    if not words or column_types.parse(one.type).dimensions:
        return
    listed = ", ".join(map(literal, words))
    lowered = ", ".join(literal(word.lower()) for word in words)
    text = f"t.{quote(one.name)}::text"
    yield Question(
        kind=Kind.OTHER_WORDS,
        pair=pair,
        source=one,
        target=other,
        predicate=f"{text} NOT IN ({listed})",
        mended=f"lower(btrim({text})) IN ({lowered})",
        words=words,
    )


def _tokens(name: str) -> list[str]:
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    return [token for token in re.split(r"[^a-z0-9]+", spaced.lower()) if token]
