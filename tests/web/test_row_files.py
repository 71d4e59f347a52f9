"""Differing rows as files, and verifications of a share of the rows."""

import csv
import io
import json
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from migration import checking, differing
from migration.core.checksums import Difference
from migration.core.spec import spec_to_json
from migration.engine.side_by_side import Pair, RowPair
from migration.models import Run, RunState, Verification
from migration.status import status_of
from schemadiff.core.masking import masked_from_text
from schemadiff.embedded import EmbeddedServer
from schemadiff.projects import mask
from tests.engine.running import ask, carry, copy_spec, table
from tests.run_rows import World, make_run, make_world
from tests.servers import MakeDatabase
from tests.web.run_pages import page, post
from tests.web.test_retries import connect

pytestmark = pytest.mark.django_db

ROW = RowPair(
    key=(("id", "1"), ("part", None)),
    difference=Difference.DIFFERENT,
    pairs=(
        Pair(column="name", source="=1+1", target=None, differs=True),
        Pair(column="age", source="-5", target="-5", differs=False),
    ),
)


@pytest.fixture
def world() -> World:
    return make_world()


def finished(world: World) -> Run:
    now = timezone.now()
    return make_run(
        world,
        ("clients",),
        state=RunState.ENDED,
        phase="finish",
        reached="finish",
        started_at=now - timedelta(minutes=1),
        ended_at=now,
    )


def test_no_cell_is_a_formula() -> None:
    lines = list(csv.reader(io.StringIO("".join(differing.as_csv("public.a", [ROW])))))
    assert lines[1:] == [
        ["public.a", "different", "id=1, part=NULL", "name", "'=1+1", "", "yes"],
        ["public.a", "different", "id=1, part=NULL", "age", "'-5", "'-5", "no"],
    ]


def test_json_has_what_differs() -> None:
    document = json.loads(differing.as_json("public.a", [ROW]))
    assert document == {
        "format": 1,
        "table": "public.a",
        "rows": [
            {
                "key": {"id": "1", "part": None},
                "difference": "different",
                "columns": {"name": {"source": "=1+1", "target": None}},
            }
        ],
    }


@pytest.fixture
def differing_run(
    world: World, make_database: MakeDatabase, server16: EmbeddedServer, server18: EmbeddedServer
) -> Run:
    """One with a verification that found two rows."""
    made = 'CREATE TABLE public."clïents" (id int PRIMARY KEY, name text)'
    source, target = make_database(server16, made), make_database(server18, made)
    ask(source, "INSERT INTO public.\"clïents\" VALUES (1, '=1+1'), (2, 'b')")
    spec = copy_spec(target, table("clïents", "id", "name"))
    carry(source, target, spec)
    ask(target, "UPDATE public.\"clïents\" SET name = 'a' WHERE id = 1")
    ask(target, "INSERT INTO public.\"clïents\" VALUES (3, 'c')")
    connect(world.source, source)
    connect(world.target, target)
    run = finished(world)
    Run.objects.filter(pk=run.pk).update(spec=spec_to_json(spec), ledger_id=spec.ledger_id)
    verification = Verification.objects.create(project_id=run.project_id, run=run, number=1)
    checking.check(verification.pk)
    verification.refresh_from_db()
    assert (verification.error, verification.differing) == ("", 2)
    return run


@pytest.mark.heavy
def test_differing_rows_are_downloaded_by_those_who_may_see_rows(
    client: Client, world: World, differing_run: Run
) -> None:
    query = "?table=public.cl%C3%AFents"
    shown = page(client, world.engineer, "verification_rows", 1, 1, query=query).content.decode()
    assert "Download as CSV" in shown
    for kind in ("csv", "json"):
        assert page(client, world.manager, f"verification_rows_{kind}", 1, 1, query=query).status_code == 403
    answer = page(client, world.engineer, "verification_rows_csv", 1, 1, query=query)
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert (
        "filename*=utf-8''crm-run-1-verification-1-public.cl%C3%AFents.csv" in answer["Content-Disposition"]
    )
    assert "no-store" in answer["Cache-Control"]
    lines = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert {(line["key"], line["column"], line["in_source"], line["in_target"]) for line in lines} >= {
        ("id=1", "name", "'=1+1", "a"),
        ("id=3", "name", "", "c"),
    }
    document = json.loads(page(client, world.engineer, "verification_rows_json", 1, 1, query=query).content)
    assert [row["difference"] for row in document["rows"]] == ["different", "surplus"]
    for wrong in ("", "?table=public.nobody"):
        assert page(client, world.engineer, "verification_rows_csv", 1, 1, query=wrong).status_code == 404


def test_masked_values_are_in_no_page_and_no_file(client: Client, world: World, differing_run: Run) -> None:
    ask_for = "?table=public.cl%C3%AFents"
    mask(world.project, masked_from_text("public.clïents.name"))
    for name in ("verification_rows", "verification_rows_csv", "verification_rows_json"):
        shown = page(client, world.admin, name, 1, 1, query=ask_for).content.decode()
        assert "•••" in shown and "=1+1" not in shown, name


@pytest.mark.heavy
def test_a_share_of_large_tables_is_asked_for(client: Client, world: World, differing_run: Run) -> None:
    answer = post(client, world.engineer, "verify", 1, sample="0")
    assert (answer.status_code, "field-bad" in answer.content.decode()) == (422, True)
    post(client, world.engineer, "verify", 1, sample="2.5")
    verification = Verification.objects.get(number=2)
    checking.check(verification.pk)
    shown = page(client, world.engineer, "verification", 1, 2).content.decode()
    assert "Verification, 2.5 % of large tables #2 of run #1" in shown
    assert "2 rows differ in 1 of 1 tables." in shown  # a small table is compared as a whole


def test_a_share_in_which_nothing_differs_says_so_and_no_more(client: Client, world: World) -> None:
    run = finished(world)
    ended = {"state": "done", "result": {"tables": []}, "started_at": timezone.now()}
    values = {"project_id": run.project_id, "run": run, "ended_at": timezone.now(), **ended}
    Verification.objects.create(number=1, differing=7, **values)
    Verification.objects.create(number=2, differing=0, sample=1.0, **values)
    shown = page(client, world.manager, "verification", 1, 2).content.decode()
    assert "No row differs in what was looked at: 1 % of large tables, the others whole." in shown
    assert status_of(world.project).runs[0].fact.differing == 7
    Verification.objects.create(number=3, differing=0, **values)
    assert status_of(world.project).runs[0].fact.differing == 0
