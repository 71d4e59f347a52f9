"""How far a follower was behind, second by second, made into as many samples as can be kept and drawn."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import isfinite

from migration.core.events import FollowProgress
from migration.core.rounds import RoundMade

FINE, COARSE = timedelta(seconds=5), timedelta(seconds=60)
"""The time that a sample stands for, at first and when it is older."""
FINE_KEPT, COARSE_KEPT = timedelta(hours=2), timedelta(days=15)
"""How long samples of each width are kept: at most 1,440 and 21,600 of a run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LagSample:
    """The worst of some seconds from `at` on; `lag_seconds` is None where it was not known in one of them."""

    at: datetime
    lag_seconds: float | None
    lag_bytes: int
    changes: int  # applied in this time
    held: int
    side: str


class Sampling:
    """Makes samples of what a follower says. It may begin to count its changes anew at any moment."""

    def __init__(self) -> None:
        self._open: LagSample | None = None
        self._counted: int | None = None

    def take(self, said: FollowProgress | RoundMade, now: datetime) -> LagSample | None:
        """The answer is a sample that is complete: nothing more belongs to its time."""
        made = self._sample(said, now) if isinstance(said, FollowProgress) else _of_round(said, now)
        sample, before = made, self._open
        if before is not None and (before.at, before.side) == (sample.at, sample.side):
            self._open = _worst(before, sample)
            return None
        self._open = sample
        return before

    def rest(self) -> LagSample | None:
        """What is not complete yet."""
        left, self._open = self._open, None
        return left

    def _sample(self, said: FollowProgress, now: datetime) -> LagSample:
        counted, self._counted = self._counted or 0, said.changes
        return LagSample(
            at=start_of(now),
            lag_seconds=said.lag_seconds if isfinite(said.lag_seconds) else None,
            lag_bytes=said.lag_bytes,
            changes=said.changes - counted if said.changes >= counted else said.changes,
            held=said.held,
            side=said.side,
        )


def _of_round(made: RoundMade, now: datetime) -> LagSample:
    """When a round has been made the target is as old as its beginning; of a log nothing is known."""
    return LagSample(
        at=start_of(now),
        lag_seconds=made.seconds,
        lag_bytes=0,
        changes=made.repaired,
        held=0,
        side="source",
    )


def start_of(at: datetime, width: timedelta = FINE) -> datetime:
    """The beginning of the time that a moment lies in."""
    seconds = int(width.total_seconds())
    return datetime.fromtimestamp(int(at.timestamp()) // seconds * seconds, tz=at.tzinfo)


def _worst(left: LagSample, right: LagSample) -> LagSample:
    seconds: Sequence[float | None] = (left.lag_seconds, right.lag_seconds)
    known = [each for each in seconds if each is not None]
    return replace(
        left,
        lag_seconds=max(known) if len(known) == len(seconds) else None,
        lag_bytes=max(left.lag_bytes, right.lag_bytes),
        changes=left.changes + right.changes,
        held=max(left.held, right.held),
    )
