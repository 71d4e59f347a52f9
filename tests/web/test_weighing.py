"""Estimates and criteria in the browser: who may, what is kept, what is tried, and what bad input is told."""

import re

import pytest
from pytest_django import DjangoAssertNumQueries

from schemadiff import store
from schemadiff.core.options.option import Measure, OptionName
from schemadiff.models import Weighing
from tests.web.seed_project import SeedProject

pytestmark = pytest.mark.django_db

FIGURES = {
    OptionName.RECREATE: {
        "values_in_scope": 100,
        "values_left_behind": 0,
        "statements": 10,
        "rehearsal_ms": 4000,
        "machine_ms": 4000,
        "machine_least_ms": 3600,
        "machine_most_ms": 95_000,
        "downtime_ms": 2500,
    },
    OptionName.TRANSFORM: {
        "values_in_scope": 100,
        "values_left_behind": 60,
        "statements": 0,
        "mapping_rules": 40,
        "columns_left_behind": 30,
        "columns_left_behind_if_confirmed": 10,
    },
    OptionName.HYBRID: {"values_in_scope": 100, "values_left_behind": 0, "statements": 200},
}


@pytest.fixture
def measured(seed: SeedProject) -> SeedProject:
    """Without what the example's team judged before."""
    Weighing.objects.all().delete()
    for option, values in FIGURES.items():
        measures = [Measure(key=key, label=key, value=value, how="Counted.") for key, value in values.items()]
        store.record_measures(seed.comparison, option, measures)
    return seed


def see(seed: SeedProject) -> str:
    answer = seed.people.engineer.get(seed.url("weighing"))
    assert answer.status_code == 200
    return str(answer.content.decode())


def inputs(html: str) -> dict[str, str]:
    """What the form would send as it stands."""
    found = {}
    for tag in re.findall(r"<input[^>]*>", html):
        name = re.search(r'name="([^"]+)"', tag)
        if name and 'type="checkbox"' not in tag and name[1] != "csrfmiddlewaretoken":
            value = re.search(r'value="([^"]*)"', tag)
            found[name[1]] = value[1] if value else ""
    return found


def post(seed: SeedProject, name: str, **changes: str):  # type: ignore[no-untyped-def]
    return seed.people.engineer.post(seed.url(name), {**inputs(see(seed)), **changes})


def test_who_may(measured: SeedProject) -> None:
    people = measured.people
    assert people.stranger.get(measured.url("weighing")).status_code == 404
    assert people.manager.get(measured.url("weighing")).status_code == 403
    assert people.manager.post(measured.url("weighing_keep")).status_code == 403
    assert people.manager.post(measured.url("weighing_try")).status_code == 403


def test_before_measuring(seed: SeedProject) -> None:
    assert "Nothing has been measured yet" in see(seed)


def test_estimates_and_weights(
    measured: SeedProject, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(10):
        html = see(measured)
    assert "Recreate wins by these weights" in html
    assert "4.0 s; 3.6 s to 2 min four times in five" in html and "not rehearsed" in html
    assert measured.url("option_figure", "recreate", "machine_most_ms") in html
    assert "<td>2.5 s</td>" in html  # downtime, apart from the machine's 4.0 s
    assert "With them open, 30 columns would be left behind instead of 10" in html
    assert "nobody has changed an assumption yet" in html
    row = html[html.index("Check a rule of the mapping") :]
    assert ">40</a>" in row[: row.index("</tr>")]


def test_another_criterion_is_judged_weighed_and_removed(measured: SeedProject) -> None:
    assert post(measured, "weighing_keep", new_criterion="Marketplace-ready").status_code == 302
    html = see(measured)
    assert "Marketplace-ready" in html and "assumptions by engineer" in html
    place = next(name for name in inputs(html) if name.startswith("c_")).split("_")[1]
    cells = {f"c_{place}_recreate": "0", f"c_{place}_transform": "10", f"w_{place}": "100"}
    post(measured, "weighing_keep", **cells)
    kept = Weighing.objects.get().criteria[int(place)]["cells"]
    assert (kept["recreate"]["value"], kept["transform"]["by"]) == (0, "engineer")
    assert kept["hybrid"]["value"] == 5
    html = see(measured)
    assert "What would change the answer" in html
    post(measured, "weighing_keep", **{f"x_{place}": "on"})
    assert "Marketplace-ready" not in see(measured)


def test_trying_keeps_nothing(measured: SeedProject) -> None:
    answer = post(measured, "weighing_try", m_rules_low="600", m_rules_likely="600", m_rules_high="600")
    html = answer.content.decode()
    assert "Not kept yet." in html
    assert "days" in html  # forty rules of ten hours
    assert not Weighing.objects.exists()


def test_weights_from_ranks(measured: SeedProject) -> None:
    ranks = {
        name: str(number)
        for number, name in enumerate(sorted(n for n in inputs(see(measured)) if n[:2] == "r_"), 1)
    }
    assert len(ranks) == 2
    post(measured, "weighing_keep", action="rank", **ranks)
    assert [round(each["weight"]) for each in Weighing.objects.get().criteria] == [75, 25]


def test_guesses_stand_beside_what_was_measured(measured: SeedProject) -> None:
    post(measured, "weighing_keep", g_recreate_from="80", g_recreate_to="160")
    html = see(measured)
    assert "10 days to 20 days" in html and "less than was guessed" in html


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"m_rules_low": "9", "m_rules_likely": "4"}, "expected low ≤ likely ≤ high, found 9, 4, 15."),
        ({"g_hybrid_from": "5"}, "The guess for hybrid needs hours from and to, the smaller first."),
        ({"shared_error": "many"}, "Enter a number."),
        ({"m_rules_high": "1e9"}, "less than or equal to 10000"),
        ({"w_0": "-1"}, "greater than or equal to 0"),
    ],
)
def test_bad_input_is_told(measured: SeedProject, given: dict[str, str], sentence: str) -> None:
    answer = post(measured, "weighing_keep", **given)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert sentence in post(measured, "weighing_try", **given).content.decode()
    assert not Weighing.objects.exists()


def test_a_post_without_anything_is_told(measured: SeedProject) -> None:
    answer = measured.people.engineer.post(measured.url("weighing_keep"))
    assert answer.status_code == 422
    assert "This field is required." in answer.content.decode()


def test_the_examples_team_has_judged_before(seed: SeedProject) -> None:
    names = [each["name"] for each in Weighing.objects.get(comparison=seed.comparison).criteria]
    assert names == ["Bot performance", "AI integration", "Analytics", "Marketplace-ready"]
