"""A run's events as lines of a log, and on a terminal with one line that moves."""

import contextlib
import os
import threading
import time

from django.core.management.base import OutputWrapper

from migration.core.events import (
    ChecksPlanned,
    CutOverStep,
    Event,
    Fingerprint,
    FollowProgress,
    Level,
    Log,
    Outlook,
    PhaseFinished,
    PhaseStarted,
    RejectsGrouped,
    TableChecked,
    TableChecking,
    TableProgress,
    TableState,
    Task,
    TaskDone,
    TasksPlanned,
    Waiting,
)
from migration.core.outlook import TASKS_IN, in_words
from migration.core.phases import Phase
from migration.core.rounds import RoundMade
from schemadiff.core.counted import differing
from schemadiff.core.mapping import QualifiedName

_EVERY = 0.2  # seconds between two movements of the line
_EVERY_LINE = 60.0  # seconds between two lines of a log that say how far a copy or a follower is
_WIDTH = 20  # characters of the bar


class Console:
    """Writes what happens. Never a row's value: events hold none."""

    def __init__(self, out: OutputWrapper) -> None:
        self._out, self._moves = out, out.isatty()
        self._tables: dict[QualifiedName, TableProgress] = {}
        self._rejects: dict[tuple[QualifiedName, str], RejectsGrouped] = {}
        self._drawn, self._last, self._waiting = False, 0.0, ""
        self._sizes: dict[QualifiedName, int] = {}
        self._checked: dict[QualifiedName, bool] = {}  # begun, and done?
        self._left = ""  # how long the phase still takes, in words
        self._tasks: dict[tuple[Task, str], bool] = {}  # done?
        self._one_at_a_time = threading.Lock()

    def report(self, event: Event) -> None:
        """From whatever thread."""
        with self._one_at_a_time:
            self._report(event)

    def _report(self, event: Event) -> None:
        match event:
            case PhaseStarted(phase=phase):
                self._last, self._left = time.monotonic(), ""
                self._line(f"── {phase.value.replace('_', ' ')}")
            case PhaseFinished(phase=phase):
                self._end_of(phase)
            case TableProgress():
                self._tables[event.table] = event
                self._move()
            case TasksPlanned(task=task, sizes=tasks):
                self._tasks = {each: done for each, done in self._tasks.items() if each[0] is not task}
                self._tasks |= {(task, name): False for name, _ in tasks}
            case TaskDone(task=task, name=name):
                self._tasks[task, name] = True
            case Outlook():
                self._expect(event)
            case RejectsGrouped():
                self._rejects[event.table, event.reason] = event
            case Fingerprint():
                self._line(f"   {_name(event.table)}: {event.rows:,} rows {event.when}, {event.digest[:16]}")
            case Waiting(reason=reason):
                self._waiting = reason
                self._move()
            case FollowProgress():
                self._follow(event)
            case RoundMade():
                self._line(f"   {event.sentence}")
            case CutOverStep():
                self._line(f"✓ {event.name}: {event.did} ({event.seconds:.2f} s)")
                if event.undo:
                    self._line(f"    undone by: {event.undo}")
            case ChecksPlanned(sizes=sizes):
                self._sizes, self._checked = dict(sizes), {}
            case TableChecking(table=table):
                self._checked[table] = False
                self._show_checks()
            case TableChecked():
                self._line(f"   {_checked(event)}")
                self._checked[event.table] = True
                self._show_checks()
            case Log(message=message, level=level, details=details):
                self._line(f"   {'! ' if level is not Level.INFO else ''}{message}")
                for detail in details:
                    self._line(f"     {detail}")

    def _end_of(self, phase: Phase) -> None:
        if phase is Phase.COPY:
            for table in sorted(self._tables):
                self._line(f"   {_copied(self._tables[table])}")
                for group in self._rejects.values():
                    if group.table == table:
                        self._line(f"     {group.count:,} × {group.reason}")

    def _move(self) -> None:
        """How far the copy is: on a terminal a few times a second, in a log when the minute is over."""
        now = time.monotonic()
        if now - self._last < (_EVERY if self._moves else _EVERY_LINE):
            return
        self._last = now
        written = sum(table.rows_written + table.rejects for table in self._tables.values())
        total = sum(table.rows_total for table in self._tables.values())
        done = sum(table.state is TableState.COPIED for table in self._tables.values())
        line = f"{written:,} of {total:,} rows, {done} of {len(self._tables)} tables"
        line += ", waiting" if self._waiting else ""
        line += f"; {self._left}" if self._left else ""
        if self._moves:
            self._draw(f"   {_bar(written, total)} {line}")
        else:
            self._line(f"   {line}")

    def _expect(self, outlook: Outlook) -> None:
        """How long it still takes. What has no line of its own that moves gets one."""
        if outlook.phase in (Phase.CUT_OVER, Phase.WATCH):
            return
        self._left = in_words(outlook)
        if outlook.phase is Phase.VERIFY:
            self._show_checks()
        elif outlook.phase in TASKS_IN and (self._left or outlook.at_work):
            tasks = [
                done for (task, _), done in self._tasks.items() if task in TASKS_IN.get(outlook.phase, ())
            ]
            told = (f"{sum(tasks)} of {len(tasks)} steps", outlook.at_work, self._left)
            self._say_sometimes("; ".join(filter(None, told)))

    def _say_sometimes(self, line: str) -> None:
        """On a terminal in its place; in a log when the minute is over."""
        now = time.monotonic()
        if self._moves:
            self._draw(f"   {line}")
        elif now - self._last >= _EVERY_LINE:
            self._last = now
            self._line(f"   {line}")

    def _show_checks(self) -> None:
        """How much was compared by size, what is being compared and how long the rest takes."""
        under_way = sorted(_name(table) for table, done in self._checked.items() if not done)
        if not under_way:
            return
        done = [table for table in self._checked if self._checked[table]]
        share = _bar(sum(self._sizes.get(table, 0) for table in done), sum(self._sizes.values()))
        line = f"{len(done)} of {len(self._sizes)} tables, comparing {', '.join(under_way)}"
        line += f"; {self._left}" if self._left else ""
        self._say_sometimes(f"{share} {line}" if self._moves else line)

    def _draw(self, line: str) -> None:
        """In the place of what was drawn before: no wider than the terminal, or that would stay above it."""
        self._drawn = True
        width = _columns(self._out)
        if width and len(line) >= width:
            line = f"{line[: max(width - 2, 0)]}…"
        self._out.write(f"\r\033[K{line}", ending="")
        self._out.flush()

    def _follow(self, event: FollowProgress) -> None:
        """On a terminal each second; in a log when the minute is over."""
        now = time.monotonic()
        if not self._moves and now - self._last < _EVERY_LINE:
            return
        self._last = now
        line = f"   {_followed(event)}" + (f"; {self._left}" if self._left else "")
        if not self._moves:
            self._line(line)
            return
        self._draw(line)

    def _line(self, text: str) -> None:
        if self._drawn:
            self._out.write("\r\033[K", ending="")
            self._drawn = False
        self._out.write(text)
        self._out.flush()


