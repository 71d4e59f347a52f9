"""A run that follows says how far it is behind: monitoring measures it, and a guard rolls the flag back for it."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from migration import flags
from migration.core.monitoring import metrics
from migration.models import Application, Bucket, Guard, Run, RunLag, RunState
from migration.monitoring import guards
from migration.monitoring.ourselves import measure_ourselves
from tests.run_rows import World, make_run, make_world

PILOT = {"USE_REPOSITORY_PATTERN": True, "backend.services": "target"}


@pytest.fixture
def world(db: None) -> World:
    return make_world()


@pytest.fixture
def crm(world: World) -> Application:
    made = flags.create_application(
        world.project, name="crm", environment="production", modules=("services",), user="ana"
    )
    flags.change(made, PILOT, reason="pilot", user="ana", expected_revision=1)
    return made


def behind(run: Run, at: datetime, seconds: float | None) -> None:
    RunLag.objects.create(
        project_id=run.project_id,
        run=run,
        at=at,
        width=1,
        lag_seconds=seconds,
        lag_bytes=1,
        changes=0,
        held=0,
        side="source",
    )


def measured(now: datetime) -> dict[str, float]:
    Bucket.objects.all().delete()
    measure_ourselves(now)
    rows = Bucket.objects.filter(series__metric=metrics.LAG)
    return dict(rows.values_list("series__part", "last"))


def test_the_newest_word_of_each_run_at_work_counts_and_silence_grows(world: World) -> None:
    now = timezone.now()
    one, other, done = (
        make_run(world, live=True, state=state)
        for state in (RunState.RUNNING, RunState.RUNNING, RunState.ENDED)
    )
    behind(one, now - timedelta(seconds=60), 300.0)
    behind(one, now - timedelta(seconds=2), 0.5)
    behind(other, now - timedelta(seconds=130), 4.0)
    behind(other, now - timedelta(seconds=60), None)
    behind(done, now, 900.0)
    assert measured(now) == {f"run #{one.number}": 0.5, f"run #{other.number}": pytest.approx(119.0)}


def test_a_guard_on_lag_rolls_back_by_a_runs_own_word(world: World, crm: Application) -> None:
    run = make_run(world, live=True, state=RunState.RUNNING)
    wanted = guards.Wanted(name="behind", module="services", limits={metrics.LAG: 30.0}, evaluations=3)
    guard = guards.add(crm, wanted, "ana")
    now = timezone.now()
    for minute in range(1, 4):
        at = now + timedelta(minutes=minute)
        behind(run, at - timedelta(seconds=1), 10.0 if minute == 1 else 45.0)
        measure_ourselves(at)
        guards.watch_all(at)
    assert flags.current(crm).number == 2, "two in a row are not three"
    at = now + timedelta(minutes=4)
    behind(run, at, 45.0)
    measure_ourselves(at)
    guards.watch_all(at)
    assert Guard.objects.get(pk=guard.pk).state == Guard.State.TRIPPED
    made = flags.current(crm)
    assert made.flags.get("backend.services") != "target" and "replication lag" in made.reason
