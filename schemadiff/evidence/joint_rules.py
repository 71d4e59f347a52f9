"""Which rows a target table's foreign keys and its rules over several columns would refuse, as the mapping stands.

The other columns of a rule are worked out on the same rows by their confirmed pairs; a row that is referred to has to
come of the source by the confirmed mapping of its table, or be in the target already. What cannot be known is said.
"""

import json
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import psycopg
from psycopg import errors

from schemadiff.core.errors import Refused
from schemadiff.core.identifiers import quote
from schemadiff.core.mapping import ColumnPair, QualifiedName, TableMapping
from schemadiff.core.mapping import Mapping as ColumnMapping
from schemadiff.evidence.previews import LONGEST, ROW_CAP, Preview, preview
from schemadiff.evidence.reading import reading, run_one, sentence_of, set_aside

_SECONDS = 10  # of all rules together; each statement has half of it
_TIMEOUT = f"{_SECONDS // 2}s"
_RULES = """
SELECT c.contype::text, c.conname, coalesce(pg_get_expr(c.conbin, c.conrelid), ''),
       (SELECT json_agg(a.attname ORDER BY k.place) FROM unnest(c.conkey) WITH ORDINALITY AS k (number, place)
          JOIN pg_attribute AS a ON a.attrelid = c.conrelid AND a.attnum = k.number)::text,
       n.nspname, r.relname,
       (SELECT json_agg(a.attname ORDER BY k.place) FROM unnest(c.confkey) WITH ORDINALITY AS k (number, place)
          JOIN pg_attribute AS a ON a.attrelid = c.confrelid AND a.attnum = k.number)::text
  FROM pg_constraint AS c
  LEFT JOIN pg_class AS r ON r.oid = c.confrelid
  LEFT JOIN pg_namespace AS n ON n.oid = r.relnamespace
 WHERE c.conrelid = to_regclass($1)
   AND (SELECT attnum FROM pg_attribute WHERE attrelid = c.conrelid AND attname = $2) = ANY (c.conkey)
   AND (c.contype IN ('f', 'x') OR c.contype IN ('c', 'u', 'p') AND cardinality(c.conkey) > 1)
   AND to_jsonb(c)->>'conenforced' IS DISTINCT FROM 'false'
 UNION ALL
SELECT CASE WHEN i.indexprs IS NULL AND i.indpred IS NULL THEN 'i' ELSE 'e' END, r.relname, '',
       (SELECT json_agg(a.attname ORDER BY k.place) FROM unnest(i.indkey) WITH ORDINALITY AS k (number, place)
          JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = k.number
         WHERE k.place <= i.indnkeyatts)::text,
       NULL, NULL, NULL
  FROM pg_index AS i
  JOIN pg_class AS r ON r.oid = i.indexrelid
  JOIN pg_attribute AS own ON own.attrelid = i.indrelid AND own.attname = $2
 WHERE i.indrelid = to_regclass($1) AND i.indisunique AND i.indisvalid
   AND NOT EXISTS (SELECT FROM pg_constraint AS c WHERE c.conrelid = i.indrelid AND c.conindid = i.indexrelid)
   AND (i.indexprs IS NULL AND i.indpred IS NULL AND i.indnkeyatts > 1
            AND own.attnum = ANY (i.indkey[0:i.indnkeyatts - 1])
        OR (i.indexprs IS NOT NULL OR i.indpred IS NOT NULL) AND EXISTS (
            SELECT FROM pg_depend AS d
             WHERE d.classid = 'pg_class'::regclass AND d.objid = i.indexrelid
               AND d.refobjid = i.indrelid AND d.refobjsubid = own.attnum))
 ORDER BY 2
"""
_COLUMNS = """
SELECT attname, format_type(atttypid, atttypmod), (atthasdef OR attidentity <> '')::text
  FROM pg_attribute WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped
"""

_KINDS = {
    "c": "check",
    "f": "foreign key",
    "x": "exclusion constraint",
    "i": "unique index",
    "e": "unique index",
}
_UNTRIED = {
    "x": "only the target itself can say which rows exclude one another",
    "e": "it is over an expression, or over some of the rows only",
}

Connection: TypeAlias = psycopg.Connection[Any]
Values: TypeAlias = tuple[str | None, ...]
"""Of the columns of a rule, of one row."""


