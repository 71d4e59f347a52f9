"""Queries rewritten for the target's names: what is renamed, what keeps its name in the result, and what is told."""

import psycopg
import pytest

from schemadiff.core.catalog import Catalog
from schemadiff.core.mapping import ColumnPair, Mapping, PairStatus, TableMapping
from schemadiff.embedded import EmbeddedServer
from schemadiff.evidence.judgements import judge_result, judgements
from schemadiff.evidence.queries import NamedQuery, judge
from schemadiff.evidence.rewriting import Names, rewritten, tables_of
from schemadiff.introspection import read_catalog
from tests.servers import fresh_database

SOURCE = """
CREATE TABLE clients (id int PRIMARY KEY, title text, phone text, loyalty int, seconds int, UNIQUE (phone));
CREATE TABLE visits (client_id int, title text, at date);
CREATE TABLE gone (id int, client_id int);
CREATE TABLE same (id int, title text);
CREATE SCHEMA old; CREATE TABLE old.log (id int, body text);
"""
TARGET = """
CREATE TABLE customers (id int PRIMARY KEY, "Full Name" text, phone_number text, minutes int, UNIQUE (phone_number));
CREATE TABLE appointments (client_id int, topic text, at date);
CREATE TABLE same (id int, title text);
CREATE SCHEMA new; CREATE TABLE new.log (id int, text text);
"""


def pair(source: str, target: str, **more: object) -> ColumnPair:
    given = {"status": PairStatus.CONFIRMED} | more
    return ColumnPair(source=source, target=target, **given)  # type: ignore[arg-type]


MAPPING = Mapping(
    tables=(
        TableMapping(
            source=("public", "clients"),
            target=("public", "customers"),
            pairs=(
                pair("id", "id"),
                pair("title", "Full Name"),
                pair("phone", "phone_number"),
                pair("seconds", "minutes", expression="seconds / 60"),
                pair("loyalty", "minutes", status=PairStatus.REJECTED),
            ),
        ),
        TableMapping(
            source=("public", "visits"),
            target=("public", "appointments"),
            pairs=(
                pair("client_id", "client_id"),
                pair("title", "topic", status=PairStatus.SUGGESTED),
                pair("at", "at"),
            ),
        ),
        TableMapping(
            source=("old", "log"), target=("new", "log"), pairs=(pair("id", "id"), pair("body", "text"))
        ),
    )
)


@pytest.fixture(scope="module")
def places(server18: EmbeddedServer):  # type: ignore[no-untyped-def]
    with fresh_database(server18, SOURCE) as source, fresh_database(server18, TARGET) as target:
        yield source, target


@pytest.fixture(scope="module")
def catalogs(places: tuple[str, str]) -> tuple[Catalog, Catalog]:
    with psycopg.connect(places[0]) as source, psycopg.connect(places[1]) as target:
        return read_catalog(source), read_catalog(target)


@pytest.fixture(scope="module")
def names(catalogs: tuple[Catalog, Catalog]) -> Names:
    return Names.of(*catalogs, MAPPING, '"$user", public')


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "SELECT title, c.id FROM clients c WHERE phone = $1 ORDER BY title",
            'SELECT "Full Name" AS title, c.id FROM customers AS c WHERE phone_number = $1 ORDER BY "Full Name"',
        ),
        (
            "SELECT clients.title AS t FROM clients ORDER BY t",
            'SELECT clients."Full Name" AS t FROM customers AS clients ORDER BY t',
        ),
        (
            "SELECT phone AS title FROM clients ORDER BY title",
            "SELECT phone_number AS title FROM customers ORDER BY title",
        ),
        (
            "INSERT INTO clients (id, phone) VALUES ($1, $2) ON CONFLICT (phone) DO UPDATE SET title = EXCLUDED.title"
            " RETURNING title",
            "INSERT INTO customers (id, phone_number) VALUES ($1, $2) ON CONFLICT(phone_number)"
            ' DO UPDATE SET "Full Name" = EXCLUDED."Full Name" RETURNING "Full Name" AS title',
        ),
        (
            "UPDATE clients SET title = $1 FROM visits v WHERE v.client_id = clients.id AND v.title = $2",
            'UPDATE customers AS clients SET "Full Name" = $1 FROM appointments AS v'
            " WHERE v.client_id = clients.id AND v.topic = $2",
        ),
        ("DELETE FROM CLIENTS WHERE Phone = $1", "DELETE FROM customers WHERE phone_number = $1"),
        (
            "WITH x AS (SELECT title FROM clients) SELECT title FROM x",
            'WITH x AS (SELECT "Full Name" AS title FROM customers) SELECT title FROM x',
        ),
        (
            "SELECT s.title FROM same s WHERE EXISTS (SELECT 1 FROM clients WHERE title = s.title)",
            'SELECT s.title FROM same AS s WHERE EXISTS(SELECT 1 FROM customers WHERE "Full Name" = s.title)',
        ),
        (
            "SELECT (SELECT max(v.title) FROM visits v WHERE client_id = id) FROM clients",
            "SELECT (SELECT MAX(v.topic) FROM appointments AS v WHERE client_id = id) FROM customers",
        ),
        (
            "SELECT phone FROM clients UNION SELECT title FROM visits",
            "SELECT phone_number AS phone FROM customers UNION SELECT topic AS title FROM appointments",
        ),
        ("SELECT body FROM old.log", "SELECT text AS body FROM new.log"),
        (
            "INSERT INTO visits (client_id, title) SELECT id, title FROM clients",
            'INSERT INTO appointments (client_id, topic) SELECT id, "Full Name" AS title FROM customers',
        ),
        (
            "SELECT d.title FROM (SELECT title FROM clients) d JOIN visits v ON v.title = d.title",
            'SELECT d.title FROM (SELECT "Full Name" AS title FROM customers) AS d'
            " JOIN appointments AS v ON v.topic = d.title",
        ),
    ],
)
def test_names_are_put_in_and_the_result_keeps_its_own(
    before: str, after: str, names: Names, places: tuple[str, str]
) -> None:
    """And what comes of it is something that the target can prepare."""
    found = rewritten(before, names)
    assert found is not None
    assert found.sql == after
    with psycopg.connect(places[1]) as connection:
        judged = judge(connection, [NamedQuery(name="q", sql=found.sql)])
    assert judged[0].error == ""


