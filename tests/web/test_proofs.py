"""A comparison's plan is proven by a worker, and what came of it has a page that says when it is outdated."""

import re
from collections.abc import Iterator
from dataclasses import replace

import psycopg
import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from migration.trying import try_out
from schemadiff import store
from schemadiff.core.catalog import Catalog, Extension
from schemadiff.embedded import EmbeddedServer, binaries
from schemadiff.models import Comparison, Trial
from tests.convergence import read
from tests.servers import MakeDatabase, fresh_database, roles_on
from tests.web.people import People, make_people, save_connection

pytestmark = pytest.mark.django_db

ONE = "/p/crm/comparisons/1/"
SOURCE = """
CREATE TABLE clients (id bigint PRIMARY KEY, name text NOT NULL);
CREATE INDEX by_name ON clients (name);
ALTER TABLE clients OWNER TO proof_boss;
"""
TARGET = """
CREATE TABLE clients (id integer PRIMARY KEY, name text NOT NULL);
"""


@pytest.fixture
def people() -> People:
    return make_people()


@pytest.fixture(scope="module")
def databases(server18: EmbeddedServer) -> Iterator[tuple[str, str]]:
    with (
        roles_on(server18, ["proof_boss"]),
        fresh_database(server18, SOURCE) as source,
        fresh_database(server18, TARGET) as target,
    ):
        yield source, target


@pytest.fixture
def comparison(people: People, databases: tuple[str, str]) -> Comparison:
    names = zip(("legacy", "new"), databases, strict=True)
    source, target = (save_connection(people.project, name, dsn) for name, dsn in names)
    people.engineer.post("/p/crm/comparisons/new/", {"source": source.pk, "target": target.pk})
    return Comparison.objects.get()


def compared(people: People, source: Catalog, target: Catalog) -> Comparison:
    """Of two catalogs as they are given."""
    left, right = (
        store.save_snapshot(people.project, catalog, label=label, connection=None, user=None)
        for label, catalog in (("legacy", source), ("new", target))
    )
    names = [table.qualified for table in source.tables]
    return store.create_comparison(people.project, left, right, tables=names, protected=[], user=None)


def asked(people: People, mode: str = "plain") -> Trial:
    people.engineer.post(f"{ONE}prove/", {"mode": mode})
    return Trial.objects.order_by("-pk")[0]


def proven(people: People, mode: str = "plain") -> str:
    """Asked for and done; the proof's page."""
    trial = asked(people, mode)
    try_out(trial.pk)
    return see(people, f"proof/{trial.pk}/")


def see(people: People, part: str = "") -> str:
    answer = people.engineer.get(f"{ONE}{part}")
    assert answer.status_code == 200, answer
    return str(answer.content.decode())


def test_an_engineer_asks_for_it_once(people: People, comparison: Comparison) -> None:
    assert "The plan has not been proven" in see(people)
    assert "Nobody has had this plan proven" in see(people, "proof/")
    answer = people.engineer.post(f"{ONE}prove/")
    trial = Trial.objects.get()
    assert answer["Location"] == f"{ONE}proof/{trial.pk}/"
    assert people.engineer.post(f"{ONE}prove/")["Location"] == answer["Location"]
    assert ProcrastinateJob.objects.filter(task_name="migration.try_out").count() == 1

    html = see(people)
    assert "Being proven" in html and 'hx-trigger="every 2s"' in html and "Prove it" not in html
    assert "Waiting for a worker" in see(people, f"proof/{trial.pk}/")


def test_how_far_it_is_is_said_until_it_has_ended(people: People, comparison: Comparison) -> None:
    trial = asked(people)
    Trial.objects.update(state=Trial.State.RUNNING, reached="Statement 2 of 7: table public.clients")
    progress = people.engineer.get(f"{ONE}trial/{trial.pk}/progress/")
    assert progress.status_code == 200 and b"Statement 2 of 7: table public.clients" in progress.content
    strip = people.engineer.get(f"{ONE}trials/", headers={"HX-Request": "true"}).content.decode()
    assert "Statement 2 of 7" in strip
    try_out(trial.pk)
    progress = people.engineer.get(f"{ONE}trial/{trial.pk}/progress/")
    assert progress.status_code == 286 and progress["HX-Refresh"] == "true"


@pytest.mark.heavy
def test_a_proof_says_everything_it_found(people: People, comparison: Comparison) -> None:
    html = proven(people)
    (count,) = re.findall(r"Proven: after (\d+) statements on a copy", html)
    assert int(count) >= 3 and f"{count} of {count}</dd>" in html
    assert "Replayed on a scratch PostgreSQL 18." in html
    assert "<code>public.clients</code>" in html and "as the plan says" in html
    assert "<li>proof_boss</li>" in html
    assert "CREATE INDEX by_name ON public.clients USING btree (name);" in html
    assert "crm-engineer" in html
    page = see(people)
    assert "Plan proven</a>" in page and "Prove it again</button>" in page


