"""Reading and writing one of the application's tables in one database."""

import logging
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias, TypeVar

from psycopg.types.json import Jsonb

from migration.access.conditions import (
    MOST_IN_A_BATCH,
    MOST_ROWS,
    WITHOUT_VALUE,
    Condition,
    Order,
    checked_limit,
)
from migration.access.errors import AccessError, ErrorKind
from migration.access.layout import Layout
from migration.access.pool import Session
from migration.access.statements import Shape, UpsertShape, left_out, select, upsert, written_columns

Row: TypeAlias = dict[str, Any]

_Kept = TypeVar("_Kept")

log = logging.getLogger("migration.access")

_USUAL = frozenset({1, MOST_ROWS + 1})  # limits that are part of the statement, which is planned better so
_SHAPES_KEPT = 1_000  # statements of one table; an application has some dozens


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What the database gave. `more`: it has more rows than a read gives; `left_out`: fields it does not keep."""

    rows: list[Row]
    statement: str
    more: bool = False
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Upsert:
    """What is worked out once for a shape. `jsons`: which of its fields are sent as JSON; `looked_up`: which refer to
    rows whose keys are looked up."""

    statement: str
    is_locked: bool
    left_out: tuple[str, ...]
    jsons: frozenset[str]
    looked_up: tuple[str, ...]


class Database(Protocol):
    """What a repository sends its statements to: a pool, or whoever stands in for one."""

    def fetch(self, statement: str, parameters: Sequence[Any] = ()) -> list[Row]: ...

    def transaction(self) -> AbstractContextManager[Session]: ...


@dataclass(slots=True)
class Repository:
    """One table. Every method raises AccessError with a sentence that has no value in it. Safe for threads."""

    pool: Database
    layout: Layout
    _selects: dict[Any, str] = field(default_factory=dict)  # by the fields of a Shape
    _upserts: dict[Any, _Upsert] = field(default_factory=dict)  # by those of an UpsertShape
    _orders: dict[tuple[str, ...], tuple[str, ...]] = field(default_factory=dict)

    def find_one(self, *conditions: Condition, order: Sequence[Order] = ()) -> Found:
        """The first row, or none."""
        return self._read(conditions, order, 1, 0)

    def find_many(
        self,
        *conditions: Condition,
        order: Sequence[Order] = (),
        limit: int | None = None,
        offset: int = 0,
    ) -> Found:
        """At most `limit` rows; without it the first 1,000, and `more` says whether that was not all."""
        if offset < 0:
            raise AccessError(f"An offset is 0 or more; found {offset}.", ErrorKind.INVALID)
        if checked_limit(limit) is not None:
            return self._read(conditions, order, limit or MOST_ROWS, offset)
        found = self._read(conditions, order, MOST_ROWS + 1, offset)
        return Found(rows=found.rows[:MOST_ROWS], statement=found.statement, more=len(found.rows) > MOST_ROWS)

    def upsert(self, row: Mapping[str, Any], key: tuple[str, ...]) -> Found:
        """Write a row, or change the one with the same key. Gives it as it is then."""
        return self.bulk_upsert([row], key)

    def bulk_upsert(self, rows: Sequence[Mapping[str, Any]], key: tuple[str, ...]) -> Found:
        """At most 500 rows, all with the same fields, in one statement: all of them or none."""
        if len(rows) > MOST_IN_A_BATCH:
            raise AccessError(
                f"A batch has at most {MOST_IN_A_BATCH} rows; this one has {len(rows):,}. Send it in parts.",
                ErrorKind.INVALID,
            )
        if not rows:
            return Found(rows=[], statement="")
        fields = self._checked_fields(rows, key)
        return self._write((fields, key, len(rows)), rows)

    def _read(
        self, conditions: Sequence[Condition], order: Sequence[Order], limit: int, offset: int
    ) -> Found:
        most = limit if limit in _USUAL else None
        compared = tuple([each[:2] for each in conditions])
        shape = (compared, tuple(order), most, offset > 0)
        statement = self._selects.get(shape)
        if statement is None:
            statement = _remembered(self._selects, shape, select(self.layout, Shape(*shape)))
        values = [value for _, operator, value in conditions if operator not in WITHOUT_VALUE]
        if most is None:
            values.append(limit)
        if offset:
            values.append(offset)
        return Found(rows=self.pool.fetch(statement, values), statement=statement)

    def _write(
        self, shape: tuple[tuple[str, ...], tuple[str, ...], int], rows: Sequence[Mapping[str, Any]]
    ) -> Found:
        known = self._upserts.get(shape)
        if known is None:
            known = _remembered(self._upserts, shape, self._worked_out(UpsertShape(*shape)))
        fields, _, count = shape
        values = [
            Jsonb(row[name]) if name in known.jsons and row[name] is not None else row[name]
            for row in rows
            for name in fields
        ]
        told = known.statement if count == 1 else f"{known.statement[:500]} … ({count} rows)"
        found = (
            self._locked(known.statement, values)
            if known.is_locked
            else self.pool.fetch(known.statement, values)
        )
        if known.looked_up and not found:
            raise self._refers_to_nothing(known.looked_up)
        return Found(rows=found, statement=told, left_out=known.left_out)

    def _worked_out(self, shape: UpsertShape) -> _Upsert:
        json = {each.name for each in self.layout.table.fields if each.is_json}
        return _Upsert(
            statement=upsert(self.layout, shape),
            is_locked=self.layout.arbiter(shape.key, shape.fields) is None,
            left_out=left_out(self.layout, shape.fields),
            jsons=frozenset(json.intersection(shape.fields)),
            looked_up=tuple(
                sorted(
                    field
                    for each in written_columns(self.layout, shape.fields)
                    if each.is_looked_up
                    for field in each.uses
                )
            ),
        )

    def _refers_to_nothing(self, fields: Sequence[str]) -> AccessError:
        table = self.layout.table
        tables = {found.table for each in fields if (found := table.reference(each)) is not None}
        return AccessError(
            f"{', '.join(sorted(tables))} has no row with the {', '.join(fields)} that was given for {table.name}: "
            "nothing was written. Write that row first.",
            ErrorKind.CONSTRAINT,
        )

    def _locked(self, statement: str, values: Sequence[Any]) -> list[Row]:
        with self.pool.transaction() as session:
            # No unique index refuses a second row of the same key: one writer of this table at a time.
            session.execute(
                "SELECT pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended(%s, 0))",
                (".".join(self.layout.relation),),
            )
            return session.execute(statement.encode(), values).fetchall()

    def _checked_fields(self, rows: Sequence[Mapping[str, Any]], key: tuple[str, ...]) -> tuple[str, ...]:
        table = self.layout.table
        given = rows[0].keys()
        if any(row.keys() != given for row in rows):
            raise AccessError("All rows of a batch must have the same fields.", ErrorKind.INVALID)
        fields = self._known_fields(tuple(given))
        if absent := [name for name in key if any(row.get(name) is None for row in rows)]:
            raise AccessError(
                f"{table.name} is told apart by {', '.join(key)}; {', '.join(absent)} has no value.",
                ErrorKind.INVALID,
            )
        if len({tuple(row[name] for name in key) for row in rows}) < len(rows):
            raise AccessError(
                f"Two rows of the batch have the same {', '.join(key)}; each may come once.",
                ErrorKind.INVALID,
            )
        return fields

    def _known_fields(self, given: tuple[str, ...]) -> tuple[str, ...]:
        """In the table's order."""
        known = self._orders.get(given)
        if known is None:
            table = self.layout.table
            if unknown := sorted(name for name in given if table.field(name) is None):
                raise AccessError(f"{table.name} has no field {', '.join(unknown)}.", ErrorKind.INVALID)
            ordered = tuple(each.name for each in table.fields if each.name in given)
            known = _remembered(self._orders, given, ordered)
        return known


def _remembered(kept: dict[Any, _Kept], shape: Any, found: _Kept) -> _Kept:
    if len(kept) < _SHAPES_KEPT:
        kept[shape] = found
    return found


def log_call(method: str, backend: str, seconds: float, rows: int, error: str, statement: str) -> None:
    """One line a call; the statement with placeholders, never a value."""
    log.info(
        "%s on %s: %.1f ms, %d rows%s; %s",
        method,
        backend,
        seconds * 1000,
        rows,
        f", {error}" if error else "",
        statement or "no statement",
    )
