"""Rows on scratch servers: the target's own, which carried rows refer to or collide with, and a sample of the
source's where there are too many to rehearse with."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

from migration.scratch import Scratch
from schemadiff.core.catalog import Catalog, Table
from schemadiff.core.mapping import QualifiedName, TableMapping
from schemadiff.core.options.option import Option
from schemadiff.evidence.profiles import row_counts
from schemadiff.evidence.reading import reading, sentence_of

_TIMEOUT = "30min"
_KEYS_AT_ONCE = 500
_EVERY = sql.SQL("")

Connection = psycopg.Connection[Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """Rows of `table` name rows of `referred` by these columns."""

    table: QualifiedName
    columns: tuple[str, ...]
    referred: QualifiedName
    referred_columns: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """How many rows of each table are on scratch; `failed` are tables whose rows are not, each with the reason."""

    rows: Mapping[QualifiedName, int]
    failed: tuple[str, ...] = ()


def load_target_rows(
    origin: Connection, scratch: Scratch, catalog: Catalog, options: Sequence[Option], *, limit: int
) -> Loaded:
    """The rows of the target's tables that are to take rows, and of those that refer to them or that they refer to.

    Protected tables stay empty, and so do tables of more than `limit` rows.
    """
    tables = _needed(catalog, options)
    counts = row_counts(origin, [table.qualified for table in tables])
    rows: dict[QualifiedName, int] = {}
    failed = [
        f"{'.'.join(name)} holds {count:,} rows, more than {limit:,}"
        for name, count in counts.items()
        if count > limit
    ]
    with reading(origin, statement_timeout=_TIMEOUT), scratch.loading() as into:
        for table in tables:
            if 0 < counts[table.qualified] <= limit:
                try:
                    rows[table.qualified] = _copy(origin, into, table)
                except psycopg.errors.DatabaseError as exc:
                    _raise_if_lost(exc, origin, into)
                    failed.append(f"{'.'.join(table.qualified)}: {sentence_of(exc)}")
    return Loaded(rows=rows, failed=tuple(failed))


def load_sample(
    origin: Connection,
    scratch: Scratch,
    catalog: Catalog,
    counts: Mapping[QualifiedName, int],
    references: Sequence[Reference],
    *,
    limit: int,
) -> Loaded:
    """About `limit` rows of the source, every table with a share of its own, and the rows that they refer to.

    Small tables come as a whole. The same rows are chosen each time, as long as the tables stay as they are.
    """
    shares = shares_of(counts, limit)
    tables = {name: table for name in counts if (table := catalog.table(*name)) is not None}
    rows: dict[QualifiedName, int] = {}
    failed: list[str] = []
    with reading(origin, statement_timeout=_TIMEOUT), scratch.loading() as into:
        for name, table in tables.items():
            try:
                rows[name] = _copy(origin, into, table, _sampled(shares[name], counts[name]))
            except psycopg.errors.DatabaseError as exc:
                _raise_if_lost(exc, origin, into)
                failed.append(f"{'.'.join(name)}: {sentence_of(exc)}")
        _complete(
            origin, into, [r for r in references if r.referred in rows and r.table in rows], tables, rows
        )
    return Loaded(rows=rows, failed=tuple(failed))


def shares_of(counts: Mapping[QualifiedName, int], limit: int) -> dict[QualifiedName, int]:
    """How many rows of each table to take: all tables alike, and what small ones leave over goes to the others."""
    shares: dict[QualifiedName, int] = {}
    left = limit
    for place, (name, count) in enumerate(sorted(counts.items(), key=lambda each: (each[1], each[0]))):
        shares[name] = min(count, max(left, 0) // (len(counts) - place))
        left -= shares[name]
    return shares


def references_of(source: Catalog, target: Catalog, options: Iterable[Option]) -> tuple[Reference, ...]:
    """The foreign keys of either side, between the source tables of the options, in the source's columns.

    A foreign key of the target counts where plain columns of the source fill it.
    """
    found = {
        Reference(
            table=table.qualified,
            columns=key.columns,
            referred=key.references,
            referred_columns=key.referenced_columns,
        )
        for table in source.tables
        for key in table.foreign_keys
        if key.references is not None
    }
    for option in options:
        found.update(_of_mapping(target, option))
    return tuple(sorted(found, key=lambda each: (each.table, each.columns, each.referred)))


def _of_mapping(target: Catalog, option: Option) -> Iterator[Reference]:
    for entry in option.mapping.tables:
        taker = target.table(*entry.target)
        for key in taker.foreign_keys if taker else ():
            referred = option.mapping.for_target(key.references) if key.references else None
            if referred is None:
                continue
            columns = _source_columns(entry, key.columns)
            referred_columns = _source_columns(referred, key.referenced_columns)
            if columns and referred_columns:
                yield Reference(
                    table=entry.source,
                    columns=columns,
                    referred=referred.source,
                    referred_columns=referred_columns,
                )


def _source_columns(entry: TableMapping, columns: Sequence[str]) -> tuple[str, ...]:
    """Empty unless each is filled by a column as it is."""
    plain = {pair.target: pair.source for pair in entry.accepted() if pair.source and not pair.expression}
    found = [plain.get(column) for column in columns]
    return tuple(name for name in found if name) if all(found) else ()


def _needed(catalog: Catalog, options: Sequence[Option]) -> list[Table]:
    """What takes rows, what refers to that (its foreign keys may be put on new tables), and what all these refer to."""
    protected = {name for option in options for name in option.scope.protected}
    takers = {entry.target for option in options for entry in option.mapping.tables}
    takers |= {name for option in options for name in option.scope.tables}
    waiting = sorted(takers)
    waiting += [t.qualified for t in catalog.tables if takers & {key.references for key in t.foreign_keys}]
    found: dict[QualifiedName, Table] = {}
    while waiting:
        name = waiting.pop()
        table = catalog.table(*name)
        if table is not None and name not in found and name not in protected:
            found[name] = table
            waiting += [key.references for key in table.foreign_keys if key.references]
    return [found[name] for name in sorted(found) if found[name].partition_of not in found]


def _copy(origin: Connection, into: Connection, table: Table, chosen: sql.Composable = _EVERY) -> int:
    """Rows as text through two COPYs; all of the table's or none."""
    names = sql.SQL(", ").join(
        sql.Identifier(column.name) for column in table.columns if not column.generated
    )
    place = sql.Identifier(*table.qualified)
    reading_rows = sql.SQL("COPY (SELECT {} FROM {}{}) TO STDOUT").format(names, place, chosen)
    writing_rows = sql.SQL("COPY {} ({}) FROM STDIN").format(place, names)
    with origin.transaction(), into.transaction(), into.cursor() as writer, origin.cursor() as reader:
        with reader.copy(reading_rows) as out, writer.copy(writing_rows) as taken:
            for block in out:
                taken.write(block)
        return writer.rowcount


