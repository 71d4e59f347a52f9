"""Guards: they roll a flag back once, with the figures that made them, and only when they should."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from migration import flags
from migration.core.flags import CutOver
from migration.core.monitoring.report import CallFigures
from migration.models import Application, Guard, GuardEvent, Notice, Revision
from migration.monitoring import guards
from migration.monitoring.guards import Wanted
from migration.monitoring.notifying import add_channel
from migration.monitoring.recording import Place, gauged, record, record_report
from migration.monitoring.round import go_round
from schemadiff.core.errors import Refused
from tests.run_rows import World, make_world
from tests.web.monitored import Sender, calls, report

PAGE = "/p/crm/monitoring/guards/"
BEGUN = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
PILOT = {"USE_REPOSITORY_PATTERN": True, "backend.syncScripts": "target"}


@pytest.fixture
def world(db: None) -> World:
    return make_world()


@pytest.fixture
def crm(world: World) -> Application:
    """Its module syncScripts has been on the target for an hour."""
    made = flags.create_application(
        world.project, name="crm", environment="production", modules=("dataLoader", "syncScripts"), user="ana"
    )
    flags.change(made, PILOT, reason="pilot", user="ana", expected_revision=1)
    Revision.objects.update(created_at=BEGUN - timedelta(hours=1))
    return made


@pytest.fixture
def brake(crm: Application) -> Guard:
    limits = {"error_rate": 50.0, "call_p95": 100.0}
    return guards.add(crm, Wanted(name="brake", module="syncScripts", limits=limits), "ana")


def good(count: int = 30) -> CallFigures:
    return calls([5.0] * count)


def bad(count: int = 30) -> CallFigures:
    return calls([5.0] * count, errors=(("connection", count // 2),))


def step(application: Application, number: int, *figures: CallFigures) -> None:
    """Ten seconds' report, and the evaluation that follows it."""
    at = BEGUN + timedelta(seconds=10 * number)
    record_report(application, report(*figures), at=at)
    guards.watch(application, at)


def number_of(application: Application) -> int:
    return flags.current(application).number


def test_the_third_breach_in_a_row_rolls_the_flag_back_with_its_figures(
    world: World, crm: Application, brake: Guard
) -> None:
    add_channel(world.project, "email", "ops@example.org", "ana")
    for number in range(3):
        step(crm, number, good(200))
    for number in range(3, 5):
        step(crm, number, bad(100))
        assert number_of(crm) == 2
    step(crm, 5, bad(100))
    now = flags.current(crm)
    assert (now.number, now.restores, now.author_name) == (3, 1, "guard brake")
    assert "errors per 1,000 calls of 900 calls 166.7 ‰ (limit 50 ‰)" in now.reason
    assert "3 times in a row over 60 s" in now.reason
    brake.refresh_from_db()
    assert brake.state == Guard.State.TRIPPED
    assert "r3 restores r1" in GuardEvent.objects.filter(what="tripped").get().text
    assert "Guard brake: errors per 1,000 calls" in Notice.objects.get().text


def test_it_acts_once_until_a_person_arms_it_again(world: World, crm: Application, brake: Guard) -> None:
    for number in range(3):
        step(crm, number, bad())
    assert number_of(crm) == 3
    flags.change(crm, PILOT, reason="again", user="ana", expected_revision=3)
    for number in range(3, 9):
        step(crm, number, bad())
    assert number_of(crm) == 4
    admin = Client()
    admin.force_login(world.admin)
    assert "Tripped: brake of crm · production. Look at why" in admin.get(PAGE).content.decode()
    assert admin.post(f"{PAGE}{brake.pk}/arm/").status_code == 302
    Revision.objects.filter(number=4).update(created_at=BEGUN + timedelta(seconds=80))
    for number in range(9, 12):
        step(crm, number, bad())
    assert flags.current(crm).restores == 3
    assert GuardEvent.objects.get(what="armed").author_name == world.admin.username


def test_only_the_guarded_module_goes_back_where_others_were_decided_on_since(crm: Application) -> None:
    """r2 had syncScripts on the target; r3 took it off and brought dataLoader there: restoring r2 would undo that."""
    flags.change(
        crm,
        {"backend.syncScripts": "source", "backend.dataLoader": "target", "LOG_DATABASE_CALLS": True},
        reason="the other one",
        user="ana",
        expected_revision=2,
    )
    Revision.objects.update(created_at=BEGUN - timedelta(hours=1))
    guards.add(crm, Wanted(name="loader brake", module="dataLoader", limits={"error_rate": 50.0}), "ana")
    ours = calls([5.0] * 30, errors=(("connection", 15),), module="dataLoader")
    for number in range(3):
        step(crm, number, ours)
    now = flags.current(crm)
    assert now.number == 4
    assert now.restores is None
    assert now.flags["backend.syncScripts"] == "source"
    assert now.flags["backend.dataLoader"] == "source"
    assert now.flags["LOG_DATABASE_CALLS"] is True
    text = GuardEvent.objects.filter(what="tripped").get().text
    assert "r4 has dataLoader on the source again." in text


