"""Comparisons: made from two real servers, their scope, and what the pages of the differences show."""

import json
import re
from typing import Any

import pytest
from django.contrib.auth.models import User

from schemadiff import store
from schemadiff.core.mapping import ColumnPair, Mapping, PairStatus, TableMapping
from schemadiff.embedded import EmbeddedServer
from schemadiff.models import Comparison
from tests.servers import MakeDatabase
from tests.web.people import People, make_people, save_connection

pytestmark = pytest.mark.django_db

COMPARISONS = "/p/crm/comparisons/"
ONE = f"{COMPARISONS}1/"
HTMX = {"HX-Request": "true"}

SOURCE = """
CREATE TABLE clients (id bigint PRIMARY KEY, mail text, phone text, visits integer, legacy_ref text);
CREATE TABLE orders (id bigint PRIMARY KEY, client_id bigint REFERENCES clients, amount numeric(12,4));
CREATE TABLE same_here (id int PRIMARY KEY, note text);
CREATE TABLE gone (id int PRIMARY KEY, why text);
CREATE FUNCTION twice(n int) RETURNS int LANGUAGE sql AS $$ SELECT n * 2 $$;
CREATE VIEW big_orders AS SELECT id, amount FROM orders WHERE amount > 100;
"""
TARGET = """
CREATE TABLE clients (
    id bigint PRIMARY KEY, email text, phone varchar(20) NOT NULL, visits bigint, tenant_id uuid NOT NULL
);
CREATE TABLE orders (id bigint PRIMARY KEY, client_id bigint REFERENCES clients, amount numeric(10,2));
CREATE TABLE same_here (id int PRIMARY KEY, note text);
CREATE TABLE invoices (id int PRIMARY KEY, total numeric NOT NULL);
CREATE FUNCTION twice(n int) RETURNS int LANGUAGE sql AS $$ SELECT n + n $$;
CREATE VIEW big_orders AS SELECT id, amount FROM orders WHERE amount > 500;
SELECT lo_create(424242);
"""


@pytest.fixture
def people() -> People:
    return make_people()


@pytest.fixture
def comparison(
    people: People, server16: EmbeddedServer, server18: EmbeddedServer, make_database: MakeDatabase
) -> Comparison:
    """Made as an engineer makes it, of two databases on two versions."""
    source = save_connection(people.project, "legacy", make_database(server16, SOURCE))
    target = save_connection(people.project, "new", make_database(server18, TARGET))
    response = people.engineer.post(f"{COMPARISONS}new/", {"source": source.pk, "target": target.pk})
    assert response.status_code == 302, response.content.decode()
    assert response["Location"] == ONE
    return Comparison.objects.get()


def page(people: People, query: str = "") -> str:
    response = people.engineer.get(f"{ONE}{query}")
    assert response.status_code == 200
    return response.content.decode()


def row_of(html: str, anchor: str) -> str:
    found = re.search(rf'<tr class="row-\w+" id="{re.escape(anchor)}">.*?</tr>', html, re.DOTALL)
    assert found, f"{anchor} is not in {html}"
    return " ".join(re.sub(r"<(?!/?(del|ins))[^>]+>", " ", found[0]).split())


def listed(html: str) -> list[str]:
    return re.findall(r'<a data-key="([^"]+)"', html)


def test_both_databases_are_read_and_every_table_is_in_the_scope(
    people: People, comparison: Comparison
) -> None:
    assert store.scope_of(comparison).tables == (
        ("public", "clients"),
        ("public", "gone"),
        ("public", "orders"),
        ("public", "same_here"),
    )
    assert {comparison.source.label, comparison.target.label} == {"legacy", "new"}
    html = page(people)
    assert "PostgreSQL 16." in html
    assert "objects differ: 4 changed, 1 only in the source, 1 only in the target." in html


def test_only_what_differs_is_listed_until_asked_otherwise(people: People, comparison: Comparison) -> None:
    assert listed(page(people)) == [
        "table:public.clients",
        "table:public.gone",
        "table:public.invoices",
        "table:public.orders",
        "view:public.big_orders",
        "function:public.twice(integer)",
    ]
    assert "table:public.same_here" in listed(page(people, "?same=1"))


def test_a_changed_column_shows_both_sides_with_the_words_that_differ(
    people: People, comparison: Comparison
) -> None:
    html = page(people, "?object=table:public.orders")
    amount = row_of(html, "column-amount")
    assert amount.startswith("~ changed amount")
    assert '<del class="word">12</del>' in amount
    assert '<ins class="word">10</ins>' in amount
    assert amount.endswith("Narrows: numeric(12,4) → numeric(10,2).")


def test_every_kind_of_change_has_its_word_and_its_effect(people: People, comparison: Comparison) -> None:
    html = page(people, "?object=table:public.clients")
    expected = "+ target only tenant_id — uuid not null Needs a value for every row."
    assert row_of(html, "column-tenant_id").startswith(expected)
    assert row_of(html, "column-legacy_ref").startswith("− source only legacy_ref text —")
    gone = page(people, "?object=table:public.gone")
    assert row_of(gone, "column-why") == "− source only why text — Left behind by the target."
    assert row_of(html, "column-visits").endswith("Widens: integer → bigint.")
    assert row_of(html, "column-phone").endswith("Narrows: text → varchar(20). Refuses rows without a value.")


