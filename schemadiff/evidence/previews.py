"""What an expression makes of real rows, before it is used: values before and after, and what would go wrong.

The expression is a user's. It is parsed first (`core.sql_guard`), then sent as exactly one command by the
extended protocol, in a READ ONLY transaction, with a statement timeout and a row cap. Values are people's
data: whoever shows a preview sees to it that only those who may see them do.
"""

import re
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import psycopg
from psycopg import errors, sql

from schemadiff.core import sql_guard
from schemadiff.core.errors import NotFound, Refused
from schemadiff.core.mapping import QualifiedName
from schemadiff.core.masking import MASK, Masked
from schemadiff.evidence.reading import reading, run_one, sentence_of, set_aside

ROW_CAP = 100
_SECONDS = 5  # of all rows together, and of each statement
_TIMEOUT = f"{_SECONDS}s"
_TOO_LONG = f"The expression took longer than {_SECONDS} seconds."
_UNTOLD = "The row has no value that fits; why is not told, for a column is masked."
LONGEST = 300  # characters of a value that are shown
_SAMPLED = 10_000  # rows of a large table, of which some are shown
_OF_LENGTH = re.compile(r"(character varying|varchar|character|char|bpchar)\s*\((\d+)\)")

check_expression = sql_guard.check_expression
"""Raises Refused unless the text is exactly one SQL expression."""


class _UnknownObject(Refused):
    """A type or the like that this database does not have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewRow:
    """One row: its key, the columns that the expression uses, and what comes of them, all as text.

    `problem` says why the row has no value, or why the target column would refuse it.
    """

    key: str
    before: tuple[str | None, ...]
    after: str | None = None
    problem: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """`columns` names the values of each row's `before`, `key` those of its key. Long values are cut."""

    key: tuple[str, ...]
    columns: tuple[str, ...]
    rows: tuple[PreviewRow, ...] = ()
    untried: str = ""  # why the target's checks and keys were not tried; empty where they were
    left: tuple[str, ...] = ()  # rules beyond the column that could not be tried, each with why

    @property
    def problems(self) -> tuple[str, ...]:
        """Each different problem once, in the order of the rows."""
        return tuple(dict.fromkeys(row.problem for row in self.rows if row.problem))


def masked_preview(found: Preview, masked: Masked, table: QualifiedName, after: bool) -> Preview:
    """Without the values of masked columns of this table; `after`: the target column's are not shown either."""
    hidden = masked.of(table)
    whole = after or not hidden.isdisjoint(found.columns)
    rows = tuple(
        replace(
            row,
            key=MASK if not hidden.isdisjoint(found.key) else row.key,
            before=tuple(
                MASK if name in hidden else value
                for name, value in zip(found.columns, row.before, strict=True)
            ),
            after=MASK if whole else row.after,
            problem=_UNTOLD if whole and row.problem else row.problem,
        )
        for row in found.rows
    )
    return replace(found, rows=rows)


