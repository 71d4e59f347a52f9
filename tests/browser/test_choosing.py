"""An engineer splits a table by hand, judges queries on a database, and rehearses on a server of the team's own."""

from collections.abc import Callable, Iterator

import pytest
from django.contrib.auth.models import User
from psycopg.conninfo import make_conninfo

from schemadiff.comparison import compare
from schemadiff.embedded import EmbeddedServer
from schemadiff.models import Member, Project, Query, Role
from tests.browser.people import PATIENCE, Person
from tests.engine.running import ask
from tests.servers import MakeDatabase, roles_on
from tests.web.people import save_connection
from tests.web.test_table_parts import SOURCE, TARGET
from tests.worker_process import Worker

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.heavy]

_ROLE = "scratch_browser"
_SETTING = "session_replication_role"


@pytest.fixture
def scratch(
    server16: EmbeddedServer, server18: EmbeddedServer, make_database: MakeDatabase, transactional_db: None
) -> Iterator[None]:
    """A project with two databases, a query, and a connection whose role may load rows, but not make databases."""
    project = Project.objects.create(slug="crm", name="CRM")
    user = User.objects.create_user("engineer", password="chosen-by-hand")
    Member.objects.create(project=project, user=user, role=Role.ENGINEER)
    Query.objects.create(project=project, name="names", sql="SELECT name, kind FROM clients WHERE id = $1")
    source = save_connection(project, "legacy", make_database(server16, SOURCE))
    target = save_connection(project, "new", make_database(server18, TARGET))
    compare(project, source, target, user=user)
    with roles_on(server16, [_ROLE]):
        ask(server16.dsn(), f"ALTER ROLE {_ROLE} LOGIN PASSWORD 'secret'")
        ask(server16.dsn(), f"GRANT SET ON PARAMETER {_SETTING} TO {_ROLE}")
        save_connection(project, "scratch", make_conninfo(server16.dsn(), user=_ROLE, password="secret"))
        yield


def test_what_is_chosen_by_hand(
    scratch: None, server16: EmbeddedServer, worker: Worker, person: Callable[[], Person]
) -> None:
    engineer = person()
    engineer.logs_in("engineer", "chosen-by-hand")
    the_table_is_split(engineer)
    the_queries_are_judged(engineer)

    engineer.opens("/p/crm/comparisons/1/options/")
    engineer.page.get_by_label("Scratch databases on").select_option(index=3)
    engineer.presses("Rehearse with rows")
    engineer.sees(f"ALTER ROLE {_ROLE} CREATEDB;")
    ask(server16.dsn(), f"ALTER ROLE {_ROLE} CREATEDB")
    engineer.page.get_by_label("Scratch databases on").select_option(index=3)
    engineer.presses("Rehearse with rows")
    engineer.sees("Rehearsed on: A scratch database on 127.0.0.1", within=PATIENCE)
    engineer.looks_at("Which way?")


def the_table_is_split(engineer: Person) -> None:
    engineer.opens("/p/crm/comparisons/1/mapping/?table=public.clients")
    engineer.follows("Split this table…")
    engineer.looks_at("Which target table takes rows of public.clients?")
    engineer.page.get_by_label("Target table").select_option("public.leads")
    engineer.presses("Go on")
    engineer.page.get_by_label("Condition").fill("kind")
    engineer.sees("is not true or false for a row")
    engineer.page.get_by_label("Condition").fill("kind = 'lead'")
    engineer.sees("2 of 4 rows go into several target tables.")
    engineer.looks_at("Which rows of public.clients go into public.leads?")
    engineer.page.get_by_role("button", name="Save as confirmed").focus()
    engineer.page.keyboard.press("Enter")
    engineer.sees("public.leads now takes rows of public.clients.")
    engineer.looks_at("Which column became which?")


def the_queries_are_judged(engineer: Person) -> None:
    engineer.opens("/p/crm/queries/")
    engineer.presses("Judge them")
    engineer.sees("1 judged on new (")
    engineer.sees_row_with("names", "✕ fails")
    engineer.looks_at("Which queries work there?")
    engineer.follows("The application’s queries")
    engineer.looks_at("The application’s queries")