def test_a_suggested_rename_stays_two_changes_and_leads_to_the_mapping(
    people: People, comparison: Comparison
) -> None:
    html = page(people, "?object=table:public.clients")
    assert row_of(html, "column-mail").startswith("− source only")
    assert "To email?" in row_of(html, "column-mail")
    assert "From mail?" in row_of(html, "column-email")
    assert f'href="{ONE}mapping/?table=public.clients"' in html


def test_a_confirmed_rename_is_one_change(people: People, comparison: Comparison) -> None:
    pairs = [
        ColumnPair(target=name, source=name, status=PairStatus.CONFIRMED)
        for name in ("id", "phone", "visits")
    ]
    pairs.append(ColumnPair(target="email", source="mail", status=PairStatus.CONFIRMED))
    table = TableMapping(source=("public", "clients"), target=("public", "clients"), pairs=tuple(pairs))
    store.save_mapping(comparison, Mapping(tables=(table,)))
    html = page(people, "?object=table:public.clients&show=ren")
    assert row_of(html, "column-mail").startswith("↷ renamed mail → email")
    assert "Renamed 1" in html


def test_filters_are_links_and_keep_one_another(people: People, comparison: Comparison) -> None:
    html = page(people, "?show=add&q=i")
    assert listed(html) == ["table:public.clients", "table:public.invoices"]
    assert 'href="?show=add%2Crem&amp;q=i"' in html
    assert 'href="?q=i"' in html
    assert 'href="?show=add&amp;q=i&amp;same=1"' in html
    assert "left out by the filter" in html


def test_search_finds_objects_and_columns_of_either_side(people: People, comparison: Comparison) -> None:
    assert listed(page(people, "?q=TENANT")) == ["table:public.clients"]
    assert listed(page(people, "?q=legacy_ref")) == ["table:public.clients"]
    assert listed(page(people, "?q=invoi")) == ["table:public.invoices"]


def test_a_search_without_a_find_says_what_to_do(people: People, comparison: Comparison) -> None:
    assert "No object or column is called “zzz”" in page(people, "?q=zzz")
    hidden = page(people, "?q=note")
    assert "Turn “Hide identical” off: 1 object that is the same on both sides" in hidden


def test_groups_by_kind_severity_table_or_change(people: People, comparison: Comparison) -> None:
    titles = re.findall(r"<h2>(\w+) <span", page(people))
    assert titles == ["Tables", "Views", "Functions"]
    by_severity = re.findall(r"<h2>([\w ]+) <span", page(people, "?group=severity&same=1"))
    assert (by_severity[0], by_severity[-1]) == ("Data loss", "Same")
    by_table = page(people, "?group=table")
    assert re.findall(r"<h2>([\w ]+)</h2>", by_table)[:2] == ["Table by table", "Of no table"]
    clients = (
        f'href="{ONE}?group=table&amp;object=table%3Apublic.clients&amp;attribute=column-phone#column-phone"'
    )
    assert clients in by_table
    assert re.findall(r"<h2>(\w+) <span", page(people, "?group=change")) == ["Changed", "Removed", "Added"]


def test_the_list_alone_is_a_fragment_and_a_page_without_htmx(people: People, comparison: Comparison) -> None:
    fragment = people.engineer.get(f"{ONE}objects/?q=order", headers=HTMX)
    html = fragment.content.decode()
    assert listed(html) == ["table:public.orders", "view:public.big_orders"]
    assert "<html" not in html
    assert fragment["HX-Replace-Url"] == f"{ONE}?q=order"
    assert people.engineer.get(f"{ONE}objects/?q=order")["Location"] == f"{ONE}?q=order"


def test_an_object_alone_is_a_fragment_and_a_page_without_htmx(
    people: People, comparison: Comparison
) -> None:
    url = f"{ONE}object/?object=view:public.big_orders"
    html = people.engineer.get(url, headers=HTMX).content.decode()
    assert "<html" not in html
    assert '<del class="word">100</del>' in html
    assert '<ins class="word">500</ins>' in html
    assert people.engineer.get(url)["Location"] == f"{ONE}?object=view%3Apublic.big_orders"
    assert people.engineer.get(f"{ONE}object/?object=table:public.none", headers=HTMX).status_code == 404


def test_a_permalink_to_what_is_not_there_says_so(people: People, comparison: Comparison) -> None:
    assert "This comparison has no such object" in page(people, "?object=table:public.none")


def test_what_is_not_compared_is_named(people: People, comparison: Comparison) -> None:
    html = page(people)
    assert re.search(r"Not compared: .*1 large object \(target\)", html)
    assert "own" in html