def _columns(out: OutputWrapper) -> int:
    """The terminal's width at this moment; 0 where it has none."""
    with contextlib.suppress(OSError):
        return os.get_terminal_size(out.fileno()).columns
    return 0


def _bar(done: int, total: int) -> str:
    """What is done of it; a total is an estimate, and may be too low."""
    share = min(done / total, 1.0) if total else 1.0
    full = int(share * _WIDTH)
    return f"[{'#' * full}{'·' * (_WIDTH - full)}] {int(share * 100):3d} %"


def _name(table: QualifiedName) -> str:
    return ".".join(table)


def _way(table: TableProgress | TableChecked) -> str:
    """The table; both, where the target's is called otherwise: it may take the rows of several, or some of one's."""
    if table.table == table.target:
        return _name(table.target)
    return f"{_name(table.table)} → {_name(table.target)}"


def _copied(table: TableProgress) -> str:
    rate = f", {table.rows_written / table.seconds:,.0f} rows/s" if table.seconds >= 1 else ""
    rejects = f", {table.rejects:,} rejects" if table.rejects else ""
    return f"{_way(table)}: {table.rows_written:,} of {table.rows_total:,} rows{rejects}{rate}"


def _checked(table: TableChecked) -> str:
    found = differing(table.differing) if table.differing else "equal"
    rejects = f", {table.rejected_rows:,} rejected" if table.rejected_rows else ""
    return (
        f"{_way(table)}: {found}; {table.source_rows:,} rows in the source, {table.target_rows:,} in "
        f"the target{rejects} ({table.method})"
    )


def _followed(event: FollowProgress) -> str:
    return (
        f"behind by {event.lag_bytes:,} bytes, {event.lag_seconds:.1f} s; {event.changes:,} changes, "
        f"{event.rate:,.0f} a second; the {event.side} holds {event.held / 1_048_576:,.1f} MB of its log for it"
    )
