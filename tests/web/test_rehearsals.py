"""The options page rehearses with rows, and takes hybrid a step further with one click."""

import pytest
from django.urls import reverse
from procrastinate.contrib.django.models import ProcrastinateJob

from migration import demo
from migration.measuring import measure, request_measuring
from migration.models import Measuring
from schemadiff import store
from schemadiff.core.options.hybrid import Relaxation
from schemadiff.core.options.mending import MENDABLE as COLUMNS
from schemadiff.core.options.mending import Mending, item_of
from schemadiff.core.options.option import Measure, OptionName
from tests.web.seed_project import SeedProject
from tests.web.test_options import card, figure, see

pytestmark = pytest.mark.django_db


def url(seed: SeedProject, name: str) -> str:
    return reverse(f"migration:{name}", args=[demo.SLUG, seed.comparison.number])


def refused(seed: SeedProject, **values: int) -> None:
    """What a rehearsal of hybrid found."""
    figures = {"rows_rehearsed": 1_490, **values}
    measures = [Measure(key=key, label=key, value=value, how="So.") for key, value in figures.items()]
    store.record_measures(seed.comparison, OptionName.HYBRID, measures)


def statements(seed: SeedProject) -> int:
    option = store.option_of(seed.fresh_comparison(), OptionName.HYBRID)
    return next(measure.value for measure in option.measures if measure.key == "statements")


@pytest.mark.parametrize("name", ["rehearse", "relax", "mend"])
def test_strangers_and_managers_may_not_rehearse(seed: SeedProject, name: str) -> None:
    assert seed.people.stranger.post(url(seed, name)).status_code == 404
    assert seed.people.manager.post(url(seed, name)).status_code == 403
    assert seed.people.engineer.get(url(seed, name)).status_code == 405
    assert not Measuring.objects.exists()


def test_an_engineer_has_it_rehearsed_on_a_worker(seed: SeedProject) -> None:
    assert "Rehearse with rows</button>" in see(seed)
    answer = seed.people.engineer.post(url(seed, "rehearse"))
    assert answer["Location"] == seed.url("options")
    asked = Measuring.objects.get()
    assert (asked.kind, asked.state) == (Measuring.Kind.REHEARSE, Measuring.State.QUEUED)
    assert ProcrastinateJob.objects.filter(task_name="migration.measure").count() == 1
    progress = seed.people.engineer.get(url(seed, "measure_progress"))
    assert "Waiting for a worker to rehearse the options." in progress.content.decode()
    Measuring.objects.update(state=Measuring.State.RUNNING, reached="Hybrid: copy")
    progress = seed.people.engineer.get(url(seed, "measure_progress"))
    assert "Hybrid: copy." in progress.content.decode()


def test_the_next_step_is_proposed_taken_and_taken_back(seed: SeedProject) -> None:
    refused(seed, rejects=1_490, rejects_unfilled=1_488, rejects_unfit=0, queries_need_key=0)
    hybrid = card(see(seed), "hybrid")
    assert "1,490 of 1,490 rows refused, 1,488 of them for this: these 12 columns" in hybrid
    assert '<input type="hidden" name="relaxation" value="not-nulls">' in hybrid
    assert statements(seed) == 186

    answer = seed.people.engineer.post(url(seed, "relax"), {"relaxation": "not-nulls"})
    assert answer["Location"] == seed.url("options")
    comparison = seed.fresh_comparison()
    assert store.hybrid_choices_of(comparison) == {Relaxation.NOT_NULLS}
    assert store.measures_of(comparison) == {}
    assert statements(seed) == 198
    assert Measuring.objects.get().kind == Measuring.Kind.REHEARSE
    assert "Keep after all" in card(see(seed), "hybrid")

    Measuring.objects.update(state=Measuring.State.DONE)
    seed.people.engineer.post(url(seed, "relax"))
    assert store.hybrid_choices_of(seed.fresh_comparison()) == frozenset()
    assert statements(seed) == 186


def test_several_steps_are_buttons_of_their_own_and_keep_what_was_chosen(seed: SeedProject) -> None:
    store.choose_for_hybrid(seed.fresh_comparison(), frozenset({Relaxation.NOT_NULLS}))
    refused(seed, rejects=39, rejects_unfilled=0, rejects_unfit=38, queries_need_key=6)
    hybrid = card(see(seed), "hybrid")
    assert hybrid.count("Yes, and rehearse again") == 2
    assert "6 queries fail for want of a unique key: these 7 unique keys of the source are missing" in hybrid
    assert "39 of 1,490 rows refused, 38 of them for this" in hybrid
    assert hybrid.count('value="not-nulls"') == 2


def test_where_nothing_is_refused_nothing_is_proposed(seed: SeedProject) -> None:
    refused(seed, rejects=0, rejects_unfilled=0, rejects_unfit=0, queries_need_key=0)
    assert "Yes, and rehearse again" not in see(seed)


def test_choosing_the_same_again_keeps_what_was_measured(seed: SeedProject) -> None:
    refused(seed, rejects=39)
    store.choose_for_hybrid(seed.fresh_comparison(), frozenset())
    assert store.measures_of(seed.comparison)


def test_an_unknown_step_and_one_at_the_wrong_moment_are_refused(seed: SeedProject) -> None:
    refused(seed, rejects=39)
    answer = seed.people.engineer.post(url(seed, "relax"), {"relaxation": "everything"}, follow=True)
    assert "There is no relaxation everything of hybrid" in answer.content.decode()
    request_measuring(seed.comparison, seed.engineer)
    answer = seed.people.engineer.post(url(seed, "relax"), {"relaxation": "keys"}, follow=True)
    assert "The options are being measured just now" in answer.content.decode()
    assert store.hybrid_choices_of(seed.fresh_comparison()) == frozenset()
    assert store.measures_of(seed.comparison)


