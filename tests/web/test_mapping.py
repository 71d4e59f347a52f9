"""The mapping page: who may, each action, what is refused, and where the keyboard goes."""

import re
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from schemadiff import store
from schemadiff.core.mapping import PairStatus
from schemadiff.core.options.option import Measure, OptionName
from schemadiff.models import Connection, Evidence, Pair
from tests.web.mapping_pages import edit
from tests.web.seed_project import SeedProject

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


def see(seed: SeedProject, table: str = "", headers: dict[str, str] | None = None) -> str:
    answer = seed.people.engineer.get(seed.url("mapping"), {"table": table} if table else {}, headers=headers)
    assert answer.status_code == 200
    return str(answer.content.decode())


def decide(seed: SeedProject, pair: Pair, action: str, *, htmx: bool = True) -> Any:
    headers = HTMX if htmx else {}
    return seed.people.engineer.post(seed.url("mapping_pair", pair.pk), {"action": action}, headers=headers)


def focused(html: str) -> list[str]:
    """What every element with the keyboard on it says."""
    elements = re.findall(r"<(a|button)([^>]*)>(.*?)</\1>", html, re.DOTALL)
    return [
        " ".join(re.sub(r"<[^>]+>", " ", text).split())
        for _, attributes, text in elements
        if "autofocus" in attributes
    ]


def evidence_of(seed: SeedProject) -> int:
    return Evidence.objects.filter(comparison=seed.comparison).count()


@pytest.fixture
def measured(seed: SeedProject) -> None:
    measure = Measure(key="statements", label="DDL statements", value=88, how="Counted.")
    store.record_measures(seed.comparison, OptionName.RECREATE, [measure])


# ------------------------------------------------------------------------------------ who may


@pytest.mark.parametrize("name", ["mapping", "mapping_export", "mapping_edit"])
def test_strangers_find_nothing_and_managers_may_not_look(seed: SeedProject, name: str) -> None:
    assert seed.people.stranger.get(seed.url(name)).status_code == 404
    assert seed.people.manager.get(seed.url(name)).status_code == 403


@pytest.mark.parametrize("name", ["mapping_bulk", "mapping_edit", "mapping_preview", "mapping_import"])
def test_strangers_and_managers_may_not_act(seed: SeedProject, name: str) -> None:
    assert seed.people.stranger.post(seed.url(name)).status_code == 404
    assert seed.people.manager.post(seed.url(name)).status_code == 403


def test_a_manager_confirms_nothing(seed: SeedProject) -> None:
    pair = seed.pair("clients", "note")
    answer = seed.people.manager.post(seed.url("mapping_pair", pair.pk), {"action": "confirm"})
    assert answer.status_code == 403
    pair.refresh_from_db()
    assert pair.status == "suggested"


def test_a_pair_of_another_comparison_is_not_found(seed: SeedProject) -> None:
    assert (
        seed.people.engineer.post(seed.url("mapping_pair", 10**9), {"action": "confirm"}).status_code == 404
    )


# ------------------------------------------------------------------------------------ the page


def test_the_page_begins_where_something_waits_and_says_why(seed: SeedProject) -> None:
    html = see(seed)
    counts = store.mapping_counts(seed.comparison)
    assert f"{counts.confirmed} confirmed · {counts.suggested} to look at" in html
    assert 'id="pairs-head" class="mono">public.bookings → public.bookings' in html
    assert "synonyms: comment / note" in html
    row = html[html.index('id="column-note"') :]
    assert "? suggested" in row and "%</b>" in row[:800]


def test_columns_without_a_pair_are_listed_on_both_sides(seed: SeedProject) -> None:
    html = see(seed, "public.bookings")
    unfilled = html[html.index("unfilled-head") : html.index("left-head")]
    assert "starts_at" in unfilled and "✕ needs a value" in unfilled
    assert "</span>raw_data</a>" in html[html.index("left-head") :]


def test_a_table_that_the_comparison_does_not_carry_is_not_found(seed: SeedProject) -> None:
    for name in ("mapping_edit", "mapping_preview"):
        url = f"{seed.url(name)}?table=public.reminders&column=id"
        assert seed.people.engineer.post(url, {"source": "id"}).status_code == 404
    missing = f"{seed.url('mapping_edit')}?table=public.clients&column=nowhere"
    assert seed.people.engineer.get(missing).status_code == 404


