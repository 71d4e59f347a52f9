"""The SQL that compares one table's rows on both sides: by ranges of keys, then row by row."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from psycopg import sql

from migration.core.checksums import (
    BUCKET_ROWS,
    FINER,
    HashedRow,
    RangeSum,
    batches,
    hash_bits,
    range_width,
    runs_of,
)
from migration.core.record_text import fields_of
from migration.engine.carrying import EVERY_ROW, Carriage, CarriedColumn, Equality
from migration.engine.keys import find_key, key_rows
from migration.engine.row_hash import Hashed, row_hash
from migration.engine.sessions import Session, Streamed, run_one
from schemadiff.core.mapping import QualifiedName

_WHOLE_NUMBERS = frozenset({"int2", "int4", "int8"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Face:
    """One side of a table: where its rows are, what is hashed, and what names a row.

    `key` is the same on both sides; `own_key` is the source's key, as rejects and held rows are known by it.
    """

    table: QualifiedName
    values: tuple[Hashed, ...]
    shown: tuple[sql.Composable, ...]  # the same columns as they are, for people
    key: tuple[sql.Composable, ...]
    key_types: tuple[str, ...]
    key_names: tuple[str, ...]  # the target's columns
    own_key: sql.Composable  # text
    readable: (
        sql.Composable
    )  # a condition: a row to be carried, and none that the mapping's expressions fail on
    own_key_hash: sql.Composable | None = None  # instead of that of the text as the server keeps it

    @property
    def hash(self) -> sql.Composable:
        return row_hash(self.values)

    @property
    def key_text(self) -> sql.Composable:
        return sql.SQL("ROW({})::text").format(sql.SQL(", ").join(self.key))

    @property
    def key_hash(self) -> sql.Composable:
        of_text = sql.SQL('pg_catalog.hashtextextended({} COLLATE "C", 1)').format(self.key_text)
        return self.own_key_hash or of_text

    @property
    def rows(self) -> sql.Composable:
        return sql.Identifier(*self.table)

    def aliased(self, alias: str) -> "Face":
        """The target's side under another name in the query; its key columns are plain ones."""
        return replace(self, key=tuple(sql.Identifier(alias, name) for name in self.key_names))

    def with_keys(self, keys: Iterable[str]) -> sql.Composable:
        """A condition for the rows with these keys (texts of records); an index on the key finds them."""
        values = key_rows((fields_of(key) for key in keys), self.key_types)
        return sql.SQL("({}) IN ({})").format(sql.SQL(", ").join(self.key), values)


class Ranges(Protocol):
    """How a table is cut for comparison."""

    @property
    def method(self) -> str:
        """In words, for people."""

    @property
    def at_a_time(self) -> int:
        """How many ranges are looked into at once."""

    @property
    def count(self) -> int:
        """How many there are."""

    @property
    def finer(self) -> "Ranges | None":
        """Smaller ranges inside of them, where an index finds those again."""

    @property
    def what(self) -> str:
        """What they are, in words."""

    def number(self, face: Face) -> sql.Composable:
        """The range that a row is in."""

    def only(self, face: Face, ranges: Iterable[int]) -> sql.Composable:
        """A condition for the rows of those ranges."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberRanges:
    """Spans of a whole-number key: a range that differs is found again through the index."""

    lowest: int
    width: int
    column: str
    count: int = 1
    equality: Equality = Equality.STRICT
    at_a_time: int = 200

    @property
    def method(self) -> str:
        return f"{self.equality.value} hash per {self.width:,} values of {self.column}"[:80]

    @property
    def what(self) -> str:
        return f"ranges of {self.column}"

    @property
    def finer(self) -> "NumberRanges | None":
        return replace(self, width=self.width // FINER, count=self.count * FINER)

    def number(self, face: Face) -> sql.Composable:
        return sql.SQL("(({})::bigint - {}) / {}").format(
            face.key[0], sql.Literal(self.lowest), sql.Literal(self.width)
        )

    def only(self, face: Face, ranges: Iterable[int]) -> sql.Composable:
        spans = (
            sql.SQL("{key} BETWEEN {first} AND {last}").format(
                key=face.key[0],
                first=sql.Literal(self.lowest + first * self.width),
                last=sql.Literal(self.lowest + (last + 1) * self.width - 1),
            )
            for first, last in runs_of(ranges)
        )
        return sql.SQL("({})").format(sql.SQL(" OR ").join(spans))


@dataclass(frozen=True, slots=True, kw_only=True)
class HashRanges:
    """Buckets of the hashed key, for keys of other types or of several columns: no collation plays in."""

    bits: int
    columns: tuple[str, ...]
    equality: Equality = Equality.STRICT
    at_a_time: int = 20_000  # no index finds them again: better one long list than to read the table twice

    @property
    def method(self) -> str:
        return f"{self.equality.value} hash in {self.count:,} buckets of {', '.join(self.columns)}"[:80]

    @property
    def count(self) -> int:
        return int(2**self.bits)

    @property
    def what(self) -> str:
        return f"buckets of {', '.join(self.columns)}"

    @property
    def finer(self) -> None:
        return None

    def number(self, face: Face) -> sql.Composable:
        return sql.SQL("{} & {}").format(face.key_hash, sql.Literal(2**self.bits - 1))

    def only(self, face: Face, ranges: Iterable[int]) -> sql.Composable:
        return sql.SQL("({}) IN ({})").format(self.number(face), sql.SQL(", ").join(map(sql.Literal, ranges)))


def faces(
    carriage: Carriage,
    key: Sequence[CarriedColumn],
    own: Sequence[str],
    readable: sql.Composable,
    equality: Equality = Equality.STRICT,
) -> tuple[Face, Face]:
    """Source and target side. `own` are the source's key columns: rejects and held rows go by them."""
    carried = [carriage.target_column_of(column) for column in own]
    source = Face(
        table=carriage.source,
        values=tuple(column.compared_on_source(equality) for column in carriage.columns),
        shown=tuple(column.kept for column in carriage.columns),
        key=tuple(column.kept for column in key),
        key_names=tuple(column.name for column in key),
        key_types=tuple(column.type.full if column.type.in_both else "text" for column in key),
        own_key=_texts([sql.Identifier(carriage.source[1], column) for column in own]),
        readable=_both(carriage.where, readable),
    )
    target = Face(
        table=carriage.target,
        values=tuple(column.compared_on_target(equality) for column in carriage.columns),
        shown=tuple(sql.Identifier(column.name) for column in carriage.columns),
        key=tuple(sql.Identifier(column.name) for column in key),
        key_names=tuple(column.name for column in key),
        key_types=tuple(column.type.full for column in key),
        own_key=_texts([sql.Identifier(column.name) for column in carried if column is not None]),
        readable=EVERY_ROW,
    )
    return source, target


