"""An engineer tells the project what its application asks its database."""

from collections.abc import Callable
from pathlib import Path

import pytest

from migration import demo
from tests.browser.people import Person

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.heavy]

LOG = "LOG:  statement: SELECT * FROM clients WHERE phone = '+7 900'\n" * 7


def test_queries_are_added_from_a_log_and_removed(
    seed_source_dsn: str,
    seed_target_dsn: str,
    transactional_db: None,
    person: Callable[[], Person],
    tmp_path: Path,
) -> None:
    demo.populate(seed_source_dsn, seed_target_dsn)
    engineer = person()
    engineer.logs_in("engineer", dict(demo.LOGINS)["engineer"])
    engineer.opens(f"/p/{demo.SLUG}/comparisons/1/options/")
    engineer.follows("21 queries of the application")
    engineer.looks_at("The application’s queries")
    engineer.presses("Add")
    engineer.sees("Give one of the three: SQL, a file, or a database.")
    engineer.accessible(engineer.page)
    log = tmp_path / "server.log"
    log.write_text(LOG)
    engineer.page.get_by_label("Or a file").set_input_files(log)
    engineer.page.get_by_label("In the place of the queries that are here").check()
    engineer.presses("Add")
    engineer.sees("1 new query added.", "1 query · 7 calls counted", "SELECT * FROM clients WHERE phone = $1")
    engineer.looks_at("The application’s queries")
    engineer.presses("Remove")
    engineer.sees("No query is known yet")