def test_one_burst_is_one_breach(crm: Application, brake: Guard) -> None:
    """It stays in the window for a minute, and is beyond the limit once."""
    step(crm, 0, bad())
    for number in range(1, 5):
        step(crm, number, calls([5.0]))
    brake.refresh_from_db()
    assert (brake.state, brake.breaches) == (Guard.State.ARMED, 0)
    assert number_of(crm) == 2


def test_breaches_far_apart_are_not_in_a_row(crm: Application, brake: Guard) -> None:
    for hour in (0, 1, 2):
        step(crm, 360 * hour, bad())
        for quiet in range(1, 10):
            step(crm, 360 * hour + 6 * quiet, good(3))
    assert number_of(crm) == 2


def test_good_times_in_between_begin_the_count_anew(crm: Application, brake: Guard) -> None:
    brake.window_seconds = 5
    brake.save()
    for number, figures in enumerate([bad(), bad(), good(), bad(), bad(), good()]):
        step(crm, number, figures)
    assert number_of(crm) == 2


def test_too_few_calls_say_nothing_either_way(crm: Application, brake: Guard) -> None:
    brake.window_seconds = 5
    brake.save()
    for number, figures in enumerate([bad(), bad(), bad(4), bad(4), bad(4)]):
        step(crm, number, figures)
    assert number_of(crm) == 2
    step(crm, 5, bad())
    assert number_of(crm) == 3


def test_it_is_not_evaluated_more_often_than_every_ten_seconds(crm: Application, brake: Guard) -> None:
    for second in range(9):
        at = BEGUN + timedelta(seconds=second)
        record_report(crm, report(bad()), at=at)
        guards.watch(crm, at)
    brake.refresh_from_db()
    assert brake.breaches == 1


def test_what_happened_before_the_flip_or_elsewhere_does_not_count(crm: Application, brake: Guard) -> None:
    for number in range(3):
        step(
            crm,
            number,
            good(),
            calls([900.0] * 50, backend="source"),
            calls([900.0] * 50, module="dataLoader"),
        )
    assert number_of(crm) == 2
    Revision.objects.filter(number=2).update(created_at=BEGUN + timedelta(seconds=45))
    step(crm, 4, bad(200))
    step(crm, 5, good(200))
    brake.refresh_from_db()
    assert brake.breaches == 0


def test_a_module_that_is_not_there_is_not_watched(crm: Application, brake: Guard) -> None:
    flags.change(crm, {"backend.syncScripts": "source"}, reason="back", user="ana", expected_revision=2)
    for number in range(5):
        step(crm, number, bad())
    assert number_of(crm) == 3


def test_slow_calls_mismatches_fallbacks_and_lag_break_it_too(world: World, crm: Application) -> None:
    figures: dict[str, CallFigures] = {
        "call_p95": calls([500.0] * 30),
        "mismatches": calls([1.0] * 3, compared=3, mismatches=2),
        "fallbacks": calls([], fallbacks=1),
        "replication_lag": good(),
    }
    for place, (metric, given) in enumerate(figures.items()):
        guard = guards.add(
            crm,
            Wanted(name=metric, module="syncScripts", limits={metric: 0.5}, evaluations=1, window_seconds=10),
            "ana",
        )
        at = BEGUN + timedelta(minutes=place)
        lag = gauged(
            Place(metric="replication_lag", backend="source", part="slot"), 9.0 if place == 3 else 0.0
        )
        record(world.project.pk, [lag], at=at)
        Revision.objects.update(created_at=at - timedelta(minutes=1))
        record_report(crm, report(given), at=at)
        guards.watch(crm, at)
        guard.refresh_from_db()
        assert guard.state == Guard.State.TRIPPED, metric
        flags.change(crm, PILOT, reason="again", user="ana", expected_revision=number_of(crm))


