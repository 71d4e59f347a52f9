"""What statements did to whole objects: put into another schema, made anew, foreign keys dropped.

Found out by looking at the catalog before and after, not by reading SQL, so that `restore` knows what to put
back however the plan was worded.
"""

from dataclasses import dataclass
from typing import TypeAlias
from uuid import UUID

from migration.engine.queries import query
from migration.engine.sessions import Session

_OBJECTS = query("objects")

_FOREIGN_KEYS = query("foreign_keys")

_MARK = query("mark")


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignKey:
    """A foreign key as pg_get_constraintdef says it, every name qualified."""

    table_oid: int
    schema: str
    table: str
    name: str
    definition: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """An object that the run put aside (`from_schema` is where it was) or made (`from_schema` is None)."""

    kind: str
    oid: int
    from_schema: str | None
    from_name: str | None
    schema: str
    name: str


_Objects: TypeAlias = dict[tuple[str, int], tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """All objects and foreign keys of the target at a moment."""

    objects: _Objects
    keys: dict[int, ForeignKey]


def look_around(target: Session) -> Surroundings:
    """To be called inside a transaction; leaves the search path empty in it."""
    target.execute("SET LOCAL search_path = ''")
    objects: _Objects = {(row[0], row[1]): (row[2], row[3]) for row in target.execute(_OBJECTS)}
    keys = {
        row[0]: ForeignKey(table_oid=row[1], schema=row[2], table=row[3], name=row[4], definition=row[5])
        for row in target.execute(_FOREIGN_KEYS)
    }
    target.execute("SET LOCAL search_path TO DEFAULT")
    return Surroundings(objects, keys)


def record_changes(target: Session, ledger_id: UUID, before: Surroundings) -> Surroundings:
    """Write down what has been moved, made and dropped since `before`; in the statement's transaction."""
    after = look_around(target)
    for (kind, oid), place in sorted(after.objects.items()):
        was = before.objects.get((kind, oid))
        if was != place:
            _record_move(target, ledger_id, kind, oid, was, place)
    for oid in sorted(before.keys.keys() - after.keys.keys()):
        _record_dropped(target, ledger_id, before.keys[oid])
    return after


def _record_move(
    target: Session, ledger_id: UUID, kind: str, oid: int, was: tuple[str, str] | None, place: tuple[str, str]
) -> None:
    target.execute(
        "INSERT INTO schemadiff.moved (run, kind, oid, from_schema, from_name, schema, name) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s) "
        "ON CONFLICT (run, kind, oid) DO UPDATE SET schema = excluded.schema, name = excluded.name",
        [ledger_id, kind, oid, *(was or (None, None)), *place],
    )


def _record_dropped(target: Session, ledger_id: UUID, key: ForeignKey) -> None:
    """Not a key that this run made itself: of a table it made, or one it dropped before under that name."""
    target.execute(
        "INSERT INTO schemadiff.dropped_keys (run, table_oid, table_schema, table_name, name, definition) "
        "SELECT %(run)s, %(oid)s, %(schema)s, %(table)s, %(name)s, %(definition)s WHERE NOT EXISTS "
        "(SELECT FROM schemadiff.moved WHERE run = %(run)s AND kind = 'table' AND oid = %(oid)s "
        "AND from_schema IS NULL) ON CONFLICT DO NOTHING",
        {
            "run": ledger_id,
            "oid": key.table_oid,
            "schema": key.schema,
            "table": key.table,
            "name": key.name,
            "definition": key.definition,
        },
    )


def moved_by(target: Session, ledger_id: UUID) -> tuple[Moved, ...]:
    """Everything a run put aside or made, in the order of their kinds and names."""
    rows = target.execute(
        "SELECT kind, oid, from_schema, from_name, schema, name FROM schemadiff.moved WHERE run = %s "
        "ORDER BY kind, schema, name",
        [ledger_id],
    ).fetchall()
    return tuple(
        Moved(kind=row[0], oid=row[1], from_schema=row[2], from_name=row[3], schema=row[4], name=row[5])
        for row in rows
    )


def dropped_by(target: Session, ledger_id: UUID) -> tuple[ForeignKey, ...]:
    """The foreign keys that the run dropped from tables that were there before it."""
    rows = target.execute(
        "SELECT table_oid, table_schema, table_name, name, definition FROM schemadiff.dropped_keys "
        "WHERE run = %s ORDER BY table_schema, table_name, name",
        [ledger_id],
    ).fetchall()
    return tuple(
        ForeignKey(table_oid=row[0], schema=row[1], table=row[2], name=row[3], definition=row[4])
        for row in rows
    )


def mark_of(target: Session) -> str:
    """A short text that changes when anybody changes the target's schema; cheap, and good within a run only."""
    row = target.execute(_MARK).fetchone()
    assert row is not None
    return str(row[0])
