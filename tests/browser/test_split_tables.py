"""An engineer confirms that a table was split, with the keyboard alone."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User

from schemadiff.comparison import compare
from schemadiff.embedded import EmbeddedServer
from schemadiff.models import Member, Project, Role
from tests.browser.people import Person
from tests.servers import MakeDatabase
from tests.web.people import save_connection

pytestmark = pytest.mark.django_db(transaction=True)

SOURCE = (
    """CREATE TABLE clients (id integer PRIMARY KEY, name text, address_street text, address_city text);"""
)
TARGET = """CREATE TABLE clients (id integer PRIMARY KEY, name text);
    CREATE TABLE addresses (
        id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, client_id integer NOT NULL REFERENCES clients,
        street text, city text
    );"""


@pytest.fixture
def comparison(server18: EmbeddedServer, make_database: MakeDatabase, transactional_db: None) -> None:
    project = Project.objects.create(slug="crm", name="CRM")
    user = User.objects.create_user("engineer", password="tables-are-split")
    Member.objects.create(project=project, user=user, role=Role.ENGINEER)
    source = save_connection(project, "legacy", make_database(server18, SOURCE))
    target = save_connection(project, "new", make_database(server18, TARGET))
    compare(project, source, target, user=user)


@pytest.mark.heavy
def test_a_split_is_confirmed_with_the_keyboard(comparison: None, person: Callable[[], Person]) -> None:
    engineer = person()
    engineer.logs_in("engineer", "tables-are-split")
    engineer.opens("/p/crm/comparisons/1/mapping/?table=public.clients → addresses")
    engineer.looks_at("Which column became which?")
    engineer.sees(
        "3 suggested pairs wait for a person",
        "public.clients may have been split: public.addresses would take of its rows, too",
        "client_id refers to public.clients",
    )
    engineer.page.get_by_role("button", name="Confirm the split").focus()
    engineer.page.keyboard.press("Enter")
    engineer.sees(
        "3 suggestions of public.clients → addresses confirmed", "Every suggested pair has been looked at"
    )
    engineer.looks_at("Which column became which?")
