"""Suggestions that are confirmed together, from a score on that somebody chooses."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from schemadiff.core.mapping import Certainty, PairStatus
from schemadiff.models import Pair

THRESHOLDS = (95, 90, 80, 70, 60, 50)
"""Percents from which on suggestions may be confirmed together."""
CONFIRM_FROM = 60
"""The threshold where nobody chooses another."""

DOUBTS = (Certainty.AMBIGUOUS.value, Certainty.NEAR_MISS.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bulk:
    """So many unambiguous suggestions have at least this score."""

    percent: int
    count: int
    is_usual: bool = False  # what is chosen where nobody says otherwise


def bulk_of(rows: Iterable[Pair]) -> tuple[Bulk, ...]:
    """Of neighbouring thresholds that take the same suggestions only the highest."""
    scores = [
        row.score for row in rows if row.status == PairStatus.SUGGESTED.value and row.certainty not in DOUBTS
    ]
    found: list[Bulk] = []
    for percent in THRESHOLDS:
        count = sum(score >= percent / 100 for score in scores)
        if count and (not found or count > found[-1].count):
            found.append(Bulk(percent=percent, count=count))
    if not found:
        return ()
    usual = max((each for each in found if each.percent >= CONFIRM_FROM), key=lambda e: e.count, default=None)
    return tuple(replace(each, is_usual=each is usual) for each in found)
