"""What looks like a rename is decided on the comparison's page, and governs difference, plan and reports."""

import pytest

from schemadiff import schema_sql, store
from schemadiff.embedded import EmbeddedServer
from schemadiff.mapping_review import export, take_over
from schemadiff.models import Comparison, RenameDecision
from tests.servers import MakeDatabase
from tests.web.people import People, make_people, save_connection

pytestmark = pytest.mark.django_db

ONE = "/p/crm/comparisons/1/"
SOURCE = """
CREATE TABLE clients (id integer PRIMARY KEY, phone text, "e <b>" text);
CREATE TYPE mood AS ENUM ('good', 'bad');
CREATE TABLE visits (at date, one text, two text);
"""
TARGET = """
CREATE TABLE clients (id integer PRIMARY KEY, mobile text, "e <b>" text);
CREATE TYPE state AS ENUM ('good', 'bad');
CREATE TABLE visits (three text, at date);
"""
MOBILE = {"target": "column:public.clients.mobile", "source": "column:public.clients.phone"}


@pytest.fixture
def people() -> People:
    return make_people()


@pytest.fixture
def comparison(people: People, server18: EmbeddedServer, make_database: MakeDatabase) -> Comparison:
    source = save_connection(people.project, "legacy", make_database(server18, SOURCE))
    target = save_connection(people.project, "new", make_database(server18, TARGET))
    people.engineer.post("/p/crm/comparisons/new/", {"source": source.pk, "target": target.pk})
    return Comparison.objects.get()


def page(people: People) -> str:
    return people.engineer.get(ONE).content.decode()


def script(comparison: Comparison) -> str:
    return "\n".join(statement.sql for statement in schema_sql.schema_plan_of(comparison).statements)


def test_the_page_proposes_with_the_reasons(people: People, comparison: Comparison) -> None:
    html = page(people)
    assert "3 possible, to be looked at" in html
    assert "<code>public.clients.mobile</code>" in html
    assert "both are text, null and default agree, at the same place" in html
    assert "<b>2 candidates:</b>" in html
    assert 'aria-label="public.state is public.mood"' in html