def test_a_star_is_spelled_out_and_what_it_loses_is_told(names: Names) -> None:
    found = rewritten("SELECT *, v.* FROM clients JOIN visits v ON true", names)
    assert found is not None
    assert found.sql == (
        'SELECT clients.id, clients."Full Name" AS title, clients.phone_number AS phone, clients.minutes AS seconds,'
        " v.client_id, v.topic AS title, v.at, v.client_id, v.topic AS title, v.at FROM customers AS clients"
        " JOIN appointments AS v ON TRUE"
    )
    assert found.lost == ("clients.loyalty",)
    assert found.remarks == (
        "Given by * before, and without a counterpart: clients.loyalty.",
        "Filled by an expression, so the values are others: clients.seconds → minutes.",
        "Suggested, and nobody has confirmed it: visits.title → topic.",
    )


def test_what_has_no_counterpart_is_left_and_named(names: Names) -> None:
    found = rewritten("SELECT loyalty, title FROM clients JOIN gone ON gone.client_id = clients.id", names)
    assert found is not None
    assert found.missing == ("clients.loyalty", "gone")
    assert "SELECT loyalty, " in found.sql


@pytest.mark.parametrize(
    "sql",
    ["SELECT 1", "SELECT title FROM same", "SELECT f(", "CREATE TABLE t (a int)", "SELECT * FROM f($1)", ""],
)
def test_what_the_mapping_is_not_about_is_not_rewritten(sql: str, names: Names) -> None:
    assert rewritten(sql, names) is None


def test_the_rewriting_is_judged_beside_the_query(
    places: tuple[str, str], catalogs: tuple[Catalog, Catalog], names: Names
) -> None:
    queries = [
        NamedQuery(name="renamed", sql="SELECT title, phone FROM clients", calls=7),
        NamedQuery(name="star", sql="SELECT * FROM clients"),
        NamedQuery(name="lost", sql="SELECT loyalty FROM clients"),
        NamedQuery(name="same", sql="SELECT id FROM same"),
    ]
    with psycopg.connect(places[0]) as source, psycopg.connect(places[1]) as target:
        on_source, result = judge(source, queries), judge_result(target, queries, names)
    found = judgements(queries, on_source, result, is_whole=True)
    assert [
        (j.query.name, j.verdict.outcome.value, j.rewritten and j.rewritten.outcome.value) for j in found
    ] == [
        ("renamed", "fails", "same"),
        ("star", "fails", "changed shape"),
        ("lost", "fails", "fails"),
        ("same", "same", None),
    ]
    assert found[0].verdict.calls == 7
    not_whole = judgements(queries, on_source, result, is_whole=False)
    assert {j.verdict.outcome.value for j in not_whole} == {"not judged", "same"}


def test_the_tables_of_a_query() -> None:
    assert tables_of(
        "WITH x AS (SELECT 1 FROM b) SELECT * FROM x, a, f($1) WHERE EXISTS (SELECT 1 FROM s.C)"
    ) == (
        "a",
        "b",
        "c",
    )
    assert tables_of("SELECT (") == ()