def _both(where: sql.Composable, readable: sql.Composable) -> sql.Composable:
    return readable if where == EVERY_ROW else sql.SQL("{} AND {}").format(where, readable)


def _texts(columns: Sequence[sql.Composable]) -> sql.Composable:
    if not columns:
        return sql.SQL("''")
    parts = sql.SQL(", ").join(sql.SQL("{}::text").format(column) for column in columns)
    return sql.SQL("ARRAY[{}]::text[]::text").format(parts)


def shared_key(source: Session, target: Session, carriage: Carriage) -> tuple[CarriedColumn, ...]:
    """Target columns that tell rows apart: a key of the target, else the source's where it is carried.

    Where the target's table takes the rows of several, a key of the target that all of them fill.
    """
    there = find_key(target, carriage.target, carriage.common)
    if there is not None:
        return tuple(column for name in there.columns if (column := carriage.column(name)) is not None)
    here = None if carriage.together else find_key(source, carriage.source)
    carried = [carriage.target_column_of(name) for name in here.columns] if here else []
    return () if None in carried else tuple(column for column in carried if column is not None)


def extent(session: Session, face: Face) -> tuple[int | None, int | None]:
    """Lowest and highest key (a whole number) of one side; by the index where the key is taken as it is."""
    low, high = (
        run_one(
            session,
            sql.SQL("SELECT {function}({key})::bigint FROM {rows} WHERE {readable}").format(
                function=sql.SQL(function), key=face.key[0], rows=face.rows, readable=face.readable
            ),
        ).fetchone()
        for function in ("min", "max")
    )
    assert low is not None and high is not None
    return low[0], high[0]


def estimated_rows(session: Session, face: Face) -> int:
    """As VACUUM, ANALYZE or an index build last counted them; partitions together."""
    row = session.execute(
        "SELECT coalesce(sum(greatest(c.reltuples, 0)), 0)::bigint FROM pg_catalog.pg_class c "
        "WHERE c.oid = pg_catalog.to_regclass(%(name)s) AND c.relkind <> 'p' OR c.oid IN (SELECT relid FROM "
        "pg_catalog.pg_partition_tree(pg_catalog.to_regclass(%(name)s)) WHERE isleaf)",
        {"name": face.rows.as_string(session)},
    ).fetchone()
    return int(row[0]) if row else 0


def whole_count(session: Session, face: Face) -> RangeSum:
    """Count of the whole table, without a sum."""
    return RangeSum(rows=count_rows(session, face), total=0)


def count_rows(session: Session, face: Face) -> int:
    """All rows of one side."""
    row = run_one(
        session,
        sql.SQL("SELECT count(*) FROM {} WHERE {}").format(face.rows, face.readable),
    ).fetchone()
    return int(row[0]) if row else 0


