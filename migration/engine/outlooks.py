"""What a run says of the time that is left: what a plan's statements have to read, and a forecast beside the events."""

import threading
import time
from collections.abc import Callable, Collection, Iterator

from migration.core.events import Event, Task, TasksPlanned
from migration.core.outlook import Forecast
from migration.core.phases import Phase
from migration.core.spec import RunSpec
from migration.engine.estimates import sizes_of
from migration.engine.sessions import Session
from schemadiff.core.mapping import QualifiedName
from schemadiff.core.plan import Duration, Section, Statement

_TASKS = {
    Duration.BUILDS_INDEX: Task.BUILD,
    Duration.READS_ROWS: Task.CHECK,
    Duration.REWRITES_ROWS: Task.REWRITE,
    Duration.RUNS_QUERY: Task.QUERY,
}
_A_QUERY = 1  # how much a view's query reads nobody knows: views count alike


def with_outlooks(
    report: Callable[[Event], None], *, streams: int, phase: Phase = Phase.PREPARE
) -> Callable[[Event], None]:
    """A `report` that after an event which says something about the time left reports the outlook, too.

    From whatever thread. `streams` is how much is done side by side, `phase` where it begins.
    """
    forecast, one_at_a_time = Forecast(streams=streams, phase=phase), threading.Lock()

    def told(event: Event) -> None:
        report(event)
        with one_at_a_time:
            outlook = forecast.take(event, time.monotonic())
        if outlook is not None:
            report(outlook)

    return told


def task_of(statement: Statement) -> Task | None:
    """What takes its time in a statement; None for one that is done in a moment."""
    return _TASKS.get(statement.duration)


def planned_tasks(
    source: Session, target: Session, spec: RunSpec, section: Section, done: Collection[int]
) -> Iterator[TasksPlanned]:
    """The tasks of a section of the plan that are still to be done, by what their tables hold on disk.

    Of a table that is still to be filled: by what its source tables hold.
    """
    waiting = [
        (task, str(position), _table_of(statement))
        for position, statement in enumerate(spec.plan.statements)
        if statement.section is section and position not in done and (task := task_of(statement))
    ]
    held = {size.table: size.bytes for size in sizes_of(target, sorted({table for _, _, table in waiting}))}
    if section is Section.POST_DATA:
        held |= _coming(source, spec)
    for kind in sorted({task for task, _, _ in waiting}):
        yield TasksPlanned(
            task=kind,
            sizes=tuple(
                (name, _A_QUERY if task is Task.QUERY else held.get(table, 0))
                for task, name, table in waiting
                if task is kind
            ),
        )


def planned_hashes(target: Session, tables: Collection[QualifiedName]) -> TasksPlanned:
    """Protected tables, by what they hold on disk."""
    sizes = sizes_of(target, sorted(tables))
    return TasksPlanned(task=Task.HASH, sizes=tuple((".".join(size.table), size.bytes) for size in sizes))


def _table_of(statement: Statement) -> QualifiedName:
    return (statement.ref.schema, statement.ref.parent or statement.ref.name)


def _coming(source: Session, spec: RunSpec) -> dict[QualifiedName, int]:
    """Bytes by target table."""
    held = {
        size.table: size.bytes
        for size in sizes_of(source, sorted({entry.source for entry in spec.mapping.tables}))
    }
    coming: dict[QualifiedName, int] = {}
    for entry in spec.mapping.tables:
        coming[entry.target] = coming.get(entry.target, 0) + held.get(entry.source, 0)
    return coming
