"""Connections: added, tested on real servers, edited, and their passwords never shown."""

from typing import Any

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from schemadiff import connections
from schemadiff.core.errors import NotFound, Refused
from schemadiff.embedded import EmbeddedServer
from schemadiff.models import Connection, Project
from schemadiff.server_checks import Check, CheckState
from tests.servers import MakeDatabase
from tests.web.people import People, make_people, save_connection

pytestmark = pytest.mark.django_db

CONNECTIONS = "/p/crm/connections/"
TABLES = "CREATE TABLE one (id int PRIMARY KEY); CREATE TABLE two (id int PRIMARY KEY);"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def people() -> People:
    return make_people()


@pytest.fixture
def dsn(server18: EmbeddedServer, make_database: MakeDatabase) -> str:
    return make_database(server18, TABLES)


def values_of(dsn: str, **changes: Any) -> dict[str, Any]:
    parts = conninfo_to_dict(dsn)
    named = {name: parts[name] for name in ("host", "port", "dbname", "user", "password")}
    return {"name": "legacy", "sslmode": "prefer", "ssl_root_certificate": "", **named, **changes}


def checks_of(dsn: str, people: People, **changes: Any) -> dict[str, Check]:
    connection = save_connection(people.project, "legacy", dsn)
    for name, value in changes.items():
        setattr(connection, name, value)
    return {check.key: check for check in connections.test(connection)}


def test_adding_encrypts_the_password_tests_at_once_and_shows_the_verdict(people: People, dsn: str) -> None:
    response = people.admin.post(f"{CONNECTIONS}new/", values_of(dsn))
    saved = Connection.objects.get()
    password = values_of(dsn)["password"]
    assert response["Location"] == f"{CONNECTIONS}{saved.pk}/"
    assert password.encode() not in bytes(saved.password_encrypted)
    assert conninfo_to_dict(connections.dsn_of(saved))["password"] == password
    html = people.admin.get(response["Location"]).content.decode()
    assert "legacy is ready: all 13 checks are fine." in html
    assert password not in html


def test_every_check_answers_for_itself(people: People, dsn: str) -> None:
    checks = checks_of(dsn, people)
    assert {key: check.state for key, check in checks.items()} == dict.fromkeys(checks, CheckState.OK)
    assert list(checks) == [
        "reachable",
        "login",
        "tls",
        "version",
        "read",
        "create",
        "wal_level",
        "slots",
        "senders",
        "extensions",
        "encoding",
        "collation",
        "size",
    ]
    assert checks["version"].message.startswith("PostgreSQL 18.")
    assert "can read all 2 tables" in checks["read"].message
    assert "plpgsql" in checks["extensions"].message


def test_a_wrong_password_is_one_sentence_and_the_rest_is_not_checked(people: People, dsn: str) -> None:
    connection = save_connection(people.project, "legacy", dsn)
    connections.save(connection, password="wrong")
    checks = {check.key: check for check in connections.test(connection)}
    assert checks["reachable"].state is CheckState.OK
    assert checks["login"].state is CheckState.BAD
    assert "password" in checks["login"].message
    assert checks["size"].state is CheckState.UNKNOWN
    assert checks["size"].message == "Not checked: nobody could log in."
    assert not any("wrong" in check.message for check in checks.values())


def test_a_database_that_is_not_there_is_named(people: People, dsn: str) -> None:
    checks = checks_of(dsn, people, dbname="nowhere")
    assert checks["login"].state is CheckState.BAD
    assert "nowhere" in checks["login"].message


def test_a_port_where_nothing_listens_is_said_and_nothing_else_tried(people: People, dsn: str) -> None:
    checks = checks_of(dsn, people, port=1)
    assert checks["reachable"].state is CheckState.BAD
    assert "port 1" in checks["reachable"].message
    assert checks["login"].state is CheckState.UNKNOWN
    assert checks["login"].message == "Not checked: the server was not reached."


def test_what_a_role_may_not_read_is_named_with_the_grant(
    people: People, server18: EmbeddedServer, dsn: str
) -> None:
    with psycopg.connect(dsn, autocommit=True) as owner:
        owner.execute("DROP ROLE IF EXISTS only_one")
        owner.execute("CREATE ROLE only_one LOGIN PASSWORD 'secret'")
        owner.execute("GRANT SELECT ON one TO only_one")
    connection = save_connection(people.project, "legacy", dsn)
    connection.user = "only_one"
    connections.save(connection, password="secret")
    checks = {check.key: check for check in connections.test(connection)}
    with psycopg.connect(dsn, autocommit=True) as owner:
        owner.execute("DROP OWNED BY only_one")
        owner.execute("DROP ROLE only_one")
    assert checks["read"].state is CheckState.BAD
    assert "1 of 2 tables" in checks["read"].message
    assert "GRANT SELECT ON public.two TO only_one;" in checks["read"].message
    assert checks["create"].state is CheckState.WARN
    assert "GRANT CREATE ON DATABASE" in checks["create"].message


