"""The named terms that speak for or against two fields being the same column.

Each term of a pair lies between 0 and 1; `scoring` weighs them. `Surroundings` is what is known about the two
tables: which fields are paired already, and whether one table evidently evolved from the other in place.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from itertools import pairwise

from rapidfuzz.distance import JaroWinkler

from schemadiff.core.matching.families import base_of, family_of, is_near, is_same_family
from schemadiff.core.matching.fields import Field, FieldList
from schemadiff.core.matching.words import FORM_WORDS, are_synonyms, opposites, words_of

_TABLE_WORD = (
    0.25  # a word of the table's own name says little: every column could carry it; so do form words
)
_IN_PLACE_SHARE = 0.4


class Term(Enum):
    """In the order of the figures: `terms_of`, `reference_terms`, `Places.terms_of`."""

    SHARED = "words shared among all words of both"
    SYNONYMS = "words found in the other, synonyms counted"
    HEAD = "the last word is the same"
    EDIT = "how alike the names are letter by letter"
    INSIDE = "one name is part of the other"
    OPPOSITE = "the names say opposite things"
    SAME_TYPE = "both have the same type"
    SAME_FAMILY = "both hold the same sort of value"
    TYPE_CLASH = "one cannot hold the other's values"
    TELLING_TYPE = "both have the same type, which few columns have"
    FLAGS = "null, default, unique and key agree"
    SAME_REFERENCE = "foreign keys to the same table"
    REFERENCE_CLASH = "foreign keys to different tables"
    NEIGHBOURS = "the columns next to them are paired"
    SAME_GAP = "between the same paired columns"
    ALONE = "the only ones left between the same paired columns"


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """`paired` maps source names to target names, `tables` source table names to target table names."""

    source: FieldList
    target: FieldList
    paired: Mapping[str, str]
    tables: Mapping[str, str] = field(default_factory=dict)

    @property
    def table_words(self) -> frozenset[str]:
        return frozenset((*words_of(self.source.table), *words_of(self.target.table)))

    @property
    def in_place(self) -> bool:
        """Two in five of the source's columns kept their names, and in nearly the same order."""
        order = {entry.name: place for place, entry in enumerate(self.target.fields)}
        kept = [order[entry.name] for entry in self.source.fields if entry.name in order]
        if len(kept) < _IN_PLACE_SHARE * len(self.source.fields):
            return False
        ascending = sum(1 for left, right in pairwise(kept) if left < right)
        return ascending >= 0.8 * (len(kept) - 1)


def terms_of(left: Field, right: Field, words: frozenset[str]) -> tuple[float, ...]:
    """The figures that need nothing but the two fields, SHARED to FLAGS; `words` are the tables' names'."""
    one, other = words_of(left.name), words_of(right.name)
    same_type = base_of(left.type) == base_of(right.type)
    same_family = is_same_family(left.type, right.type)
    near = is_near(left.type, right.type)
    return (
        _shared(one, other, words),
        _with_synonyms(one, other, words),
        float(bool(one) and one[-1:] == other[-1:]),
        JaroWinkler.similarity(left.name.lower(), right.name.lower()),
        float(_is_inside(one, other)),
        float(opposites(one, other) is not None),
        float(same_type),
        float(same_family),
        float(not same_family and not near),
        float(same_type and family_of(left.type)[0].value not in {"text", "integer", "boolean", "timestamp"}),
        _flags(left, right),
    )


def reference_terms(left: Field, right: Field, tables: Mapping[str, str]) -> tuple[float, float]:
    """Whether the foreign keys lead to the same table, or to two that are not each other's counterpart."""
    if left.refers_to is None or right.refers_to is None or "unknown" in (left.refers_to, right.refers_to):
        return 0.0, 0.0
    same = tables.get(left.refers_to, left.refers_to) == right.refers_to
    return float(same), float(not same)


class Places:
    """Where unpaired fields lie among the paired ones."""

    def __init__(self, around: Surroundings) -> None:
        self._paired = around.paired
        self._source = _neighbours(around.source, frozenset(around.paired))
        self._target = _neighbours(around.target, frozenset(around.paired.values()))
        self._crowds: dict[tuple[str, str], list[int]] = {}
        for name, near in self._source.items():
            if name not in around.paired:
                self._crowds.setdefault(self._translated(near.gap), [0, 0])[0] += 1
        taken = set(around.paired.values())
        for name, near in self._target.items():
            if name not in taken:
                self._crowds.setdefault(near.gap, [0, 0])[1] += 1

    def terms_of(self, left: Field, right: Field) -> tuple[float, float, float]:
        here, there = self._source[left.name], self._target[right.name]
        gap = self._translated(here.gap)
        same_gap = gap == there.gap
        before = self._paired.get(here.before, here.before) == there.before
        after = self._paired.get(here.after, here.after) == there.after
        alone = same_gap and self._crowds[gap] == [1, 1]
        return (before + after) / 2, float(same_gap), float(alone)

    def _translated(self, gap: tuple[str, str]) -> tuple[str, str]:
        before, after = gap
        return self._paired.get(before, before), self._paired.get(after, after)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Near:
    before: str  # the field directly before, "" at the start
    after: str
    gap: tuple[str, str]  # the nearest paired fields on both sides


def _neighbours(fields: FieldList, paired: frozenset[str]) -> dict[str, _Near]:
    names = [entry.name for entry in fields.fields]
    lasts, nexts = _nearest(names, paired), _nearest(names[::-1], paired)[::-1]
    return {
        name: _Near(
            before=names[place - 1] if place else "",
            after=names[place + 1] if place + 1 < len(names) else "",
            gap=(lasts[place], nexts[place]),
        )
        for place, name in enumerate(names)
    }


def _nearest(names: list[str], paired: frozenset[str]) -> list[str]:
    """For each name the last paired one before it."""
    found, last = [], ""
    for name in names:
        found.append(last)
        last = name if name in paired else last
    return found


def _weight(words: tuple[str, ...] | frozenset[str], table: frozenset[str]) -> float:
    return sum(_TABLE_WORD if word in table or word in FORM_WORDS else 1.0 for word in words)


def _shared(one: tuple[str, ...], other: tuple[str, ...], table: frozenset[str]) -> float:
    every = _weight(frozenset(one) | frozenset(other), table)
    return _weight(frozenset(one) & frozenset(other), table) / every if every else 0.0


def _with_synonyms(one: tuple[str, ...], other: tuple[str, ...], table: frozenset[str]) -> float:
    known = [word for word in one if word in other or any(are_synonyms(word, each) for each in other)]
    back = [word for word in other if word in one or any(are_synonyms(word, each) for each in one)]
    every = _weight(one, table) + _weight(other, table)
    return (_weight(tuple(known), table) + _weight(tuple(back), table)) / every if every else 0.0


def _is_inside(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    left, right = "_".join(one), "_".join(other)
    return left != right and min(len(left), len(right)) > 2 and (left in right or right in left)


def _flags(left: Field, right: Field) -> float:
    agreeing = sum(one == other for one, other in zip(left.flags, right.flags, strict=True))
    return agreeing / len(left.flags)
