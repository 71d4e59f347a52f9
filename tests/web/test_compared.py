"""The objects of a comparison are worked out once and kept: pages read no catalog, a rename makes them anew."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from schemadiff import store
from schemadiff.compared import summary_of
from schemadiff.core.mapping import ColumnPair, Mapping, PairStatus, TableMapping
from schemadiff.models import ComparedObject, Comparison
from schemadiff.store.compared import compared_object, sides_of
from tests.web.people import People, make_people
from tests.web.test_large_comparison import ONE, make_comparison

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> People:
    return make_people()


@pytest.fixture
def comparison(people: People) -> Comparison:
    return make_comparison(people.project, 3)


def test_the_page_reads_no_catalog_once_the_difference_is_kept(
    people: People, comparison: Comparison, monkeypatch: pytest.MonkeyPatch
) -> None:
    people.engineer.get(ONE)

    def refuse(*_: Any) -> None:
        raise AssertionError("a page must not read a whole catalog")

    monkeypatch.setattr(store.comparisons, "agreement_between", refuse)
    monkeypatch.setattr(store.snapshots, "_catalog", refuse)
    with CaptureQueriesContext(connection) as queries:
        html = people.engineer.get(f"{ONE}?q=table_0001").content.decode()
    assert 'id="column-note"' in html
    whole = [q["sql"] for q in queries if '"catalog"' in q["sql"] and "#>" not in q["sql"]]
    assert not whole


def test_what_was_kept_is_used_until_a_rename_is_confirmed(comparison: Comparison) -> None:
    first = summary_of(comparison)
    rows = list(ComparedObject.objects.values_list("pk", flat=True))
    assert summary_of(Comparison.objects.select_related("source", "target").get()) == first
    assert list(ComparedObject.objects.values_list("pk", flat=True)) == rows
    pair = ColumnPair(target="column_3", source="column_2", status=PairStatus.CONFIRMED)
    table = ("public", "table_0001")
    store.save_mapping(comparison, Mapping(tables=(TableMapping(source=table, target=table, pairs=(pair,)),)))
    second = summary_of(comparison)
    assert (first.changes, second.changes["ren"]) == ({"chg": 3}, 1)
    assert first.digest != second.digest


def test_a_confirmed_pair_of_equal_names_changes_nothing(comparison: Comparison) -> None:
    first = summary_of(comparison)
    pair = ColumnPair(target="note", source="note", status=PairStatus.CONFIRMED)
    table = ("public", "table_0001")
    store.save_mapping(comparison, Mapping(tables=(TableMapping(source=table, target=table, pairs=(pair,)),)))
    assert summary_of(comparison) == first


def test_one_object_of_both_snapshots_is_read_by_its_place(comparison: Comparison) -> None:
    summary_of(comparison)
    row = compared_object(comparison, "table:public.table_0002")
    assert row is not None
    source, target = sides_of(row, comparison)
    assert source == store.catalog_of(comparison.source).table("public", "table_0002")
    assert target.column("note").type == "varchar(20)"
    assert compared_object(comparison, "table:public.none") is None


def test_an_object_has_the_gravest_severity_of_its_statements(comparison: Comparison) -> None:
    summary = summary_of(comparison)
    assert sum(summary.severities.values()) == summary.differ == 3
    row = compared_object(comparison, "table:public.table_0000")
    assert row is not None
    assert row.reasons or row.severity == 4
