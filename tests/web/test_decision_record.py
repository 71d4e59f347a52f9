"""What a decision keeps, that the database lets nobody change it, and what has moved since."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.urls import reverse

from schemadiff import deciding, store
from schemadiff.core import mapping_file
from schemadiff.core.errors import Refused
from schemadiff.core.options.hybrid import Relaxation
from schemadiff.core.options.option import Measure, OptionName
from schemadiff.models import Decision, Query
from schemadiff.store import Moved
from schemadiff.store.weighings import Assumptions, Judged, Judgement, keep_assumptions
from tests.web.seed_project import SeedProject

pytestmark = pytest.mark.django_db


def decided(seed: SeedProject, option: OptionName = OptionName.RECREATE) -> Decision:
    made = deciding.decide(seed.comparison, option, reason="It fits.", why_not={}, user=seed.engineer)
    return Decision.objects.select_related("comparison__source", "comparison__target").get(pk=made.pk)


def moved(decision: Decision) -> dict[Moved, bool]:
    """What has, and whether a run would carry out something else."""
    return {each.what: each.is_serious for each in store.movements(decision)}


def page(seed: SeedProject, url: str) -> str:
    answer = seed.people.engineer.get(url)
    assert answer.status_code == 200
    return str(answer.content.decode())


# ------------------------------------------------------------------------------------ it stands


@pytest.mark.parametrize("change", [{"reason": "Another."}, {"figures": [1]}, {"signed_by": "somebody"}])
def test_the_database_lets_nobody_edit_it(seed: SeedProject, change: dict[str, Any]) -> None:
    made = decided(seed)
    with pytest.raises(IntegrityError, match="never edited or removed"), transaction.atomic():
        Decision.objects.filter(pk=made.pk).update(**change)


def test_the_database_lets_nobody_remove_it(seed: SeedProject) -> None:
    made = decided(seed)
    with pytest.raises(IntegrityError, match="never edited or removed"), transaction.atomic():
        Decision.objects.filter(pk=made.pk).delete()
    assert Decision.objects.filter(pk=made.pk).exists()


def test_it_is_superseded_once(seed: SeedProject) -> None:
    first, second = decided(seed), decided(seed, OptionName.HYBRID)
    third = decided(seed)
    with pytest.raises(IntegrityError, match="never edited"), transaction.atomic():
        Decision.objects.filter(pk=first.pk).update(superseded_by=None)
    first.refresh_from_db()
    assert first.superseded_by_id == second.pk and third.superseded_by_id is None


def test_who_signed_is_told_when_the_account_is_gone(seed: SeedProject) -> None:
    user = User.objects.create_user("iva", first_name="Iva", last_name="Horn")
    long = User.objects.create_user("x" * 150, first_name="y" * 150, last_name="z" * 150)
    deciding.decide(seed.comparison, OptionName.RECREATE, reason="It fits.", why_not={}, user=long)
    made = deciding.decide(seed.comparison, OptionName.RECREATE, reason="It fits.", why_not={}, user=user)
    user.delete()
    html = page(seed, seed.decisions_url("decision", made.pk))
    assert "Iva Horn (iva)" in html
    made.refresh_from_db()
    assert made.author is None


# ------------------------------------------------------------------------------------ it keeps


def test_the_mapping_is_kept_and_given_as_a_file(seed: SeedProject) -> None:
    seed.map_truly()
    made = decided(seed, OptionName.TRANSFORM)
    before = store.mapping_of(seed.comparison)
    seed.comparison.pairs.all().delete()
    answer = seed.people.manager.get(seed.decisions_url("decision_mapping", made.pk))
    assert answer["Content-Type"] == "application/json"
    assert mapping_file.dump(mapping_file.load(answer.content.decode())) == mapping_file.dump(before)
    html = page(seed, seed.decisions_url("decision", made.pk))
    confirmed = sum(len(table.accepted()) for table in before.tables)
    assert f"The mapping of {len(before.tables)} tables had {confirmed} confirmed pairs" in html
    assert seed.decisions_url("decision_mapping", made.pk) in html


def test_a_record_of_before_mappings_were_kept_says_so(seed: SeedProject) -> None:
    made = Decision.objects.create(
        project=seed.comparison.project,
        comparison=seed.comparison,
        option="recreate",
        reason="It fits.",
        basis={
            "mapping": "a" * 64,
            "pairs_confirmed": 1,
            "is_rehearsed": False,
            "hours": {},
            "weighed": "",
            "turns": [],
            "criteria": [],
        },
        source_fingerprint=seed.comparison.source.fingerprint,
        target_fingerprint=seed.comparison.target.fingerprint,
    )
    html = page(seed, seed.decisions_url("decision", made.pk))
    assert "The mapping had 1 confirmed pair. It was not kept, only its fingerprint." in html
    assert seed.people.manager.get(seed.decisions_url("decision_mapping", made.pk)).status_code == 404


def test_the_rehearsal_is_kept_with_the_reasons_of_its_refusals(seed: SeedProject) -> None:
    how = "Carried out on a scratch server, with all rows."
    reason = "public.visits: 12 because null value in column “room”"
    store.record_measures(
        seed.comparison,
        OptionName.HYBRID,
        [
            Measure(key="rows_written", label="Rows written", value=1478, how=how),
            Measure(key="rejects", label="Rows refused", value=12, how=how, items=(reason,)),
            Measure(key="rows_equal", label="Rows verified equal", value=1478, how=how),
            Measure(key="rehearsal_ms", label="Milliseconds", value=2500, how=how),
        ],
    )
    failure = "The target refused the plan."
    store.record_measures(
        seed.comparison,
        OptionName.TRANSFORM,
        [Measure(key="rehearsal_failed", label="Failed", value=1, how=how, items=(failure,))],
    )
    made = decided(seed)
    seed.comparison.evidence.all().delete()
    said = "1,478 rows written, 12 refused, 1,478 verified equal, it took 2.5 s."
    for name in ("decision", "decision_export", "decision_export_html"):
        text = page(seed, seed.decisions_url(name, made.pk))
        assert said in text and reason in text and failure in text


def test_who_judged_what_and_when_is_kept(seed: SeedProject) -> None:
    for option in OptionName:
        store.record_measures(
            seed.comparison, option, [Measure(key="statements", label="DDL", value=20, how="Counted.")]
        )
    at = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
    cells = {name: Judgement(value=7, by="ana", at=at) for name in OptionName}
    criterion = Judged(key="own_1", name="Ease of hiring", weight=40, cells=cells)
    keep_assumptions(seed.comparison, Assumptions(criteria=(criterion,)), seed.engineer)
    made = decided(seed)
    assert set(made.basis["scores"]) == {"recreate", "transform", "hybrid"}
    assert sum(made.basis["shares"].values()) == pytest.approx(1, abs=0.01)
    assert all(low <= likely <= high for low, likely, high in made.basis["minutes"].values())
    html = page(seed, seed.decisions_url("decision", made.pk))
    assert "Ease of hiring, weight 40" in html and "judged by ana on 2026-11-20" in html


# ------------------------------------------------------------------------------------ it is told what moves


def test_nothing_has_moved_at_first(seed: SeedProject) -> None:
    seed.map_truly()
    assert moved(decided(seed, OptionName.TRANSFORM)) == {}
    assert "has changed since" not in page(seed, seed.url("options"))


@pytest.mark.parametrize("option", [OptionName.TRANSFORM, OptionName.RECREATE])
def test_a_changed_mapping_is_told_and_is_serious_for_transform(
    seed: SeedProject, option: OptionName
) -> None:
    seed.map_truly()
    made = decided(seed, option)
    pair = seed.comparison.pairs.first()
    assert pair is not None
    pair.delete()
    is_serious = option is OptionName.TRANSFORM
    assert moved(made) == {Moved.MAPPING: is_serious}
    for url in (seed.decisions_url("decision", made.pk), seed.url("options"), seed.url("weighing")):
        html = page(seed, url)
        assert "The mapping was changed." in html and seed.url("mapping") in html
        assert ("A run would carry out something else" in html) is is_serious
    manager = seed.people.manager.get(seed.decisions_url("decision", made.pk)).content.decode()
    assert "The mapping was changed." in manager and seed.url("mapping") not in manager
    overview = seed.people.manager.get(reverse("schemadiff:project", args=[made.project.slug]))
    assert "The mapping was changed." in overview.content.decode()
    status = seed.people.manager.get(reverse("migration:status", args=[made.project.slug])).content.decode()
    assert ("The mapping was changed." in status) is is_serious


def test_other_queries_are_told(seed: SeedProject) -> None:
    made = decided(seed)
    Query.objects.filter(project=made.project).update(calls=7)
    assert moved(made) == {}
    Query.objects.create(project=made.project, name="new", sql="SELECT 1")
    assert moved(made) == {Moved.QUERIES: False}


def test_other_tables_and_other_relaxations_are_told(seed: SeedProject) -> None:
    made = decided(seed, OptionName.HYBRID)
    store.choose_for_hybrid(made.comparison, frozenset({Relaxation.KEYS}))
    assert moved(made) == {Moved.CHOICES: True}
    scope = store.scope_of(made.comparison)
    store.set_scope(made.comparison, tables=scope.tables[1:], protected=scope.protected)
    assert moved(made)[Moved.SCOPE]


def test_a_superseded_decision_moves_no_more(seed: SeedProject) -> None:
    first = decided(seed)
    decided(seed)
    Query.objects.create(project=first.project, name="new", sql="SELECT 1")
    html = page(seed, seed.decisions_url("decision", first.pk))
    assert "superseded" in html and "has changed since" not in html


# ------------------------------------------------------------------------------------ what stands in its way


def test_what_failed_when_it_was_tried_stands_in_the_way(seed: SeedProject) -> None:
    seed.map_truly()
    for key, words in (("rehearsal_failed", "Its rehearsal failed"), ("expressions_failed", "An expression")):
        failure = Measure(key=key, label=key, value=1, how="Tried.", items=("Division by zero.",))
        store.record_measures(seed.comparison, OptionName.TRANSFORM, [failure])
        with pytest.raises(Refused, match=rf"{words}.*: Division by zero\. Mend that"):
            decided(seed, OptionName.TRANSFORM)
        assert f"{words}" in page(seed, seed.url("options"))
    decided(seed)  # another option is not hindered
