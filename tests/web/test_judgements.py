"""What becomes of each of the application's queries: the page, narrowed, and its work list as files."""

import csv
import io
import json
import zipfile
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from pytest_django import DjangoAssertNumQueries

from schemadiff import store
from schemadiff.core.options.option import OptionName
from schemadiff.evidence.judgements import Judgement
from schemadiff.evidence.queries import NamedQuery, QueryOutcome, QueryVerdict
from schemadiff.evidence.rewriting import Rewrite
from schemadiff.models import QueryGap, QueryJudgement
from tests.web.seed_project import SeedProject

pytestmark = pytest.mark.django_db

BOT = Path(__file__).parents[1] / "evidence" / "bot" / "data-layer.js"


def judgement(
    name: str,
    outcome: QueryOutcome,
    *,
    table: str = "clients",
    calls: int | None = None,
    roles: tuple[str, ...] = (),
) -> Judgement:
    sql, place = f"SELECT title FROM {table}", f"src/{name}.js:1"
    query = NamedQuery(name=name, sql=sql, calls=calls, place=place, roles=roles)
    verdict = QueryVerdict(name=name, outcome=outcome, detail=f"Why of {name}.", calls=calls)
    if outcome is not QueryOutcome.FAILS:
        return Judgement(query=query, verdict=verdict, tables=(table,))
    return Judgement(
        query=query,
        verdict=verdict,
        tables=(table,),
        rewrite=Rewrite(sql=f"SELECT name AS title FROM {table}", unconfirmed=("clients.title → name",)),
        rewritten=QueryVerdict(name=name, outcome=QueryOutcome.SAME, detail="The same columns."),
    )


def given(seed: SeedProject) -> None:
    found = [
        judgement("works", QueryOutcome.SAME, table="visits", calls=1200, roles=("bot",)),
        judgement("broken", QueryOutcome.FAILS, calls=30),
        judgement("=formula", QueryOutcome.FAILS),
    ]
    store.record_judgements(seed.comparison, OptionName.TRANSFORM, found)
    store.record_judgements(seed.comparison, OptionName.RECREATE, found[:1])


def see(seed: SeedProject, **asked: str) -> str:
    answer = seed.people.engineer.get(seed.url("judgements"), asked)
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_nothing_judged_yet(seed: SeedProject) -> None:
    assert "No query has been judged" in see(seed)
    assert seed.people.manager.get(seed.url("judgements")).status_code == 403
    assert seed.people.stranger.get(seed.url("judgements")).status_code == 404
    assert (
        seed.people.engineer.get(seed.url("judgements_csv")).content.decode().startswith("name,place,calls")
    )


def test_it_is_narrowed_by_option_verdict_table_and_place(seed: SeedProject) -> None:
    given(seed)
    html = see(seed)
    assert "Why of works." in html and "Why of broken." not in html  # the first option that was judged
    html = see(seed, option="transform")
    assert "Why of works." in html and "SELECT name AS title FROM clients" in html
    assert "2 of those that fail or give another shape work once the mapping’s names are put in" in html
    assert "Suggested, and nobody has confirmed it: clients.title → name." in html
    assert "(1,200 calls)" in html
    assert "Why of works." not in see(seed, option="transform", verdict="fails")
    assert "Why of broken." not in see(seed, option="transform", table="visits")
    assert "Why of broken." in see(seed, option="transform", place="BROKEN.js")
    assert "Why of broken." not in see(seed, option="transform", role="bot")
    assert "sent by bot" in see(seed, option="transform", role="bot")
    assert "No query is like that" in see(seed, option="transform", table="nothing")
    assert "Why of works." in see(seed, option="weird", verdict="weird")


def test_the_work_list_as_files(seed: SeedProject) -> None:
    given(seed)
    asked = {"option": "transform", "verdict": "fails"}
    answer = seed.people.engineer.get(seed.url("judgements_csv"), asked)
    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert [row["name"] for row in rows] == ["broken", "'=formula"]
    assert rows[0]["rewritten"] == "SELECT name AS title FROM clients"
    assert rows[0]["rewritten_verdict"] == "same"
    document = json.loads(seed.people.engineer.get(seed.url("judgements_json"), asked).content)
    assert document["option"] == "transform"
    assert [query["calls"] for query in document["queries"]] == [30, None]


def test_it_asks_no_query_a_row_and_shows_a_part_of_many(
    seed: SeedProject, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    many = [judgement(f"q{place}", QueryOutcome.FAILS) for place in range(450)]
    store.record_judgements(seed.comparison, OptionName.HYBRID, many)
    with django_assert_max_num_queries(10):
        assert "250 more are not shown here." in see(seed)


def test_they_are_gone_when_the_mapping_moves(seed: SeedProject) -> None:
    given(seed)
    seed.map_truly()
    assert not QueryJudgement.objects.exists()


def test_code_as_an_archive_and_what_is_not_made_out(seed: SeedProject) -> None:
    """The bot's data layer as JavaScript, then once more with a call that cannot be read."""
    project, engineer = seed.comparison.project, seed.people.engineer
    page = f"/p/{project.slug}/queries/"

    def upload(code: str) -> str:
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w") as archive:
            archive.writestr("bot/data-layer.js", code)
        file = SimpleUploadedFile("bot.zip", content.getvalue())
        answer = engineer.post(f"{page}add/", {"file": file}, follow=True)
        return str(answer.content.decode())

    code = BOT.read_text(encoding="utf-8")
    before = project.queries.count()
    assert "20 new queries added." in upload(code)
    assert project.queries.count() == before + 20
    assert not QueryGap.objects.exists()
    html = upload(f"{code}\nsupabase.from(pick()).select();")
    assert "0 new queries added; 20 known already; 1 not made out, listed below." in html
    assert "The table’s name is known only when the program runs." in html and "Not made out: 1" in html
    upload(f"{code}\nsupabase.from(pick()).select();")
    assert QueryGap.objects.count() == 1
    given(seed)
    assert "The table’s name is known only" in see(seed)
    engineer.post(f"{page}not-made-out/clear/")
    assert not QueryGap.objects.exists()
    assert seed.people.manager.post(f"{page}not-made-out/clear/").status_code == 403


@pytest.mark.heavy
def test_the_example_is_judged_query_by_query(seed: SeedProject) -> None:
    seed.map_truly()
    seed.measure()
    rows = QueryJudgement.objects.filter(comparison=seed.comparison)
    assert rows.filter(option="transform").count() == 21
    assert rows.filter(option="transform", outcome="fails").count() == 20
    fail_still = rows.filter(option="transform", rewritten_outcome="fails")
    assert {row.name: row.rewritten_detail for row in fail_still} == {
        "getUpcomingAppointments": 'Column "deleted" does not exist.',
        "upsertDialogContext": "There is no unique or exclusion constraint matching the ON CONFLICT specification.",
        "upsertServices": 'Column "price" of relation "services" does not exist.',
        "upsertStaffSchedules": 'Column "staff_name" of relation "staff_schedules" does not exist.',
    }
    assert not rows.exclude(option="transform").exclude(rewritten="").exists()
    html = see(seed, option="transform", verdict="fails")
    assert "17 of those that fail or give another shape work once" in html
