"""How long statements may wait and take."""

import pytest

from schemadiff.core.waiting import NO_LIMIT, Duration, Lock, timeouts_for


@pytest.mark.parametrize("lock", Lock)
def test_what_only_changes_the_catalog_is_done_at_once(lock: Lock) -> None:
    assert timeouts_for(lock, Duration.INSTANT, concurrent=False).statement == "1min"


@pytest.mark.parametrize("duration", [each for each in Duration if each is not Duration.INSTANT])
def test_only_those_who_keep_others_from_a_table_are_cut_short(duration: Duration) -> None:
    limits = {lock: timeouts_for(lock, duration, concurrent=False).statement for lock in Lock}

    assert limits[Lock.NONE] == limits[Lock.SHARE_UPDATE_EXCLUSIVE] == NO_LIMIT
    assert limits[Lock.SHARE] == limits[Lock.SHARE_ROW_EXCLUSIVE] == limits[Lock.ACCESS_EXCLUSIVE] == "1h"


def test_the_stronger_the_lock_the_shorter_the_wait_for_it() -> None:
    waits = [timeouts_for(lock, Duration.INSTANT, concurrent=False).lock for lock in Lock]

    assert waits == ["30s", "30s", "5s", "5s", "3s"]


def test_concurrently_waits_for_other_transactions() -> None:
    limits = timeouts_for(Lock.SHARE_UPDATE_EXCLUSIVE, Duration.BUILDS_INDEX, concurrent=True)

    assert (limits.lock, limits.statement) == ("10min", NO_LIMIT)
