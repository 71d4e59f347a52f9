"""How often a key may ask, and how lengths of time read."""

from datetime import timedelta

import pytest

from migration.core.rate_limit import RateLimit
from migration.core.spans import span


def test_a_burst_is_allowed_then_the_rate_and_each_key_counts_for_itself() -> None:
    limit = RateLimit(rate=2, burst=3)
    assert [limit.wait("crm", now=10.0) for _ in range(4)] == [0, 0, 0, 0.5]
    assert limit.wait("shop", now=10.0) == 0
    assert limit.wait("crm", now=10.25) == pytest.approx(0.25)
    assert limit.wait("crm", now=10.5) == 0
    assert limit.wait("crm", now=10.5) > 0
    assert [limit.wait("crm", now=1000.0) for _ in range(4)] == [0, 0, 0, 0.5]
    limit.give_back("crm")
    assert limit.wait("crm", now=1000.0) == 0 < limit.wait("crm", now=1000.0)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(-5, "0 s"), (0, "0 s"), (1.9, "1 s"), (59, "59 s"), (60, "1 min"), (3_599, "59 min"), (3_600, "1 h")],
)
def test_a_length_is_said_in_its_greatest_unit(seconds: float, words: str) -> None:
    assert span(timedelta(seconds=seconds)) == words


def test_days_are_the_greatest_unit() -> None:
    assert span(timedelta(days=400, hours=3)) == "400 d"
