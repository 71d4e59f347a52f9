"""A warning when the source holds more of its log than is allowed: once, and again after it fell."""

import pytest

from migration.core.events import Event, FollowProgress, Level, Log
from migration.core.limits import Limits
from migration.core.wal_limit import WalLimit
from schemadiff.core.errors import Refused

_MB = 1_048_576


def told(limit: int | None, *held: int) -> list[str]:
    events: list[Event] = []
    watched = WalLimit(limit, events.append)
    for each in held:
        watched.report(FollowProgress(lag_bytes=3 * _MB, lag_seconds=1, changes=0, rate=0, held=each * _MB))
    assert sum(isinstance(event, FollowProgress) for event in events) == len(held)
    return [event.message for event in events if isinstance(event, Log) and event.level is Level.WARNING]


def test_told_once_until_it_has_fallen() -> None:
    assert len(told(100 * _MB, 50, 99, 120, 130, 90, 120)) == 1
    assert len(told(100 * _MB, 120, 70, 120)) == 2


def test_says_what_is_held_and_what_to_do() -> None:
    (said,) = told(100 * _MB, 120)
    assert "holds 120 MB of its log for this run, 100 MB are allowed" in said
    assert "behind by 3 MB" in said
    assert "clean TARGET --source SOURCE" in said


def test_without_a_limit_nothing_is_said() -> None:
    assert told(None, 1_000_000) == []


def test_no_limit_of_nothing() -> None:
    with pytest.raises(Refused, match="above 0"):
        Limits(wal_held=0)


def test_on_the_way_back_it_is_the_target_that_holds() -> None:
    events: list[Event] = []
    followed = FollowProgress(lag_bytes=0, lag_seconds=0, changes=0, rate=0, held=120 * _MB, side="target")
    WalLimit(100 * _MB, events.append).report(followed)
    (said,) = [event.message for event in events if isinstance(event, Log)]
    assert "The target holds 120 MB of its log for the way back" in said
    assert "--end-way-back" in said
