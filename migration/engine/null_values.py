"""Rows that lack a value which the target requires, found by one query instead of being refused one by one.

A NOT NULL that a whole table breaks would otherwise cost two attempts for each of its rows.
"""

from dataclasses import dataclass

import psycopg
from psycopg import sql

from migration.core.chunks import KeyRange
from migration.core.reasons import is_about_a_row, sentence
from migration.engine.carrying import Carriage
from migration.engine.keys import Key
from migration.engine.rejects import Refusal
from migration.engine.sessions import Session, run_one
from schemadiff.core.mapping import QualifiedName

_CODE = "23502"


@dataclass(frozen=True, slots=True, kw_only=True)
class NullRows:
    """`rest` is the condition for all other rows."""

    refusals: tuple[Refusal, ...]
    rest: sql.Composable


NONE = NullRows(refusals=(), rest=sql.SQL("true"))


def find_null_rows(
    source: Session, target: Session, carriage: Carriage, key: Key, keys: KeyRange
) -> NullRows:
    """The rows of that key range without a required value. None are found where a trigger might fill it in."""
    lacking = _conditions(carriage)
    if not lacking or _has_filling_trigger(target, carriage.target):
        return NONE
    cases = sql.SQL(" ").join(
        sql.SQL("WHEN {} THEN {}").format(condition, sql.Literal(name)) for name, condition in lacking
    )
    any_of = sql.SQL("({})").format(sql.SQL(" OR ").join(condition for _, condition in lacking))
    query = sql.SQL(
        "SELECT {texts}, CASE {cases} END FROM {table} WHERE {where} AND {range} AND {lacking}"
    ).format(
        texts=key.as_texts(),
        cases=cases,
        table=sql.Identifier(*carriage.source),
        where=carriage.where,
        range=key.within(keys),
        lacking=any_of,
    )
    try:
        with source.transaction():
            rows = run_one(source, query).fetchall()
    except psycopg.Error as exc:
        if is_about_a_row(exc.sqlstate or ""):  # an expression fails on a row: that is sorted out one by one
            return NONE
        raise
    return NullRows(
        refusals=tuple(_refusal(carriage, tuple(row[0]), row[1]) for row in rows),
        rest=sql.SQL("NOT {}").format(any_of),
    )


def _conditions(carriage: Carriage) -> list[tuple[str, sql.Composable]]:
    """Each required column with the condition that it has no value, in the order in which PostgreSQL checks."""
    required = [
        (column.type, sql.SQL("({}) IS NULL").format(column.copied))
        for column in carriage.columns
        if column.type.not_null
    ]
    never = [(each, sql.Composed([sql.SQL("true")])) for each in carriage.unfilled]
    return [
        (each.column, condition)
        for each, condition in sorted((*required, *never), key=lambda c: c[0].position)
    ]


def _has_filling_trigger(target: Session, table: QualifiedName) -> bool:
    """A trigger before the insert of a row. (Bits of pg_trigger.tgtype: 1 row, 2 before, 4 insert.)"""
    return (
        target.execute(
            "SELECT FROM pg_catalog.pg_trigger WHERE tgrelid = pg_catalog.to_regclass(%s) "
            "AND tgconstrrelid = 0 AND tgconstrindid = 0 "  # up to 14 a partition's share is internal, too
            "AND tgenabled <> 'D' AND tgtype::integer & 7 = 7 LIMIT 1",
            [sql.Identifier(*table).as_string(target)],
        ).fetchone()
        is not None
    )


def _refusal(carriage: Carriage, key: tuple[str, ...], column: str) -> Refusal:
    """In the words that PostgreSQL itself would use."""
    return Refusal(
        key=key,
        sqlstate=_CODE,
        constraint="",
        column=column,
        message=f'null value in column "{column}" of relation "{carriage.target[1]}" violates not-null constraint',
        reason=sentence(_CODE, column=column),
    )
