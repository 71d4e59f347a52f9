"""What two sides' counts and sums say: which key ranges differ, and which rows in them."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass

BUCKET_ROWS = 2_000
_MOST_HASH_BITS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class RangeSum:
    """Rows of one key range and the sum of their hashes. A sum, not xor: two equal rows do not cancel out."""

    rows: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HashedRow:
    """A row's key as the target knows it, its hash, and the key that it has on its own side."""

    key: str
    hash: int
    own_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RowDifferences:
    """Keys of one or more ranges that differ. Accounted for (rejects, rows held before) are left out."""

    only_source: tuple[str, ...] = ()
    only_target: tuple[str, ...] = ()
    different: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        return len(self.only_source) + len(self.only_target) + len(self.different)


def differing_ranges(source: Mapping[int, RangeSum], target: Mapping[int, RangeSum]) -> tuple[int, ...]:
    """The ranges whose count or sum is not the same on both sides."""
    return tuple(sorted(n for n in source.keys() | target.keys() if source.get(n) != target.get(n)))


def compare_rows(
    source: Iterable[HashedRow], target: Iterable[HashedRow], *, rejected: Set[str], held: Set[str]
) -> RowDifferences:
    """Row by row over the same ranges.

    A source row that is missing is accounted for if its own key is among the `rejected`; a target row
    that the source does not have, if the target `held` it before the run.
    """
    there = {row.key: row for row in target}
    missing: list[str] = []
    different: list[str] = []
    for row in source:
        found = there.pop(row.key, None)
        if found is None:
            missing += [row.key] if row.own_key not in rejected else []
        elif found.hash != row.hash and row.own_key not in rejected:
            different.append(row.key)
    extra = (row.key for row in there.values() if row.own_key not in held)
    return RowDifferences(
        only_source=tuple(sorted(missing)),
        only_target=tuple(sorted(extra)),
        different=tuple(sorted(different)),
    )


def batches(ranges: Sequence[int], size: int) -> Iterator[tuple[int, ...]]:
    """The ranges in groups of at most `size`, so that memory does not grow with the number of differences."""
    for start in range(0, len(ranges), size):
        yield tuple(ranges[start : start + size])


def range_width(lowest: int, highest: int, rows: int) -> int | None:
    """How many integer keys one range spans, about 2,000 rows each even where keys are sparse.

    None where the span does not fit into a bigint: hash the keys then.
    """
    span = highest - lowest + 1
    if span >= 2**63:
        return None
    return max(BUCKET_ROWS, -(-span * BUCKET_ROWS // max(rows, 1)))


def hash_bits(rows: int) -> int:
    """k such that 2^k hash buckets hold about 2,000 rows each."""
    return min(max(rows // BUCKET_ROWS, 1).bit_length() - 1, _MOST_HASH_BITS)


def digest_of(columns: Sequence[str], rows: int, total: int) -> str:
    """A whole table's content as one short text: its columns, row count and sum of row hashes."""
    return hashlib.sha256(repr((tuple(columns), rows, total)).encode()).hexdigest()
