"""A comparison that was matched by an earlier version says so, and is matched again beside what was decided."""

import pytest

from schemadiff import store
from schemadiff.core.mapping import PairStatus
from schemadiff.core.matching.learnt import VERSION
from schemadiff.models import Comparison, Pair
from tests.web.seed_project import SeedProject
from tests.web.test_mapping import see

pytestmark = pytest.mark.django_db

SAYS = "These suggestions are of an earlier version, which had yet to learn to see tables that were split"


def again(seed: SeedProject) -> str:
    answer = seed.people.engineer.post(seed.url("mapping_again"), follow=True)
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_a_fresh_comparison_says_nothing_and_nothing_is_otherwise(seed: SeedProject) -> None:
    before = store.mapping_of(seed.comparison)
    assert SAYS not in see(seed)
    assert "Matched again: nothing is suggested otherwise." in again(seed)
    assert {t.name: set(t.pairs) for t in store.mapping_of(seed.comparison).tables} == {
        t.name: set(t.pairs) for t in before.tables
    }


def test_an_older_one_gets_what_it_lacks_and_keeps_what_was_decided(seed: SeedProject) -> None:
    rows = Pair.objects.filter(comparison=seed.comparison)
    rejected, lost = rows.filter(status="suggested")[:2]
    store.decide_pair(rejected, PairStatus.REJECTED, user=seed.engineer)
    lost.delete()
    Comparison.objects.filter(pk=seed.comparison.pk).update(matched_by=0)
    assert SAYS in see(seed)
    html = again(seed)
    assert "Matched again: 1 new suggestion, 0 taken back." in html
    assert SAYS not in html
    assert rows.get(pk=rejected.pk).status == "rejected"
    assert rows.get(target_table=lost.target_table, target_column=lost.target_column).status == "suggested"
    seed.comparison.refresh_from_db()
    assert seed.comparison.matched_by == VERSION


def test_strangers_and_managers_may_not(seed: SeedProject) -> None:
    assert seed.people.stranger.post(seed.url("mapping_again")).status_code == 404
    assert seed.people.manager.post(seed.url("mapping_again")).status_code == 403