class _Unknown(Exception):
    """Why a rule could not be tried, as the end of a sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rule:
    kind: str  # as in pg_constraint; i is a unique index that is none, e one over expressions or some of the rows
    name: str
    expression: str
    columns: tuple[str, ...]
    referenced: QualifiedName
    referenced_columns: tuple[str, ...]

    @property
    def called(self) -> str:
        return f"the {_KINDS.get(self.kind, 'unique key')} {self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Type:
    name: str
    has_default: bool


@dataclass(slots=True, kw_only=True)
class _Trying:
    """One preview, its two databases (idle both), and what of its other columns is known already."""

    source: Connection
    target: Connection
    mapping: ColumnMapping
    entry: TableMapping
    column: str
    found: Preview
    types: Mapping[str, _Type]
    known: dict[str, tuple[str | None, ...]]
    until: float

    def values(self, rule: _Rule) -> dict[int, Values]:
        """By the row's number; without the rows of which one of the values is not known."""
        columns = [self.of_column(column) for column in rule.columns]
        return {
            number: row
            for number, row in enumerate(zip(*columns, strict=True))
            if self.found.rows[number].problem is None
            and all(value is None or len(value) < LONGEST for value in row)
        }

    def of_column(self, name: str) -> tuple[str | None, ...]:
        if name not in self.known:
            self.known[name] = self._worked_out(name)
        return self.known[name]

    def _worked_out(self, name: str) -> tuple[str | None, ...]:
        pair = _pair(self.entry, name)
        if pair is None:
            if self.types[name].has_default or any(each.target == name for each in self.entry.pairs):
                raise _Unknown(f"what fills {name} is not confirmed")
            return (None,) * len(self.found.rows)
        if time.monotonic() > self.until:
            raise _Unknown(f"it took longer than {_SECONDS} seconds")
        try:
            made = preview(self.source, self.entry.source, _value(pair), self.types[name].name, limit=ROW_CAP)
        except Refused as exc:
            raise _Unknown(f"{name} could not be worked out ({str(exc).rstrip('.')})") from exc
        if [row.key for row in made.rows] != [row.key for row in self.found.rows] or made.problems:
            raise _Unknown(f"{name} does not get a value in every row")
        return tuple(row.after for row in made.rows)


def with_joint_rules(
    source: Connection,
    target: Connection,
    mapping: ColumnMapping,
    entry: TableMapping,
    column: str,
    found: Preview,
) -> Preview:
    """`found` with what the rules beyond the column refuse, and in `left` what could not be tried and why.

    `entry` is the column's two tables with their pairs. Both connections are idle; nothing is written. No value is in
    any sentence. Bounded in time: ten seconds for all rules, five for a statement.
    """
    rules, types = _read(target, entry.target, column)
    if column not in types:
        return found
    trying = _Trying(
        source=source,
        target=target,
        mapping=mapping,
        entry=entry,
        column=column,
        found=found,
        types=types,
        known={column: tuple(row.after for row in found.rows)},
        until=time.monotonic() + _SECONDS,
    )
    problems: dict[int, str] = {}
    left = []
    for rule in rules:
        try:
            if time.monotonic() > trying.until:
                raise _Unknown(f"it took longer than {_SECONDS} seconds")
            for number, said in _refused(trying, rule):
                problems.setdefault(number, said)
        except _Unknown as exc:
            left.append(f"{rule.called}, for {exc}")
        except psycopg.DataError:  # its message quotes the value
            left.append(f"{rule.called}, for a value of another table does not fit its type")
        except psycopg.Error as exc:
            left.append(f"{rule.called}, for PostgreSQL says “{sentence_of(exc).rstrip('.')}”")
    rows = (
        replace(row, problem=row.problem or problems.get(number)) for number, row in enumerate(found.rows)
    )
    return replace(found, rows=tuple(rows), left=tuple(left))


def _refused(trying: _Trying, rule: _Rule) -> Iterator[tuple[int, str]]:
    if rule.kind in _UNTRIED:
        raise _Unknown(_UNTRIED[rule.kind])
    values = trying.values(rule)
    whole = {number: row for number, row in values.items() if None not in row}
    if rule.kind == "f":
        there = _there(trying, rule, sorted(set(whole.values())))
        said = f"No row of {'.'.join(rule.referenced)} would have it: {rule.called} refuses it."
        yield from ((number, said) for number, row in whole.items() if row not in there)
    elif rule.kind == "c":
        said = f"The target's check {rule.name} refuses it: {rule.expression}."
        yield from ((number, said) for number in _broken(trying, rule, values))
    else:
        counts = Counter(whole.values())
        listed = ", ".join(rule.columns)
        said = f"Another of these rows gives the same {listed}, and {rule.name} is unique."
        yield from ((number, said) for number, row in whole.items() if counts[row] > 1)


def _broken(trying: _Trying, rule: _Rule, values: Mapping[int, Values]) -> Iterator[int]:
    """The rows that the check refuses; one that a type does not take is another column's matter."""
    numbers, rows = list(values), list(values.values())
    given = _given(rule.columns, trying.types)
    table = quote(trying.entry.target[1])
    command = f"SELECT place FROM {given} AS {table} WHERE ({rule.expression}) IS FALSE"
    try:
        with reading(trying.target, statement_timeout=_TIMEOUT), set_aside(trying.target):
            found = run_one(trying.target, command, _arrays(rule.columns, rows))
    except psycopg.DataError as exc:
        raise _Unknown("a value of another column does not fit its type") from exc
    yield from (numbers[int(place or 0) - 1] for (place,) in found)


