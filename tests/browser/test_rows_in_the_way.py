"""An engineer has the target's rows checked by a worker, and reads what is in the way and what helps."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User

from schemadiff.comparison import compare
from schemadiff.embedded import EmbeddedServer
from schemadiff.models import Member, Project, Role
from tests.browser.people import PATIENCE, Person
from tests.convergence import execute
from tests.servers import MakeDatabase
from tests.web.people import save_connection
from tests.web.test_rows_in_the_way import ROWS, SOURCE, TARGET
from tests.worker_process import Worker

pytestmark = pytest.mark.django_db(transaction=True)

PASSWORD = "rows-are-counted"


@pytest.fixture
def target(server18: EmbeddedServer, make_database: MakeDatabase, transactional_db: None) -> str:
    """Of the one comparison that there is."""
    project = Project.objects.create(slug="crm", name="CRM")
    user = User.objects.create_user("engineer", password=PASSWORD)
    Member.objects.create(project=project, user=user, role=Role.ENGINEER)
    dsn = make_database(server18, TARGET)
    source = save_connection(project, "legacy", make_database(server18, SOURCE))
    compare(project, source, save_connection(project, "new", dsn), user=user)
    return dsn


@pytest.mark.heavy
def test_rows_are_checked_at_the_press_of_a_button(
    target: str, worker: Worker, person: Callable[[], Person]
) -> None:
    execute(target, ROWS)
    engineer = person()
    engineer.logs_in("engineer", PASSWORD)
    engineer.opens("/p/crm/comparisons/1/")
    engineer.presses("Check the rows")
    engineer.sees("Of 5 checks", within=PATIENCE)
    engineer.sees("1 of 3 rows", "<b>a@example.org</b>")
    engineer.page.get_by_text("What helps: fill, not valid first, quarantine").click()
    engineer.sees("Give the rows a value that fits.", "BEGIN;")
    engineer.looks_at("Will it work on these rows?")

    engineer.page.get_by_role("link", name="The change of public.clients mail").first.click()
    engineer.sees("Rows in the way", "no value of mail; the statement fails.")
    engineer.looks_at("Comparison #1")

    execute(target, "DELETE FROM visits; DELETE FROM clients")
    engineer.presses("Check the rows again")
    engineer.sees("All clear: 5 checks found no row in the way.", within=PATIENCE)
    engineer.looks_at("Will it work on these rows?")