def _sampled(share: int, count: int) -> sql.Composable:
    if share >= count:
        return _EVERY
    percent = max(100 * share / count, 0.000001)
    return sql.SQL(" TABLESAMPLE BERNOULLI ({}) REPEATABLE (1)").format(sql.Literal(round(percent, 6)))


def _complete(
    origin: Connection,
    into: Connection,
    references: Sequence[Reference],
    tables: Mapping[QualifiedName, Table],
    rows: dict[QualifiedName, int],
) -> None:
    """Fetch the rows that sampled rows refer to until none is found that is missing."""
    came = True
    while came:
        came = False
        for reference in references:
            missing = _missing(into, reference)
            for start in range(0, len(missing), _KEYS_AT_ONCE):
                chosen = _with_keys(reference.referred_columns, missing[start : start + _KEYS_AT_ONCE])
                count = _copy(origin, into, tables[reference.referred], chosen)
                rows[reference.referred] += count
                came = came or count > 0


def _missing(into: Connection, reference: Reference) -> list[tuple[str, ...]]:
    """Compared as text: the two sides may have different types."""
    pairs = list(zip(reference.columns, reference.referred_columns, strict=True))
    query = sql.SQL(
        "SELECT DISTINCT {texts} FROM {table} AS r WHERE {given} AND NOT EXISTS"
        " (SELECT FROM {referred} AS p WHERE {equal})"
    ).format(
        texts=sql.SQL(", ").join(_text("r", name) for name, _ in pairs),
        table=sql.Identifier(*reference.table),
        given=sql.SQL(" AND ").join(sql.SQL("r.{} IS NOT NULL").format(sql.Identifier(n)) for n, _ in pairs),
        referred=sql.Identifier(*reference.referred),
        equal=sql.SQL(" AND ").join(
            sql.SQL("{} = {}").format(_text("p", theirs), _text("r", ours)) for ours, theirs in pairs
        ),
    )
    return sorted(into.execute(query).fetchall())


def _text(alias: str, column: str) -> sql.Composable:
    return sql.SQL("{}::text").format(sql.Identifier(alias, column))


def _with_keys(columns: Sequence[str], keys: Iterable[tuple[str, ...]]) -> sql.Composable:
    """Literals of unknown type take the columns' own."""
    names = sql.SQL(", ").join(sql.Identifier(name) for name in columns)
    rows = (sql.SQL("({})").format(sql.SQL(", ").join(map(sql.Literal, key))) for key in keys)
    return sql.SQL(" WHERE ({}) IN ({})").format(names, sql.SQL(", ").join(rows))


def _raise_if_lost(error: psycopg.Error, *connections: Connection) -> None:
    if any(connection.closed for connection in connections):
        raise error
