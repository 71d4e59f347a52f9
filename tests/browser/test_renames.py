"""An engineer goes through what looks like a rename, with the keyboard alone."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import expect

from schemadiff.comparison import compare
from schemadiff.embedded import EmbeddedServer
from schemadiff.models import Member, Project, Role
from tests.browser.people import Person
from tests.servers import MakeDatabase
from tests.web.people import save_connection

pytestmark = pytest.mark.django_db(transaction=True)

SOURCE = """CREATE TABLE clients (id integer PRIMARY KEY, phone text, note text);
    CREATE TYPE mood AS ENUM ('a', 'b');"""
TARGET = """CREATE TABLE clients (id integer PRIMARY KEY, mobile text, note text);
    CREATE TYPE state AS ENUM ('a', 'b');"""


@pytest.fixture
def comparison(server18: EmbeddedServer, make_database: MakeDatabase, transactional_db: None) -> None:
    project = Project.objects.create(slug="crm", name="CRM")
    user = User.objects.create_user("engineer", password="renames-are-kept")
    Member.objects.create(project=project, user=user, role=Role.ENGINEER)
    source = save_connection(project, "legacy", make_database(server18, SOURCE))
    target = save_connection(project, "new", make_database(server18, TARGET))
    compare(project, source, target, user=user)


@pytest.mark.heavy
def test_renames_are_decided_with_the_keyboard(comparison: None, person: Callable[[], Person]) -> None:
    engineer = person()
    engineer.logs_in("engineer", "renames-are-kept")
    engineer.opens("/p/crm/comparisons/1/")
    engineer.looks_at("Comparison #1")
    engineer.sees("2 possible, to be looked at", "both are text")

    engineer.page.get_by_role("button", name="public.clients.mobile is phone").focus()
    engineer.page.keyboard.press("Enter")
    engineer.sees("public.clients.mobile counts as public.clients.phone from now on", "1 possible")
    engineer.page.get_by_role("button", name="public.state is no rename").focus()
    engineer.page.keyboard.press("Enter")
    engineer.sees("It is not proposed again")

    expect(engineer.page.locator("ul.decided li")).to_have_count(2)
    engineer.looks_at("Comparison #1")
    engineer.presses("Take back: public.state")
    engineer.sees("Taken back: it is open again.")
