"""Which of the target's own triggers a run fires, so that people know who else writes while it is at work."""

from collections.abc import Sequence

from psycopg import sql

from migration.core.events import Level, Log
from migration.core.spec import RunSpec
from migration.engine.queries import query
from migration.engine.sessions import Session, fire_triggers, skip_triggers
from schemadiff.core.catalog import Kind
from schemadiff.core.mapping import QualifiedName
from schemadiff.core.plan import Section

_ALWAYS, _REPLICA, _ORIGIN = "A", "R", "O"  # pg_trigger.tgenabled
INSERT_DELETE, ANY_WRITE = 4 + 8, 4 + 8 + 16
"""What a run, and what a repair does to rows, as bits of pg_trigger.tgtype."""


def warning_of(target: Session, spec: RunSpec) -> Log | None:
    """A warning that names the triggers which rows of this run fire; None where there are none.

    Tables that the run parks first are left out: no row goes into them.
    """
    parked = {
        (statement.ref.schema, statement.ref.name)
        for statement in spec.plan.section(Section.PARK)
        if statement.ref.kind is Kind.TABLE
    }
    tables = [entry.target for entry in spec.mapping.tables if entry.target not in parked]
    return warning_for(target, tables, ANY_WRITE if spec.overwrites else INSERT_DELETE)


def warning_for(target: Session, tables: Sequence[QualifiedName], writes: int = INSERT_DELETE) -> Log | None:
    """The same for any tables that are written to in these ways."""
    skipped = skip_triggers(target)
    if skipped:
        fire_triggers(target)
    firing = _firing(target, tables, writes, (_ALWAYS, _REPLICA) if skipped else (_ALWAYS, _ORIGIN))
    if not firing:
        return None
    why = (
        "They are enabled for replicas or always"
        if skipped
        else "The run's role may not set session_replication_role"
    )
    return Log(
        message=f"{why}, so these triggers of the carried tables fire for every row: {', '.join(firing)}. What "
        "they write, be it to protected tables, is not this run's to undo. Disable them first if that is not meant.",
        level=Level.WARNING,
    )


def _firing(target: Session, tables: Sequence[QualifiedName], writes: int, modes: Sequence[str]) -> list[str]:
    found = []
    for table in sorted(set(tables)):
        name = sql.Identifier(*table).as_string(target)
        for trigger, mode in target.execute(query("triggers"), [name, name, writes]):
            if mode in modes:
                found.append(f"{'.'.join(table)}: {trigger}")
    return found
