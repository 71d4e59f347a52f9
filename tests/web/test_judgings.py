"""The application's queries judged on any saved database: asked for on their page, kept, narrowed, taken as files."""

import json

import pytest
from pytest_django import DjangoAssertNumQueries

from schemadiff.comparison import compare
from schemadiff.embedded import EmbeddedServer
from schemadiff.models import Connection, Query, QueryJudging
from schemadiff.store import judgings
from tests.command_line import Manage
from tests.servers import MakeDatabase
from tests.web.people import People, make_people, save_connection

pytestmark = pytest.mark.django_db

PAGE = "/p/crm/queries/"
SOURCE = "CREATE TABLE people (id int PRIMARY KEY, name text, nick text); CREATE TABLE only_here (id int);"
OTHER = "CREATE TABLE people (id int PRIMARY KEY, full_name text, nick varchar(9));"
QUERIES = {
    "same": "SELECT id FROM people WHERE id = $1",
    "shape": "SELECT nick FROM people",
    "fails": "SELECT name FROM people",
    "gone": "SELECT id FROM only_here",
    "wrong": "SELECT nothing FROM nowhere",
}


@pytest.fixture
def people(make_database: MakeDatabase, server16: EmbeddedServer, server18: EmbeddedServer) -> People:
    found = make_people()
    save_connection(found.project, "today", make_database(server16, SOURCE))
    save_connection(found.project, "other", make_database(server18, OTHER))
    for name, sql in QUERIES.items():
        Query.objects.create(project=found.project, name=name, sql=sql, place=f"src/{name}.js:3")
    return found


def judge(people: People, reference: str = "today", connection: str = "other") -> str:
    pk = {row.name: row.pk for row in Connection.objects.filter(project=people.project)}
    asked = {"reference": pk.get(reference, ""), "connection": pk.get(connection, "")}
    answer = people.engineer.post(f"{PAGE}judge/", asked, follow=True)
    return str(answer.content.decode())


def test_each_query_has_its_verdict_at_an_address_of_its_own(
    people: People, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    html = judge(people)
    judging = QueryJudging.objects.get()
    for tab in ("same 1", "changed shape 1", "fails 2", "not judged 1"):
        assert f"</span> {tab}" in html
    assert "It does not work on the source either" in html
    assert "5 judged on other (" in html and "PostgreSQL 18), compared with today (" in html
    address = f"{PAGE}judged/{judging.pk}/"
    html = people.engineer.get(address, {"verdict": "fails", "table": "only_here"}).content.decode()
    assert "src/gone.js:3" in html and "src/fails.js:3" not in html
    assert 'href="?">Show all' in html
    assert "src/shape.js:3" in people.engineer.get(address, {"place": "shape.js"}).content.decode()
    rows = people.engineer.get(f"{address[:-1]}.csv", {"verdict": "fails"}).content.decode().splitlines()
    assert len(rows) == 3
    document = json.loads(people.engineer.get(f"{address[:-1]}.json").content)
    assert [row["verdict"] for row in document["queries"]][:3] == ["same", "changed shape", "fails"]
    assert document["judged_on"].startswith("other (") and "secret" not in json.dumps(document)
    with django_assert_max_num_queries(14):
        html = people.engineer.get(PAGE).content.decode()
    assert f'href="{address}"' in html and "</span> fails 2" in html


def test_a_mapping_of_the_two_rewrites_what_a_rename_broke(people: People) -> None:
    today, other = Connection.objects.get(name="today"), Connection.objects.get(name="other")
    compare(people.project, today, other, user=None)
    html = judge(people)
    assert "mapping of comparison #1" in html
    assert "1 of those that fail or give another shape work once the mapping’s names are put in" in html
    assert "SELECT full_name AS name FROM people" in html


def test_what_cannot_be_judged_is_said(people: People) -> None:
    assert "today cannot be compared with itself" in judge(people, connection="today")
    assert "This field is required" in judge(people, connection="nowhere")
    Connection.objects.filter(name="other").update(port=1)
    html = judge(people)
    assert "Nothing listens at 127.0.0.1, port 1" in html
    people.project.queries.all().delete()
    assert "No query of the application is known yet" in judge(people)
    assert not QueryJudging.objects.exists()


def test_managers_may_not_and_strangers_find_nothing(people: People) -> None:
    judge(people)
    address = f"{PAGE}judged/{QueryJudging.objects.get().pk}/"
    assert people.manager.post(f"{PAGE}judge/").status_code == people.manager.get(address).status_code == 403
    assert people.stranger.get(address).status_code == 404
    Connection.objects.all().delete()
    html = people.engineer.get(address).content.decode()
    assert "compared with today (" in html and "Judge again" not in html


def test_only_the_latest_are_kept(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judgings, "KEPT", 1)
    judge(people)
    first = QueryJudging.objects.get()
    judge(people)
    assert QueryJudging.objects.get().pk > first.pk


def test_on_the_command_line(
    manage: Manage,
    make_database: MakeDatabase,
    server16: EmbeddedServer,
    server18: EmbeddedServer,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    sides = make_database(server16, SOURCE), make_database(server18, OTHER)
    file = tmp_path_factory.mktemp("q") / "queries.sql"
    file.write_text("".join(f"-- name: {name}\n{sql};\n" for name, sql in QUERIES.items()))
    done = manage("queries", *sides, "--queries", file)
    assert done.code == 2, done.error
    assert "fails: gone: Relation " in done.out
    assert done.out.splitlines()[-1] == "same: 1; changed shape: 1; fails: 2; not judged: 1"
    done = manage(
        "queries", *sides, "--queries", file, "--format", "json", "--verdict", "fails", "--table", "people"
    )
    assert [each["name"] for each in json.loads(done.out)["queries"]] == ["fails"]
    file.write_text(QUERIES["same"])
    assert manage("queries", *sides, "--queries", file).code == 0
    assert "--queries" in manage("queries", *sides).error
