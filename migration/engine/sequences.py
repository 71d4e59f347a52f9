"""Sequences after the copy: set to at least the greatest value that the rows use, never backwards."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from psycopg import sql

from migration.core.errors import RunFailed
from migration.core.events import Event, Task, TaskBegun, TaskDone, TasksPlanned
from migration.engine.carrying import Carriage
from migration.engine.estimates import sizes_of
from migration.engine.failures import explained
from migration.engine.queries import query
from migration.engine.sessions import Session
from schemadiff.core.mapping import QualifiedName

_OF_TABLE = query("column_sequences")
_PAGE = 8_192  # bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnSequence:
    """A sequence and the column whose values it makes."""

    column: str
    name: QualifiedName
    increment: int
    lowest: int
    highest: int
    is_indexed: bool  # is the greatest value of the column found at once?


def column_sequences(session: Session, table: QualifiedName) -> tuple[ColumnSequence, ...]:
    """The sequences that a table's columns take their values from."""
    rows = session.execute(_OF_TABLE, [sql.Identifier(*table).as_string(session)]).fetchall()
    return tuple(
        ColumnSequence(
            column=row[0],
            name=(row[1], row[2]),
            increment=row[3],
            lowest=row[4],
            highest=row[5],
            is_indexed=row[6],
        )
        for row in rows
    )


def set_sequences(
    source: Session,
    target: Session,
    carriages: Sequence[Carriage],
    report: Callable[[Event], None] = lambda event: None,
) -> int:
    """Set every sequence of the carried tables; returns how many were moved on. Raises RunFailed."""
    found = [(each, column_sequences(target, each.target)) for each in carriages]
    report(_planned(target, found))
    moved = 0
    for carriage, sequences in found:
        known = {each.column: each for each in column_sequences(source, carriage.source)}
        for each in sequences:
            column = carriage.column(each.column)
            origin = known.get(column.source) if column is not None and column.source is not None else None
            report(TaskBegun(task=Task.SEQUENCE, name=_task(carriage, each)))
            with explained(f"The sequence “{'.'.join(each.name)}” could not be set"):
                moved += _set(source, target, carriage, each, origin)
            report(TaskDone(task=Task.SEQUENCE, name=_task(carriage, each)))
    return moved


def _planned(target: Session, found: Sequence[tuple[Carriage, tuple[ColumnSequence, ...]]]) -> TasksPlanned:
    """By what is read for each: a page of an index, or the whole table."""
    held = {size.table: size.bytes for size in sizes_of(target, sorted({each.target for each, _ in found}))}
    return TasksPlanned(
        task=Task.SEQUENCE,
        sizes=tuple(
            (_task(carriage, each), _PAGE if each.is_indexed else max(held.get(carriage.target, 0), _PAGE))
            for carriage, sequences in found
            for each in sequences
        ),
    )


def _task(carriage: Carriage, sequence: ColumnSequence) -> str:
    """One sequence may be that of several columns."""
    return ".".join((*carriage.target, sequence.column, *sequence.name))


def _set(
    source: Session,
    target: Session,
    carriage: Carriage,
    sequence: ColumnSequence,
    origin: ColumnSequence | None,
) -> int:
    """To the furthest of: the rows' values, where the source's sequence is, where it is already."""
    used = _used_in_rows(target, carriage.target, sequence)
    reached = [value for value in (used, _position(source, origin) if origin else None) if value is not None]
    if not reached:
        return 0
    ascending = sequence.increment > 0
    furthest = max(reached) if ascending else min(reached)
    now = _position(target, sequence)
    if now is not None and (now >= furthest if ascending else now <= furthest):
        return 0
    if not sequence.lowest <= furthest <= sequence.highest:
        raise RunFailed(
            f"The sequence “{'.'.join(sequence.name)}” ends at "
            f"{sequence.highest if ascending else sequence.lowest}, "
            f"but column “{sequence.column}” of “{'.'.join(carriage.target)}” goes further. "
            "Give the sequence a wider range, then resume the run."
        )
    target.execute(
        sql.SQL("SELECT setval({}::regclass, {}, true)").format(
            sql.Literal(sql.Identifier(*sequence.name).as_string(target)), sql.Literal(furthest)
        )
    )
    return 1


def _used_in_rows(target: Session, table: QualifiedName, sequence: ColumnSequence) -> int | None:
    best = sql.SQL("max") if sequence.increment > 0 else sql.SQL("min")
    row = target.execute(
        sql.SQL("SELECT {}({})::bigint FROM {}").format(
            best, sql.Identifier(sequence.column), sql.Identifier(*table)
        )
    ).fetchone()
    return row[0] if row else None


def _position(session: Session, sequence: ColumnSequence) -> int | None:
    """The last value given out; None if there was none yet."""
    row = session.execute(
        sql.SQL("SELECT last_value FROM {} WHERE is_called").format(sql.Identifier(*sequence.name))
    ).fetchone()
    return row[0] if row else None