def preview(
    connection: psycopg.Connection[Any],
    table: QualifiedName,
    expression: str,
    target_type: str,
    limit: int = 20,
    *,
    not_null: bool = False,
) -> Preview:
    """The expression over rows from all over the table, by key, as the target column would take it.

    The same rows each time: all of a small table or those whose key has the lowest MD5, of a large one some of
    its blocks. `expression` may be a column's quoted name. With `not_null` a row without a value is a problem.
    The target's checks and keys are looked at by `target_rules` and `joint_rules`. `connection` must be idle.

    Raises Refused for what is no single expression, for what the database refuses whatever the row, and for
    what takes longer than five seconds; NotFound for the table.
    """
    check_expression(expression)
    _check_type(target_type)
    with reading(connection, statement_timeout=_TIMEOUT):
        shape = _shape(connection, table)
        columns = tuple(name for name in shape.columns if name in sql_guard.columns_of(expression))
        sample = _sample(connection, table, shape, columns, max(1, min(limit, ROW_CAP)))
        taking = _Taking(expression=expression, type=target_type, not_null=not_null)
        try:
            rows = _worked_out(connection, table, sample, taking)
        except _UnknownObject:  # a type that only the target has, which `target_rules` tries
            rows = _worked_out(connection, table, sample, replace(taking, type="text"))
    return Preview(key=shape.key, columns=columns, rows=rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Taking:
    """How the target column takes the expression's value."""

    expression: str
    type: str
    not_null: bool

    @property
    def command(self) -> str:
        """Of a character type's length the cast would silently cut: it is compared afterwards instead.

        The line break ends a comment at the end of the expression. As a scalar subquery the expression gives
        one value or an error.
        """
        length = _OF_LENGTH.fullmatch(self.type)
        base = "text" if length else self.type
        return f"(SELECT (\n{self.expression}\n)::{base}::text)"

    def problem_of(self, value: str | None, length: int) -> str | None:
        most = _OF_LENGTH.fullmatch(self.type)
        if value is None and self.not_null:
            return "There is no value, and the target column must not be null."
        if most and length > int(most.group(2)):
            return f"The value has {length} characters; {self.type} takes {most.group(2)}."
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shape:
    columns: tuple[str, ...]
    key: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sampled:
    place: str  # the row's ctid with its table's OID, stable within the transaction
    key: str
    before: tuple[str | None, ...]


_SHAPE = """
SELECT a.attname, a.attnum = ANY (coalesce(i.indkey::smallint[], '{}'))
  FROM pg_attribute a
  LEFT JOIN pg_index i ON i.indrelid = a.attrelid AND i.indisprimary
 WHERE a.attrelid = to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped
 ORDER BY a.attnum
"""


def _shape(connection: psycopg.Connection[Any], table: QualifiedName) -> _Shape:
    found = run_one(connection, _SHAPE, [_quoted(connection, *table)])
    if not found:
        raise NotFound(f"There is no table {'.'.join(table)} in this database.")
    return _Shape(
        columns=tuple(str(name) for name, _ in found),
        key=tuple(str(name) for name, is_key in found if is_key == "t"),
    )


def _sample(
    connection: psycopg.Connection[Any],
    table: QualifiedName,
    shape: _Shape,
    columns: Sequence[str],
    limit: int,
) -> list[_Sampled]:
    """Rows from all over the table in the order of its primary key, or as they lie where there is none."""
    order = [_quoted(connection, name) for name in shape.key] or ["ctid"]
    key = f"concat_ws(', ', {', '.join(f'{name}::text' for name in order)})"
    shown = "".join(f", left({_quoted(connection, name)}::text, {LONGEST})" for name in columns)
    sorted_by = "".join(f", {name} AS by{number}" for number, name in enumerate(order))

    def taken(sampled: str) -> list[tuple[str | None, ...]]:
        return run_one(
            connection,
            f"SELECT * FROM (SELECT tableoid::text || ctid::text, {key} AS named{shown}{sorted_by}"
            f" FROM {_quoted(connection, *table)}{sampled} ORDER BY md5({key}) LIMIT {limit}) AS evidence"
            f" ORDER BY {', '.join(f'by{number}' for number in range(len(order)))}",
        )

    try:
        percent = _percent(connection, table)
        found = taken(f" TABLESAMPLE SYSTEM ({percent}) REPEATABLE (1)") if percent else []
        if len(found) < limit:  # a small table, or blocks that hold fewer rows than was thought
            found = taken("")
    except psycopg.Error as exc:
        raise Refused(f"Rows of {'.'.join(table)} could not be read: {sentence_of(exc)}") from exc
    return [_Sampled(place=row[0] or "", key=row[1] or "", before=row[2 : 2 + len(columns)]) for row in found]


_ROWS = """
SELECT coalesce(sum(CASE WHEN reltuples < 0 THEN pg_relation_size(oid) / 64.0 ELSE reltuples END), 0)::bigint
  FROM pg_class
 WHERE oid IN (SELECT to_regclass($1) UNION SELECT relid FROM pg_partition_tree(to_regclass($1)) WHERE isleaf)
"""


def _percent(connection: psycopg.Connection[Any], table: QualifiedName) -> float | None:
    """So many of the table's blocks hold about `_SAMPLED` rows; None where it has not many more."""
    rows = int(run_one(connection, _ROWS, [_quoted(connection, *table)])[0][0] or 0)
    return None if rows <= 4 * _SAMPLED else max(0.0001, round(100 * _SAMPLED / rows, 4))


def _worked_out(
    connection: psycopg.Connection[Any], table: QualifiedName, sample: Sequence[_Sampled], taking: _Taking
) -> tuple[PreviewRow, ...]:
    """All rows by one command; where one of them is an error, row by row under savepoints."""
    try:
        with set_aside(connection):
            values = _values(connection, table, [entry.place for entry in sample], taking)
        return tuple(_row(entry, values.get(entry.place, (None, 0)), taking) for entry in sample)
    except psycopg.Error as exc:
        _refuse_whole(exc)
    until = time.monotonic() + _SECONDS
    return tuple(_one_row(connection, table, entry, taking, until) for entry in sample)


def _one_row(
    connection: psycopg.Connection[Any], table: QualifiedName, entry: _Sampled, taking: _Taking, until: float
) -> PreviewRow:
    if time.monotonic() > until:
        raise Refused(_TOO_LONG)
    try:
        with set_aside(connection):
            values = _values(connection, table, [entry.place], taking)
    except psycopg.Error as exc:
        _refuse_whole(exc)
        return PreviewRow(key=entry.key, before=entry.before, problem=sentence_of(exc))
    return _row(entry, values.get(entry.place, (None, 0)), taking)


def _row(entry: _Sampled, value: tuple[str | None, int], taking: _Taking) -> PreviewRow:
    return PreviewRow(key=entry.key, before=entry.before, after=value[0], problem=taking.problem_of(*value))


def _values(
    connection: psycopg.Connection[Any], table: QualifiedName, places: Sequence[str], taking: _Taking
) -> dict[str, tuple[str | None, int]]:
    """The value of each row and its length without trailing blanks, by the row's place."""
    name = _quoted(connection, *table)
    command = (
        f"SELECT place, left(value, {LONGEST}), length(rtrim(value, ' ')) FROM"
        f" (SELECT {name}.tableoid::text || {name}.ctid::text AS place, {taking.command} AS value FROM {name}"
        f" WHERE {name}.ctid = ANY ($1::tid[]) AND {name}.tableoid::text || {name}.ctid::text = ANY ($2)"
        " OFFSET 0) AS evidence"
    )
    found = run_one(
        connection, command, [_array(place[place.index("(") :] for place in places), _array(places)]
    )
    return {place or "": (value, int(length or 0)) for place, value, length in found}


def _refuse_whole(error: psycopg.Error) -> None:
    """What is wrong whatever the row: Refused. What one row's values are to blame for: nothing."""
    if isinstance(error, errors.QueryCanceled):
        raise Refused(_TOO_LONG) from error
    if isinstance(error, psycopg.DataError | psycopg.IntegrityError | errors.CardinalityViolation):
        return
    kind = _UnknownObject if isinstance(error, errors.UndefinedObject | errors.InvalidSchemaName) else Refused
    raise kind(f"The database refuses the expression: {sentence_of(error)}") from error


def _check_type(name: str) -> None:
    try:
        check_expression(f"CAST(NULL AS {name})")
    except Refused as exc:
        raise Refused(f"{name!r} is not a type.") from exc


def _array(texts: Iterable[str]) -> str:
    return "{" + ",".join(f'"{text}"' for text in texts) + "}"


def _quoted(connection: psycopg.Connection[Any], *parts: str) -> str:
    return sql.Identifier(*parts).as_string(connection)
