"""An engineer confirms that two tables became one; the run that carries them says what became of each."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User

from migration import runs
from migration.execution import execute
from schemadiff.comparison import compare
from schemadiff.core.options.option import OptionName
from schemadiff.embedded import EmbeddedServer
from schemadiff.models import Comparison, Member, Project, Role
from schemadiff.store import record_decision
from tests.browser.people import Person
from tests.servers import MakeDatabase
from tests.web.people import save_connection

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.heavy]

PASSWORD = "tables-are-merged"
SOURCE = """
CREATE TABLE orders (id integer PRIMARY KEY, client text, total integer, paid boolean);
CREATE TABLE orders_archive (id integer PRIMARY KEY, client text, total integer, paid boolean, why text);
INSERT INTO orders SELECT n, 'c' || n, n, true FROM generate_series(11, 30) AS n;
INSERT INTO orders_archive SELECT n, 'c' || n, n, true, 'old' FROM generate_series(1, 12) AS n;
"""
TARGET = "CREATE TABLE orders (id integer PRIMARY KEY, client text, total integer, paid boolean);"


@pytest.fixture
def comparison(server18: EmbeddedServer, make_database: MakeDatabase, transactional_db: None) -> Comparison:
    project = Project.objects.create(slug="crm", name="CRM")
    user = User.objects.create_user("admin", password=PASSWORD)
    Member.objects.create(project=project, user=user, role=Role.ADMIN)
    source = save_connection(project, "legacy", make_database(server18, SOURCE))
    target = save_connection(project, "new", make_database(server18, TARGET))
    return compare(project, source, target, user=user)


def test_a_merge_is_confirmed_carried_and_shown(comparison: Comparison, person: Callable[[], Person]) -> None:
    admin = person()
    admin.logs_in("admin", PASSWORD)
    admin.opens("/p/crm/comparisons/1/mapping/?table=public.orders_archive")
    admin.looks_at("Which column became which?")
    admin.sees(
        "public.orders_archive may have been merged: its rows would go into public.orders, which takes those of",
        "public.orders_archive is built like public.orders (client, total, paid)",
    )
    admin.page.get_by_role("button", name="Confirm the merge").focus()
    admin.page.keyboard.press("Enter")
    admin.sees(
        "4 suggestions of public.orders_archive confirmed",
        "public.orders takes the rows of public.orders, too.",
    )
    admin.looks_at("Which column became which?")
    user = User.objects.get(username="admin")
    record_decision(comparison, OptionName.TRANSFORM, reason="It fits.", why_not={}, user=user)
    run = runs.create_run(comparison.project, comparison, OptionName.TRANSFORM, user=user, reason="Now.")
    execute(run.pk)
    admin.opens(f"/p/crm/runs/{run.number}/")
    admin.sees_row("public.orders_archive", "came already from public.orders (orders_pkey)")
    assert {each.source_table: (each.rows_written, each.rejects) for each in run.table_rows.all()} == {
        "orders": (20, 0),
        "orders_archive": (10, 2),
    }
