"""Rejects of a run that follows its source: rows that the target refuses as they are now, and those that come right.

As after a copy, the target has nothing of a rejected row; so what it had of it before is taken out.
"""

import json
from uuid import UUID

import psycopg

from migration.core.pgoutput import Absent, Value
from migration.engine.changed_rows import Route, Row
from migration.engine.rejects import Refusal, Refusals, mark_recovered, reword
from migration.engine.sessions import Session


def refuse(
    target: Session, run: UUID, row: Row, error: psycopg.Error, *, was_there: bool, unreadable: bool
) -> None:
    """Keep the row with the reason. `was_there`: the target had it, and has it no more; `unreadable` as in Refusal."""
    route = row.route
    refusal = Refusals(target, route.carriage.target).of(row.key, error, unreadable=unreadable)
    if row.former is not None and row.former in route.rejected:
        forget(target, run, route, row.former)
    if row.key in route.rejected:
        reword(target, run, route.carriage.source, [(refusal, _json(row.values))])
        return
    _store(target, run, route, refusal, _json(row.values), was_there)
    route.rejected.add(row.key)


def forget(target: Session, run: UUID, route: Route, key: tuple[str, ...]) -> None:
    """The row is none any more: the target has taken it, or the source has it no longer."""
    mark_recovered(target, run, route.carriage.source, [key])
    route.rejected.discard(key)


def forget_all(target: Session, run: UUID, route: Route) -> None:
    """The source has no row of that table any more."""
    mark_recovered(target, run, route.carriage.source, sorted(route.rejected))
    route.rejected.clear()


def _store(target: Session, run: UUID, route: Route, refusal: Refusal, row: str, was_there: bool) -> None:
    target.execute(
        "INSERT INTO schemadiff.rejects (run, source_schema, source_table, target_schema, target_table, key, "
        '"row", sqlstate, "constraint", "column", message, reason, was_written, unreadable, followed) '
        "VALUES (%s, %s, %s, %s, %s, %s, %s::jsonb, %s, %s, %s, %s, %s, %s, %s, %s)",
        [
            run,
            *route.carriage.source,
            *route.carriage.target,
            list(refusal.key),
            row,
            refusal.sqlstate,
            refusal.constraint,
            refusal.column,
            refusal.message,
            refusal.reason,
            was_there,
            refusal.unreadable,
            not was_there,
        ],
    )


def _json(values: dict[str, Value]) -> str:
    """What the log says of the row. A value that it does not say is left out."""
    known = {
        name: None if value is Absent.NULL else value.decode()
        for name, value in values.items()
        if isinstance(value, bytes) or value is Absent.NULL
    }
    return json.dumps(known, ensure_ascii=False)
