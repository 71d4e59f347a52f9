"""What a follower says each second, made into samples; and how far a copy is behind, in a sentence."""

import math
from datetime import UTC, datetime, timedelta

import pytest

from migration.core.behind import behind
from migration.core.events import FollowProgress
from migration.core.lag_samples import LagSample, Sampling, start_of

BEGUN = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)


def told(seconds: float, changes: int, *, held: int = 7, side: str = "source") -> FollowProgress:
    return FollowProgress(
        lag_bytes=int(min(seconds, 9) * 100),
        lag_seconds=seconds,
        changes=changes,
        rate=1,
        held=held,
        side=side,
    )


def samples(*said: tuple[float, FollowProgress]) -> list[LagSample]:
    sampling = Sampling()
    taken = [sampling.take(event, BEGUN + timedelta(seconds=at)) for at, event in said]
    return [each for each in (*taken, sampling.rest(), sampling.rest()) if each is not None]


def test_the_worst_of_five_seconds_is_kept_and_changes_are_added_up() -> None:
    first, second = samples(
        (0, told(0.1, 10)), (1, told(2.5, 30, held=9)), (4.9, told(0.3, 35)), (5, told(0.2, 40))
    )
    assert first == LagSample(at=BEGUN, lag_seconds=2.5, lag_bytes=250, changes=35, held=9, side="source")
    assert (second.at, second.lag_seconds, second.changes) == (BEGUN + timedelta(seconds=5), 0.2, 5)


def test_a_follower_that_begins_again_counts_from_nothing() -> None:
    first, second = samples((0, told(0, 1_000)), (6, told(0, 20)))
    assert (first.changes, second.changes) == (1_000, 20)


def test_a_lag_that_was_not_known_is_none_and_no_number() -> None:
    (found,) = samples((0, told(math.inf, 0)), (1, told(0.5, 0)))
    assert found.lag_seconds is None


def test_each_side_that_is_followed_has_samples_of_its_own() -> None:
    assert [each.side for each in samples((0, told(0, 1)), (1, told(0, 1, side="target")))] == [
        "source",
        "target",
    ]


def test_nothing_said_is_no_sample() -> None:
    assert samples() == []


def test_times_begin_where_they_are_counted() -> None:
    assert start_of(BEGUN + timedelta(seconds=64, milliseconds=5), timedelta(minutes=1)) == BEGUN + timedelta(
        minutes=1
    )


@pytest.mark.parametrize(
    ("seconds", "side", "ago", "said"),
    [
        (0.31, "source", 1, "The copy is 0.3 s behind."),
        (3_725.0, "source", 1, "The copy is 1 h 2 min behind."),
        (None, "source", 1, "The copy is catching up; how far behind it is will be known in a moment."),
        (75.2, "source", 60, "The copy was last heard of at 12:00:00 UTC, 1 min 15 s behind then."),
        (2.0, "target", 1, "The former database, kept as the way back, is 2.0 s behind."),
    ],
)
def test_what_a_manager_reads(seconds: float | None, side: str, ago: int, said: str) -> None:
    assert behind(seconds, side=side, at=BEGUN, now=BEGUN + timedelta(seconds=ago)) == said
