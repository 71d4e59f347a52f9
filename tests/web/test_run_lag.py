"""How far a run that follows is behind, over time: kept in few rows, read in one query, shown as chart and table."""

import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from migration import store
from migration.core.events import FollowProgress
from migration.core.lag_samples import COARSE, COARSE_KEPT, FINE, FINE_KEPT, LagSample, start_of
from migration.models import Run, RunLag, RunState
from migration.recorder import Recorder
from migration.store.lags import forget_lags, lags
from tests.run_rows import World, make_run, make_world
from tests.web.run_pages import page

pytestmark = pytest.mark.django_db

GB = 1_000_000_000


@pytest.fixture
def world() -> World:
    return make_world()


def told(seconds: float, **values: object) -> FollowProgress:
    said = {"lag_bytes": 4_000_000, "changes": 100, "rate": 20.0, "held": 3 * GB, "limit": 10 * GB}
    return FollowProgress(lag_seconds=seconds, **{**said, **values})  # type: ignore[arg-type]


def following(world: World, *seconds: float, state: RunState = RunState.RUNNING) -> Run:
    """A live run with a sample for each lag, five seconds apart, the last one just now."""
    run = make_run(world, live=True)
    lease = store.claim(run.pk)
    assert lease is not None
    now = start_of(timezone.now())
    kept = [
        LagSample(
            at=now - FINE * (len(seconds) - number),
            lag_seconds=each,
            lag_bytes=4_000_000,
            changes=100,
            held=3 * GB,
            side="source",
        )
        for number, each in enumerate(seconds, start=1)
    ]
    store.record(lease, [told(seconds[-1])], kept)
    Run.objects.filter(pk=run.pk).update(state=state, phase="cut_over", reached="cut_over")
    return Run.objects.get(pk=run.pk)


def figure(shown: str, key: str) -> dict[str, object]:
    begin = shown.index(f'<script id="figure-{key}"')
    found = shown[shown.index(">", begin) + 1 : shown.index("</script>", begin)]
    return dict(json.loads(found))


def test_the_run_page_draws_the_lag_and_says_it_in_words(client: Client, world: World) -> None:
    run = following(world, 0.5, 4.25, 0.25)
    shown = page(client, world.manager, "run", run.number).content.decode()
    assert "The copy is 0.2 s behind." in shown
    data = figure(shown, "lag")["data"]
    assert isinstance(data, list)
    assert [trace["y"] for trace in data] == [[0.5, 4.25, 0.25]]
    for words in (
        "3.0 GB of 10 GB (30%)",
        "limit, 10 GB",
        "Show as table",
        'id="summary-held"',
        ">4.25</td>",
    ):
        assert words in shown
    assert [trace["y"] for trace in figure(shown, "changes")["data"]] == [[20.0] * 3]  # type: ignore[attr-defined]


def test_who_may_run_gets_to_the_slots_of_all_runs(client: Client, world: World) -> None:
    run = following(world, 0.5)
    assert 'id="slots" href="' in page(client, world.admin, "run_lag", run.number).content.decode()
    assert 'id="slots"' not in page(client, world.manager, "run_lag", run.number).content.decode()


def test_who_compares_has_no_slot_and_says_the_day_of_an_old_round(client: Client, world: World) -> None:
    run = following(world, 0.5)
    began = timezone.now() - timedelta(days=2)
    made = {
        "number": 3,
        "began_at": began.isoformat(),
        "seconds": 1,
        "differing": 0,
        "repaired": 0,
        "pause": 1,
    }
    Run.objects.filter(pk=run.pk).update(following={"round": made}, state=RunState.PAUSED)
    shown = page(client, world.admin, "run", run.number).content.decode()
    assert f"{began:%Y-%m-%d %H:%M:%S}" in shown and 'id="slots"' not in shown


def test_no_line_is_drawn_where_nobody_followed(client: Client, world: World) -> None:
    run = following(world, 0.5, 0.75)
    RunLag.objects.filter(lag_seconds=0.5).update(at=timezone.now() - timedelta(minutes=5))
    shown = page(client, world.manager, "run_lag", run.number).content.decode()
    assert [trace["y"] for trace in figure(shown, "lag")["data"]] == [[0.5, None, 0.75]]  # type: ignore[attr-defined]