def test_hundreds_of_suggestions_cost_no_more_queries(
    seed: SeedProject, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    see(seed, "public.clients")  # the catalogs are read once a process
    Pair.objects.bulk_create(
        Pair(
            project=seed.comparison.project,
            comparison=seed.comparison,
            source_schema="public",
            source_table="clients",
            source_column=f"given_{number}",
            target_schema="public",
            target_table="clients",
            target_column=f"taken_{number}",
            score=0.5,
            reasons=["a neighbour matches", "both are text"],
            decided_by=seed.engineer,
        )
        for number in range(300)
    )
    with django_assert_max_num_queries(5):  # session, user, member, comparison, pairs
        html = see(seed, "public.clients")
    assert html.count(">? suggested<") == 300 + 8
    assert len(html) < 800_000


# ------------------------------------------------------------------------------------ one pair


def test_confirming_counts_at_once_and_goes_to_the_next_suggestion(seed: SeedProject) -> None:
    first, second = seed.suggested("clients")[:2]
    html = decide(seed, seed.pair("clients", first), "confirm").content.decode()
    pair = seed.pair("clients", first)
    assert (pair.status, pair.decided_by) == ("confirmed", seed.engineer)
    assert "42 to look at" in html
    assert re.search(r"clients</span>\s*<span class=\"count\">7 to look at", html)
    assert focused(html) == [f"Confirm {second}"]
    assert f"{first} is confirmed. 7 left to look at in clients." in html
    assert "<html" not in html


def test_after_the_last_suggestion_the_keyboard_goes_to_the_next_table_then_to_the_options(
    seed: SeedProject,
) -> None:
    *others, last = seed.suggested("companies")
    for column in others:
        decide(seed, seed.pair("companies", column), "reject")
    html = decide(seed, seed.pair("companies", last), "reject").content.decode()
    assert focused(html) == ["dialog_contexts 8 to look at"]
    Pair.objects.exclude(source_table="staff").update(status="confirmed")
    for column in seed.suggested("staff"):
        html = decide(seed, seed.pair("staff", column), "confirm").content.decode()
    assert focused(html) == ["See the three options"]
    assert "Every suggested pair has been looked at" in html


def test_a_second_thought_stays_where_it_is(seed: SeedProject) -> None:
    pair = seed.pair("clients", "note")
    decide(seed, pair, "confirm")
    html = decide(seed, seed.pair("clients", "note"), "reject").content.decode()
    assert focused(html) == ["Change… note"]
    assert seed.pair("clients", "note").status == "rejected"
    decide(seed, pair, "reopen")
    assert seed.pair("clients", "note").status == "suggested"


def test_choosing_a_table_puts_the_keyboard_on_its_first_suggestion(seed: SeedProject) -> None:
    html = see(seed, "public.clients", HTMX)
    assert focused(html) == [f"Confirm {seed.suggested('clients')[0]}"]
    assert focused(see(seed, "public.clients")) == []


def test_without_javascript_the_page_comes_back_at_the_pair(seed: SeedProject) -> None:
    answer = decide(seed, seed.pair("clients", "note"), "confirm", htmx=False)
    assert answer.status_code == 302
    assert answer["Location"] == f"{seed.url('mapping')}?table=public.clients#column-note"


@pytest.mark.parametrize("action", ["", "delete"])
def test_an_unknown_action_is_refused(seed: SeedProject, action: str) -> None:
    pair = seed.pair("clients", "note")
    assert decide(seed, pair, action).status_code == 400
    pair.refresh_from_db()
    assert (pair.status, pair.decided_by) == ("suggested", None)


def test_what_is_ambiguous_or_a_near_miss_says_so_and_is_looked_at_one_by_one(seed: SeedProject) -> None:
    page = see(seed, "public.clients")
    pair = seed.pair("clients", "note")
    assert (pair.certainty, pair.score >= 0.6) == ("unambiguous", True)
    Pair.objects.filter(pk=pair.pk).update(certainty="ambiguous")
    doubted = see(seed, "public.clients")
    assert doubted.count("⇄ ambiguous") == page.count("⇄ ambiguous") + 1
    seed.people.engineer.post(seed.url("mapping_bulk"))
    pair.refresh_from_db()
    assert pair.status == "suggested"
    decide(seed, pair, "confirm")
    assert see(seed, "public.clients").count("⇄ ambiguous") == page.count("⇄ ambiguous")


def test_what_was_nearly_suggested_stands_beside_the_column(seed: SeedProject) -> None:
    pair = seed.pair("clients", "note")
    pair.delete()
    html = see(seed, "public.clients")
    assert '≈ near miss: <span class="mono">comment</span>' in html
    near = seed.people.engineer.get(
        seed.url("mapping_edit"), {"table": "public.clients", "column": "note", "source": "comment"}
    )
    assert '<option value="comment" selected>' in near.content.decode()


# ------------------------------------------------------------------------------------ what fills a column


def test_an_expression_fills_a_column_and_is_confirmed(seed: SeedProject) -> None:
    answer = edit(
        seed, "bookings", "duration_minutes", source="seance_length", expression="seance_length / 60"
    )
    assert answer["Location"].endswith("?table=public.bookings#column-duration_minutes")
    pair = seed.pair("bookings", "duration_minutes")
    assert (pair.source_column, pair.expression) == ("seance_length", "seance_length / 60")
    assert (pair.status, pair.decided_by) == ("confirmed", seed.engineer)
    assert "= seance_length / 60</code>" in see(seed, "public.bookings")


def test_a_column_of_an_expression_is_not_left_behind(seed: SeedProject) -> None:
    before = see(seed, "public.bookings")
    assert "</span>client_phone</a>" in before and "</span>client_name</a>" in before
    edit(seed, "bookings", "source", expression="coalesce(client_phone, client_name)")
    after = see(seed, "public.bookings")
    assert "</span>client_phone</a>" not in after and "</span>client_name</a>" not in after


def test_an_inverse_is_tried_there_and_back_and_kept(seed: SeedProject) -> None:
    given = {"source": "seance_length", "expression": "seance_length / 60"}
    tried = edit(
        seed, "bookings", "duration_minutes", "mapping_preview", **given, inverse="duration_minutes * 60"
    )
    assert "The inverse gives the values of all 38 rows back as they were." in tried.content.decode()
    wrong = edit(seed, "bookings", "duration_minutes", "mapping_preview", **given, inverse="duration_minutes")
    assert "Of 38 rows the inverse gives 0 back as they were" in wrong.content.decode()
    edit(seed, "bookings", "duration_minutes", **given, inverse="duration_minutes * 60")
    assert seed.pair("bookings", "duration_minutes").inverse == "duration_minutes * 60"
    assert "back:</span> duration_minutes * 60</code>" in see(seed, "public.bookings")
    exported = seed.people.engineer.get(seed.url("mapping_export")).json()
    (bookings,) = (table for table in exported["tables"] if table["source"] == "public.bookings")
    (kept,) = (pair for pair in bookings["columns"] if pair["target"] == "duration_minutes")
    assert kept["inverse"] == "duration_minutes * 60"


@pytest.mark.parametrize(
    ("inverse", "sentence"),
    [
        ("duration_minutes; DROP TABLE bookings", "Expected one SQL expression; found"),
        ("seance_length", "It reads duration_minutes, by that name, and no other column"),
        ("no_such_function(duration_minutes)", "does not exist"),
    ],
)
def test_what_is_no_inverse_is_refused(seed: SeedProject, inverse: str, sentence: str) -> None:
    for name in ("mapping_edit", "mapping_preview"):
        answer = edit(
            seed,
            "bookings",
            "duration_minutes",
            name,
            expression="seance_length / 60",
            inverse=inverse,
        )
        assert answer.status_code == (422 if name == "mapping_edit" else 200)
        assert sentence in answer.content.decode()
    assert seed.pair("bookings", "duration_minutes").inverse == ""


@pytest.mark.parametrize(
    ("expression", "sentence"),
    [
        ("seance_length; DROP TABLE bookings", "Expected one SQL expression; found"),
        ("seance_length;", "semicolon"),
        ("seance_length, cost", "Expected one SQL expression; it could not be read as one"),
        ("seance_length +", "could not be read"),
        ("(DELETE FROM bookings RETURNING 1)", "Expected one SQL expression"),
        ("", "Choose a source column or write an expression"),
    ],
)
def test_what_is_no_single_expression_is_refused(seed: SeedProject, expression: str, sentence: str) -> None:
    before = seed.pair("bookings", "duration_minutes")
    for name in ("mapping_edit", "mapping_preview"):
        answer = edit(seed, "bookings", "duration_minutes", name, expression=expression)
        assert answer.status_code == (422 if name == "mapping_edit" else 200)
        assert sentence in answer.content.decode()
    after = seed.pair("bookings", "duration_minutes")
    assert (after.pk, after.status, after.expression) == (before.pk, "suggested", "")


def test_a_column_that_the_source_does_not_have_is_refused(seed: SeedProject) -> None:
    answer = edit(seed, "bookings", "duration_minutes", source="nowhere")
    assert answer.status_code == 422
    assert "nowhere is not one of the available choices" in answer.content.decode()


@pytest.mark.parametrize("expression", ["no_such_column || 'x'", "no_such_function(id)"])
def test_what_the_source_refuses_whatever_the_row_is_not_kept(seed: SeedProject, expression: str) -> None:
    before = seed.pair("bookings", "duration_minutes")
    answer = edit(seed, "bookings", "duration_minutes", expression=expression)
    assert answer.status_code == 422
    assert "does not exist" in answer.content.decode()
    assert seed.pair("bookings", "duration_minutes").pk == before.pk


# ------------------------------------------------------------------------------------ evidence


@pytest.mark.usefixtures("measured")
def test_a_change_of_the_mapping_voids_what_was_measured(seed: SeedProject) -> None:
    assert evidence_of(seed) == 1
    decide(seed, seed.pair("clients", "id"), "confirm")  # as it was: nothing changes
    assert evidence_of(seed) == 1
    decide(seed, seed.pair("clients", "note"), "confirm")
    assert evidence_of(seed) == 0


@pytest.mark.usefixtures("measured")
@pytest.mark.parametrize("how", ["edit", "bulk", "file"])
def test_every_way_to_change_it_voids_it(seed: SeedProject, how: str) -> None:
    match how:
        case "edit":
            edit(seed, "bookings", "note", source="comment")
        case "bulk":
            seed.people.engineer.post(seed.url("mapping_bulk"))
        case _:
            seed.map_truly()
    assert evidence_of(seed) == 0
    assert PairStatus.CONFIRMED.value in {pair.status for pair in seed.comparison.pairs.all()}


# ------------------------------------------------------------------------------------ do the values fit?


def test_values_that_do_not_fit_are_told_and_mended_at_the_press_of_a_button(seed: SeedProject) -> None:
    engineer = seed.people.engineer
    page = engineer.get(seed.url("mapping_values"), {"table": "public.services"}).content.decode()
    assert "all 63 values of duration are multiples of 60: are they seconds?" in page
    assert "no error would show it" in page and "Take this" in page
    answer = engineer.post(
        seed.url("mapping_edit") + "?table=public.services&column=duration_minutes&expression=duration+/+60",
        {"source": "duration", "expression": "duration / 60"},
    )
    assert answer.status_code == 302
    assert "values=1" in answer["Location"]
    assert seed.pair("services", "duration_minutes").expression == "duration / 60"
    again = engineer.get(seed.url("mapping_values"), {"table": "public.services"}).content.decode()
    assert "multiples of 60" not in again
    assert 'hx-trigger="click, load"' in engineer.get(answer["Location"]).content.decode()
    draft = engineer.get(seed.url("mapping_values"), {"table": "public.dialog_contexts"}).content.decode()
    assert "“active” becomes “open”" in draft and "Complete it…" not in draft


def test_values_are_for_those_who_may_see_rows(seed: SeedProject) -> None:
    asked = {"table": "public.clients"}
    assert seed.people.manager.get(seed.url("mapping_values"), asked).status_code == 403
    assert seed.people.stranger.get(seed.url("mapping_values"), asked).status_code == 404
    assert (
        seed.people.engineer.get(seed.url("mapping_values"), {"table": "public.nothing"}).status_code == 404
    )
    project = seed.comparison.project
    project.masked_columns = [["public", "clients", "gender"]]
    project.save()
    html = seed.people.engineer.get(seed.url("mapping_values"), asked).content.decode()
    assert "13 rows have a word that gender does not know. It knows male, female." in html
    Connection.objects.all().delete()
    assert "The source&#x27;s connection was removed" in seed.people.engineer.get(
        seed.url("mapping_values"), asked
    ).content.decode().replace("’", "&#x27;")
