"""When a phase will have ended, as the rates say that were measured in the run itself."""

import pytest

from migration.core.events import (
    ChecksPlanned,
    Event,
    FollowProgress,
    Outlook,
    PhaseStarted,
    TableChecked,
    TableChecking,
    TableProgress,
    TableState,
    Task,
    TaskBegun,
    TaskDone,
    TasksPlanned,
)
from migration.core.outlook import Forecast, in_words, seconds_in_words
from migration.core.phases import Phase

MB = 1_000_000


def last(forecast: Forecast, *said: tuple[float, Event]) -> Outlook:
    found = [outlook for at, event in said if (outlook := forecast.take(event, at)) is not None]
    return found[-1]


def built(name: str, since: float, until: float, task: Task = Task.BUILD) -> list[tuple[float, Event]]:
    return [(since, TaskBegun(task=task, name=name)), (until, TaskDone(task=task, name=name))]


PLANNED: tuple[tuple[float, Event], ...] = (
    (0.0, PhaseStarted(phase=Phase.INDEXES)),
    (0.0, TasksPlanned(task=Task.BUILD, sizes=tuple((name, 10 * MB) for name in "abcdefg"))),
)


def test_before_anything_was_measured_it_says_so_and_gives_no_figure() -> None:
    found = last(Forecast(streams=2), *PLANNED, (1.0, TaskBegun(task=Task.BUILD, name="a")))
    assert (found.least, found.most) == (None, None)
    assert in_words(found) == "time left: not known before the first index is built"


def test_the_spread_of_what_was_measured_is_the_range() -> None:
    forecast = Forecast(streams=2)  # 10, 5 and 2.5 MB a second; 40 MB are left
    found = last(forecast, *PLANNED, *built("a", 0, 1), *built("b", 1, 3), *built("c", 3, 7))
    assert (found.least, found.most) == (2.0, 16.0)
    assert in_words(found) == "2 s to 16 s left"


def test_of_one_measurement_the_range_is_from_half_to_twice() -> None:
    found = last(Forecast(streams=1), *PLANNED, *built("a", 0, 1))
    assert (found.least, found.most) == (3.0, 12.0)


def test_what_is_at_work_has_done_part_of_it_and_one_task_is_not_divided() -> None:
    forecast = Forecast(streams=4)
    planned = TasksPlanned(task=Task.BUILD, sizes=(("a", MB), ("b", MB), ("c", MB), ("big", 80 * MB)))
    begun = (
        *((0.0, PLANNED[0][1]), (0.0, planned)),
        *built("a", 0, 1),
        *built("b", 1, 2),
        *built("c", 2, 3),
    )
    assert last(forecast, *begun, (3.0, TaskBegun(task=Task.BUILD, name="big"))).least == 80.0
    assert last(forecast, (33.0, TaskBegun(task=Task.CHECK, name="else"))).least == 50.0


def test_a_kind_of_which_nothing_was_measured_leaves_the_end_open() -> None:
    forecast = Forecast(streams=1)
    keys = TasksPlanned(task=Task.CHECK, sizes=(("k", 5 * MB),))
    found = last(forecast, *PLANNED, (0.0, keys), *built("a", 0, 1))
    assert (found.least, found.most) == (3.0, None)
    assert in_words(found) == (
        "at least 3 s left; not known before the first foreign key or check is checked"
    )


def test_tasks_that_took_but_a_moment_count_together() -> None:
    forecast = Forecast(streams=1)  # by itself "a" would make of 50 MB 500 seconds
    tiny = TasksPlanned(task=Task.BUILD, sizes=(("a", 1_000), ("b", MB), ("big", 50 * MB)))
    found = last(forecast, (0.0, tiny), (0.0, PLANNED[0][1]), *built("a", 0, 0.01), *built("b", 1, 1.1))
    assert found.most == pytest.approx(11.0, abs=0.1)


def test_tables_that_are_compared_are_foreseen_by_their_sizes() -> None:
    clients, orders = ("public", "clients"), ("public", "orders")
    checked = TableChecked(
        table=clients, target=clients, source_rows=1, target_rows=1, rejected_rows=0, differing=0, method=""
    )
    found = last(
        Forecast(streams=1, phase=Phase.VERIFY),
        (0.0, ChecksPlanned(sizes=((clients, 10 * MB), (orders, 20 * MB)))),
        (0.0, TableChecking(table=clients)),
        (4.0, checked),
    )
    assert (found.phase, found.least, found.most) == (Phase.VERIFY, 4.0, 16.0)


def copied(rows: int, seconds: float) -> TableProgress:
    return TableProgress(
        table=("public", "t"),
        target=("public", "t"),
        state=TableState.COPYING,
        rows_total=1_000,
        rows_written=rows,
        seconds=seconds,
    )


COPY = (0.0, PhaseStarted(phase=Phase.COPY))


def test_the_copy_goes_by_its_tables_rates_over_all_streams_at_first() -> None:
    found = last(Forecast(streams=2), COPY, (1.0, copied(500, 5.0)))
    assert (found.least, found.most) == (2.5, 5.0)
    unknown = last(Forecast(streams=2), COPY, (1.0, copied(500, 0.1)))
    assert in_words(unknown) == "time left: not known before rows were copied for some seconds"


def test_the_copy_goes_by_how_fast_it_came_on_with_all_that_it_waited_for() -> None:
    """A limited rate lets the streams wait: what they were busy for says nothing."""
    looks = (
        (0.0, copied(0, 0.0)),
        (5.0, copied(100, 0.1)),
        (10.0, copied(150, 0.2)),
        (15.0, copied(200, 0.3)),
    )
    found = last(Forecast(streams=2), COPY, *looks)
    assert (found.least, found.most) == (40.0, 80.0)


def lag(bytes_: int) -> FollowProgress:
    return FollowProgress(lag_bytes=bytes_, lag_seconds=1.0, changes=0, rate=0.0, held=0)


def test_a_follower_is_foreseen_by_how_fast_it_came_nearer() -> None:
    begun = (0.0, PhaseStarted(phase=Phase.FOLLOW))
    found = last(Forecast(streams=1), begun, (0.0, lag(900)), (5.0, lag(800)), (10.0, lag(750)))
    assert (found.least, found.most) == (37.5, 75.0)
    away = last(Forecast(streams=1), begun, (0.0, lag(900)), (5.0, lag(950)))
    assert (away.least, away.why) == (None, "the target comes no nearer: the source writes as fast")


@pytest.mark.parametrize(
    ("seconds", "said"), [(0.2, "1 s"), (99, "99 s"), (100, "2 min"), (5_400, "90 min"), (9_000, "2.5 h")]
)
def test_seconds_are_said_in_two_figures(seconds: float, said: str) -> None:
    assert seconds_in_words(seconds) == said
