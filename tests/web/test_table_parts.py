"""A source table split by hand: which target table, which rows of how many, and its end."""

from typing import Any

import pytest

from schemadiff import store, table_parts
from schemadiff.comparison import compare
from schemadiff.core.mapping import PairStatus, TableMapping
from schemadiff.databases import connect
from schemadiff.embedded import EmbeddedServer
from schemadiff.evidence.part_rows import part_rows
from schemadiff.models import Comparison
from tests.servers import MakeDatabase
from tests.web.people import People, make_people, save_connection

pytestmark = pytest.mark.django_db

BASE = "/p/crm/comparisons/1/mapping/"
PART = "public.clients → leads"
SOURCE = """
CREATE TABLE clients (id int PRIMARY KEY, name text, kind text, email text);
CREATE TABLE notes (id int PRIMARY KEY);
CREATE TABLE visits (at timestamptz, "where" text);
INSERT INTO clients VALUES (1, 'Ann', 'client', 'a'), (2, 'Bob', 'lead', 'b'), (3, 'Cy', 'lead', '7'),
    (4, 'Di', NULL, NULL);
"""
TARGET = """
CREATE TABLE clients (id int PRIMARY KEY, name text);
CREATE TABLE leads (id int PRIMARY KEY, full_name text, email text NOT NULL, made timestamptz DEFAULT now());
CREATE TABLE notes (id int PRIMARY KEY);
"""


@pytest.fixture
def people() -> People:
    return make_people()


@pytest.fixture
def source(make_database: MakeDatabase, server16: EmbeddedServer) -> str:
    return make_database(server16, SOURCE)


@pytest.fixture
def comparison(
    people: People, source: str, make_database: MakeDatabase, server18: EmbeddedServer
) -> Comparison:
    left = save_connection(people.project, "old", source)
    right = save_connection(people.project, "new", make_database(server18, TARGET))
    return compare(people.project, left, right, user=None)


def address(name: str, table: str = "public.clients", **more: str) -> str:
    return f"{BASE}part/{name}/?table={table}" + "".join(f"&{key}={value}" for key, value in more.items())


def split(people: People, where: str = "kind = 'lead'") -> Any:
    """Columns are those of the form in its order: id, full_name, email, made."""
    columns = {"column_0": "id", "column_1": "name", "column_2": "email", "column_3": ""}
    return people.engineer.post(address("add", target="public.leads"), {"where": where, **columns})


def entry(comparison: Comparison) -> TableMapping | None:
    return store.mapping_of(comparison).named(("public", "clients → leads"))


def tried(people: People, where: str, table: str = PART, **more: str) -> str:
    answer = people.engineer.post(address("tried", table, **more), {"where": where})
    return " ".join(answer.content.decode().split())


def test_a_target_table_is_chosen_then_its_columns_and_rows(people: People, comparison: Comparison) -> None:
    assert "Split this table…</a>" in people.engineer.get(BASE, {"table": "public.clients"}).content.decode()
    first = people.engineer.get(address("add")).content.decode()
    assert '<option value="public.leads">' in first and '<option value="public.clients">' not in first
    assert '<option value="public.notes">public.notes (takes public.notes)</option>' in first
    second = people.engineer.get(address("add", target="public.leads")).content.decode()
    assert "It must have a value and has no default: choose one" in second
    assert "selected>name (text)" in second, "likely for full_name"
    assert second.count("selected>id (integer)") == 1
    html = tried(people, "kind = 'lead'", "public.clients", target="public.leads")
    assert "2 of 4 rows go into several target tables." in html  # clients takes every row

    assert split(people).status_code == 302
    made = entry(comparison)
    assert made is not None and made.where == "kind = 'lead'"
    assert {pair.target: pair.source for pair in made.pairs} == {
        "id": "id",
        "full_name": "name",
        "email": "email",
    }
    assert all(pair.status is PairStatus.CONFIRMED for pair in made.pairs)
    html = people.engineer.get(BASE, {"table": PART}).content.decode()
    assert "kind = &#x27;lead&#x27;" in html and "Remove this part" in html
    assert split(people).status_code == 422, "it takes rows already"


def test_the_condition_is_changed_and_counted_beside_the_others(
    people: People, comparison: Comparison
) -> None:
    split(people)
    change = address("condition")
    assert people.engineer.post(change, {"where": "kind <> 'lead'"}).status_code == 302
    html = tried(people, "kind = 'lead'")
    assert "1 of 4 rows is taken by no target table and stays behind." in html
    assert "several" not in html
    html = tried(people, "kind IS DISTINCT FROM 'client'")
    assert "Each of the 4 rows goes into one target table." in html
    assert people.engineer.post(address("condition", PART), {"where": ""}).status_code == 302
    made = entry(comparison)
    assert made is not None and made.where is None
    clients = store.mapping_of(comparison).for_source(("public", "clients"))
    assert clients is not None and clients.where == "kind <> 'lead'"