def test_rows_that_policies_hide_are_a_limit(people: People, dsn: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as owner:
        owner.execute("DROP ROLE IF EXISTS filtered")
        owner.execute("CREATE ROLE filtered LOGIN PASSWORD 'secret'")
        owner.execute("GRANT SELECT ON one, two TO filtered")
        owner.execute("ALTER TABLE two ENABLE ROW LEVEL SECURITY")
    connection = save_connection(people.project, "legacy", dsn)
    connection.user = "filtered"
    connections.save(connection, password="secret")
    checks = {check.key: check for check in connections.test(connection)}
    with psycopg.connect(dsn, autocommit=True) as owner:
        owner.execute("DROP OWNED BY filtered")
        owner.execute("DROP ROLE filtered")
    assert checks["read"].state is CheckState.WARN
    assert "public.two" in checks["read"].message


def test_the_test_button_answers_with_the_checks_alone(people: People, dsn: str) -> None:
    connection = save_connection(people.project, "legacy", dsn)
    url = f"{CONNECTIONS}{connection.pk}/test/"
    fragment = people.admin.post(url, headers=HTMX).content.decode()
    assert fragment.lstrip().startswith('<div id="checks"')
    assert "<html" not in fragment
    assert people.admin.post(url)["Location"] == f"{CONNECTIONS}{connection.pk}/"
    assert people.admin.get(url).status_code == 405


def test_engineers_see_connections_and_may_not_change_them(people: People, dsn: str) -> None:
    connection = save_connection(people.project, "legacy", dsn)
    html = people.engineer.get(f"{CONNECTIONS}{connection.pk}/").content.decode()
    assert "Test now" not in html
    assert "/edit/" not in html
    assert people.engineer.get(f"{CONNECTIONS}{connection.pk}/edit/").status_code == 403
    assert people.engineer.post(f"{CONNECTIONS}{connection.pk}/test/").status_code == 403
    assert people.engineer.post(f"{CONNECTIONS}new/", values_of(dsn)).status_code == 403


def test_a_connection_of_another_project_is_not_found(people: People, dsn: str) -> None:
    other = save_connection(Project.objects.create(slug="other", name="Other"), "legacy", dsn)
    assert people.admin.get(f"{CONNECTIONS}{other.pk}/").status_code == 404
    assert people.admin.post(f"{CONNECTIONS}{other.pk}/test/").status_code == 404


def test_editing_keeps_the_password_that_is_not_entered(people: People, dsn: str) -> None:
    connection = save_connection(people.project, "legacy", dsn)
    url = f"{CONNECTIONS}{connection.pk}/edit/"
    password = values_of(dsn)["password"]
    assert password not in people.admin.get(url).content.decode()
    assert people.admin.post(url, values_of(dsn, name="crm-legacy", password="")).status_code == 302
    connection.refresh_from_db()
    assert connection.name == "crm-legacy"
    assert conninfo_to_dict(connections.dsn_of(connection))["password"] == password


def test_a_saved_password_is_never_sent_to_another_server(people: People, dsn: str) -> None:
    connection = save_connection(people.project, "legacy", dsn)
    response = people.admin.post(
        f"{CONNECTIONS}{connection.pk}/edit/", values_of(dsn, host="db.example.org", password="")
    )
    assert response.status_code == 422
    assert "enter the password again" in response.content.decode()
    connection.refresh_from_db()
    assert connection.host != "db.example.org"


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("host", "a.example.org,b.example.org", "is not one host"),
        ("host", "x options=-c", "is not one host"),
        ("port", "70000", "less than or equal to 65535"),
        ("port", "many", "Enter a whole number"),
        ("name", "two words", "no space"),
        ("ssl_root_certificate", "not a certificate", "no PEM certificate"),
        ("sslmode", "sometimes", "not one of the available choices"),
    ],
)
def test_bad_input_is_refused_with_a_sentence(
    people: People, dsn: str, field: str, value: str, sentence: str
) -> None:
    response = people.admin.post(f"{CONNECTIONS}new/", values_of(dsn, **{field: value}))
    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert not Connection.objects.exists()


def test_a_name_is_taken_once_a_project(people: People, dsn: str) -> None:
    save_connection(people.project, "legacy", dsn)
    response = people.admin.post(f"{CONNECTIONS}new/", values_of(dsn))
    assert response.status_code == 422
    assert "has a connection “legacy” already" in response.content.decode()


def test_the_list_asks_once_however_many_there_are(
    people: People, dsn: str, django_assert_max_num_queries: Any
) -> None:
    for number in range(12):
        save_connection(people.project, f"database-{number}", dsn)
    with django_assert_max_num_queries(5):
        html = people.engineer.get(CONNECTIONS).content.decode()
    assert html.count("not tested") == 12


def test_saved_connections_are_found_by_name(people: People, dsn: str) -> None:
    saved = save_connection(people.project, "legacy", dsn)
    assert connections.dsn_by_name("legacy") == connections.dsn_of(saved)
    assert connections.dsn_by_name("crm/legacy") == connections.dsn_of(saved)
    with pytest.raises(NotFound, match="Saved are @crm/legacy"):
        connections.dsn_by_name("other")
    save_connection(Project.objects.create(slug="shop", name="Shop"), "legacy", dsn)
    with pytest.raises(Refused, match="@crm/legacy or @shop/legacy"):
        connections.dsn_by_name("legacy")


def test_a_ca_certificate_becomes_a_file_for_libpq(people: People, dsn: str) -> None:
    connection = save_connection(people.project, "legacy", dsn)
    connection.ssl_root_certificate = "-----BEGIN CERTIFICATE-----\nabc\n-----END CERTIFICATE-----"
    path = conninfo_to_dict(connections.dsn_of(connection))["sslrootcert"]
    with open(str(path)) as file:
        assert file.read().strip() == connection.ssl_root_certificate