def test_after_a_cut_over_it_only_tells(world: World, crm: Application, brake: Guard) -> None:
    flags.prepare(crm, reason="now", user="ana", expected_revision=2)
    for number in range(4):
        step(crm, number, bad())
    assert number_of(crm) == 3  # writes are held on purpose: nothing is evaluated
    flags.release(
        crm, {"backend": "target"}, cut_over=CutOver.AFTER, reason="over", user="ana", expected_revision=3
    )
    Revision.objects.update(created_at=BEGUN)
    for number in range(4, 8):
        step(crm, number, bad())
    assert number_of(crm) == 4
    told = GuardEvent.objects.get(what="could not").text
    assert "Writes live on the target since the cut-over" in told


def test_a_guard_that_tells_changes_no_flag(world: World, crm: Application) -> None:
    add_channel(world.project, "email", "ops@example.org", "ana")
    wanted = Wanted(
        name="watch", module="syncScripts", limits={"error_rate": 1}, action="alert", evaluations=1
    )
    guards.add(crm, wanted, "ana")
    step(crm, 0, bad())
    assert number_of(crm) == 2
    assert Notice.objects.count() == 1


def test_a_report_is_what_pulls_it(world: World, crm: Application, brake: Guard) -> None:
    Revision.objects.update(created_at=BEGUN)
    Guard.objects.update(evaluations=1)
    send = Sender(flags.issue_token(crm, user="ana"))
    assert send(report(bad())).status_code == 204
    assert number_of(crm) == 3


def test_a_workers_round_evaluates_what_no_report_does(world: World, crm: Application, brake: Guard) -> None:
    Guard.objects.update(evaluations=1)
    record_report(crm, report(bad()), at=BEGUN)
    go_round(BEGUN)
    assert number_of(crm) == 3


@pytest.mark.parametrize(
    "wanted",
    [
        Wanted(name="x", module="syncScripts", limits={}),
        Wanted(name="x", module="syncScripts", limits={"queue_depth": 1}),
        Wanted(name="x", module="nosuch", limits={"call_p95": 1}),
        Wanted(name="x", module="syncScripts", backend="source", limits={"call_p95": 1}),
        Wanted(name="brake", module="syncScripts", limits={"call_p95": 1}),
    ],
)
def test_nonsense_is_refused(crm: Application, brake: Guard, wanted: Wanted) -> None:
    with pytest.raises(Refused):
        guards.add(crm, wanted, "ana")


GIVEN = {
    "name": "slow",
    "module": "syncScripts",
    "backend": "target",
    "limit_call_p95": "40",
    "evaluations": "3",
    "least_calls": "20",
    "window_seconds": "60",
    "action": "roll back",
}


def as_user(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_admins_set_change_and_disarm_guards(world: World, crm: Application) -> None:
    admin = as_user(world.admin)
    assert "Add a guard" in admin.get(PAGE).content.decode()
    assert (
        admin.post(f"{PAGE}new/", {**GIVEN, "application": crm.pk, "limit_call_p95": ""}).status_code == 422
    )
    assert admin.post(f"{PAGE}new/", {**GIVEN, "application": crm.pk}).status_code == 302
    made = Guard.objects.get()
    assert (made.limits, made.state, made.set_by) == ({"call_p95": 40.0}, "armed", world.admin.username)
    assert 'value="40.0"' in admin.get(f"{PAGE}{made.pk}/").content.decode()
    assert admin.post(f"{PAGE}{made.pk}/", {**GIVEN, "limit_error_rate": "7"}).status_code == 302
    made.refresh_from_db()
    assert made.limits == {"call_p95": 40.0, "error_rate": 7.0}
    assert admin.post(f"{PAGE}{made.pk}/arm/", {"disarm": "1"}).status_code == 302
    made.refresh_from_db()
    assert made.state == Guard.State.DISARMED
    page = admin.get(PAGE).content.decode()
    assert "None is armed." in page and "errors per 1,000 calls over 7 ‰" in page
    assert [event.what for event in GuardEvent.objects.order_by("pk")] == ["set", "set", "disarmed"]


def test_others_look_at_most(
    world: World, crm: Application, brake: Guard, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    engineer = as_user(world.engineer)
    with django_assert_num_queries(
        6
    ):  # session, user, member; guards, their history, whether there are applications
        seen = engineer.get(PAGE).content.decode()
    assert "brake" in seen and "Disarm" not in seen
    assert engineer.post(f"{PAGE}{brake.pk}/arm/").status_code == 403
    assert engineer.get(f"{PAGE}new/").status_code == 403
    assert as_user(world.manager).get(PAGE).status_code == 403
    other = make_world("other")
    assert as_user(other.admin).post(f"/p/other/monitoring/guards/{brake.pk}/arm/").status_code == 404
