"""Quantiles survive merging: what DDSketch of the package says of all values, the merged bins say too."""

import random

import pytest
from ddsketch import DDSketch

from migration.core.monitoring.sketches import (
    ACCURACY,
    EMPTY,
    HIGHEST_KEY,
    LONGEST,
    LOWEST_KEY,
    key_of,
    merged,
    sketched,
)


def durations(seed: int, count: int) -> list[float]:
    chance = random.Random(seed)
    return [chance.lognormvariate(2, 1) for _ in range(count)]


@pytest.mark.parametrize("share", [0.0, 0.5, 0.95, 0.99, 1.0])
def test_a_quantile_of_merged_sketches_is_that_of_all_values(share: float) -> None:
    parts = [durations(seed, 500 * seed) for seed in (1, 2, 3)]
    whole = DDSketch(ACCURACY)
    for value in (value for part in parts for value in part):
        whole.add(value)
    found = merged(sketched(part) for part in parts).quantile(share)
    assert found is not None
    assert found == pytest.approx(whole.get_quantile_value(share))
    exact = sorted(value for part in parts for value in part)
    assert found == pytest.approx(exact[round(share * (len(exact) - 1))], rel=2 * ACCURACY)


def test_the_quantile_of_a_mixture_is_no_average_of_quantiles() -> None:
    fast, slow = sketched([1.0] * 970), sketched([100.0] * 30)
    p95 = merged([fast, slow]).quantile(0.95)
    assert p95 == pytest.approx(1.0, rel=ACCURACY)


def test_nothing_has_no_quantile_and_merges_with_everything() -> None:
    assert EMPTY.quantile(0.5) is None
    some = sketched([3.0, 4.0])
    assert merged([EMPTY, some, EMPTY]) == some
    assert merged([]) == EMPTY


def test_what_is_too_short_or_too_long_counts_as_the_shortest_or_longest() -> None:
    assert key_of(0.0) == key_of(-1.0) == LOWEST_KEY
    assert key_of(LONGEST * 10) == HIGHEST_KEY
