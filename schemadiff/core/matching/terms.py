"""What speaks for a pair of fields and what against it, as named figures from 0 to 1.

Names, types, keys and foreign keys here; where the columns lie in `places`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

from rapidfuzz.distance import JaroWinkler

from schemadiff.core.matching.families import is_near, is_same_family
from schemadiff.core.matching.fields import Field, FieldList
from schemadiff.core.matching.kinship import EQUAL, are_initials, kinship
from schemadiff.core.matching.words import FORM_WORDS, opposites, words_of

_TABLE_WORD = 0.25
"""A word of the table's own name says little: every column could carry it. So do form words."""

_KEY_ENDINGS = frozenset({("id",), ("uuid",), ("fk",)})
_YES_OR_NO = frozenset({("is",), ("has",), ("can",), ("was",)})


class Term(Enum):
    """In the order of the figures: `terms_of`, `reference_terms`, `Places.terms_of`."""

    KINDRED = "words with a counterpart in the other name: synonyms, stems, short forms counted"
    HEAD = "the last telling word is the same"
    EDIT = "how alike the names are letter by letter"
    ROLE = "both names say that they are a key (`_id`), or neither; the same for a yes or no (`is_`)"
    OPPOSITE = "the names say opposite things"
    SAME_TYPE = "both have the same type, length and precision too"
    SAME_FAMILY = "both hold the same sort of value"
    TYPE_CLASH = "one cannot hold the other's values"
    NULLS = "both may be null, or neither"
    DEFAULTS = "both have a default, or neither"
    SAME_REFERENCE = "foreign keys to the same table"
    REFERENCE_CLASH = "foreign keys to different tables"
    ONLY_OF_SORT = "the only unpaired ones that hold this sort of value"
    NEIGHBOURS = "the columns next to them are paired"
    SAME_GAP = "between the same paired columns"
    IN_STEP = "as many columns are left between the same paired columns, and both have the same rank"
    AT_THE_END = "both after the last paired columns, where new columns land"
    IN_STEP_AT_THE_END = "and both have the same rank there"


def table_words(source: FieldList, target: FieldList) -> frozenset[str]:
    return frozenset((*words_of(source.table), *words_of(target.table)))


def terms_of(left: Field, right: Field, words: frozenset[str]) -> tuple[float, ...]:
    """The figures that need nothing but the two fields, KINDRED to DEFAULTS; `words` are the tables' names'."""
    one, other = _name(left.name, words), _name(right.name, words)
    same_family = is_same_family(left.type, right.type)
    return (
        _kindred(one, other),
        float(one.head == other.head != ()),
        JaroWinkler.similarity(one.lower, other.lower),
        float(one.role == other.role),
        float(opposites(one.words, other.words) is not None),
        float(left.type == right.type),
        float(same_family),
        float(not same_family and not is_near(left.type, right.type)),
        float(left.not_null == right.not_null),
        float(left.has_default == right.has_default),
    )


def reference_terms(left: Field, right: Field, tables: Mapping[str, str]) -> tuple[float, float]:
    """Whether the foreign keys lead to the same table, or to two that are not each other's counterpart."""
    if left.refers_to is None or right.refers_to is None or "unknown" in (left.refers_to, right.refers_to):
        return 0.0, 0.0
    same = tables.get(left.refers_to, left.refers_to) == right.refers_to
    return float(same), float(not same)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Name:
    lower: str
    words: tuple[str, ...]
    weights: tuple[float, ...]  # of the words
    head: tuple[str, ...]  # the last telling word
    role: tuple[bool, bool]


@lru_cache(maxsize=8192)
def _name(name: str, table: frozenset[str]) -> _Name:
    words = words_of(name)
    light = table | FORM_WORDS
    return _Name(
        lower=name.lower(),
        words=words,
        weights=tuple(_TABLE_WORD if word in light else 1.0 for word in words),
        head=tuple(word for word in words if word not in FORM_WORDS)[-1:],
        role=(words[-1:] in _KEY_ENDINGS, words[:1] in _YES_OR_NO),
    )


def _kindred(one: _Name, other: _Name) -> float:
    """The share of both names' words that have a counterpart, each as near as it is."""
    if are_initials(one.words, other.words) or are_initials(other.words, one.words):
        return EQUAL
    every = sum(one.weights) + sum(other.weights)
    return (_known(one, other.words) + _known(other, one.words)) / every if every else 0.0


def _known(name: _Name, among: tuple[str, ...]) -> float:
    known = 0.0
    for word, weight in zip(name.words, name.weights, strict=True):
        if word in among:
            known += weight
        elif among:
            known += weight * max([kinship(word, each) for each in among])
    return known