@pytest.mark.heavy
def test_the_online_plan_is_another_one(people: People, comparison: Comparison) -> None:
    html = proven(people, "online")
    assert "Proof of the online plan" in html and "CREATE INDEX CONCURRENTLY by_name" in html
    assert "Prove the plain plan</button>" in html
    proven(people)
    assert "1 other proof of this comparison" in see(people, f"proof/{Trial.objects.latest('pk').pk}/")


def test_it_is_outdated_when_a_schema_has_changed(
    people: People, server18: EmbeddedServer, make_database: MakeDatabase, databases: tuple[str, str]
) -> None:
    dsn = make_database(server18, TARGET)
    source = save_connection(people.project, "legacy", databases[0])
    target = save_connection(people.project, "new", dsn)
    sides = {"source": source.pk, "target": target.pk}
    people.engineer.post("/p/crm/comparisons/new/", sides)
    proven(people)
    with psycopg.connect(dsn) as session:
        session.execute("ALTER TABLE clients ADD COLUMN note text")
    people.engineer.post("/p/crm/comparisons/new/", sides)

    trial = Trial.objects.get()
    why = "comparison #2 found the target’s schema changed"
    assert "Proof outdated" in see(people) and why in see(people)
    assert f"Outdated: {why}" in see(people, f"proof/{trial.pk}/")


def test_it_is_outdated_when_a_rule_or_rename_changes_what_differs(
    people: People, comparison: Comparison
) -> None:
    proven(people)
    people.engineer.post(
        "/p/crm/rules/new/", {"names": "by_name", "kinds": ["index"], "reason": "Not of ours."}
    )
    assert "by_name" not in see(people, "export/sql/")
    assert "a confirmed rename or a rule has changed what differs" in see(people)


def test_a_statement_that_fails_is_shown_with_what_postgresql_says(
    people: People, databases: tuple[str, str]
) -> None:
    source, target = map(read, databases)
    (table,) = source.tables
    wrong = replace(table.columns[1], default="nowhere()")
    compared(people, replace(source, tables=(replace(table, columns=(table.columns[0], wrong)),)), target)
    html = proven(people)
    assert "Not proven: statement" in html and "Function nowhere() does not exist." in html
    assert "ALTER COLUMN name SET DEFAULT nowhere();" in html
    assert "not compared" in html and "not planned" in html
    assert "failed</span>" in html
    assert "Plan not proven</a>" in see(people)


def test_what_the_scratch_server_cannot_hold_is_named(people: People, databases: tuple[str, str]) -> None:
    source, target = map(read, databases)
    extension = Extension(name="not_in_the_wheel", schema="public", version="1")
    compared(people, replace(source, extensions=(extension,)), replace(target, extensions=(extension,)))
    html = proven(people)
    assert "Left out" in html and "extension not_in_the_wheel" in html
    assert "Plan proven in part</a>" in see(people)


def test_without_a_scratch_server_it_says_what_is_missing(
    people: People, comparison: Comparison, monkeypatch: pytest.MonkeyPatch
) -> None:
    trial = asked(people)
    binaries.installation.cache_clear()
    monkeypatch.setattr(binaries, "_WHEEL", "a_package_that_is_not_there")
    try_out(trial.pk)
    html = see(people, f"proof/{trial.pk}/")
    assert "It could not be tried. The package a_package_that_is_not_there is not installed" in html
    assert "This says nothing of the plan itself." in html
    assert "The proof failed" in see(people)


def test_managers_see_what_came_of_it_and_nothing_of_the_schema(
    people: People, comparison: Comparison
) -> None:
    proven(people)
    trial = Trial.objects.get()
    html = people.manager.get(f"{ONE}proof/{trial.pk}/").content.decode()
    assert "Proven: after " in html
    assert "CREATE INDEX" not in html and "Prove it" not in html and f'href="{ONE}"' not in html
    assert people.manager.post(f"{ONE}prove/").status_code == 403
    assert people.stranger.post(f"{ONE}prove/").status_code == 404
    assert people.stranger.get(f"{ONE}proof/{trial.pk}/").status_code == 404
    assert people.engineer.get(f"{ONE}prove/").status_code == 405
    assert people.engineer.get(f"{ONE}proof/{trial.pk + 1}/").status_code == 404


def test_where_nothing_differs_there_is_nothing_to_prove(people: People, databases: tuple[str, str]) -> None:
    source = read(databases[0])
    compared(people, source, source)
    assert "Prove it" not in see(people)
    assert "there is no plan to be proven" in see(people, "proof/")
    answer = people.engineer.post(f"{ONE}prove/", follow=True)
    assert "there is no plan to be tried" in answer.content.decode()
    assert not Trial.objects.exists()


def test_a_trial_that_has_ended_stays_as_it_is(people: People, comparison: Comparison) -> None:
    proven(people)
    before = Trial.objects.values().get()
    try_out(before["id"])
    assert Trial.objects.values().get() == before
