"""The comparisons of the same two databases through time, and the picture of the tables that differ."""

import re
from dataclasses import replace

import pytest

from schemadiff import store
from schemadiff.compared import summary_of
from schemadiff.core.catalog import Catalog, Column, Constraint, ConstraintKind, Table
from schemadiff.models import Comparison
from tests.web.people import People, make_people
from tests.web.test_large_comparison import make_comparison
from tests.web.test_reviews import compare_again, moved

pytestmark = pytest.mark.django_db

ONE, TWO = "/p/crm/comparisons/1/", "/p/crm/comparisons/2/"


@pytest.fixture
def people() -> People:
    return make_people()


@pytest.fixture
def comparison(people: People) -> Comparison:
    found = make_comparison(people.project, 3)
    summary_of(found)
    return found


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html.partition("<main")[2]).split())


def mended(comparison: Comparison) -> Catalog:
    """The target, whose first table changed, whose second is what the source has."""
    target, source = moved(comparison), store.catalog_of(comparison.source)
    return replace(target, tables=(target.tables[0], source.tables[1], *target.tables[2:]))


def test_one_comparison_has_no_history_and_says_what_to_do(people: People, comparison: Comparison) -> None:
    html = people.engineer.get(f"{ONE}history/").content.decode()
    assert "These two were compared once" in html
    assert 'href="/p/crm/comparisons/new/"' in html


def test_each_comparison_says_what_became_of_the_differences(people: People, comparison: Comparison) -> None:
    compare_again(comparison, mended(comparison))
    html = people.engineer.get(f"{TWO}history/").content.decode()
    assert "0 new, 1 gone, 1 other" in html
    assert f'href="{TWO}since/?with=1"' in html


def test_what_became_of_each_object(people: People, comparison: Comparison) -> None:
    compare_again(comparison, mended(comparison))
    html = people.engineer.get(f"{ONE}since/?with=2").content.decode()
    assert (
        "The schema of the target changed. Of the objects, 1 differ in another way, 1 differ no longer,"
        " 1 differ as before." in words(html)
    )
    assert f'href="{TWO}?object=table%3Apublic.table_0000"' in html
    assert f'href="{ONE}?object=table%3Apublic.table_0001"' in html
    assert "table_0002" not in html


@pytest.mark.parametrize("query", ["", "?with=x", "?with=9"])
def test_a_comparison_that_is_not_there_is_not_found(
    people: People, comparison: Comparison, query: str
) -> None:
    assert people.engineer.get(f"{ONE}since/{query}").status_code == 404


def test_comparisons_of_other_databases_are_not_held_against_one_another(
    people: People, comparison: Comparison
) -> None:
    snapshot = store.save_snapshot(
        comparison.project, moved(comparison), label="elsewhere", connection=None, user=None
    )
    store.create_comparison(
        comparison.project, comparison.source, snapshot, tables=[], protected=[], user=None
    )
    assert people.engineer.get(f"{ONE}since/?with=2").status_code == 404


@pytest.mark.parametrize("path", ["history/", "since/?with=1", "picture/"])
def test_only_engineers_and_admins_see_them(people: People, comparison: Comparison, path: str) -> None:
    assert people.manager.get(f"{ONE}{path}").status_code == 403
    assert people.stranger.get(f"{ONE}{path}").status_code == 404
    assert people.admin.get(f"{ONE}{path}").status_code == 200


def table(name: str, to: str = "", extra: bool = False) -> Table:
    key = Constraint(
        name=f"{name}_fkey",
        kind=ConstraintKind.FOREIGN_KEY,
        definition=f"FOREIGN KEY (ref) REFERENCES public.{to}(id)",
        columns=("ref",),
        references=("public", to),
        referenced_columns=("id",),
    )
    columns = [Column(name="id", position=1, type="bigint"), Column(name="ref", position=2, type="bigint")]
    columns += [Column(name="extra", position=3, type="text")] if extra else []
    return Table(schema="public", name=name, columns=tuple(columns), constraints=(key,) if to else ())


def test_the_picture_shows_what_differs_and_its_neighbours_and_says_the_same_as_a_table(
    people: People,
) -> None:
    source = Catalog(tables=(table("clients"), table("items", "orders"), table("orders", "clients")))
    target = Catalog(tables=(table("clients"), table("items", "orders", True), table("orders", "clients")))
    sides = [
        store.save_snapshot(people.project, one, label=label, connection=None, user=None)
        for one, label in ((source, "legacy"), (target, "new"))
    ]
    store.create_comparison(people.project, *sides, tables=[], protected=[], user=None)
    html = people.engineer.get(f"{ONE}picture/").content.decode()
    assert re.findall(r'<a class="box box-(\w+)" href="([^"]+)"', html) == [
        ("chg", f"{ONE}?object=table%3Apublic.items"),
        ("same", f"{ONE}?object=table%3Apublic.orders"),
    ]
    assert "1 table that differs and 1 that foreign keys join with them" in words(html)
    assert re.search(r'<th scope="row" class="mono"><a href="[^"]+">items</a>', html)
    assert html.count('class="key key-same"') == 1
    around = people.engineer.get(f"{ONE}picture/?around=table:public.orders").content.decode()
    assert "Around" in around
    assert len(re.findall(r'<a class="box ', around)) == 3


def test_a_picture_of_nothing_leads_back(people: People) -> None:
    sides = [
        store.save_snapshot(people.project, Catalog(), label=label, connection=None, user=None)
        for label in ("legacy", "new")
    ]
    store.create_comparison(people.project, *sides, tables=[], protected=[], user=None)
    assert "No table differs" in people.engineer.get(f"{ONE}picture/").content.decode()


def test_the_status_page_tells_everybody_where_the_review_stands(
    people: People, comparison: Comparison
) -> None:
    people.engineer.post(f"{ONE}approval/", {"outcome": "approved", "reason": "Read it all."})
    html = people.manager.get("/p/crm/status/").content.decode()
    assert "✓ Approved Comparison #1" in words(html)
    assert "crm-engineer approved" in words(html)
    assert f'href="{ONE}"' not in html
    compare_again(comparison, moved(comparison))
    after = words(people.manager.get("/p/crm/status/").content.decode())
    assert "▲ Approval void Comparison #2" in after
    assert "void since" in after and "found the target’s schema changed" in after
