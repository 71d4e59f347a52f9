"""An engineer rehearses the options with rows and takes hybrid one step further, with a worker at work."""

from collections.abc import Callable

import pytest

from migration import demo
from tests.browser.people import PATIENCE, Person
from tests.worker_process import Worker

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.heavy]


def test_a_rehearsal_and_its_next_step(
    seed_source_dsn: str, seed_target_dsn: str, worker: Worker, person: Callable[[], Person]
) -> None:
    demo.populate(seed_source_dsn, seed_target_dsn)
    engineer = person()
    engineer.logs_in("engineer", dict(demo.LOGINS)["engineer"])
    engineer.looks_at("Booking bot")
    engineer.opens(f"/p/{demo.SLUG}/comparisons/1/options/")
    engineer.looks_at("Which way?")

    engineer.presses("Rehearse with rows")
    engineer.sees("1,490 of 1,490 rows refused", within=PATIENCE)
    engineer.sees("these 12 columns of the target are NOT NULL and have no source")
    engineer.looks_at("Which way?")

    engineer.presses("Yes, and rehearse again")
    engineer.sees("39 of 1,490 rows refused, 38 of them for this", within=PATIENCE)
    engineer.sees("Keep after all", "6 queries fail for want of a unique key")
    engineer.sees_row("Rows written", "1,451")
    engineer.looks_at("Which way?")
