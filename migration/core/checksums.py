"""What two sides' counts and sums say: which key ranges differ, and which rows in them."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from enum import StrEnum
from math import ceil
from random import Random
from typing import NamedTuple, TypeAlias

BUCKET_ROWS = 2_000
FINER = 25  # parts of a range that differs: few of its rows need to be read one by one
_MOST_HASH_BITS = 20
_FEW_RANGES = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class RangeSum:
    """Rows of one key range and the sum of their hashes. A sum, not xor: two equal rows do not cancel out."""

    rows: int
    total: int


class HashedRow(NamedTuple):
    """A row's key as the target knows it, its hash, and the key that it has on its own side."""

    key: str
    hash: int
    own_key: str


class Difference(StrEnum):
    """What is the matter with a row."""

    MISSING = "missing"  # only the source has it
    SURPLUS = "surplus"  # only the target has it
    DIFFERENT = "different"  # both have it, with different values


@dataclass(frozen=True, slots=True, kw_only=True)
class DifferingRow:
    """`key` is the text of the record of its key's values."""

    difference: Difference
    key: str
    taken: bool = False  # the row of another source table has its key in the target


def differing_ranges(source: Mapping[int, RangeSum], target: Mapping[int, RangeSum]) -> tuple[int, ...]:
    """The ranges whose count or sum is not the same on both sides."""
    return tuple(sorted(n for n in source.keys() | target.keys() if source.get(n) != target.get(n)))


def differing_rows(
    source: Iterable[HashedRow], target: Iterable[HashedRow], *, rejected: Set[str], held: Set[str]
) -> Iterator[DifferingRow]:
    """Row by row over the same ranges, both sorted by key; nothing is held in memory.

    A source row that is missing is accounted for if its own key is among the `rejected`; a target row
    that the source does not have, if the target `held` it before the run. A key may come several times on a
    side where no index keeps it unique: then equal rows are paired first.
    """
    here, there = _by_key(source), _by_key(target)
    one, other = next(here, _NO_ROWS), next(there, _NO_ROWS)
    while one[1] or other[1]:
        if not other[1] or (one[1] and one[0] < other[0]):
            found, one = unpaired(one[0], one[1], [], rejected, held), next(here, _NO_ROWS)
        elif not one[1] or other[0] < one[0]:
            found, other = unpaired(other[0], [], other[1], rejected, held), next(there, _NO_ROWS)
        else:
            found = unpaired(one[0], one[1], other[1], rejected, held)
            one, other = next(here, _NO_ROWS), next(there, _NO_ROWS)
        yield from found


_Rows: TypeAlias = tuple[str, list[HashedRow]]
_NO_ROWS: _Rows = ("", [])


def _by_key(rows: Iterable[HashedRow]) -> Iterator[_Rows]:
    key: str | None = None
    same: list[HashedRow] = []
    for row in rows:
        if row[0] != key:
            if key is not None:
                yield key, same
            key, same = row[0], []
        same.append(row)
    if key is not None:
        yield key, same


def unpaired(
    key: str, here: list[HashedRow], there: list[HashedRow], rejected: Set[str], held: Set[str]
) -> Iterator[DifferingRow]:
    if len(here) == len(there) == 1 and here[0][1] == there[0][1]:
        return
    rest = Counter(row.hash for row in there)
    rest.subtract(row.hash for row in here)
    missing = sum(row.own_key not in rejected for row in _beyond(here, -rest))
    surplus = list(_beyond(there, +rest))
    different = min(missing, len(surplus))
    extra = sum(row.own_key not in held for row in surplus[different:])
    for count, difference in (
        (missing - different, Difference.MISSING),
        (different, Difference.DIFFERENT),
        (extra, Difference.SURPLUS),
    ):
        yield from (DifferingRow(difference=difference, key=key) for _ in range(count))


def _beyond(rows: Iterable[HashedRow], counts: Counter[int]) -> Iterator[HashedRow]:
    """The rows that the other side has not; as many of each hash as `counts` says."""
    for row in rows:
        if counts[row.hash] > 0:
            counts[row.hash] -= 1
            yield row


def batches(ranges: Sequence[int], size: int) -> Iterator[tuple[int, ...]]:
    """The ranges in groups of at most `size`, so that no statement grows with the number of differences."""
    for start in range(0, len(ranges), size):
        yield tuple(ranges[start : start + size])


def runs_of(numbers: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Sorted numbers as first and last of each run without a gap."""
    first = last = None
    for number in numbers:
        if first is None or last is None or number != last + 1:
            if first is not None and last is not None:
                yield first, last
            first = number
        last = number
    if first is not None and last is not None:
        yield first, last


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """So many percent of a table's ranges, the same ones for the same seed."""

    percent: float
    seed: int = 0

    def ranges(self, count: int) -> tuple[int, ...] | None:
        """Which of `count` ranges are looked into; None for all, for a table of few ranges is compared as a whole."""
        wanted = max(ceil(count * self.percent / 100), _FEW_RANGES)
        if wanted >= count:
            return None
        return tuple(sorted(Random(self.seed).sample(range(count), wanted)))


def range_width(lowest: int, highest: int, rows: int) -> int | None:
    """How many integer keys one range spans, about 2,000 rows each even where keys are sparse.

    None where the span does not fit into a bigint: hash the keys then.
    """
    span = highest - lowest + 1
    if span >= 2**63:
        return None
    width = max(BUCKET_ROWS, -(-span * BUCKET_ROWS // max(rows, 1)))
    return -(-width // FINER) * FINER


def hash_bits(rows: int) -> int:
    """k such that 2^k hash buckets hold about 2,000 rows each."""
    return min(max(rows // BUCKET_ROWS, 1).bit_length() - 1, _MOST_HASH_BITS)


def digest_of(columns: Sequence[str], rows: int, total: int) -> str:
    """A whole table's content as one short text: its columns, row count and sum of row hashes."""
    return hashlib.sha256(repr((tuple(columns), rows, total)).encode()).hexdigest()
