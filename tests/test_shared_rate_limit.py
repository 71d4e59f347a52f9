"""One limit for all processes, whose tokens lie in the database: here two of them, with one clock."""

import threading
from time import monotonic

import pytest
from django.db import connection
from pytest_django import DjangoAssertNumQueries

from migration.models import RateBucket
from migration.shared_rate_limit import HANDFUL, SharedRateLimit

pytestmark = pytest.mark.django_db


def test_processes_share_what_one_key_may_ask() -> None:
    one, other = (SharedRateLimit("flags", rate=0.001, burst=100) for _ in range(2))
    allowed = [limit.wait("7", now=0.0) == 0.0 for _ in range(100) for limit in (one, other)]
    assert sum(allowed) == 100
    assert 900 < one.wait("7", now=0.0) <= 1_000
    assert one.wait("8", now=0.0) == 0.0, "another key has its own"
    assert SharedRateLimit("reports", rate=0.001, burst=100).wait("7", now=0.0) == 0.0, "and another limit"


def test_tokens_come_back_with_time_and_no_more_than_the_burst() -> None:
    limit = SharedRateLimit("flags", rate=10.0, burst=40)
    assert all(limit.wait("7", now=0.0) == 0.0 for _ in range(40))
    assert limit.wait("7", now=0.0) > 0
    RateBucket.objects.update(at=RateBucket.objects.get().at.replace(year=2020))
    other = SharedRateLimit("flags", rate=10.0, burst=40)
    assert sum(other.wait("7", now=1e6) == 0.0 for _ in range(60)) == 40


def test_a_handful_costs_one_query_and_a_refusal_none(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    limit = SharedRateLimit("flags", rate=0.001, burst=2 * HANDFUL)
    with django_assert_num_queries(2):
        assert all(limit.wait("7", now=0.0) == 0.0 for _ in range(2 * HANDFUL))
    with django_assert_num_queries(0):
        assert all(limit.wait("7", now=0.0) > 0 for _ in range(10))


@pytest.mark.django_db(transaction=True)
def test_threads_that_ask_at_once_are_counted_once_each() -> None:
    """Each asks often enough to use up what its process has in hand."""
    limits = [SharedRateLimit("flags", rate=0.001, burst=60) for _ in range(2)]
    allowed: list[bool] = []

    def ask(limit: SharedRateLimit) -> None:
        try:
            allowed.extend(limit.wait("7", now=monotonic()) == 0.0 for _ in range(60))
        finally:
            connection.close()

    threads = [threading.Thread(target=ask, args=(limit,)) for limit in limits for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert (len(allowed), sum(allowed)) == (240, 60)