def test_a_table_that_nothing_takes_gets_a_target_table(people: People, comparison: Comparison) -> None:
    html = people.engineer.get(BASE, {"table": "public.visits"}).content.decode()
    assert "Choose a target table…</a>" in html
    fields = {"where": "", "column_3": "at"}
    answer = people.engineer.post(address("add", "public.visits", target="public.leads"), fields, follow=True)
    assert "public.leads now takes rows of public.visits." in answer.content.decode()
    found = store.mapping_of(comparison).for_source(("public", "visits"))
    assert found is not None and (found.target, found.part, found.where) == (("public", "leads"), "", None)


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ("id", "is not true or false for a row"),
        ("nobody = 1", "The source refuses “nobody = 1”: Column"),
        ("kind = 'lead'; DELETE FROM clients", "Expected"),
        ("email::int > 1", "a condition fails on a row (SQLSTATE 22P02)"),
        ("count(*) > 1", "works over many rows"),
    ],
)
def test_what_is_no_condition_is_refused_in_a_sentence(
    people: People, comparison: Comparison, where: str, words: str
) -> None:
    assert words in tried(people, where, "public.clients")
    answer = people.engineer.post(address("condition"), {"where": where})
    assert answer.status_code == 422 and words in answer.content.decode()
    clients = store.mapping_of(comparison).for_source(("public", "clients"))
    assert clients is not None and clients.where is None


def test_a_part_is_removed_and_the_last_is_not(people: People, comparison: Comparison) -> None:
    split(people)
    assert people.engineer.post(address("remove", PART)).status_code == 302
    assert entry(comparison) is None
    html = people.engineer.post(address("remove"), follow=True).content.decode()
    assert "public.clients is not split" in html
    assert store.mapping_of(comparison).for_source(("public", "clients")) is not None


def test_what_is_left_of_a_split_with_a_condition_is_said(people: People, comparison: Comparison) -> None:
    split(people)
    html = people.engineer.post(address("remove"), follow=True).content.decode()
    assert "public.leads still takes only the rows that the condition says." in html
    left = store.mapping_of(comparison).for_source(("public", "clients"))
    assert left is not None and left.where == "kind = 'lead'"


def test_what_somebody_else_gave_meanwhile_is_not_given_again(
    people: People, comparison: Comparison, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where the button is pressed twice: the rows of the first are counted while the second is on its way."""
    counted = table_parts.divided

    def meanwhile(comparison: Comparison, table: TableMapping) -> table_parts.Divided:
        monkeypatch.undo()
        split(people, "kind = 'client'")
        return counted(comparison, table)

    monkeypatch.setattr(table_parts, "divided", meanwhile)
    answer = split(people)
    assert answer.status_code == 422 and "Choose another target table" in answer.content.decode()
    part = entry(comparison)
    assert part is not None and part.where == "kind = 'client'"


def test_columns_and_tables_that_cannot_be_taken_are_refused(people: People, comparison: Comparison) -> None:
    nothing = {"where": "", **{f"column_{n}": "" for n in range(4)}}
    answer = people.engineer.post(address("add", target="public.leads"), nothing)
    assert "Choose a source column for one column of the target table at least." in answer.content.decode()
    taken = people.engineer.get(address("add", target="public.clients"))
    assert (
        taken.status_code == 422
        and "public.clients is not one of the available choices" in taken.content.decode()
    )
    assert people.engineer.get(address("condition", "public.nowhere")).status_code == 404
    for name in ("add", "condition", "tried", "remove"):
        assert people.manager.post(address(name)).status_code == 403
        assert people.stranger.post(address(name)).status_code == 404


def test_what_somebody_said_no_to_is_in_nobody_s_way(people: People, comparison: Comparison) -> None:
    for pair in comparison.pairs.filter(target_table="notes"):
        people.engineer.post(f"{BASE}pair/{pair.pk}/", {"action": "reject"})
    answer = people.engineer.post(
        address("add", target="public.notes"), {"where": "kind = 'lead'", "column_0": "id"}
    )
    assert answer.status_code == 302
    assert store.mapping_of(comparison).named(("public", "clients → notes")) is not None


def test_of_a_large_table_a_sample_is_counted(source: str) -> None:
    with connect(source, read_only=False) as connection:
        connection.execute("INSERT INTO notes SELECT generate_series(1, 50000); ANALYZE notes")
        found = part_rows(connection, ("public", "notes"), ["id % 2 = 0", None], exact_up_to=1_500_000)
    assert found.percent is not None and found.percent < 100
    assert found.by_none == 0 and found.taken[1] == found.total
    assert 0.4 < found.taken[0] / found.total < 0.6
