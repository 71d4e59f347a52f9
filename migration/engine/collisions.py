"""Rows refused for a key that another source table's row took before: they say from which table that one came."""

from collections.abc import Iterator, Sequence
from uuid import UUID

from psycopg import sql

from migration.core.reasons import collision_sentence
from migration.engine import compared
from migration.engine.carrying import Carriage
from migration.engine.compared import Face
from migration.engine.keys import Key, find_key
from migration.engine.owners import readable_rows
from migration.engine.queries import query
from migration.engine.rejects import rejected_keys
from migration.engine.sessions import Session, run_one
from schemadiff.core.mapping import QualifiedName

TAKEN = "23505"
_BATCH = 1_000


def explain_collisions(
    source: Session, target: Session, ledger_id: UUID, carriages: Sequence[Carriage]
) -> None:
    """Of the rejects of tables that share their target table with others, where the key is one that these have."""
    for carriage in carriages:
        own = find_key(source, carriage.source)
        if not carriage.together or own is None:
            continue
        for constraint, keys in _refused(target, ledger_id, carriage.name):
            columns = _columns_of(target, carriage.target, constraint)
            if columns:
                _explain(source, target, ledger_id, carriage, own, constraint, columns, keys)


def _refused(
    target: Session, ledger_id: UUID, table: QualifiedName
) -> Iterator[tuple[str, list[tuple[str, ...]]]]:
    rows = target.execute(
        'SELECT "constraint", array_agg(id ORDER BY id) FROM schemadiff.rejects WHERE run = %s '
        "AND source_schema = %s AND source_table = %s AND sqlstate = %s AND key IS NOT NULL AND NOT recovered "
        'GROUP BY "constraint" ORDER BY "constraint"',
        [ledger_id, *table, TAKEN],
    ).fetchall()
    for constraint, ids in rows:
        for start in range(0, len(ids), _BATCH):
            found = target.execute(
                "SELECT key FROM schemadiff.rejects WHERE id = ANY (%s)", [ids[start : start + _BATCH]]
            )
            yield constraint, [tuple(row[0]) for row in found]


def _columns_of(target: Session, table: QualifiedName, index: str) -> tuple[str, ...]:
    name = sql.Identifier(*table).as_string(target)
    row = target.execute(query("unique_columns"), {"table": name, "index": index}).fetchone()
    return tuple(row[0]) if row and row[0] else ()


def _explain(
    source: Session,
    target: Session,
    ledger_id: UUID,
    carriage: Carriage,
    own: Key,
    constraint: str,
    columns: Sequence[str],
    keys: Sequence[tuple[str, ...]],
) -> None:
    face = _face(target, ledger_id, carriage, columns, own)
    if face is None:
        return
    values = _values(source, face, own.one_of(keys))
    for other in carriage.together:
        its_key = find_key(source, other.source)
        its_face = (
            _face(target, ledger_id, other, columns, its_key)
            if its_key and other.name != carriage.name
            else None
        )
        if its_face is None or not values:
            continue
        refused = rejected_keys(target, ledger_id, other.name)
        there = _values(source, its_face, its_face.with_keys(sorted(set(values.values()))))
        taken = {value for its_own, value in there.items() if its_own not in refused}
        theirs = [its_own for its_own, value in values.items() if value in taken]
        reason = collision_sentence(", ".join(columns), constraint, ".".join(other.name))
        _reword(target, ledger_id, carriage.name, constraint, theirs, reason)
        values = {its_own: value for its_own, value in values.items() if value not in taken}


def _face(
    target: Session, ledger_id: UUID, carriage: Carriage, columns: Sequence[str], own: Key
) -> Face | None:
    """The source's side with these target columns as its key; None where the mapping does not fill all of them."""
    filled = [column for name in columns if (column := carriage.column(name)) is not None]
    if len(filled) < len(columns):
        return None
    return compared.faces(carriage, filled, own.columns, readable_rows(target, ledger_id, carriage, own))[0]


def _values(source: Session, face: Face, chosen: sql.Composable) -> dict[str, str]:
    """The unique columns' values by the row's own key."""
    rows = run_one(
        source,
        sql.SQL("SELECT {own}, {key} FROM {rows} WHERE {readable} AND {chosen}").format(
            own=face.own_key, key=face.key_text, rows=face.rows, readable=face.readable, chosen=chosen
        ),
    )
    return {row[0]: row[1] for row in rows}


def _reword(
    target: Session,
    ledger_id: UUID,
    table: QualifiedName,
    constraint: str,
    keys: Sequence[str],
    reason: str,
) -> None:
    if keys:
        target.execute(
            "UPDATE schemadiff.rejects SET reason = %s WHERE run = %s AND source_schema = %s AND source_table = %s "
            'AND sqlstate = %s AND "constraint" = %s AND key::text = ANY (%s) AND NOT recovered',
            [reason, ledger_id, *table, TAKEN, constraint, list(keys)],
        )