def test_it_is_asked_for_in_one_query_more_however_many_samples_there_are(
    client: Client, world: World
) -> None:
    few, many = following(world, 0.5), following(world, *[0.25] * 150)
    counted = []
    for run in (few, many):
        page(client, world.engineer, "run_lag", run.number)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert page(client, world.engineer, "run_lag", run.number).status_code == 200
        counted.append([each["sql"] for each in asked if "migration_runlag" in each["sql"]])
    assert [len(each) for each in counted] == [1, 1]


def test_what_is_polled_each_second_leaves_the_charts_alone(client: Client, world: World) -> None:
    run = following(world, 0.5)
    shown = page(client, world.engineer, "run_progress", run.number).content.decode()
    assert 'id="details" hx-swap-oob="innerHTML"' in shown
    assert "figure-lag" not in shown and 'id="following"' in shown


def test_a_run_that_has_not_followed_yet_gets_its_charts_later(client: Client, world: World) -> None:
    run = make_run(world, live=True, state=RunState.RUNNING)
    shown = page(client, world.engineer, "run", run.number).content.decode()
    assert '<div id="lag" hx-get=' in shown and "How far behind" not in shown
    assert "How far behind" not in page(client, world.engineer, "run_lag", run.number).content.decode()


def test_an_ended_run_shows_its_last_minutes_and_is_not_asked_again(client: Client, world: World) -> None:
    run = following(world, 0.5, 0.25, state=RunState.ENDED)
    Run.objects.filter(pk=run.pk).update(phase="finish", ended_at=timezone.now())
    answer = page(client, world.engineer, "run_lag", run.number)
    assert answer.status_code == 286
    assert "Nobody follows now." in answer.content.decode()
    assert "hx-get" not in page(client, world.engineer, "run", run.number).content.decode()


def test_a_log_that_is_nearly_full_is_said(client: Client, world: World) -> None:
    run = following(world, 0.5)
    run.following = {**run.following, "held": 9 * GB}  # type: ignore[dict-item]
    run.save()
    assert "nearly full" in page(client, world.engineer, "run_lag", run.number).content.decode()


def test_a_manager_reads_how_far_the_copy_is_behind(client: Client, world: World) -> None:
    run = following(world, 0.25)
    shown = page(client, world.manager, "status").content.decode()
    assert "The copy is 0.2 s behind." in shown
    stale = {**run.following, "at": (timezone.now() - timedelta(minutes=3)).isoformat()}  # type: ignore[dict-item]
    Run.objects.filter(pk=run.pk).update(following=stale)
    assert "The copy was last heard of at" in page(client, world.manager, "status").content.decode()
    Run.objects.filter(pk=run.pk).update(state=RunState.ENDED, phase="finish")
    assert "The copy" not in page(client, world.manager, "status").content.decode()


def test_other_peoples_projects_are_not_there(client: Client, world: World) -> None:
    run = following(world, 0.25)
    assert page(client, make_world("erp").engineer, "run_lag", run.number).status_code == 404


def test_old_samples_become_coarser_and_the_oldest_go(world: World) -> None:
    run = following(world, *[0.25] * 24, 7.5)
    minute = start_of(timezone.now() - FINE_KEPT, COARSE) - 3 * COARSE
    RunLag.objects.update(at=minute + timedelta(seconds=7))
    RunLag.objects.filter(lag_seconds=7.5).update(at=minute + timedelta(seconds=59))
    for _ in range(2):  # a second time nothing happens
        forget_lags(timezone.now())
        (left,) = RunLag.objects.all()
        assert (left.at, left.width, left.lag_seconds, left.changes) == (minute, 60, 7.5, 2_500)
    (drawn,) = lags(run, minute, timedelta(hours=1)).samples
    assert drawn.changes == 2_500
    RunLag.objects.update(at=timezone.now() - COARSE_KEPT - COARSE)
    forget_lags(timezone.now())
    assert not RunLag.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_recorder_keeps_what_a_follower_said_when_it_ends(world: World) -> None:
    run = make_run(world, live=True)
    for _ in range(2):  # the second is the worker that takes it up again
        lease = store.claim(run.pk)
        assert lease is not None
        with Recorder(lease, lambda: False) as recorder:
            for number in range(3):
                recorder.report(told(0.5 + number, changes=10 * number))
        store.give_back(lease)
    kept = RunLag.objects.filter(run=run)
    assert {each.width for each in kept} == {5}
    assert sum(each.changes for each in kept) == 40
    assert max(each.lag_seconds or 0 for each in kept) == 2.5
