"""Suggestions confirmed together, from a score on that somebody chooses."""

import re

import pytest
from django.db import transaction

from schemadiff.models import Pair
from tests.web.seed_project import SeedProject

pytestmark = pytest.mark.django_db


def see(seed: SeedProject) -> str:
    answer = seed.people.engineer.get(seed.url("mapping"))
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_all_likely_ones_of_a_table_or_of_all(seed: SeedProject) -> None:
    url = seed.url("mapping_bulk")
    answer = seed.people.engineer.post(url, {"table": "public.bookings"}, follow=True)
    assert "3 suggestions confirmed." in answer.content.decode()
    left = ["yclients_booking_id", "duration_minutes", "price"]  # 41 to 44 %
    assert seed.suggested("bookings") == left
    seed.people.engineer.post(url)
    unlikely = Pair.objects.filter(comparison=seed.comparison, status="suggested")
    assert unlikely and all(pair.score < 0.6 for pair in unlikely)
    assert seed.people.engineer.post(url, {"table": "public.nowhere"}).status_code == 404


def test_from_which_score_on_is_chosen_and_how_many_that_is_stands_there(seed: SeedProject) -> None:
    page = see(seed)
    for_all = page[page.index('<select id="bulk-all"') :].partition("</select>")[0]
    offered = dict(re.findall(r'<option value="(\d+)"[^>]*>(\d+) with', for_all))
    assert len(offered) > 1
    for percent, count in offered.items():
        waiting = Pair.objects.filter(comparison=seed.comparison, status="suggested", certainty="unambiguous")
        with transaction.atomic():
            before = Pair.objects.filter(status="confirmed").count()
            seed.people.engineer.post(seed.url("mapping_bulk"), {"from": percent})
            assert Pair.objects.filter(status="confirmed").count() - before == int(count)
            assert all(pair.score < int(percent) / 100 for pair in waiting)
            transaction.set_rollback(True)
    usual = re.search(r'<option value="(\d+)" selected>', for_all)
    assert usual
    answer = seed.people.engineer.post(seed.url("mapping_bulk"), {"from": "1"}, follow=True)
    assert f"{offered[usual[1]]} suggestions confirmed." in answer.content.decode()
