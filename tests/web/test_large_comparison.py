"""Two schemas of a thousand tables: a page answers with a part of them, by a fixed number of queries."""

import re
from dataclasses import replace
from typing import Any

import pytest

from schemadiff import store
from schemadiff.core.catalog import Catalog, Column, Constraint, ConstraintKind, Schema, Table
from schemadiff.models import Comparison, Project
from schemadiff.pages.object_list import PAGE_SIZE
from tests.web.people import People, make_people

pytestmark = pytest.mark.django_db

TABLES = 1000
ONE = "/p/crm/comparisons/1/"
HTMX = {"HX-Request": "true"}


def catalog_of(tables: int, note: str) -> Catalog:
    """So many tables of 20 columns; the type of `note` is what differs between two such catalogs."""
    columns = tuple(Column(name=f"column_{n}", position=n, type="text") for n in range(2, 20))
    key = Constraint(
        name="key", kind=ConstraintKind.PRIMARY_KEY, definition="PRIMARY KEY (id)", columns=("id",)
    )
    first = Column(name="id", position=1, type="bigint", not_null=True)
    last = Column(name="note", position=20, type=note)
    table = Table(schema="public", name="", columns=(first, *columns, last), constraints=(key,))
    return Catalog(
        server_version=180004,
        schemas=(Schema(name="public"),),
        tables=tuple(replace(table, name=f"table_{number:04}") for number in range(tables)),
    )


def make_comparison(project: Project, tables: int) -> Comparison:
    source, target = (
        store.save_snapshot(project, catalog, label=label, connection=None, user=None)
        for label, catalog in (
            ("legacy", catalog_of(tables, "text")),
            ("new", catalog_of(tables, "varchar(20)")),
        )
    )
    names = [("public", f"table_{number:04}") for number in range(tables)]
    return store.create_comparison(project, source, target, tables=names, protected=[], user=None)


@pytest.fixture
def people() -> People:
    return make_people()


def entries(html: str) -> int:
    return len(re.findall(r'<a data-key="', html))


def test_a_page_holds_a_part_of_a_thousand_tables_and_says_how_many_are_left(people: People) -> None:
    make_comparison(people.project, TABLES)
    html = people.engineer.get(ONE).content.decode()
    assert "1,000 of 1,001 objects differ" in html
    assert entries(html) == PAGE_SIZE
    assert html.count("<tr ") < 30
    assert f"Show more: {TABLES - PAGE_SIZE} left" in html
    assert len(html) < 200_000


@pytest.mark.heavy
def test_the_rest_comes_page_by_page(people: People) -> None:
    make_comparison(people.project, TABLES)
    more = people.engineer.get(f"{ONE}objects/?page=2", headers=HTMX).content.decode()
    assert entries(more) == PAGE_SIZE
    assert 'data-key="table:public.table_0100"' in more
    last = people.engineer.get(f"{ONE}objects/?page=10", headers=HTMX).content.decode()
    assert entries(last) == PAGE_SIZE
    assert "Show more" not in last


@pytest.mark.heavy
def test_a_search_answers_with_what_it_found(people: People) -> None:
    make_comparison(people.project, TABLES)
    html = people.engineer.get(f"{ONE}objects/?q=table_0777", headers=HTMX).content.decode()
    assert entries(html) == 1
    everywhere = people.engineer.get(f"{ONE}objects/?q=column_7", headers=HTMX).content.decode()
    assert entries(everywhere) == PAGE_SIZE


@pytest.mark.parametrize("tables", [3, TABLES])
def test_the_number_of_queries_does_not_depend_on_the_number_of_tables(
    people: People, django_assert_num_queries: Any, tables: int
) -> None:
    make_comparison(people.project, tables)
    people.engineer.get(ONE)  # the difference is kept from here on
    with django_assert_num_queries(19):
        people.engineer.get(ONE)
    with django_assert_num_queries(8):
        people.engineer.get(f"{ONE}objects/?q=note", headers=HTMX)
