"""Somebody wrote to the target: found by a verification, looked at row by row, repaired, and the record read."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User

from migration import demo, runs
from migration.execution import execute
from migration.models import Run
from schemadiff.core.options.option import OptionName
from schemadiff.models import Comparison
from schemadiff.store import record_decision
from tests.browser.people import PATIENCE, Person
from tests.engine.running import ask
from tests.worker_process import Worker

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.heavy]

PASSWORD = "rows-are-verified"


@pytest.fixture
def run(seed_source_dsn: str, seed_target_dsn: str, transactional_db: None) -> Run:
    """Finished, and then somebody wrote to its target."""
    demo.populate(seed_source_dsn, seed_target_dsn)
    comparison, admin = Comparison.objects.get(), User.objects.get(username="admin")
    admin.set_password(PASSWORD)
    admin.save()
    record_decision(comparison, OptionName.RECREATE, reason="It fits.", why_not={}, user=admin)
    run = runs.create_run(comparison.project, comparison, OptionName.RECREATE, user=admin, reason="Now.")
    execute(run.pk)
    ask(
        seed_target_dsn,
        "UPDATE public.staff SET name = 'Nobody' WHERE id = (SELECT min(id) FROM public.staff)",
    )
    return run


def test_rows_that_differ_are_found_seen_and_repaired(
    run: Run, worker: Worker, person: Callable[[], Person]
) -> None:
    admin = person()
    admin.logs_in("admin", PASSWORD)
    admin.opens(f"/p/{demo.SLUG}/runs/{run.number}/")
    admin.follows("Verify and repair…")
    admin.sees("Not verified again yet")
    admin.page.go_back()
    admin.follows("Probes…")
    admin.sees("Not probed yet")
    admin.looks_at("Probes")
    admin.presses("Probe now")
    admin.sees("questions were answered differently", "staff", within=PATIENCE)
    admin.looks_at("Probes #1")
    admin.opens(f"/p/{demo.SLUG}/runs/{run.number}/")
    admin.follows("Verify and repair…")
    admin.looks_at("Verifications of run #1")
    admin.presses("Verify now")
    admin.sees("1 row differs in 1 of 7 tables.", within=PATIENCE)
    admin.looks_at("Verification #1 of run #1")
    admin.page.get_by_role("link", name="See rows of public.staff").press("Enter")
    admin.sees("Nobody", "different")
    admin.looks_at("Differing rows")
    admin.page.go_back()
    admin.follows("Repair these rows…")
    admin.looks_at("Repair the target of run #1")
    admin.fills("Reason", "A writer went astray.")
    admin.presses("Repair these rows")
    admin.sees("All 7 tables are equal", within=PATIENCE)
    admin.sees_row("public.staff", "1")
    admin.looks_at("Repair #2 of run #1")
    admin.follows("Undo this repair…")
    admin.sees("Every row that this repair changed becomes what it was before.")