REFUSED = {"rows_rehearsed": 1_490, "rejects_between_rows": 60, "rejects_unfit": 91}
MENDABLE = {
    Mending.UNITS_AND_KEYS: ("services.service_category_id", "services.duration_minutes"),
    Mending.WORDS: ("clients.gender", "bookings.status"),
    Mending.CLEANING: ("clients.phone",),
    Mending.DEFAULTS: ("bookings.paid_amount", "clients.phone"),
}
STEPS = [(each.value, rejects) for each, rejects in zip(Mending, (91, 54, 49, 13), strict=True)]


def transform_refused(seed: SeedProject) -> None:
    """What a rehearsal of transform found."""
    items = tuple(item_of(step, f"public.{name}") for step, names in MENDABLE.items() for name in names)
    measures = [
        *(Measure(key=key, label=key, value=value, how="So.") for key, value in REFUSED.items()),
        Measure(key=COLUMNS, label="So", value=len(items), how="So.", items=items),
    ]
    store.record_measures(seed.comparison, OptionName.TRANSFORM, measures)


def test_what_values_need_is_taken_step_by_step(seed: SeedProject) -> None:
    """An expression for each column whose values are refused; what only a person can say is left, and named."""
    seed.map_truly()
    told = {}
    for step, _ in STEPS:
        transform_refused(seed)
        transform = card(see(seed), "transform")
        assert "60 of 1,490 rows were refused because a row that they refer to is missing" in transform
        assert transform.count("Take them, and rehearse again") == 4
        assert "public.services.service_category_id" in transform
        answer = seed.people.engineer.post(url(seed, "mend"), {"mending": step}, follow=True)
        told[step] = answer.content.decode()
        assert Measuring.objects.get().kind == Measuring.Kind.REHEARSE
        assert store.measures_of(seed.fresh_comparison()) == {}
        Measuring.objects.update(state=Measuring.State.DONE)
    assert seed.pair("services", "service_category_id").expression == "NULL::bigint"
    assert seed.pair("services", "duration_minutes").expression == "duration / 60"
    assert seed.pair("bookings", "duration_minutes").expression == "", "the step did not name its table"
    assert seed.pair("clients", "gender").expression.startswith("CASE WHEN gender IN (")
    assert seed.pair("clients", "phone").expression == "btrim(split_part(phone, ',', 1))"
    assert seed.pair("bookings", "paid_amount").expression == "coalesce(prepaid_amount, 0)"
    assert "public.bookings.status (“active” becomes “new”)" in told["words"]
    assert "Only a person can say what becomes of" in told["defaults"]
    assert "public.clients.phone" in told["defaults"]


def test_a_step_that_nothing_speaks_for_is_refused(seed: SeedProject) -> None:
    seed.map_truly()
    for asked, words in (
        ("everything", "There is no step everything of transform"),
        ("words", "speaks for no such step any more"),
    ):
        answer = seed.people.engineer.post(url(seed, "mend"), {"mending": asked}, follow=True)
        assert words in answer.content.decode()
    transform_refused(seed)
    request_measuring(seed.comparison, seed.engineer)
    answer = seed.people.engineer.post(url(seed, "mend"), {"mending": "words"}, follow=True)
    assert "The options are being measured just now" in answer.content.decode()
    assert seed.pair("clients", "gender").expression == ""


def test_what_nobody_confirmed_is_not_confirmed_by_a_step(seed: SeedProject) -> None:
    transform_refused(seed)
    before = {pair.pk: pair.status for pair in seed.comparison.pairs.all()}
    seed.people.engineer.post(url(seed, "mend"), {"mending": "units and keys"})
    assert {pair.pk: pair.status for pair in seed.comparison.pairs.all()} == before


@pytest.mark.heavy
def test_the_steps_of_transform_let_rows_through(seed: SeedProject) -> None:
    """Each step is clicked where the page proposes it, from what the rehearsal before it found on real servers."""
    seed.map_truly()
    request_measuring(seed.comparison, seed.engineer, Measuring.Kind.REHEARSE)
    measure(seed.comparison.pk)
    assert figure(see(seed), "rejects") == [0, 151, 1_490]
    for step, rejects in STEPS:
        assert f'name="mending" value="{step}"' in card(see(seed), "transform")
        seed.people.engineer.post(url(seed, "mend"), {"mending": step})
        measure(seed.comparison.pk)
        assert Measuring.objects.get().error == ""
        html = see(seed)
        assert figure(html, "rejects") == [0, rejects, 1_490]
        assert figure(html, "rows_equal") == [1_490, 1_490 - rejects, 0]
        assert f'name="mending" value="{step}"' not in html
    keys = seed.pair("staff", "company_id").expression
    assert keys == "nullif((SELECT count(*) FROM public.companies AS r WHERE r.id <= staff.company_id), 0)"


@pytest.mark.heavy
def test_the_figures_of_a_rehearsal_are_in_the_table(seed: SeedProject) -> None:
    seed.map_truly()
    request_measuring(seed.comparison, seed.engineer, Measuring.Kind.REHEARSE)
    measure(seed.comparison.pk)
    found = Measuring.objects.get()
    assert (found.state, found.error, found.reached) == (Measuring.State.DONE, "", "Hybrid: finish")
    html = see(seed)
    assert figure(html, "rows_written") == [1_490, 1_339, 0]
    assert figure(html, "rejects") == [0, 151, 1_490]
    assert figure(html, "rows_equal") == [1_490, 1_339, 0]
    assert figure(html, "queries_same") == [21, 0, 1]
    assert "60 because the row that “service_category_id” refers to is not in the target" in html
    assert "Rehearse again with rows</button>" in html
    assert "0 of 1,490 rows are refused in the rehearsal" in html
