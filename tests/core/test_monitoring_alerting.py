"""An alert's life, step by step; and what a metric's value is, of what was seen."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from migration.core.monitoring.alerting import Open, Said, Step, enough_calls, message, step_of
from migration.core.monitoring.measuring import Seen, Subject, by_application, by_module, measured
from migration.core.monitoring.metrics import BY_NAME, METRICS, Comparison, bad_when, is_beyond
from migration.core.monitoring.sketches import sketched

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
LASTING = timedelta(minutes=2)


def ago(minutes: float) -> datetime:
    return NOW - timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("found", "beyond", "lasting", "step"),
    [
        (None, False, LASTING, Step.NOTHING),
        (None, True, LASTING, Step.BEGIN),
        (None, True, timedelta(), Step.BEGIN_FIRING),
        (Open(firing=False, since=ago(1)), True, LASTING, Step.GO_ON),
        (Open(firing=False, since=ago(2)), True, LASTING, Step.FIRE),
        (Open(firing=False, since=ago(1)), False, LASTING, Step.DROP),
        (Open(firing=True, since=ago(9)), True, LASTING, Step.GO_ON),
        (Open(firing=True, since=ago(9)), False, LASTING, Step.CALM),
        (Open(firing=True, since=ago(9), calm_since=ago(1)), False, LASTING, Step.NOTHING),
        (Open(firing=True, since=ago(9), calm_since=ago(2)), False, LASTING, Step.RESOLVE),
        (Open(firing=True, since=ago(9)), False, timedelta(), Step.RESOLVE),
    ],
)
def test_one_step_of_an_alert(found: Open | None, beyond: bool, lasting: timedelta, step: Step) -> None:
    assert step_of(found, beyond=beyond, now=NOW, lasting=lasting) is step


def test_a_message_says_what_where_how_much_and_since_when() -> None:
    said = Said(
        project="CRM",
        rule="P95",
        metric="call_p95",
        subject="crm · production · target",
        value=33.333,
        threshold=20,
        comparison=Comparison.ABOVE,
        since=NOW,
        resolved=False,
    )
    assert message(said) == (
        "[CRM] Firing: P95. p95 of crm · production · target is 33.33 ms, above 20 ms, since 10:00 UTC."
    )


def test_a_metric_that_is_yes_or_no_reads_so() -> None:
    said = Said(
        project="CRM",
        rule="Server",
        metric="server_up",
        subject="target",
        value=0.0,
        threshold=1,
        comparison=Comparison.BELOW,
        since=NOW,
        resolved=False,
    )
    assert message(said) == "[CRM] Firing: Server. server answers of target: no, since 10:00 UTC."
    over = (
        "[CRM] Resolved: Server. server answers of target is fine again; at worst it was no, since 10:00 UTC."
    )
    assert message(replace(said, resolved=True)) == over
    assert bad_when(BY_NAME["server_up"], "below", "1") == "no"
    assert bad_when(BY_NAME["call_p95"], "above", "20") == "above 20 ms"


def seen(
    metric: str, count: int, *, module: str = "", part: str = "", durations: tuple[float, ...] = ()
) -> Seen:
    return Seen(
        metric=metric,
        subject=Subject(application="crm", module=module, backend="target", part=part),
        newest=NOW,
        count=count,
        total=sum(durations) or count,
        lowest_now=1.0,
        highest_now=9.0,
        sketch=sketched(durations),
    )


def value(name: str, *entries: Seen) -> dict[str, float]:
    found = measured(BY_NAME[name], entries, by_application, window_seconds=60)
    return {entry.subject.words: entry.value for entry in found}


def test_figures_of_calls_are_worked_out_of_all_modules_together() -> None:
    one = seen("calls", 3, module="sync", durations=(10.0, 20.0, 30.0))
    other = seen("calls", 1, module="load", durations=(400.0,))
    errors = (
        seen("errors", 1, module="sync", part="timeout"),
        seen("errors", 1, module="load", part="syntax"),
    )
    assert value("call_mean", one, other) == {"crm · target": 115.0}
    assert value("call_p99", one, other)["crm · target"] == pytest.approx(30.0, rel=0.02)
    assert value("call_p50", one, other)["crm · target"] == pytest.approx(20.0, rel=0.02)
    assert value("error_rate", one, other, *errors) == {"crm · target": 500.0}
    assert value("call_rate", one, other)["crm · target"] == pytest.approx(4 / 60)
    assert value("mismatches", one, other) == {"crm · target": 0.0}
    apart = measured(BY_NAME["error_rate"], (one, other, *errors), by_module, window_seconds=60)
    assert [(entry.subject.module, entry.value, entry.calls) for entry in apart] == [
        ("load", 1000.0, 1),
        ("sync", pytest.approx(333.33, rel=0.01), 3),
    ]


def test_a_gauge_is_its_newest_value_on_the_bad_side() -> None:
    assert value("pool_utilisation", seen("pool_utilisation", 2)) == {"crm · target": 9.0}
    assert value("certificate_expiry", seen("certificate_expiry", 2)) == {"crm · target": 1.0}


def test_few_calls_say_nothing_of_durations_but_counts_do() -> None:
    assert not enough_calls("call_p95", 19)
    assert enough_calls("call_p95", 20)
    assert enough_calls("mismatches", 1) and enough_calls("server_up", 0)


def test_the_threshold_itself_is_fine() -> None:
    assert not is_beyond(20, 20, Comparison.ABOVE)
    assert is_beyond(20.1, 20, Comparison.ABOVE)
    assert is_beyond(0, 1, Comparison.BELOW) and not is_beyond(1, 1, Comparison.BELOW)


def test_the_seeds_targets_are_the_default_thresholds() -> None:
    wanted = {"call_mean": 10, "call_p95": 20, "call_p99": 50, "pool_utilisation": 80, "error_rate": 1}
    assert {name: BY_NAME[name].threshold for name in wanted} == wanted
    assert BY_NAME["row_count_drift"].threshold == 1
    assert len({metric.name for metric in METRICS}) == len(METRICS)
