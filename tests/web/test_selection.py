"""The script of some objects of a comparison, as a page and as a file."""

import pytest

from schemadiff.embedded import EmbeddedServer, load_sql
from schemadiff.models import Comparison
from tests.servers import MakeDatabase
from tests.web.people import People, make_people, save_connection

pytestmark = pytest.mark.django_db

ONE = "/p/crm/comparisons/1/"
SELECTION = f"{ONE}selection/"
SOURCE = """
CREATE TYPE state AS ENUM ('new', 'paid');
CREATE TABLE orders (id bigint PRIMARY KEY, state state);
CREATE TABLE other (id int);
"""


@pytest.fixture
def people() -> People:
    return make_people()


@pytest.fixture
def target(people: People, server18: EmbeddedServer, make_database: MakeDatabase) -> str:
    """The database that a comparison with SOURCE is about."""
    source, dsn = make_database(server18, SOURCE), make_database(server18)
    left, right = (
        save_connection(people.project, name, dsn) for name, dsn in (("legacy", source), ("new", dsn))
    )
    people.engineer.post("/p/crm/comparisons/new/", {"source": left.pk, "target": right.pk})
    assert Comparison.objects.count() == 1
    return dsn


def test_a_selection_has_a_page_with_what_it_needs(people: People, target: str) -> None:
    response = people.engineer.get(SELECTION, {"select": ["table:public.orders"]})
    page = response.content.decode()
    assert response.status_code == 200
    assert "enum public.state" in page and "needed by" in page
    assert "-- needed by: column public.orders.state" in page
    assert "public.other" not in page
    assert "?select=table%3Apublic.orders" in page


def test_it_is_downloaded_and_applies_by_itself(people: People, target: str) -> None:
    keys = "table:public.orders\ntable:public.orders\n"
    response = people.engineer.post(SELECTION, {"select": keys, "download": "1"})
    assert response["Content-Disposition"] == 'attachment; filename="comparison-1-selection.sql"'
    load_sql(target, response.content.decode(), trusted=True)


def test_many_are_posted_and_have_no_permalink(people: People, target: str) -> None:
    long = "table:public.orders\ntable:public.other" + "*" * 2000
    response = people.engineer.post(SELECTION, {"select": long})
    assert response.status_code == 200
    assert "Permalink" not in response.content.decode()


def test_what_is_not_there_is_said(people: People, target: str) -> None:
    response = people.engineer.get(SELECTION, {"select": "table:public.none"})
    assert response.status_code == 422
    assert "Neither side has an object table:public.none" in response.content.decode()
    assert people.engineer.get(SELECTION)["Location"] == ONE


def test_who_may(people: People, target: str) -> None:
    assert people.manager.get(SELECTION, {"select": "table:public.orders"}).status_code == 403
    assert people.stranger.get(SELECTION).status_code == 404


def test_the_list_has_a_box_for_each_object(people: People, target: str) -> None:
    page = people.engineer.get(ONE).content.decode()
    assert page.count('class="pick-box"') == 3
    assert 'value="table:public.orders" aria-label="Select orders"' in page
