"""Which ranges and rows differ, and what is accounted for."""

from collections.abc import Iterable

import pytest

from migration.core.checksums import (
    BUCKET_ROWS,
    DifferingRow,
    HashedRow,
    RangeSum,
    Sample,
    batches,
    differing_ranges,
    differing_rows,
    digest_of,
    hash_bits,
    range_width,
    runs_of,
)


def row(key: str, value: int = 1) -> HashedRow:
    return HashedRow(key=key, hash=value, own_key=f"{{{key}}}")


def told(found: Iterable[DifferingRow]) -> list[tuple[str, str]]:
    return [(row.difference.value, row.key) for row in found]


def test_ranges_that_only_one_side_has_differ() -> None:
    source = {0: RangeSum(rows=2, total=5), 1: RangeSum(rows=1, total=7)}
    target = {0: RangeSum(rows=2, total=5), 2: RangeSum(rows=1, total=7)}
    assert differing_ranges(source, target) == (1, 2)


def test_a_pair_of_doubled_rows_does_not_cancel_out() -> None:
    assert differing_ranges({0: RangeSum(rows=2, total=14)}, {0: RangeSum(rows=2, total=0)}) == (0,)


def test_rows_are_missing_surplus_or_different() -> None:
    found = differing_rows(
        [row("1"), row("2"), row("3")], [row("2", 9), row("3"), row("4")], rejected=set(), held=set()
    )
    assert told(found) == [("missing", "1"), ("different", "2"), ("surplus", "4")]


def test_rejects_and_earlier_rows_are_accounted_for() -> None:
    found = differing_rows(
        [row("1"), row("2")], [row("2", 9), row("4")], rejected={"{1}", "{2}"}, held={"{2}", "{4}"}
    )
    assert told(found) == []


def test_a_key_that_comes_several_times_is_paired_row_by_row() -> None:
    here = [row("1", 5), row("1", 6), row("2", 5)]
    there = [row("1", 6), row("1", 6), row("1", 7), row("2", 5), row("2", 5)]
    found = differing_rows(here, there, rejected=set(), held=set())
    assert told(found) == [("different", "1"), ("surplus", "1"), ("surplus", "2")]


def test_runs_of_numbers_without_a_gap() -> None:
    assert list(runs_of([])) == []
    assert list(runs_of([3])) == [(3, 3)]
    assert list(runs_of([1, 2, 3, 7, 9, 10])) == [(1, 3), (7, 7), (9, 10)]


@pytest.mark.parametrize(
    ("lowest", "highest", "rows", "width"),
    [(1, 10_000, 10_000, BUCKET_ROWS), (1, 10_000_000, 10_000, 2_000_000), (5, 5, 1, BUCKET_ROWS)],
)
def test_ranges_hold_about_as_many_rows_where_keys_are_sparse(
    lowest: int, highest: int, rows: int, width: int
) -> None:
    assert range_width(lowest, highest, rows) == width


def test_keys_that_span_more_than_a_bigint_are_hashed() -> None:
    assert range_width(-(2**62), 2**62, 10) is None


def test_buckets_grow_with_the_table_and_have_a_limit() -> None:
    assert [hash_bits(rows) for rows in (0, 2_000, 4_000, 5_000_000)] == [0, 0, 1, 11]
    assert hash_bits(10**15) == 20


def test_batches_are_of_limited_size_and_complete() -> None:
    assert list(batches([1, 2, 3, 4, 5], 2)) == [(1, 2), (3, 4), (5,)]


def test_a_digest_tells_columns_rows_and_sum_apart() -> None:
    digests = {digest_of(["a"], 1, 2), digest_of(["b"], 1, 2), digest_of(["a"], 2, 2), digest_of(["a"], 1, 3)}
    assert len(digests) == 4
    assert all(len(digest) == 64 for digest in digests)


def test_a_sample_is_the_same_for_the_same_seed_and_never_of_few_ranges() -> None:
    one, other = Sample(percent=1).ranges(5_000), Sample(percent=1, seed=1).ranges(5_000)
    assert one == Sample(percent=1).ranges(5_000) != other
    assert one is not None and len(one) == 50 and list(one) == sorted(set(one)) and one[-1] < 5_000
    assert Sample(percent=1).ranges(10) is None
    assert len(Sample(percent=0.001).ranges(11) or ()) == 10
