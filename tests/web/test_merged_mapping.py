"""Several source tables into one target table on the mapping page: decided as a whole, or said by a person."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from schemadiff import store
from schemadiff.comparison import compare
from schemadiff.core.mapping import PairStatus
from schemadiff.embedded import EmbeddedServer
from schemadiff.models import Comparison, Member, Project, Role
from tests.servers import MakeDatabase
from tests.web.people import save_connection

pytestmark = pytest.mark.django_db

SOURCE = """
CREATE TABLE mails (id integer PRIMARY KEY, client integer, address text);
CREATE TABLE orders (id integer PRIMARY KEY, client text, total integer, paid boolean);
CREATE TABLE orders_archive (id integer PRIMARY KEY, client text, total integer, paid boolean);
"""
TARGET = """
CREATE TABLE orders (id integer PRIMARY KEY, client text, total integer, paid boolean);
CREATE TABLE squares (x point);
"""
ARCHIVE = ("public", "orders_archive")


@pytest.fixture
def comparison(server18: EmbeddedServer, make_database: MakeDatabase) -> Comparison:
    project = Project.objects.create(slug="crm", name="CRM")
    for role in (Role.ENGINEER, Role.MANAGER):
        user = User.objects.create_user(role.value, password="secret")
        Member.objects.create(project=project, user=user, role=role)
    source = save_connection(project, "legacy", make_database(server18, SOURCE))
    target = save_connection(project, "new", make_database(server18, TARGET))
    return compare(project, source, target, user=None)


@pytest.fixture
def engineer(comparison: Comparison) -> Client:
    return logged_in(Role.ENGINEER)


def logged_in(role: Role) -> Client:
    client = Client()
    client.force_login(User.objects.get(username=role.value))
    return client


def url(name: str) -> str:
    return reverse(f"schemadiff:{name}", args=["crm", 1])


def statuses(comparison: Comparison, table: tuple[str, str]) -> set[PairStatus]:
    entry = store.mapping_of(comparison).for_source(table)
    return {pair.status for pair in entry.pairs} if entry else set()


def decide(engineer: Client, action: str, table: str = "public.orders_archive") -> int:
    return engineer.post(url("mapping_part"), {"table": table, "action": action}).status_code


def test_a_suggested_merge_is_confirmed_or_rejected_as_a_whole(
    comparison: Comparison, engineer: Client
) -> None:
    assert statuses(comparison, ARCHIVE) == {PairStatus.SUGGESTED}
    html = engineer.get(url("mapping"), {"table": "public.orders_archive"}).content.decode()
    assert "public.orders_archive may have been merged" in html and "Confirm the merge" in html
    assert (
        "takes the rows of public.orders_archive, too"
        in engineer.get(url("mapping"), {"table": "public.orders"}).content.decode()
    )
    assert decide(engineer, "confirm", "public.orders") == 400  # the one that comes first is none
    assert decide(engineer, "confirm") == 302
    assert statuses(comparison, ARCHIVE) == {PairStatus.CONFIRMED}


def test_each_of_them_says_by_itself_what_fills_a_column(comparison: Comparison, engineer: Client) -> None:
    decide(engineer, "confirm")
    query = "?table=public.orders_archive&column=id"
    answer = engineer.post(url("mapping_edit") + query, {"source": "", "expression": "id + 1000000"})
    assert answer.status_code == 302
    mapping = store.mapping_of(comparison)
    filled = {
        entry.source[1]: next(pair.expression for pair in entry.pairs if pair.target == "id")
        for entry in mapping.merged()[("public", "orders")]
    }
    assert filled == {"orders": None, "orders_archive": "id + 1000000"}


def test_a_person_says_where_the_rows_of_a_table_go(comparison: Comparison, engineer: Client) -> None:
    html = engineer.get(url("mapping_part_add"), {"table": "public.mails"}).content.decode()
    assert "public.orders (takes public.orders, public.orders_archive)" in html
    asked = f"{url('mapping_part_add')}?table=public.mails&target=public.orders"
    answer = engineer.post(asked, {"where": "", "column_0": "id", "column_1": "address"}, follow=True)
    assert "public.orders now takes rows of public.mails" in answer.content.decode()
    assert statuses(comparison, ("public", "mails")) == {PairStatus.CONFIRMED}
    beside = engineer.get(url("mapping"), {"table": "public.mails"}).content.decode()
    assert "public.orders takes the rows of public.orders, public.orders_archive, too" in beside
