"""Rows that would come twice: the target has them already, and no key of its own keeps the source's from joining them.

So it is where an earlier copy was broken off before its keys were built, and another one begins anew.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import psycopg
from psycopg import sql

from migration.core.spec import RunSpec
from migration.engine.carrying import Carriage, carriage_of, column_types
from migration.engine.held import has_rows
from migration.engine.keys import Key, find_key
from migration.engine.queries import query
from migration.engine.sessions import Session, run_one
from schemadiff.core.catalog import Kind
from schemadiff.core.errors import Refused
from schemadiff.core.mapping import QualifiedName, TableMapping
from schemadiff.core.plan import Duration, Plan, Section

_BATCH = 1_000


def refuse_doubled(source: Session, target: Session, spec: RunSpec) -> None:
    """Raises Refused naming the table. Rows of a table to which the plan gives a key become rejects there."""
    spared = _parked(spec.plan) | _keyed(spec.plan)
    for entry in spec.mapping.tables:
        if entry.target in spared or not column_types(target, entry.target):
            continue
        if has_rows(target, entry.target):
            _refuse_in(source, target, entry)


def _parked(plan: Plan) -> set[QualifiedName]:
    return {
        (each.ref.schema, each.ref.name) for each in plan.section(Section.PARK) if each.ref.kind is Kind.TABLE
    }


def _keyed(plan: Plan) -> set[QualifiedName]:
    return {
        (each.ref.schema, each.ref.parent)
        for each in plan.statements
        if each.ref.kind is Kind.CONSTRAINT and each.duration is Duration.BUILDS_INDEX and each.ref.parent
    }


def _refuse_in(source: Session, target: Session, entry: TableMapping) -> None:
    key = find_key(source, entry.source)
    there = {each.column for each in column_types(target, entry.target)}
    carriage = carriage_of(target, _of_columns(entry, there))
    names = [carriage.target_column_of(column) for column in key.columns] if key else []
    columns = [column.name for column in names if column is not None]
    if key is None or len(columns) < len(key.columns) or _is_unique(target, carriage, columns):
        return
    if any(_has_one_of(source, carriage, key, keys) for keys in _keys(target, carriage, columns)):
        where = ".".join(entry.target)
        raise Refused(
            f"{where} has rows that {'.'.join(entry.source)} of the source has, too, and no unique key on "
            f"{', '.join(columns)} that would keep them from coming twice. Give it that key, or empty it; if a run "
            "that was broken off left them, go on with that run. Nothing was written."
        )


def _of_columns(entry: TableMapping, there: set[str]) -> TableMapping:
    """Without what the plan is to add."""
    return replace(entry, pairs=tuple(pair for pair in entry.accepted() if pair.target in there))


def _is_unique(target: Session, carriage: Carriage, columns: Sequence[str]) -> bool:
    table = sql.Identifier(*carriage.target).as_string(target)
    row = target.execute(query("unique_among"), {"table": table, "among": list(columns)}).fetchone()
    return bool(row and row[0])


def _keys(target: Session, carriage: Carriage, columns: Sequence[str]) -> Iterator[list[tuple[str, ...]]]:
    """Those of the target's rows, as texts; NULLs are no key."""
    filled = sql.SQL(" AND ").join(sql.SQL("{} IS NOT NULL").format(sql.Identifier(name)) for name in columns)
    texts = sql.SQL(", ").join(sql.SQL("{}::text").format(sql.Identifier(name)) for name in columns)
    with target.transaction(), target.cursor(name="schemadiff_doubled") as cursor:
        cursor.execute(
            sql.SQL("SELECT {} FROM {} WHERE {}").format(texts, sql.Identifier(*carriage.target), filled)
        )
        while rows := cursor.fetchmany(_BATCH):
            yield [tuple(row) for row in rows]


def _has_one_of(source: Session, carriage: Carriage, key: Key, keys: list[tuple[str, ...]]) -> bool:
    """Is a row of one of these keys on its way?"""
    chosen = sql.SQL("SELECT FROM {} WHERE {} AND {} LIMIT 1").format(
        sql.Identifier(*carriage.source), carriage.where, key.one_of(keys)
    )
    try:
        with source.transaction():
            return run_one(source, chosen).fetchone() is not None
    except psycopg.DataError:  # a text that is no value of the source's type: of the others one may be
        if len(keys) == 1:
            return False
    middle = len(keys) // 2
    return any(_has_one_of(source, carriage, key, half) for half in (keys[:middle], keys[middle:]))
