"""The sides of a comparison in the browser: connections, snapshots of any moment, files; schemas of other names."""

import json
from typing import Any

import psycopg
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from schemadiff import sides, store
from schemadiff.core.snapshot import to_json
from schemadiff.embedded import EmbeddedServer
from schemadiff.models import Comparison, Snapshot
from tests.servers import MakeDatabase
from tests.web.people import People, make_people, save_connection

pytestmark = pytest.mark.django_db

NEW = "/p/crm/comparisons/new/"
SNAPSHOTS = "/p/crm/snapshots/"


@pytest.fixture
def people() -> People:
    return make_people()


@pytest.fixture
def dsn(server18: EmbeddedServer, make_database: MakeDatabase) -> str:
    return make_database(server18, "CREATE TABLE clients (id bigint PRIMARY KEY, mail text)")


def file(name: str, text: str) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, text.encode())


def sent(people: People, **fields: Any) -> Any:
    return people.engineer.post(NEW, fields)


def differing(people: People, number: int) -> str:
    response = people.engineer.get(f"/p/crm/comparisons/{number}/export/sql/")
    return str(response.content.decode())


def test_a_moment_is_compared_with_another(people: People, dsn: str) -> None:
    connection = save_connection(people.project, "crm", dsn)
    assert people.engineer.post(SNAPSHOTS, {"connection": connection.pk}).status_code == 302
    with psycopg.connect(dsn, autocommit=True) as session:
        session.execute("ALTER TABLE clients ADD phone text")
    assert people.engineer.post(SNAPSHOTS, {"connection": connection.pk}).status_code == 302
    later, earlier = Snapshot.objects.all()
    page = people.engineer.get(SNAPSHOTS).content.decode()
    assert later.fingerprint[:8] in page and earlier.fingerprint[:8] in page
    assert f'name="source" value="snapshot-{later.pk}"' in page

    form = people.engineer.get(NEW, {"source": f"snapshot-{later.pk}", "target": f"snapshot-{earlier.pk}"})
    assert f'<option value="snapshot-{later.pk}" selected>' in form.content.decode()
    response = sent(people, source=f"snapshot-{later.pk}", target=f"snapshot-{earlier.pk}")
    assert response.status_code == 302, response.content.decode()
    assert "ADD COLUMN phone" in differing(people, 1)
    made = Comparison.objects.get()
    assert (made.source_id, made.target_id) == (later.pk, earlier.pk)
    assert Snapshot.objects.count() == 2  # those that there were


@pytest.mark.heavy
def test_files_are_sides(people: People, dsn: str) -> None:
    connection = save_connection(people.project, "crm", dsn)
    people.engineer.post(SNAPSHOTS, {"connection": connection.pk})
    kept = json.dumps(to_json(store.catalog_of(Snapshot.objects.get())))
    wanted = "CREATE TABLE clients (id bigint PRIMARY KEY, mail varchar(9));"
    response = sent(people, source_file=file("wanted.sql", wanted), target_file=file("then.json", kept))
    assert response.status_code == 302, response.content.decode()
    assert "varchar(9)" in differing(people, 1) or "character varying(9)" in differing(people, 1)
    assert Comparison.objects.get().source.label == "wanted.sql"


@pytest.mark.parametrize(
    ("upload", "sentence"),
    [
        (file("bad.sql", "CREATE TABLE a (id int);\n\nCREATE TABLE;\n"), "bad.sql, line 3: syntax error"),
        (file("evil.sql", "\\! touch /tmp/x\n"), "evil.sql, line 1"),
        (file("evil.sql", "COPY (SELECT 1) TO PROGRAM 'id';\n"), "evil.sql, line 1: permission denied"),
        (file("bad.json", "{"), "bad.json is no snapshot: it is not JSON."),
        (file("odd.txt", "x"), "odd.txt is neither a .sql file nor a snapshot .json."),
    ],
)
def test_what_is_wrong_with_a_file_is_said(people: People, upload: SimpleUploadedFile, sentence: str) -> None:
    response = sent(people, source_file=upload, target_file=file("empty.sql", "SELECT 1;"))
    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert not Comparison.objects.exists()


def test_a_file_that_is_too_large(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("schemadiff.forms.comparisons.MOST_BYTES", 10)
    assert sides.MOST_BYTES > 1_000_000
    response = sent(people, source_file=file("large.sql", "SELECT 1; -- and more"), target="")
    assert "large.sql has 21 bytes, and 10 are the most" in response.content.decode()


def test_a_side_is_needed_and_another_one(people: People, dsn: str) -> None:
    connection = save_connection(people.project, "crm", dsn)
    page = sent(people, source=connection.pk, target="").content.decode()
    assert "Choose a connection or a snapshot, or a file." in page
    page = sent(people, source=connection.pk, target=connection.pk).content.decode()
    assert "Source and target are the same" in page
    assert sent(people, source="snapshot-999", target=connection.pk).status_code == 422


def test_schemas_of_other_names(people: People) -> None:
    response = sent(
        people,
        source_file=file("a.sql", "CREATE TABLE public.t (id int);"),
        target_file=file("b.sql", "DROP SCHEMA public; CREATE SCHEMA app; CREATE TABLE app.t (id int);"),
        schema_map="public=app",
    )
    assert response.status_code == 302, response.content.decode()
    made = Comparison.objects.get()
    assert differing(people, 1) == ""
    assert (made.source.label, made.tables) == ("a.sql (public as app)", [["app", "t"]])
    page = sent(
        people, source_file=file("a.sql", "SELECT 1;"), target="", schema_map="public"
    ).content.decode()
    assert "Write it as public=app" in page


def test_who_may(people: People, dsn: str) -> None:
    connection = save_connection(people.project, "crm", dsn)
    assert people.manager.get(SNAPSHOTS).status_code == 403
    assert people.manager.post(SNAPSHOTS, {"connection": connection.pk}).status_code == 403
    assert people.stranger.get(SNAPSHOTS).status_code == 404
    assert not Snapshot.objects.exists()
