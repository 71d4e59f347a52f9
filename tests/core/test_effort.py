"""People's time, simulated: what it counts, how it spreads, and that the same figures give the same hours."""

import pytest

from schemadiff.core.options.effort import (
    TASKS,
    Minutes,
    as_it_stands,
    estimate,
    estimates,
    seconds_standing_still,
)
from schemadiff.core.options.option import Measure, OptionName


def figures(**values: int) -> dict[str, Measure]:
    return {key: Measure(key=key, label=key, value=value, how="") for key, value in values.items()}


def test_certain_minutes_without_a_shared_error_are_a_sum() -> None:
    minutes = {"statements": Minutes(low=6, likely=6, high=6), "keys": Minutes(low=30, likely=30, high=30)}
    found = estimate(figures(statements=10, repointed_foreign_keys=4), minutes, shared_error=0)
    assert (found.p10, found.p50, found.p80) == (3, 3, 3)
    assert found.pieces["statements"] == 10
    assert found.pieces["keys"] == 4


def test_a_range_has_its_middle_and_its_tail() -> None:
    """A PERT of 10, 20, 60 has the mean 25; the shared error widens it and leaves the middle."""
    minutes = {"statements": Minutes(low=10, likely=20, high=60)}
    narrow = estimate(figures(statements=60), minutes, shared_error=0)
    wide = estimate(figures(statements=60), minutes, shared_error=0.5)
    assert 22 < narrow.p50 < 26
    assert narrow.p10 < narrow.p50 < narrow.p80 < 60
    assert wide.p80 > narrow.p80 + 3
    assert abs(wide.p50 - narrow.p50) < 2
    assert estimate(figures(statements=60), minutes, shared_error=0.5) == wide


def test_nothing_to_do_takes_no_time() -> None:
    assert estimate({}, {}).p80 == 0


def test_what_the_mapping_rewrites_is_not_rewritten_by_hand() -> None:
    found = estimate(figures(queries_fail=20, queries_changed=1, queries_rewritten=17), {}).pieces
    assert (found["queries_by_hand"], found["queries_rewritten"], found["queries_looked_at"]) == (4, 17, 0)
    found = estimate(figures(queries_fail=6, queries_changed=14), {}).pieces
    assert (found["queries_by_hand"], found["queries_rewritten"], found["queries_looked_at"]) == (6, 0, 14)


def test_reasons_are_counted_not_rows() -> None:
    rejects = Measure(key="rejects", label="", value=151, how="", items=("a: 100", "b: 51"))
    assert estimate({"rejects": rejects, **figures(rows_refused=9)}, {}).pieces["rejects"] == 2


def test_an_option_of_which_nothing_was_measured_has_no_estimate() -> None:
    measured = {OptionName.RECREATE: tuple(figures(statements=3).values()), OptionName.HYBRID: ()}
    assert list(estimates(measured, {}, 0.3)) == [OptionName.RECREATE]


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.key)
def test_defaults_are_in_order(task: object) -> None:
    assert task.minutes.is_ordered  # type: ignore[attr-defined]


def test_open_suggestions_count_as_if_they_had_been_confirmed() -> None:
    found = figures(
        columns_left_behind=186,
        columns_left_behind_if_confirmed=143,
        mapping_rules=0,
        mapping_rules_if_confirmed=43,
    )
    pieces = estimate(found, {}).pieces
    assert (pieces["left_behind"], pieces["rules"]) == (143, 43)
    pieces = estimate(as_it_stands(found), {}).pieces
    assert (pieces["left_behind"], pieces["rules"]) == (186, 0)


def test_downtime_is_scaled_from_a_sample_and_unknown_without_a_rehearsal() -> None:
    assert seconds_standing_still(figures(rows_in_scope=10)) is None
    assert seconds_standing_still(figures(downtime_ms=1500)) == 1.5
    sampled = figures(downtime_ms=1500, rows_in_scope=400, rows_rehearsed=100)
    assert seconds_standing_still(sampled) == 6
    assert estimate(sampled, {}).p80 == 0  # no work
