"""An engineer has a plan proven by a worker and reads what came of it; a manager reads it, too."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User

from schemadiff.comparison import compare
from schemadiff.embedded import EmbeddedServer
from schemadiff.models import Member, Project, Role
from tests.browser.people import PATIENCE, Person
from tests.servers import MakeDatabase
from tests.web.people import save_connection
from tests.worker_process import Worker

pytestmark = pytest.mark.django_db(transaction=True)

SOURCE = """
CREATE TABLE clients (id bigint PRIMARY KEY, name text NOT NULL, mail text UNIQUE);
CREATE TABLE visits (client bigint REFERENCES clients, at timestamptz NOT NULL);
CREATE INDEX by_moment ON visits (at);
"""
TARGET = """
CREATE TABLE clients (id integer PRIMARY KEY, name text, mail text);
CREATE TABLE visits (client integer, at timestamptz);
"""
PASSWORD = "proofs-are-read"


@pytest.fixture
def comparison(server18: EmbeddedServer, make_database: MakeDatabase, transactional_db: None) -> None:
    project = Project.objects.create(slug="crm", name="CRM")
    for role in (Role.ENGINEER, Role.MANAGER):
        user = User.objects.create_user(role.value, password=PASSWORD)
        Member.objects.create(project=project, user=user, role=role)
    source = save_connection(project, "legacy", make_database(server18, SOURCE))
    target = save_connection(project, "new", make_database(server18, TARGET))
    compare(project, source, target, user=user)


@pytest.mark.heavy
def test_a_plan_is_proven_at_the_press_of_a_button(
    comparison: None, worker: Worker, person: Callable[[], Person]
) -> None:
    engineer = person()
    engineer.logs_in("engineer", PASSWORD)
    engineer.opens("/p/crm/comparisons/1/")
    engineer.looks_at("Comparison #1")
    engineer.follows("The plan has not been proven")
    engineer.looks_at("Proof of the plan")
    engineer.presses("Prove it")
    engineer.sees("Proven: after", within=PATIENCE)
    engineer.sees("Relations rewritten", "as the plan says", "CREATE INDEX by_moment")
    engineer.looks_at("Proof of the plan")
    where = engineer.page.url.removeprefix(engineer.address)

    engineer.follows("Comparison #1")
    engineer.sees("Plan proven")
    engineer.looks_at("Comparison #1")

    manager = person()
    manager.logs_in("manager", PASSWORD)
    manager.opens(where)
    manager.looks_at("Proof of the plan")
    manager.sees("Proven: after")
    manager.sees_no_button("Prove it again")