def test_the_sql_of_an_object_names_its_hazards(people: People, comparison: Comparison) -> None:
    html = people.engineer.get(f"{ONE}object/sql/?key=table:public.clients", headers=HTMX).content.decode()
    assert "<html" not in html
    assert "tenant_id" in html
    assert "-- hazard:" in html
    assert "invoices" not in html
    whole = people.engineer.get(f"{ONE}object/sql/?key=table:public.invoices").content.decode()
    assert "DROP TABLE public.invoices;" in whole
    for key in ("nothing", "%00"):
        assert people.engineer.get(f"{ONE}object/sql/?key={key}").status_code == 404


@pytest.mark.parametrize(
    ("key", "content_type", "words"),
    [
        ("json", "application/json", "tenant_id"),
        ("markdown", "text/markdown", "tenant\\_id"),
        ("html", "text/html", "tenant_id"),
        ("sql", "application/sql", "ALTER TABLE"),
    ],
)
def test_exports_are_files(
    people: People, comparison: Comparison, key: str, content_type: str, words: str
) -> None:
    response = people.engineer.get(f"{ONE}export/{key}/")
    assert response["Content-Type"].startswith(content_type)
    assert response["Content-Disposition"].startswith('attachment; filename="comparison-1.')
    assert words in response.content.decode()
    if key == "json":
        assert json.loads(response.content)
    assert people.engineer.get(f"{ONE}export/pdf/").status_code == 404


def test_the_scope_can_be_changed(people: People, comparison: Comparison) -> None:
    html = people.engineer.get(f"{ONE}scope/").content.decode()
    assert 'value="public.invoices"' in html
    response = people.engineer.post(
        f"{ONE}scope/", {"tables": ["public.clients"], "protected": ["public.invoices"]}
    )
    assert response["Location"] == ONE
    comparison.refresh_from_db()
    scope = store.scope_of(comparison)
    assert (scope.tables, scope.protected) == ((("public", "clients"),), (("public", "invoices"),))
    assert {table.source for table in store.mapping_of(comparison).tables} == {("public", "clients")}


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"tables": []}, "Choose at least one table"),
        ({"tables": ["public.none"]}, "public.none is not one of the available choices"),
    ],
)
def test_a_scope_that_makes_no_sense_is_refused(
    people: People, comparison: Comparison, values: dict[str, Any], sentence: str
) -> None:
    response = people.engineer.post(f"{ONE}scope/", values)
    assert response.status_code == 422
    assert sentence in response.content.decode()
    comparison.refresh_from_db()
    assert len(store.scope_of(comparison).tables) == 4


def test_comparing_again_starts_from_the_last_choice(people: People, comparison: Comparison) -> None:
    html = people.engineer.get(f"{COMPARISONS}new/").content.decode()
    assert f'<option value="{comparison.source.connection_id}" selected>legacy</option>' in html
    people.engineer.post(f"{ONE}scope/", {"tables": ["public.orders"]})
    assert "public.orders</textarea>" in people.engineer.get(f"{COMPARISONS}new/").content.decode()


def test_what_cannot_be_compared_is_said_in_a_sentence(people: People, comparison: Comparison) -> None:
    source, target = comparison.source.connection_id, comparison.target.connection_id
    new = f"{COMPARISONS}new/"

    def refusal(**values: Any) -> str:
        response = people.engineer.post(new, values)
        assert response.status_code == 422
        return response.content.decode()

    assert "Choose two different ones" in refusal(source=source, target=source)
    assert "legacy has no table public.none" in refusal(source=source, target=target, tables="none")
    assert "Choose a connection or a snapshot, or a file." in refusal(source=source)
    assert comparison.target.connection is not None
    comparison.target.connection.port = 1
    comparison.target.connection.save()
    unreachable = refusal(source=source, target=target)
    assert "port 1" in unreachable
    assert "Traceback" not in unreachable
    assert Comparison.objects.count() == 1


def test_a_project_without_two_connections_is_told_what_is_missing(people: People) -> None:
    assert 'type="file"' in people.admin.get(f"{COMPARISONS}new/").content.decode()
    html = people.engineer.get(COMPARISONS).content.decode()
    assert "An admin of this project adds them" in html


def test_comparisons_are_listed_with_who_made_them(people: People, comparison: Comparison) -> None:
    html = people.engineer.get(COMPARISONS).content.decode()
    assert f'href="{ONE}"' in html
    assert User.objects.get(memberships__role="engineer").username in html


@pytest.mark.parametrize("path", ["", "scope/", "objects/", "object/", "object/sql/", "export/json/"])
def test_only_engineers_and_admins_of_the_project_see_schemas(
    people: People, comparison: Comparison, path: str
) -> None:
    assert people.manager.get(f"{ONE}{path}").status_code == 403
    assert people.stranger.get(f"{ONE}{path}").status_code == 404
    assert people.engineer.get(f"{COMPARISONS}2/{path}").status_code in (404, 302)


@pytest.mark.parametrize(
    "query", ["?page=0", "?page=999999999", "?show=nonsense&group=x&same=maybe", "?q=%00'"]
)
def test_an_address_that_makes_no_sense_is_read_as_well_as_it_can_be(
    people: People, comparison: Comparison, query: str
) -> None:
    assert people.engineer.get(f"{ONE}{query}").status_code == 200