def _there(trying: _Trying, rule: _Rule, wanted: Sequence[Values]) -> set[Values]:
    """Those of the values that the referenced table will have: the target's own rows, and the source's."""
    if not wanted:
        return set()
    own = [quote(name) for name in rule.referenced_columns]
    relation = f"{quote(rule.referenced[0])}.{quote(rule.referenced[1])}"
    types = [trying.types[name].name for name in rule.columns]
    found = _matched(trying.target, relation, own, types, wanted)
    if found >= set(wanted):
        return found
    for entry in (each for each in trying.mapping.tables if each.target == rule.referenced):
        pairs = [_pair(entry, name) for name in rule.referenced_columns]
        if None in pairs:
            listed = ", ".join(rule.referenced_columns)
            raise _Unknown(f"what fills {listed} of {'.'.join(rule.referenced)} is not confirmed")
        givers = [f"(({_value(pair)}\n)::{type_})" for pair, type_ in zip(pairs, types, strict=True) if pair]
        plain = f"{quote(entry.source[0])}.{quote(entry.source[1])}"
        rows = f"(SELECT * FROM {plain} WHERE ({entry.where}\n)) AS {quote(entry.source[1])}"
        found |= _matched(trying.source, rows if entry.where else plain, givers, types, wanted)
    return found


def _matched(
    connection: Connection,
    relation: str,
    values: Sequence[str],
    types: Sequence[str],
    wanted: Sequence[Values],
) -> set[Values]:
    """Those of `wanted` that the relation has, by the types' own equality."""
    names = [f"c{number}" for number in range(len(values))]
    typed = {name: _Type(name=type_, has_default=False) for name, type_ in zip(names, types, strict=True)}
    same = " AND ".join(f"there.{name} = given.{name}" for name in names)
    shown = ", ".join(f"{value} AS {name}" for value, name in zip(values, names, strict=True))
    # Joined, and not asked for each value: without an index the relation is read once.
    command = (
        f"SELECT DISTINCT given.place FROM {_given(names, typed)} AS given"
        f" JOIN (SELECT {shown} FROM {relation}) AS there ON {same}"
    )
    try:
        with reading(connection, statement_timeout=_TIMEOUT), set_aside(connection):
            found = run_one(connection, command, _arrays(names, wanted))
    except errors.QueryCanceled as exc:
        raise _Unknown(f"it took longer than {_TIMEOUT[:-1]} seconds") from exc
    return {wanted[int(place or 0) - 1] for (place,) in found}


def _given(columns: Sequence[str], types: Mapping[str, _Type]) -> str:
    """A relation of the rows that are given, an array of texts for each column, with each one's place from 1 on."""
    arrays = ", ".join(f"${number}::text[]" for number in range(1, len(columns) + 1))
    raw = ", ".join(f"v{number}" for number in range(1, len(columns) + 1))
    typed = ", ".join(
        f"v{number}::{types[name].name} AS {quote(name)}" for number, name in enumerate(columns, start=1)
    )
    given = f"unnest({arrays}) WITH ORDINALITY AS raw ({raw}, place)"
    return f"(SELECT place, {typed} FROM {given} OFFSET 0)"


def _arrays(columns: Sequence[str], rows: Sequence[Values]) -> list[str]:
    return [_array([row[number] for row in rows]) for number in range(len(columns))]


def _array(values: Sequence[str | None]) -> str:
    quoted = (
        "NULL" if value is None else '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
        for value in values
    )
    return "{" + ",".join(quoted) + "}"


def _pair(entry: TableMapping, column: str) -> ColumnPair | None:
    return next((pair for pair in entry.accepted() if pair.target == column), None)


def _value(pair: ColumnPair) -> str:
    return pair.expression or quote(pair.source or "")


def _read(
    target: Connection, table: QualifiedName, column: str
) -> tuple[tuple[_Rule, ...], dict[str, _Type]]:
    name = f"{quote(table[0])}.{quote(table[1])}"
    with reading(target, statement_timeout=_TIMEOUT):
        rules = tuple(_rule(row) for row in run_one(target, _RULES, [name, column]))
        columns = run_one(target, _COLUMNS, [name])
    return rules, {
        str(each): _Type(name=str(type_), has_default=has == "true") for each, type_, has in columns
    }


def _rule(row: Sequence[str | None]) -> _Rule:
    kind, name, expression, columns, schema, table, referenced = (value or "" for value in row)
    return _Rule(
        kind=kind,
        name=name,
        expression=expression,
        columns=tuple(json.loads(columns or "[]")),
        referenced=(schema, table),
        referenced_columns=tuple(json.loads(referenced or "[]")),
    )
