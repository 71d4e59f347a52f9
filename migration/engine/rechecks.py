"""When each followed table was compared last, kept in the target: a cut-over, from whatever machine, looks here."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from migration.engine.sessions import Session
from schemadiff.core.mapping import QualifiedName

_KEEP = """
INSERT INTO schemadiff.rechecks VALUES (%s, %s, %s, clock_timestamp() - make_interval(secs => %s), %s)
ON CONFLICT (run, source_schema, source_table)
DO UPDATE SET began_at = excluded.began_at, differing = excluded.differing
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rechecked:
    """Of a table; `age` is in seconds, from the beginning of the comparison."""

    table: QualifiedName
    age: float
    differing: int


def keep(target: Session, run: UUID, table: QualifiedName, *, seconds: float, differing: int) -> None:
    """It was compared just now, which took so long."""
    target.execute(_KEEP, [run, *table, seconds, differing])


def rechecked(target: Session, run: UUID) -> tuple[Rechecked, ...]:
    """Those tables of which it is known."""
    rows = target.execute(
        "SELECT source_schema, source_table, extract(epoch FROM clock_timestamp() - began_at)::float8, differing "
        "FROM schemadiff.rechecks WHERE run = %s ORDER BY 1, 2",
        [run],
    ).fetchall()
    return tuple(Rechecked(table=(row[0], row[1]), age=row[2], differing=row[3]) for row in rows)


def sentence(found: Sequence[Rechecked], tables: int) -> str:
    """Of so many tables; empty where none was compared again since the target keeps up."""
    if not found:
        return ""
    if len(found) < tables:
        return f" {len(found)} of them were compared once more since."
    oldest = max(each.age for each in found)
    if oldest < 90:
        return f" All of them were compared within the last {max(oldest, 1):.0f} seconds."
    return f" All of them were compared within the last {oldest / 60:.0f} minutes."