def test_a_long_list_is_folded_until_somebody_works_on_it(
    people: People, comparison: Comparison, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert 'id="renames" open' in page(people)
    monkeypatch.setattr("schemadiff.pages.renames._FEW", 2)
    assert 'id="renames">' in page(people)
    assert 'id="renames" open' in people.engineer.get(f"{ONE}?renames=open").content.decode()


def test_a_confirmed_rename_governs_difference_plan_and_reports(
    people: People, comparison: Comparison
) -> None:
    assert "DROP COLUMN mobile" in script(comparison)
    response = people.engineer.post(f"{ONE}renames/", MOBILE)
    assert response["Location"] == f"{ONE}?renames=open#renames"
    assert "RENAME COLUMN mobile TO phone" in script(comparison)
    assert "DROP COLUMN mobile" not in script(comparison)
    assert "renamed" in people.engineer.get(f"{ONE}export/markdown/").content.decode()
    html = page(people)
    assert "2 possible, to be looked at" in html
    assert "crm-engineer" in html
    row = RenameDecision.objects.get()
    assert (row.status, row.decided_by.get_username() if row.decided_by else "") == (
        "confirmed",
        "crm-engineer",
    )


def test_what_is_rejected_is_not_proposed_again(people: People, comparison: Comparison) -> None:
    people.engineer.post(f"{ONE}renames/", {"target": MOBILE["target"], "source": ""})
    assert "2 possible, to be looked at" in page(people)
    assert "DROP COLUMN mobile" in script(comparison)
    assert "is not <code>public.clients.phone</code>" in page(people)


def test_a_decision_can_be_taken_back(people: People, comparison: Comparison) -> None:
    people.engineer.post(f"{ONE}renames/", MOBILE)
    pk = RenameDecision.objects.get().pk
    people.engineer.post(f"{ONE}renames/{pk}/take-back/")
    assert "3 possible, to be looked at" in page(people)
    response = people.engineer.post(f"{ONE}renames/{pk}/take-back/", follow=True)
    assert "This was taken back already." in response.content.decode()


def test_another_candidate_takes_the_place_of_the_first(people: People, comparison: Comparison) -> None:
    three = "column:public.visits.three"
    people.engineer.post(f"{ONE}renames/", {"target": three, "source": "column:public.visits.one"})
    assert "RENAME COLUMN three TO one" in script(comparison)
    response = people.engineer.post(
        f"{ONE}renames/", {"target": three, "source": "column:public.visits.two"}, follow=True
    )
    assert "is not proposed as a rename any more" in response.content.decode()


@pytest.mark.parametrize("source", ["column:public.clients.id", "nonsense"])
def test_only_what_is_proposed_can_be_confirmed(people: People, comparison: Comparison, source: str) -> None:
    response = people.engineer.post(
        f"{ONE}renames/", {"target": MOBILE["target"], "source": source}, follow=True
    )
    assert "is no candidate for" in response.content.decode()
    assert not RenameDecision.objects.exists()


def test_who_may_not_map_sees_no_button_and_is_refused(people: People, comparison: Comparison) -> None:
    assert people.manager.post(f"{ONE}renames/", MOBILE).status_code == 403
    assert people.stranger.post(f"{ONE}renames/", MOBILE).status_code == 404
    assert people.engineer.get(f"{ONE}renames/").status_code == 405


def test_decisions_go_into_the_mapping_file_and_come_back(people: People, comparison: Comparison) -> None:
    people.engineer.post(f"{ONE}renames/", {"target": "enum:public.state", "source": "enum:public.mood"})
    text = export(comparison)
    assert '"kind": "enum"' in text
    decided_by = RenameDecision.objects.get().decided_by
    RenameDecision.objects.all().delete()
    assert decided_by is not None
    take_over(comparison, text, user=decided_by)
    assert "ALTER TYPE public.state RENAME TO mood" in script(comparison)


def test_a_table_that_only_the_matcher_paired_is_no_rename(
    people: People, server18: EmbeddedServer, make_database: MakeDatabase
) -> None:
    columns = "id integer PRIMARY KEY, phone text, mail text"
    source = save_connection(
        people.project, "a", make_database(server18, f"CREATE TABLE clients ({columns})")
    )
    target = save_connection(
        people.project, "b", make_database(server18, f"CREATE TABLE customers ({columns})")
    )
    people.engineer.post("/p/crm/comparisons/new/", {"source": source.pk, "target": target.pk})
    comparison = Comparison.objects.get()
    assert store.mapping_of(comparison).for_source(("public", "clients")) is not None
    assert "DROP TABLE public.customers" in script(comparison)
    people.engineer.post(
        f"{ONE}renames/", {"target": "table:public.customers", "source": "table:public.clients"}
    )
    assert "ALTER TABLE public.customers RENAME TO clients" in script(comparison)
    assert "DROP TABLE" not in script(comparison)


def test_a_label_is_confirmed_like_any_other_name(
    people: People, server18: EmbeddedServer, make_database: MakeDatabase
) -> None:
    labels = [
        f"CREATE TYPE mood AS ENUM ('good', '{label}'); CREATE TABLE t (m mood)" for label in ("sad", "bad")
    ]
    source, target = (
        save_connection(people.project, name, make_database(server18, sql))
        for name, sql in zip(("legacy", "new"), labels, strict=True)
    )
    people.engineer.post("/p/crm/comparisons/new/", {"source": source.pk, "target": target.pk})
    comparison = Comparison.objects.get()
    assert "<code>public.mood.bad</code>" in page(people)
    people.engineer.post(
        f"{ONE}renames/", {"target": "enum label:public.mood.bad", "source": "enum label:public.mood.sad"}
    )
    assert script(comparison) == "ALTER TYPE public.mood RENAME VALUE 'bad' TO 'sad'"
    assert '"kind": "enum label"' in export(comparison)
