"""What a run says of itself while it goes on: a bar on a terminal, plain lines in a log."""

import io
import os
import termios
import time
from dataclasses import replace

import pytest
from django.core.management.base import OutputWrapper

from migration.core.events import (
    BuildSeen,
    BuildsSeen,
    ChecksPlanned,
    Event,
    Outlook,
    PhaseStarted,
    TableChecked,
    TableChecking,
    TableProgress,
    TableState,
    Task,
    TaskDone,
    TasksPlanned,
)
from migration.core.outlook import Forecast
from migration.core.phases import Phase
from migration.management.console import Console


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_shows_a_bar_that_moves() -> None:
    out = _Terminal()
    console = Console(OutputWrapper(out))
    table = ("public", "clients")
    console.report(
        TableProgress(table=table, target=table, state=TableState.COPYING, rows_total=200, rows_written=50)
    )
    assert "[#####···············]  25 % 50 of 200 rows, 0 of 1 tables" in out.getvalue()


def test_a_bar_is_no_wider_than_its_terminal() -> None:
    ours, theirs = os.openpty()
    termios.tcsetwinsize(theirs, (24, 60))
    with os.fdopen(theirs, "w", encoding="utf-8") as out:
        console, table = Console(OutputWrapper(out)), ("public", "clients" * 8)
        console.report(ChecksPlanned(sizes=((table, 3_000),)))
        console.report(TableChecking(table=table))
        drawn = os.read(ours, 10_000).decode().split("\033[K")[-1]
    os.close(ours)
    assert len(drawn) == 59 and drawn.endswith("comparing p…")


def checked(name: str) -> TableChecked:
    table = ("public", name)
    return TableChecked(
        table=table, target=table, source_rows=5, target_rows=5, rejected_rows=0, differing=0, method="hash"
    )


def test_a_terminal_shows_how_much_was_compared() -> None:
    out = _Terminal()
    console = Console(OutputWrapper(out))
    clients, orders = ("public", "clients"), ("public", "orders")
    console.report(ChecksPlanned(sizes=((clients, 3_000), (orders, 1_000))))
    console.report(TableChecking(table=clients))
    assert out.getvalue().endswith("]   0 % 0 of 2 tables, comparing public.clients")
    console.report(checked("clients"))
    console.report(TableChecking(table=orders))
    assert out.getvalue().endswith("[###############·····]  75 % 1 of 2 tables, comparing public.orders")
    console.report(checked("orders"))
    assert out.getvalue().endswith("public.orders: equal; 5 rows in the source, 5 in the target (hash)\n")


def test_a_table_that_is_called_otherwise_in_the_target_has_both_names() -> None:
    out = io.StringIO()
    Console(OutputWrapper(out)).report(replace(checked("mails"), target=("public", "contacts")))
    assert out.getvalue().startswith("   public.mails → public.contacts: equal; ")


def test_a_log_has_plain_lines_and_one_a_minute_for_a_long_copy(monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.StringIO()
    console = Console(OutputWrapper(out))
    table = ("public", "clients")
    half = TableProgress(
        table=table, target=table, state=TableState.COPYING, rows_total=200, rows_written=100
    )
    console.report(PhaseStarted(phase=Phase.COPY))
    console.report(half)
    console.report(ChecksPlanned(sizes=((table, 1_000),)))
    console.report(TableChecking(table=table))
    assert out.getvalue() == "── copy\n"
    later = time.monotonic() + 61
    monkeypatch.setattr(time, "monotonic", lambda: later)
    console.report(half)
    console.report(half)
    assert out.getvalue() == "── copy\n   100 of 200 rows, 0 of 1 tables\n"


def test_how_long_a_phase_still_takes_stands_beside_how_far_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    out, log = _Terminal(), io.StringIO()
    later = time.monotonic() + 61
    for stream in (out, log):
        console = Console(OutputWrapper(stream))
        console.report(PhaseStarted(phase=Phase.INDEXES))
        console.report(TasksPlanned(task=Task.BUILD, sizes=(("1", 10), ("2", 10))))
        console.report(TaskDone(task=Task.BUILD, name="1"))
        if stream is log:
            monkeypatch.setattr(time, "monotonic", lambda: later)
        console.report(Outlook(phase=Phase.INDEXES, least=12.0, most=40.0))
    assert out.getvalue().endswith("   1 of 2 steps; 12 s to 40 s left")
    assert log.getvalue().endswith("   1 of 2 steps; 12 s to 40 s left\n")


def test_an_index_that_takes_long_is_told_how_far_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """Once a minute in a log, however often the server is asked."""
    out, log = _Terminal(), io.StringIO()
    seen = BuildsSeen(
        builds=(BuildSeen(name="index public.orders.city", step="scanning table", share=0.437),)
    )
    began = time.monotonic()
    for stream in (out, log):
        console, forecast = Console(OutputWrapper(stream)), Forecast(streams=2)
        events: list[tuple[int, Event]] = [
            (0, PhaseStarted(phase=Phase.INDEXES)),
            (0, TasksPlanned(task=Task.BUILD, sizes=(("1", 10), ("2", 10)))),
            *((after, seen) for after in range(2, 130, 2)),
        ]
        for after, event in events:
            monkeypatch.setattr(time, "monotonic", lambda now=began + after: now)
            console.report(event)
            outlook = forecast.take(event, began + after)
            assert outlook is not None
            console.report(outlook)
    told = "   0 of 2 steps; index public.orders.city (scanning table, 43 %); time left: not known before the first "
    assert out.getvalue().count(told) == 64
    assert log.getvalue().count(told) == 2
