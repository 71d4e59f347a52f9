"""The options page: what the example's figures are, what they recommend, and what stands in an option's way."""

import re

import pytest
from pytest_django import DjangoAssertNumQueries

from schemadiff import store
from schemadiff.core.options.option import Measure, OptionName
from schemadiff.models import Query
from tests.web.seed_project import SeedProject

pytestmark = pytest.mark.django_db


def see(seed: SeedProject) -> str:
    answer = seed.people.engineer.get(seed.url("options"))
    assert answer.status_code == 200
    return str(answer.content.decode())


def card(html: str, option: str) -> str:
    start = html.index(f'aria-labelledby="card-{option}"')
    return html[start : html.index("</section>", start)]


def figure(html: str, key: str) -> list[int | None]:
    """A figure of each option as the table shows it."""
    row = html[html.index(f'id="figure-{key}"') :]
    cells = re.findall(r"<td>(.*?)</td>", row[: row.index("</tr>")], re.DOTALL)
    shown = [re.search(r"figure-value[^>]*>(?:<span.*?</span> )?([\d,]+)", cell) for cell in cells]
    return [int(found[1].replace(",", "")) if found else None for found in shown]


def given(seed: SeedProject, option: OptionName, **values: int) -> None:
    how = f"Counted for {option.value}."
    measures = [Measure(key=key, label=key, value=value, how=how) for key, value in values.items()]
    store.record_measures(seed.comparison, option, measures)


def test_managers_may_not_see_it_and_strangers_find_nothing(seed: SeedProject) -> None:
    assert seed.people.manager.get(seed.url("options")).status_code == 403
    assert seed.people.stranger.get(seed.url("options")).status_code == 404


def test_before_measuring_it_says_so_and_shows_no_figure(seed: SeedProject) -> None:
    html = see(seed)
    assert "Nothing has been measured for this comparison as it stands." in html
    assert "Measure the options</button>" in html
    assert "figures-head" not in html and "figure-value" not in html
    assert "★ recommended" not in html
    assert "21 queries of the application" in html and "2 protected" in html


def test_an_unconfirmed_mapping_blocks_transform_alone(seed: SeedProject) -> None:
    html = see(seed)
    transform = card(html, "transform")
    assert "▲ blocked" in transform and "43 column pairs are not confirmed yet" in transform
    assert "Choose transform" not in transform
    assert seed.url("mapping") in transform
    for option in ("recreate", "hybrid"):
        assert "blocked" not in card(html, option)
        assert seed.url("decide", option) in card(html, option)


@pytest.mark.heavy
def test_what_was_measured_on_the_example_and_what_it_recommends(
    seed: SeedProject, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    seed.map_truly()
    seed.measure()
    html = see(seed)
    assert figure(html, "queries_same") == [21, 0, 1]
    assert figure(html, "queries_changed") == [0, 1, 14]
    assert figure(html, "queries_fail") == [0, 20, 6]
    assert figure(html, "columns_left_behind") == [0, 143, 0]
    assert figure(html, "values_left_behind") == [0, 30569, 0]
    assert figure(html, "rows_in_scope") == [1490, 1490, 1490]
    assert figure(html, "repointed_foreign_keys") == [12, None, None]
    verdict = re.search(r'<p class="verdict verdict-info">(.*?)</p>', html)
    assert verdict and verdict[1].startswith("Recreate is recommended: ")
    assert "★ recommended" in card(html, "recreate")
    assert html.count("★ recommended") == 1
    assert "not confirmed yet" not in html
    # session, user, member, comparison, evidence, mapping, renames, decision, count, review 2
    with django_assert_max_num_queries(12):
        see(seed)


def test_each_cell_says_how_it_was_measured(seed: SeedProject) -> None:
    for option in OptionName:
        given(seed, option, statements=len(option.value))
    html = see(seed)
    row = html[html.index('id="figure-statements"') :]
    row = row[: row.index("</tr>")]
    assert [f"Counted for {option.value}." in row for option in OptionName] == [True, True, True]


def test_what_an_option_has_no_figure_of_is_a_dash(seed: SeedProject) -> None:
    given(seed, OptionName.RECREATE, repointed_foreign_keys=12)
    given(seed, OptionName.HYBRID, statements=3)
    html = see(seed)
    assert figure(html, "repointed_foreign_keys") == [12, None, None]
    assert figure(html, "statements") == [None, None, 3]


def test_good_and_bad_figures_have_a_sign_beside_their_colour(seed: SeedProject) -> None:
    given(seed, OptionName.RECREATE, queries_fail=0)
    given(seed, OptionName.HYBRID, queries_fail=6)
    html = see(seed)
    assert ">✓</span> 0" in card(html, "recreate")
    assert ">✕</span> 6" in card(html, "hybrid")


def test_where_the_figures_are_equal_nothing_is_recommended(seed: SeedProject) -> None:
    for option in OptionName:
        given(seed, option, rows_refused=0, values_left_behind=0, queries_fail=0, queries_changed=0)
    html = see(seed)
    assert "★ recommended" not in html
    assert "What the figures say" in html
    assert '<p class="verdict verdict-warn">Nothing is recommended' in html


def test_a_protected_table_in_the_way_is_said_in_place_of_an_option(seed: SeedProject) -> None:
    tables = seed.comparison.tables
    store.set_scope(
        seed.fresh_comparison(), tables=[(s, t) for s, t in tables], protected=[("public", "clients")]
    )
    html = see(seed)
    recreate = card(html, "recreate")
    assert "✕ not possible" in recreate and "public.clients" in recreate
    assert "Choose recreate" not in recreate


def test_without_queries_it_says_where_they_are_added(seed: SeedProject) -> None:
    Query.objects.all().delete()
    assert "No query of the application is known" in see(seed)


def test_the_decision_in_force_is_marked(seed: SeedProject) -> None:
    made = store.record_decision(
        seed.comparison, OptionName.HYBRID, reason="Quick.", why_not={}, user=seed.engineer
    )
    html = see(seed)
    assert seed.decisions_url("decision", made.pk) in card(html, "hybrid")
    assert html.count("✓ decided") == 1
