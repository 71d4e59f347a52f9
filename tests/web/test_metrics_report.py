"""Reports over HTTP: who may send them, what is refused, and what is kept of them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from migration import flags
from migration.core.monitoring import metrics
from migration.core.monitoring.levels import KEPT, Level
from migration.core.monitoring.report import PoolFigures, Serial, SlowFigures
from migration.core.monitoring.sketches import Sketch, sketched
from migration.core.rate_limit import RateLimit
from migration.models import Application, Bucket, Series, SlowStatement
from migration.monitoring import reading, recording
from migration.monitoring.reading import Scope
from migration.monitoring.recording import Observation, Place, record, record_report
from migration.monitoring.rolling import roll_up
from migration.monitoring.round import go_round
from migration.views import metrics as views
from schemadiff.models import Project
from tests.web.monitored import ADDRESS, Sender, calls, report

BEGUN = datetime(2026, 3, 2, 10, 0, 5, tzinfo=UTC)


@pytest.fixture
def crm(db: None) -> Application:
    project = Project.objects.create(slug="bot", name="Bot")
    modules = ("dataLoader", "syncScripts", "services")
    return flags.create_application(
        project, name="crm", environment="production", modules=modules, user="ana"
    )


@pytest.fixture
def send(crm: Application) -> Sender:
    return Sender(flags.issue_token(crm, user="ana"))


def bucket(level: Level, **series: str) -> Bucket:
    wanted = {"metric": metrics.CALLS, "part": "", **series}
    found = Bucket.objects.filter(level=level, **{f"series__{name}": value for name, value in wanted.items()})
    return found.get()


def sketch_of(found: Bucket) -> Sketch:
    return Sketch(keys=tuple(found.keys), counts=tuple(found.counts))


def test_two_processes_reports_become_one_bucket(send: Sender) -> None:
    first, second = calls([1.0, 2.0, 40.0], errors=(("timeout", 1),)), calls([3.0], method="staff_list")
    assert send(report(first)).status_code == 204
    assert send(report(second, first)).status_code == 204
    found = list(Bucket.objects.filter(series__metric=metrics.CALLS, series__part=""))
    assert sum(one.count for one in found) == 7
    assert sum(one.total for one in found) == pytest.approx(89.0)
    assert max(one.highest for one in found) == 40.0
    by_method = Series.objects.filter(metric=metrics.CALLS).values_list("part", flat=True)
    assert sorted(by_method) == ["", "client_by_id", "staff_list"]


def test_a_report_that_comes_again_counts_once(send: Sender) -> None:
    first = replace(report(calls([1.0, 2.0])), serial=Serial(process="p", number=1))
    second = replace(report(calls([3.0])), serial=Serial(process="p", number=2))
    other = replace(second, serial=Serial(process="q", number=1))
    for sent in (first, first, second, first, second, other):
        assert send(sent).status_code == 204
    found = Bucket.objects.filter(series__metric=metrics.CALLS, series__part="")
    assert sum(one.count for one in found) == 4


def test_one_that_was_refused_is_not_taken_for_counted(send: Sender, crm: Application) -> None:
    serial = Serial(process="p", number=1)
    assert send(replace(report(calls([1.0], module="nosuch")), serial=serial)).status_code == 400
    assert send(replace(report(calls([1.0])), serial=serial)).status_code == 204
    assert bucket(Level.FINE).count == 1


def test_what_comes_late_stands_at_its_own_time_at_every_level(crm: Application) -> None:
    record_report(crm, report(calls([1.0])), at=BEGUN)
    record_report(crm, report(calls([2.0])), at=BEGUN + timedelta(hours=3))
    roll_up()
    an_hour_late = replace(report(calls([50.0, 60.0])), began_ago=3 * 3600 + 10, ended_ago=3 * 3600)
    record_report(crm, an_hour_late, at=BEGUN + timedelta(hours=3))
    two_minutes_late = replace(report(calls([70.0])), began_ago=130, ended_ago=120)
    record_report(crm, two_minutes_late, at=BEGUN + timedelta(hours=3))
    for again in range(3):
        for level in Level:
            kept = Bucket.objects.filter(series__metric=metrics.CALLS, series__part="", level=level)
            kept = kept.order_by("at")
            assert kept[0].count == 3, f"{level} after {again} more times"
            assert sketch_of(kept[0]) == sketched([1.0, 50.0, 60.0])
            if again:
                assert sum(one.count for one in kept) == 5
        roll_up()


def test_a_long_stretch_stands_in_its_midst(crm: Application) -> None:
    sent = replace(report(calls([1.0])), began_ago=1_000, ended_ago=500)
    record_report(crm, sent, at=BEGUN)
    assert bucket(Level.FINE).at == BEGUN - timedelta(seconds=745)


def test_sketches_of_one_stretch_are_merged(crm: Application) -> None:
    for durations in ([1.0, 5.0], [5.0, 100.0], []):
        record_report(crm, report(calls(durations)), at=BEGUN)
    assert sketch_of(bucket(Level.FINE)) == sketched([1.0, 5.0, 5.0, 100.0])


def test_pools_errors_and_slow_statements_are_kept(crm: Application) -> None:
    slow = SlowFigures(backend="target", statement="SELECT ?", count=2, total=300.0, highest=180.0)
    pools = tuple(PoolFigures(backend="target", most=20, busy=busy, waiting=0) for busy in (2, 18))
    sent = report(calls([150.0] * 3, slow=2, errors=(("syntax", 1),)), pools=pools, slow=(slow,))
    for _ in range(2):
        record_report(crm, sent, at=BEGUN)
    kept = {(one.series.metric, one.series.part): one for one in Bucket.objects.select_related("series")}
    assert kept[metrics.ERRORS, "syntax"].count == 2
    assert kept[metrics.SLOW, ""].count == 4
    assert kept[metrics.POOL, ""].highest == 90.0
    statement = SlowStatement.objects.get()
    assert (statement.count, statement.total, statement.highest) == (4, 600.0, 180.0)


def test_coarser_buckets_are_made_of_finer_ones_and_old_ones_go(crm: Application) -> None:
    minute = [BEGUN + timedelta(seconds=10 * step) for step in range(6)]
    for at in minute:
        record_report(crm, report(calls([1.0, 30.0])), at=at)
    go_round(BEGUN)
    go_round(BEGUN)  # a second time changes nothing
    for level in Level:
        found = Bucket.objects.filter(level=level, series__metric=metrics.CALLS, series__part="")
        assert sum(one.count for one in found) == 12, level
    assert sketch_of(bucket(Level.HOUR)) == sketched([1.0, 30.0] * 6)
    record_report(crm, report(calls([500.0])), at=BEGUN + timedelta(minutes=5))
    go_round(BEGUN + timedelta(minutes=5))
    assert sketch_of(bucket(Level.HOUR)) == sketched([1.0, 30.0] * 6 + [500.0])
    go_round(BEGUN + KEPT[Level.FINE] + timedelta(minutes=10))
    of_calls = Bucket.objects.filter(series__metric=metrics.CALLS)
    assert set(of_calls.values_list("level", flat=True)) == {60, 900, 3600}
    go_round(BEGUN + KEPT[Level.HOUR] + timedelta(hours=2))
    assert not of_calls.exists()


def test_a_report_costs_the_same_however_much_is_in_it(
    crm: Application, send: Sender, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    many = report(*(calls([1.0], method=f"m{number}") for number in range(40)))
    send(many)
    with django_assert_max_num_queries(6):  # application, savepoint, series, buckets, its release, guards
        assert send(many).status_code == 204


def test_only_the_applications_token_opens_it(send: Sender) -> None:
    assert send.raw("{}", **{"X-API-Key": "wrong"}).status_code == 401
    assert send.raw("{}", **{"X-Nothing": "here"}).status_code == 401
    assert Client().get(ADDRESS).status_code == 405
    refused = send.raw("{}")
    assert refused.status_code == 400
    assert refused.json() == {"errorDetails": "version is 1, not null."}
    assert "no-store" in refused["Cache-Control"]


def test_too_much_at_once_and_too_often_are_refused(send: Sender, monkeypatch: pytest.MonkeyPatch) -> None:
    assert send.raw(b"x" * 1_100_000).status_code == 400
    monkeypatch.setattr(views, "LIMIT", RateLimit(rate=0.1, burst=1))
    assert send(report()).status_code == 204
    refused = send(report())
    assert (refused.status_code, int(refused["Retry-After"]) > 0) == (429, True)


def test_an_application_that_makes_up_names_is_stopped(
    crm: Application, send: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording, "MOST_SERIES", 3)
    refused = send(report(*(calls([1.0], method=f"m{number}") for number in range(9))))
    assert refused.status_code == 400
    assert "Report fewer names of methods" in refused.json()["errorDetails"]
    assert not Bucket.objects.exists()


def test_figures_that_no_sum_holds_stop_nobodys_monitoring(crm: Application) -> None:
    project, most = crm.project, 2**63 - 1
    place = Place(metric=metrics.CALLS, module="syncScripts", backend="target")
    seen = (replace(place, part=part) for part in ("", "client_by_id"))
    figures = [
        Observation(
            place=at, count=most, total=1.0, lowest=1.0, highest=1.0, last=1.0, keys=(1,), counts=(most,)
        )
        for at in seen
    ]
    for step in (0, 0, 10, 20):  # two in one stretch, and several stretches of one minute
        record(project.pk, figures, at=BEGUN + timedelta(seconds=step), application=crm)
    go_round(BEGUN + timedelta(seconds=30))
    assert {bucket(level).count for level in (Level.MINUTE, Level.HOUR)} == {most}
    scope = Scope(project=project)
    since = BEGUN - timedelta(minutes=1)
    (now,) = (each for each in reading.seen_since(project, since) if each.metric == metrics.CALLS)
    (method,) = reading.methods(scope, Level.FINE, since)
    assert (now.count, method.calls) == (most, most)
    assert reading.lines(scope, Level.FINE, since) and reading.quantiles(scope, Level.FINE, since)
