"""The application's queries in the browser: from SQL, a log, a database; said plainly where there is none."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from schemadiff.embedded import EmbeddedServer
from schemadiff.models import Query
from tests.servers import MakeDatabase
from tests.web.people import People, make_people, save_connection

pytestmark = pytest.mark.django_db

PAGE = "/p/crm/queries/"
LOG = "LOG:  statement: SELECT 1\n" * 3 + "LOG:  statement: SELECT name FROM clients WHERE phone = '+7900'\n"


@pytest.fixture
def people() -> People:
    return make_people()


def known() -> list[tuple[str, str, int | None]]:
    return [(row.name, row.sql, row.calls) for row in Query.objects.all()]


def test_sql_is_added_once_and_may_take_the_place_of_what_was_there(people: People) -> None:
    assert "No query is known yet" in people.engineer.get(PAGE).content.decode()
    sql = "-- name: one\nSELECT 1;\n-- name: two\nSELECT 2;"
    answer = people.engineer.post(f"{PAGE}add/", {"sql": sql}, follow=True).content.decode()
    assert "2 new queries added. Measure the options of a comparison again" in answer
    again = people.engineer.post(
        f"{PAGE}add/", {"sql": "-- name: one\nSELECT 3;\n-- name: x\nSELECT 2"}, follow=True
    )
    assert "1 new query added; 1 known already." in again.content.decode()
    assert known() == [("one", "SELECT 1", None), ("two", "SELECT 2", None), ("one (2)", "SELECT 3", None)]
    people.engineer.post(f"{PAGE}add/", {"sql": "SELECT 4", "replace": "on"})
    assert known() == [("query 1", "SELECT 4", None)]
    row = Query.objects.get()
    assert row.added_by is not None
    people.engineer.post(f"{PAGE}{row.pk}/remove/")
    assert known() == []


def test_a_log_keeps_counts_and_no_values(people: People) -> None:
    people.engineer.post(f"{PAGE}add/", {"file": SimpleUploadedFile("server.log", LOG.encode())})
    assert [(sql, calls) for _, sql, calls in known()] == [
        ("SELECT 1", 3),
        ("SELECT name FROM clients WHERE phone = $1", 1),
    ]
    text = people.engineer.get(PAGE).content.decode()
    assert "2 queries · 4 calls counted" in text


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({}, "Give one of the three: SQL, a file, or a database."),
        (
            {"sql": "CREATE TABLE t ()", "file": SimpleUploadedFile("a.sql", b"SELECT 1")},
            "Give one of the three",
        ),
        ({"file": SimpleUploadedFile("a.sql", b"\xff\xfe")}, "a.sql is not UTF-8 text."),
        ({"file": SimpleUploadedFile("a.log", b"hello")}, "a.log tells of no statement. Expected a log"),
        ({"sql": "  "}, "Give one of the three"),
    ],
)
def test_bad_input_is_told(people: People, given: dict[str, object], sentence: str) -> None:
    answer = people.engineer.post(f"{PAGE}add/", given)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not known()


def test_a_database_that_counts_nothing_says_how_to_get_it(
    people: People, server18: EmbeddedServer, make_database: MakeDatabase
) -> None:
    connection = save_connection(people.project, "legacy", make_database(server18, "CREATE TABLE t ()"))
    answer = people.engineer.post(f"{PAGE}add/", {"connection": connection.pk})
    assert answer.status_code == 422
    assert "has no extension pg_stat_statements. To get it: add" in answer.content.decode()


def test_managers_see_none_and_a_page_asks_no_query_a_row(
    people: People, django_assert_max_num_queries: object
) -> None:
    assert people.manager.get(PAGE).status_code == 403
    assert people.manager.post(f"{PAGE}add/", {"sql": "SELECT 1"}).status_code == 403
    people.engineer.post(f"{PAGE}add/", {"sql": ";".join(f"SELECT {n}" for n in range(1, 521))})
    with django_assert_max_num_queries(14):  # type: ignore[operator]
        text = people.engineer.get(PAGE).content.decode()
    assert "20 more are judged, too, and not shown here." in text
