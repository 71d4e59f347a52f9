"""What is to be counted in a source table, so that it is known whether its values fit: predicates over one row."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from schemadiff.core import column_types
from schemadiff.core.catalog import Catalog, ConstraintKind, Table
from schemadiff.core.columns import Column
from schemadiff.core.fitting.words import allowed_words
from schemadiff.core.identifiers import literal, qualified, quote
from schemadiff.core.mapping import ColumnPair, Mapping, PairStatus, QualifiedName, TableMapping

_INTEGERS = {"smallint": 2**15, "integer": 2**31, "bigint": 2**63}
_FRACTIONS = {"numeric", "double precision", "real"}
_TEXTS = {"text", "character varying", "character", "citext"}
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


class Kind(Enum):
    EMPTY = "empty"
    TOO_LONG = "too long"
    TOO_LARGE = "too large"
    ROUNDED = "rounded"
    OTHER_WORDS = "other words"
    OTHER_UNIT = "another unit"
    NO_SUCH_ROW = "no such row"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Counted are the rows for which `predicate` holds, and of them those for which `mended` does.

    Both are SQL over the source table, called `t`. `words` are allowed ones, `factor` and `units` of another unit,
    `refers` is the target's table that a key must be in.
    """

    kind: Kind
    pair: ColumnPair
    source: Column
    target: Column
    predicate: str
    mended: str = "false"
    words: tuple[str, ...] = ()
    factor: int = 0
    units: tuple[str, str] = ("", "")
    refers: QualifiedName | None = None
    is_fed: bool = False  # the mapping fills that table


def questions(
    source: Catalog, target: Catalog, mapping: Mapping, table: TableMapping
) -> tuple[Question, ...]:
    """Of every pair whose values are taken as they are; an expression is tried on rows by itself."""
    giver, taker = source.table(*table.source), target.table(*table.target)
    if giver is None or taker is None:
        return ()
    found: list[Question] = []
    for pair in table.pairs:
        one = giver.column(pair.source) if pair.source else None
        other = taker.column(pair.target)
        if pair.status is PairStatus.REJECTED or pair.expression or one is None or other is None:
            continue
        if other.generated is None:
            found += _of_types(pair, one, other)
            found += _of_words(target, taker, pair, one, other)
            found += _of_keys(mapping, taker, pair, one, other)
    return tuple(found)


def _of_types(pair: ColumnPair, one: Column, other: Column) -> Iterator[Question]:
    column = f"t.{quote(one.name)}"
    given, taken = column_types.parse(one.type), column_types.parse(other.type)
    if other.not_null and not one.not_null:
        yield Question(kind=Kind.EMPTY, pair=pair, source=one, target=other, predicate=f"{column} IS NULL")
    if given.dimensions or taken.dimensions:
        return
    length = taken.length if taken.base in ("character varying", "character") else None
    if length is not None and not (given.base in _TEXTS and given.length and given.length <= length):
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


def _of_keys(
    mapping: Mapping, taker: Table, pair: ColumnPair, one: Column, other: Column
) -> Iterator[Question]:
    """A foreign key of one column: its values must be rows that the migration brings, or that are there."""
    for constraint in taker.constraints:
        if constraint.kind is not ConstraintKind.FOREIGN_KEY or constraint.columns != (other.name,):
            continue
        assert constraint.references is not None
        fed = mapping.for_target(constraint.references)
        key = constraint.referenced_columns[0] if constraint.referenced_columns else ""
        filler = next((each for each in fed.pairs if each.target == key), None) if fed else None
        column = f"t.{quote(one.name)}"
        predicate = f"{column} IS NOT NULL"
        if fed is not None:
            if filler is None or filler.source is None or filler.expression:
                continue  # what its key becomes is not known from the values
            place = qualified(*fed.source)
            same = f"r.{quote(filler.source)}::text = {column}::text"
            predicate += f" AND NOT EXISTS (SELECT FROM {place} AS r WHERE {same})"
        yield Question(
            kind=Kind.NO_SUCH_ROW,
            pair=pair,
            source=one,
            target=other,
            predicate=predicate,
            refers=constraint.references,
            is_fed=fed is not None,
        )


def _tokens(name: str) -> list[str]:
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    return [token for token in re.split(r"[^a-z0-9]+", spaced.lower()) if token]
