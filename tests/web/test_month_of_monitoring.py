"""With a month of data the page asks as many questions as with none, and reads what it shows, not what is kept."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from benchmarks.monitoring_month import METHODS, fill_month
from migration import flags
from migration.core.monitoring.levels import SPANS, Span
from migration.models import Application, Series
from migration.monitoring import statements
from migration.monitoring.rolling import roll_up
from tests.run_rows import World, make_world

pytestmark = [pytest.mark.heavy, pytest.mark.django_db]


@pytest.fixture
def world(db: None) -> World:
    return make_world()


@pytest.fixture
def crm(world: World) -> Application:
    return flags.create_application(
        world.project, name="crm", environment="production", modules=("syncScripts",), user="ana"
    )


def rows_read(name: str, parameters: dict[str, Any]) -> int:
    """How many buckets the statement looked at, thrown-away ones too."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {statements.text_of(name)}", parameters)
        plan = cursor.fetchall()[0][0]
    return _scanned(plan[0]["Plan"])


def _scanned(node: dict[str, Any]) -> int:
    below: int = sum(_scanned(child) for child in node.get("Plans", []))
    if node.get("Relation Name") != "migration_bucket":
        return below
    seen = (
        node["Actual Rows"]
        + node.get("Rows Removed by Filter", 0)
        + node.get("Rows Removed by Index Recheck", 0)
    )
    return below + int(seen * node["Actual Loops"])


def points(span: Span) -> int:
    """Buckets that a line of the chart has at most."""
    return span.length // timedelta(seconds=span.level) + 2


def test_a_month_costs_no_more_queries_and_reads_only_what_is_shown(
    world: World, crm: Application, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    now = timezone.now()
    kept = fill_month(crm, now)
    assert kept > 300_000
    engineer = Client()
    engineer.force_login(world.engineer)
    series = Series.objects.filter(application=crm)
    for span in SPANS:
        with django_assert_num_queries(12):
            page = engineer.get(f"/p/crm/monitoring/?span={span.key}")
        assert page.content.count(METHODS[-1].encode()) == 2
        asked = {
            "project": world.project.pk,
            "application": None,
            "module": None,
            "level": int(span.level),
            "since": span.since(now),
            "metrics": ["errors", "slow_calls", "pool_utilisation", "pool_waiting"],
        }
        assert 0 < rows_read("durations", asked) <= 2 * series.count() * points(span)
        assert 0 < rows_read("methods", asked) <= 2 * series.count() * points(span)
        assert 0 < rows_read("values", asked) <= 2 * series.count() * points(span)
    window = {"project": world.project.pk, "since": now - timedelta(minutes=5)}
    assert 0 < rows_read("window", window) <= series.count() * 32
    roll_up()
    rolled = {"level": 3600, "finer": 900, "width": timedelta(hours=1)}
    assert 0 < rows_read("roll_up", rolled) <= series.count() * 16 + 1
