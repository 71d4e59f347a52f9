"""What the planner of the target's server knows of the carried tables: gathered anew once their rows are there."""

from collections.abc import Callable, Collection

import psycopg
from psycopg import sql

from migration.core.events import Event, Level, Log, Task, TaskBegun, TaskDone, TasksPlanned
from migration.engine.estimates import sizes_of
from migration.engine.sessions import Session
from schemadiff.core.mapping import QualifiedName

_SAMPLED = 300
"""Rows for each unit of the statistics target: PostgreSQL's own figure (`std_typanalyze`), each from a page of its
own at most."""


def analyze(target: Session, tables: Collection[QualifiedName], report: Callable[[Event], None]) -> None:
    """ANALYZE them, the smallest first; those that others hold locks on are left to autovacuum, with a warning.

    Tables that the role does not own are passed over by PostgreSQL itself, with a warning in its log.
    """
    planned = _planned(target, tables)
    report(planned)
    by_name = {".".join(table): table for table in tables}
    for name, _ in planned.sizes:
        report(TaskBegun(task=Task.ANALYZE, name=name))
        try:
            target.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(*by_name[name])))
        except (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected):
            told = f"{name} was not analyzed: others hold a lock on it. Run ANALYZE later."
            report(Log(message=told, level=Level.WARNING))
        report(TaskDone(task=Task.ANALYZE, name=name))


def _planned(target: Session, tables: Collection[QualifiedName]) -> TasksPlanned:
    """By what is read of each: the whole table, or a sample of its pages."""
    row = target.execute(
        "SELECT current_setting('default_statistics_target')::bigint * current_setting('block_size')::bigint"
    ).fetchone()
    assert row is not None
    sizes = [
        (min(size.bytes, _SAMPLED * row[0]), ".".join(size.table))
        for size in sizes_of(target, sorted(set(tables)))
    ]
    return TasksPlanned(task=Task.ANALYZE, sizes=tuple((name, size) for size, name in sorted(sizes)))
