"""Durations as a sketch whose quantiles survive merging: the bins of DDSketch, sparse, without its protobuf.

Masson, Rim, Lee, “DDSketch: A Fast and Fully-Mergeable Quantile Sketch with Relative-Error Guarantees”, VLDB 2019.
Every process of every client uses the same accuracy, so that any two sketches can be merged by adding their bins.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import accumulate

from ddsketch.mapping import LogarithmicMapping

ACCURACY = 0.01
"""A quantile is at most this share of itself away from the true value."""

SHORTEST, LONGEST = 0.001, 100_000_000.0
"""Milliseconds; what is outside counts as this."""

_MAPPING = LogarithmicMapping(ACCURACY)
LOWEST_KEY, HIGHEST_KEY = _MAPPING.key(SHORTEST), _MAPPING.key(LONGEST)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sketch:
    """How many durations fell into which bin. `keys` ascend, and no count is zero."""

    keys: tuple[int, ...] = ()
    counts: tuple[int, ...] = ()

    @property
    def count(self) -> int:
        return sum(self.counts)

    def quantile(self, share: float) -> float | None:
        """The duration in milliseconds below which that share of them lies; None where there are none."""
        rank = share * (self.count - 1)
        reached = zip(self.keys, accumulate(self.counts), strict=True)
        return next((duration_of(key) for key, so_far in reached if so_far > rank), None)


EMPTY = Sketch()


def key_of(milliseconds: float) -> int:
    """The bin of a duration."""
    return int(_MAPPING.key(min(max(milliseconds, SHORTEST), LONGEST)))


def duration_of(key: int) -> float:
    """The duration in milliseconds that stands for a bin."""
    return float(_MAPPING.value(key))


def sketch_of(bins: Mapping[int, int]) -> Sketch:
    """A sketch of counts by bin."""
    found = sorted((key, count) for key, count in bins.items() if count)
    return Sketch(keys=tuple(key for key, _ in found), counts=tuple(count for _, count in found))


def sketched(durations: Iterable[float]) -> Sketch:
    """A sketch of durations in milliseconds."""
    bins: dict[int, int] = {}
    for duration in durations:
        key = key_of(duration)
        bins[key] = bins.get(key, 0) + 1
    return sketch_of(bins)


def merged(sketches: Iterable[Sketch]) -> Sketch:
    """The sketch of all their durations together."""
    bins: dict[int, int] = {}
    for sketch in sketches:
        for key, count in zip(sketch.keys, sketch.counts, strict=True):
            bins[key] = bins.get(key, 0) + count
    return sketch_of(bins)
