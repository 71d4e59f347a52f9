"""What statements did to whole objects: put into another schema, made anew, foreign keys dropped.

Found out by looking at the catalog before and after, not by reading SQL, so that `restore` knows what to put
back however the plan was worded.
"""

from dataclasses import dataclass
from typing import TypeAlias
from uuid import UUID

from migration.engine.sessions import Session

_SYSTEM = "('pg_catalog', 'information_schema', 'pg_toast', 'schemadiff')"

# An owned sequence moves with its table, a row type and an array type with what they belong to.
_OBJECTS = f"""
SELECT CASE c.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'S' THEN 'sequence'
                      WHEN 'f' THEN 'foreign table' ELSE 'table' END, c.oid, n.nspname, c.relname
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f') AND c.relpersistence <> 't' AND n.nspname NOT IN {_SYSTEM}
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
                  AND d.objid = c.oid AND d.deptype IN ('a', 'i') AND c.relkind = 'S'
                  AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass)
UNION ALL
SELECT CASE t.typtype WHEN 'd' THEN 'domain' ELSE 'type' END, t.oid, n.nspname, t.typname
FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
LEFT JOIN pg_catalog.pg_class c ON c.oid = t.typrelid
WHERE (t.typtype IN ('d', 'e', 'r') OR (t.typtype = 'c' AND c.relkind = 'c')) AND n.nspname NOT IN {_SYSTEM}
UNION ALL
SELECT CASE p.prokind WHEN 'p' THEN 'procedure' WHEN 'a' THEN 'aggregate' ELSE 'function' END,
       p.oid, n.nspname,
       pg_catalog.quote_ident(p.proname) || '(' || pg_catalog.pg_get_function_identity_arguments(p.oid) || ')'
FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
WHERE n.nspname NOT IN {_SYSTEM}
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass
                  AND d.objid = p.oid AND d.deptype IN ('e', 'i'))
"""

_FOREIGN_KEYS = f"""
SELECT k.oid, k.conrelid, n.nspname, c.relname, k.conname, pg_catalog.pg_get_constraintdef(k.oid)
FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_class c ON c.oid = k.conrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE k.contype = 'f' AND k.conparentid = 0 AND n.nspname NOT IN {_SYSTEM}
"""

# What a statement of somebody else would change; statistics, sizes and visibility are not part of it.
_MARK = f"""
WITH schemas AS (SELECT oid, nspname FROM pg_catalog.pg_namespace
                 WHERE nspname NOT IN {_SYSTEM} AND nspname NOT LIKE 'pg\\_%'),
relations AS (SELECT c.* FROM pg_catalog.pg_class c JOIN schemas s ON s.oid = c.relnamespace),
entries (entry) AS (
    SELECT 's' || s.oid || s.nspname FROM schemas s
    UNION ALL SELECT 'r' || c.oid || c.relnamespace || c.relkind || c.relname FROM relations c
    UNION ALL SELECT 'a' || a.attrelid || '.' || a.attnum || a.attname || a.atttypid || '.' || a.atttypmod
                     || a.attnotnull || a.attisdropped || a.attidentity || a.attgenerated
              FROM pg_catalog.pg_attribute a JOIN relations c ON c.oid = a.attrelid WHERE a.attnum > 0
    UNION ALL SELECT 'd' || d.oid || pg_catalog.md5(d.adbin::text)
              FROM pg_catalog.pg_attrdef d JOIN relations c ON c.oid = d.adrelid
    UNION ALL SELECT 'k' || k.oid || k.conname || k.convalidated
              FROM pg_catalog.pg_constraint k JOIN schemas s ON s.oid = k.connamespace
    UNION ALL SELECT 't' || t.oid || t.tgname || t.tgenabled FROM pg_catalog.pg_trigger t
              JOIN relations c ON c.oid = t.tgrelid WHERE NOT t.tgisinternal
    UNION ALL SELECT 'y' || t.oid || t.typname FROM pg_catalog.pg_type t JOIN schemas s ON s.oid = t.typnamespace
    UNION ALL SELECT 'e' || e.oid || e.enumlabel || e.enumsortorder FROM pg_catalog.pg_enum e
    UNION ALL SELECT 'p' || p.oid || p.proname || pg_catalog.md5(p.prosrc)
              FROM pg_catalog.pg_proc p JOIN schemas s ON s.oid = p.pronamespace
)
SELECT pg_catalog.md5(coalesce(pg_catalog.string_agg(entry, '|' ORDER BY entry COLLATE "C"), '')) FROM entries
"""


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
    """A short text that changes when anybody changes the target's schema. Cheap, and only good within a run."""
    row = target.execute(_MARK).fetchone()
    assert row is not None
    return str(row[0])
