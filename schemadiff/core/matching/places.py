"""Where unpaired fields lie among the paired ones.

A renamed column keeps its place, a new one lands at the table's end, so in a table that evolved in place
whatever lies between two kept columns of the target was most likely between them in the source too.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from schemadiff.core.matching.families import family_of
from schemadiff.core.matching.fields import Field, FieldList

_IN_PLACE_SHARE = 0.4
_IN_ORDER_SHARE = 0.6


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """`paired` maps source names to target names."""

    source: FieldList
    target: FieldList
    paired: Mapping[str, str]


def is_in_place(source: FieldList, target: FieldList) -> bool:
    """Two in five of the source's columns kept their names, and three in five of them their order."""
    order = {entry.name: place for place, entry in enumerate(target.fields)}
    kept = [order[entry.name] for entry in source.fields if entry.name in order]
    if len(kept) < _IN_PLACE_SHARE * len(source.fields):
        return False
    return len(_ascending(kept)) >= _IN_ORDER_SHARE * len(kept)


class Places:
    """The figures from ONLY_OF_SORT on, for fields that are not paired yet."""

    def __init__(self, around: Surroundings) -> None:
        anchors = _anchors(around)
        self._paired = around.paired
        self._source = _neighbours(around.source, {name: name for name in anchors})
        self._target = _neighbours(around.target, {other: name for name, other in anchors.items()})
        lefts = [entry for entry in around.source.fields if entry.name not in around.paired]
        taken = frozenset(around.paired.values())
        rights = [entry for entry in around.target.fields if entry.name not in taken]
        self._left_ranks = _ranks(lefts, self._source)
        self._right_ranks = _ranks(rights, self._target)
        self._left_gaps = Counter(self._source[entry.name].gap for entry in lefts)
        self._right_gaps = Counter(self._target[entry.name].gap for entry in rights)
        self._left_sorts = Counter(family_of(entry.type) for entry in lefts)
        self._right_sorts = Counter(family_of(entry.type) for entry in rights)

    def terms_of(self, left: Field, right: Field) -> tuple[float, ...]:
        here, there = self._source[left.name], self._target[right.name]
        mine, theirs = self._left_ranks[left.name], self._right_ranks[right.name]
        behind = self._left_gaps[here.gap] - mine, self._right_gaps[there.gap] - theirs
        same = here.gap == there.gap and theirs <= mine
        step = same and mine == theirs
        last = not here.gap[1]
        before = self._paired.get(here.before, here.before) == there.before
        after = self._paired.get(here.after, here.after) == there.after
        return (
            float(self._is_only_of_sort(left, right)),
            (before + after) / 2,
            float(same and behind[1] <= behind[0] and not last),
            float(step and behind[0] == behind[1] and not last),
            float(same and last),
            float(step and last),
        )

    def _is_only_of_sort(self, left: Field, right: Field) -> bool:
        sort = family_of(left.type)
        return sort == family_of(right.type) and self._left_sorts[sort] == self._right_sorts[sort] == 1


def _ranks(fields: Sequence[Field], near: Mapping[str, "_Near"]) -> dict[str, int]:
    """The how manieth of its gap each field is."""
    seen: Counter[tuple[str, str]] = Counter()
    found = {}
    for entry in fields:
        gap = near[entry.name].gap
        found[entry.name] = seen[gap]
        seen[gap] += 1
    return found


def _anchors(around: Surroundings) -> dict[str, str]:
    """The greatest number of pairs that have the same order on both sides: the others were moved."""
    order = {entry.name: place for place, entry in enumerate(around.target.fields)}
    pairs = [
        (entry.name, around.paired[entry.name])
        for entry in around.source.fields
        if entry.name in around.paired
    ]
    return {pairs[place][0]: pairs[place][1] for place in _ascending([order[other] for _, other in pairs])}


def _ascending(numbers: Sequence[int]) -> list[int]:
    """The places of a longest ascending run, gaps allowed."""
    ends: list[int] = []
    last_at: list[int] = []
    before: list[int | None] = []
    for place, number in enumerate(numbers):
        length = bisect_left(ends, number)
        before.append(last_at[length - 1] if length else None)
        ends[length : length + 1] = [number]
        last_at[length : length + 1] = [place]
    found: list[int] = []
    at = last_at[-1] if last_at else None
    while at is not None:
        found.append(at)
        at = before[at]
    return found[::-1]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Near:
    before: str  # the field directly before, "" at the start
    after: str
    gap: tuple[str, str]  # the nearest anchors on both sides, by the source's names


def _neighbours(fields: FieldList, anchors: Mapping[str, str]) -> dict[str, _Near]:
    names = [entry.name for entry in fields.fields]
    lasts, nexts = _nearest(names, anchors), _nearest(names[::-1], anchors)[::-1]
    return {
        name: _Near(
            before=names[place - 1] if place else "",
            after=names[place + 1] if place + 1 < len(names) else "",
            gap=(lasts[place], nexts[place]),
        )
        for place, name in enumerate(names)
    }


def _nearest(names: list[str], anchors: Mapping[str, str]) -> list[str]:
    """For each name the last anchor before it."""
    found, last = [], ""
    for name in names:
        found.append(last)
        last = anchors.get(name, last)
    return found
