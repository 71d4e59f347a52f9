"""What tables' comments say: that one names the other side's table, or that both say the same.

How much each weighs was judged, not computed: too few schemas with comments on both sides are known.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from schemadiff.core.catalog import Table
from schemadiff.core.matching.comments import FORMERLY, telling_words, words_in

_BECAME = FORMERLY | {"became", "becomes", "called", "now"}
_RESHAPED = frozenset(
    ("extracted", "merged", "merges", "moved", "part", "separated", "split", "splits", "joined", "joins")
)
_NEAR = 5  # words: "split into clients and their addresses"
_SHORT = 4  # letters: a shorter name stands in many comments

_NAMED, _SAME, _ALIKE, _MENTIONED = 0.8, 0.7, 0.35, 0.15
_SHARE = 0.5

Place: TypeAlias = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """How much, as a share of what likeness lacks of 1, and in words."""

    weight: float
    reason: str

    @property
    def is_told(self) -> bool:
        """Does it name what became the other?"""
        return self.weight == _NAMED


def likelier(likeness: float, said: Said) -> float:
    """A comment that names the other table makes a pair by itself; one that merely mentions it does not."""
    return 1 - (1 - likeness) * (1 - said.weight)


def said_of_becoming(wanted: Sequence[Table], candidates: Sequence[Table]) -> dict[Place, Said]:
    """For each pair, by its places, that a comment speaks for the weightiest; comments never speak against one.

    Of a table that was split, or merged with another, none is told to have become the other.
    """
    found: dict[Place, Said] = {}
    for place, said in (
        *_naming(wanted, candidates),
        *(((row, column), said) for (column, row), said in _naming(candidates, wanted)),
        *_both(wanted, candidates),
    ):
        if place not in found or found[place].weight < said.weight:
            found[place] = said
    return found


def told_reshaping(one: Table, other: Table) -> str:
    """Why a comment of one says that the other gave to it, or took from it, in words; empty where none does."""
    for mine, theirs in ((one, other), (other, one)):
        before = _before(words_in(mine.comment or ""), theirs.name)
        if before is not None and not before.isdisjoint(_BECAME | _RESHAPED):
            return f"the comment of {mine.name} speaks of {theirs.name}"
    return ""


def _naming(commented: Sequence[Table], named: Sequence[Table]) -> Iterator[tuple[Place, Said]]:
    places: dict[str, list[int]] = {}
    for place, table in enumerate(named):
        places.setdefault(table.name.lower(), []).append(place)
    for row, table in enumerate(commented):
        words = words_in(table.comment or "")
        for name in sorted({word for word in words if word in places}):
            before = _before(words, name) or frozenset()
            if weight := _weight(name, before):
                said = Said(weight=weight, reason=f"the comment of {table.name} speaks of {name}")
                yield from (((row, column), said) for column in places[name])


def _weight(name: str, before: frozenset[str]) -> float:
    if not before.isdisjoint(_RESHAPED):
        return 0.0
    if not before.isdisjoint(_BECAME):
        return _NAMED
    return _MENTIONED if len(name) >= _SHORT else 0.0


def _before(words: Sequence[str], name: str) -> frozenset[str] | None:
    """The few words before the name; None where the comment does not have it."""
    wanted = name.lower()
    if wanted not in words:
        return None
    place = words.index(wanted)
    return frozenset(words[max(0, place - _NEAR) : place])


def _both(wanted: Sequence[Table], candidates: Sequence[Table]) -> Iterator[tuple[Place, Said]]:
    """Only what shares two words is held against one another."""
    theirs = [telling_words(table.comment or "") for table in candidates]
    holders: dict[str, list[int]] = {}
    for column, words in enumerate(theirs):
        for word in words:
            holders.setdefault(word, []).append(column)
    for row, table in enumerate(wanted):
        mine = telling_words(table.comment or "")
        for column, common in sorted(_shared(mine, holders).items()):
            if common < 2:
                continue
            if mine == theirs[column]:
                yield (row, column), Said(weight=_SAME, reason="the tables' comments say the same")
            elif common / len(mine | theirs[column]) >= _SHARE:
                yield (row, column), Said(weight=_ALIKE, reason="the tables' comments are alike")


def _shared(mine: frozenset[str], holders: Mapping[str, list[int]]) -> dict[int, int]:
    """By place how many of these words it has."""
    found: dict[int, int] = {}
    for word in mine:
        for column in holders.get(word, ()):
            found[column] = found.get(column, 0) + 1
    return found
