"""Sequences after the copy: set to at least the greatest value that the rows use, never backwards."""

from collections.abc import Sequence
from dataclasses import dataclass

from psycopg import sql

from migration.core.errors import RunFailed
from migration.engine.carrying import Carriage
from migration.engine.failures import explained
from migration.engine.sessions import Session
from schemadiff.core.mapping import QualifiedName

# The sequence of an identity or serial column, or the one that a default takes its value from.
_OF_TABLE = """
SELECT a.attname, n.nspname, c.relname, s.seqincrement, s.seqmin, s.seqmax
FROM pg_catalog.pg_attribute a
JOIN pg_catalog.pg_class t ON t.oid = a.attrelid
CROSS JOIN LATERAL (
    SELECT d.objid AS oid FROM pg_catalog.pg_depend d
    WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
      AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
      AND d.refobjid = a.attrelid AND d.refobjsubid = a.attnum AND d.deptype IN ('a', 'i')
    UNION
    SELECT d.refobjid FROM pg_catalog.pg_attrdef f
    JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass AND d.objid = f.oid
     AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
    WHERE f.adrelid = a.attrelid AND f.adnum = a.attnum) AS o
JOIN pg_catalog.pg_class c ON c.oid = o.oid AND c.relkind = 'S'
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_sequence s ON s.seqrelid = c.oid
WHERE t.oid = pg_catalog.to_regclass(%s) AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum, n.nspname, c.relname
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnSequence:
    """A sequence and the column whose values it makes."""

    column: str
    name: QualifiedName
    increment: int
    lowest: int
    highest: int


def column_sequences(session: Session, table: QualifiedName) -> tuple[ColumnSequence, ...]:
    """The sequences that a table's columns take their values from."""
    rows = session.execute(_OF_TABLE, [sql.Identifier(*table).as_string(session)]).fetchall()
    return tuple(
        ColumnSequence(column=row[0], name=(row[1], row[2]), increment=row[3], lowest=row[4], highest=row[5])
        for row in rows
    )


def set_sequences(source: Session, target: Session, carriages: Sequence[Carriage]) -> int:
    """Set every sequence of the carried tables; returns how many were moved on. Raises RunFailed."""
    moved = 0
    for carriage in carriages:
        known = {each.column: each for each in column_sequences(source, carriage.source)}
        for each in column_sequences(target, carriage.target):
            column = carriage.column(each.column)
            origin = known.get(column.source) if column is not None and column.source is not None else None
            with explained(f"The sequence “{'.'.join(each.name)}” could not be set"):
                moved += _set(source, target, carriage, each, origin)
    return moved


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
            f"The sequence “{'.'.join(sequence.name)}” ends at {sequence.highest if ascending else sequence.lowest}, "
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