def number_ranges(
    column: str,
    extents: Sequence[tuple[int | None, int | None]],
    rows: int,
    equality: Equality = Equality.STRICT,
) -> NumberRanges | None:
    """Ranges over both sides' keys; None where they span too much."""
    lows = [low for low, _ in extents if low is not None]
    highs = [high for _, high in extents if high is not None]
    if not lows or not highs:
        return NumberRanges(lowest=0, width=BUCKET_ROWS, column=column, equality=equality)
    width = range_width(min(lows), max(highs), rows)
    if width is None:
        return None
    count = (max(highs) - min(lows)) // width + 1
    return NumberRanges(lowest=min(lows), width=width, column=column, equality=equality, count=count)


def hash_ranges(
    columns: Sequence[CarriedColumn], rows: int, equality: Equality = Equality.STRICT
) -> HashRanges:
    """Buckets for that many rows."""
    names = tuple(column.name for column in columns)
    return HashRanges(bits=hash_bits(rows), columns=names, equality=equality)


def is_whole_number(key: Sequence[CarriedColumn]) -> bool:
    """Is the key one column of a whole-number type?"""
    return len(key) == 1 and key[0].type.built_in and key[0].type.name in _WHOLE_NUMBERS


def sums(
    session: Session,
    face: Face,
    ranges: Ranges,
    numbers: Sequence[int] | None = None,
    within: Ranges | None = None,
) -> dict[int, RangeSum]:
    """Count and sum of hashes per range: of all, or of those with these numbers.

    The numbers are those of `within`, where it is given: the ranges are smaller ones then.
    """
    outer = within or ranges
    parts = (
        [EVERY_ROW]
        if numbers is None
        else [outer.only(face, some) for some in batches(numbers, outer.at_a_time)]
    )
    found: dict[int, RangeSum] = {}
    for only in parts:
        query = sql.SQL(
            "SELECT {number}, count(*), sum({hash}) FROM {rows} WHERE {readable} AND {only} GROUP BY 1"
        ).format(
            number=ranges.number(face), hash=face.hash, rows=face.rows, readable=face.readable, only=only
        )
        found |= {row[0]: RangeSum(rows=row[1], total=int(row[2])) for row in run_one(session, query)}
    return found


def whole_sum(session: Session, face: Face) -> RangeSum:
    """Count and sum of the whole table."""
    row = run_one(
        session,
        sql.SQL("SELECT count(*), coalesce(sum({}), 0) FROM {} WHERE {}").format(
            face.hash, face.rows, face.readable
        ),
    ).fetchone()
    assert row is not None
    return RangeSum(rows=row[0], total=int(row[1]))


def hashed_rows(
    session: Session, face: Face, ranges: Ranges, numbers: Iterable[int], *, own: bool
) -> Streamed[HashedRow]:
    """Every row in those ranges, sorted by its key, as it comes; nothing is held in memory.

    Without `own` a row's own key is left empty. The order is that of the key's UTF-8, on every server.
    """
    query = sql.SQL(
        "SELECT {key}, {hash}, {own} FROM {rows} WHERE {readable} AND {only} "
        "ORDER BY pg_catalog.convert_to({key}, 'UTF8')"
    ).format(
        readable=face.readable,
        key=face.key_text,
        hash=face.hash,
        own=face.own_key if own else sql.SQL("''"),
        rows=face.rows,
        only=ranges.only(face, numbers),
    )
    return Streamed(session, query, HashedRow)


def column_hashes(session: Session, face: Face, keys: Sequence[str]) -> dict[str, tuple[int, ...]]:
    """For these rows, each column's hash by itself."""
    query = sql.SQL("SELECT {key}, ARRAY[{hashes}] FROM {rows} WHERE {readable} AND {chosen}").format(
        readable=face.readable,
        key=face.key_text,
        hashes=sql.SQL(", ").join(row_hash([value]) for value in face.values),
        rows=face.rows,
        chosen=face.with_keys(keys),
    )
    return {row[0]: tuple(row[1]) for row in run_one(session, query)}


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownRow:
    """A row's columns for people: texts that may be cut off, and their hashes, which are of the whole values."""

    values: tuple[str | None, ...]
    hashes: tuple[int, ...]


def shown_rows(session: Session, face: Face, keys: Sequence[str], longest: int) -> dict[str, ShownRow]:
    """These rows with values of up to `longest` characters; one query."""
    query = sql.SQL(
        "SELECT {key}, ARRAY[{values}]::text[], ARRAY[{hashes}] FROM {rows} WHERE {readable} AND {chosen}"
    ).format(
        readable=face.readable,
        key=face.key_text,
        values=sql.SQL(", ").join(
            sql.SQL("left(({})::text, {})").format(value, sql.Literal(longest)) for value in face.shown
        ),
        hashes=sql.SQL(", ").join(row_hash([value]) for value in face.values),
        rows=face.rows,
        chosen=face.with_keys(keys),
    )
    return {row[0]: ShownRow(values=tuple(row[1]), hashes=tuple(row[2])) for row in run_one(session, query)}
