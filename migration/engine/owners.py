"""Whose a row of a target table is that takes the rows of several source tables: asked of the source, by its key."""

from collections.abc import Sequence
from uuid import UUID

from psycopg import sql

from migration.engine import compared
from migration.engine.carrying import EVERY_ROW, Carriage
from migration.engine.compared import Face
from migration.engine.keys import Key, find_key
from migration.engine.rejects import rejected_keys, unreadable_keys
from migration.engine.sessions import Session, run_one
from schemadiff.core.mapping import QualifiedName


def common_key(target: Session, carriage: Carriage) -> tuple[str, ...]:
    """The target columns by which they are told apart; none where the target's table takes the rows of one."""
    key = find_key(target, carriage.target, carriage.common) if carriage.together else None
    return key.columns if key else ()


def lacks_key(carriage: Carriage) -> str:
    """Of a table that takes the rows of several, and has no key by which they could be told apart."""
    named = ", ".join(".".join(each.name) for each in carriage.members)
    return (
        f"“{'.'.join(carriage.target)}” takes the rows of {named}, and it has no primary key and no unique key without "
        "NULLs that the mapping fills for each of them, so it could not be told which row came from which. Give it "
        "such a key, and fill it (an expression like id + 1000000 keeps two tables apart)."
    )


def owners_of(
    source: Session,
    target: Session,
    ledger_id: UUID,
    carriage: Carriage,
    key: Sequence[str],
    keys: Sequence[str],
) -> dict[str, tuple[QualifiedName, tuple[str, ...]]]:
    """By the texts of these keys: the first source table that has it and was not refused it, and its own key there."""
    found: dict[str, tuple[QualifiedName, tuple[str, ...]]] = {}
    for each in carriage.together:
        own = find_key(source, each.source)
        left = [text for text in keys if text not in found]
        if own is None or not left:
            continue
        refused = rejected_keys(target, ledger_id, each.name)
        for text, names, printed in _rows(source, _face(target, ledger_id, each, key, own), own, left):
            if printed not in refused:
                found.setdefault(text, (each.name, tuple(names)))
    return found


def _face(target: Session, ledger_id: UUID, carriage: Carriage, key: Sequence[str], own: Key) -> Face:
    columns = [column for name in key if (column := carriage.column(name)) is not None]
    return compared.faces(carriage, columns, own.columns, readable_rows(target, ledger_id, carriage, own))[0]


def readable_rows(target: Session, ledger_id: UUID, carriage: Carriage, own: Key) -> sql.Composable:
    """A condition: none of the rows that the mapping's expressions fail on."""
    failing = unreadable_keys(target, ledger_id, carriage.name)
    return sql.SQL("NOT ({})").format(own.one_of(failing)) if failing else EVERY_ROW


def _rows(source: Session, face: Face, own: Key, keys: Sequence[str]) -> list[tuple[str, list[str], str]]:
    query = sql.SQL("SELECT {key}, {names}, {printed} FROM {rows} WHERE {readable} AND {chosen}").format(
        key=face.key_text,
        names=own.as_texts(),
        printed=face.own_key,
        rows=face.rows,
        readable=face.readable,
        chosen=face.with_keys(keys),
    )
    return [(row[0], row[1], row[2]) for row in run_one(source, query)]
