"""Keys that do not stay what they are: numbered anew by the target, and what refers to them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from schemadiff.core import column_types
from schemadiff.core.catalog import Catalog, ConstraintKind, Table
from schemadiff.core.columns import Column
from schemadiff.core.fitting.question import Kind, Question, closed
from schemadiff.core.identifiers import qualified, quote
from schemadiff.core.mapping import ColumnPair, Mapping, PairStatus, QualifiedName, TableMapping

ReferringNames: TypeAlias = dict[tuple[str, str, str], frozenset[tuple[QualifiedName, str]]]
"""By schema, name and type of the columns that refer to it: a table and its key."""

_INTEGERS = frozenset({"smallint", "integer", "bigint"})
_MOST_NUMBERED = 1_000  # each row counts those before it


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A target column holds keys of the target's table `refers`.

    `feeder` is the source table whose rows that gets, None where the mapping fills it from none; `filler` is what fills
    the key, `key` the source column that it is made of. Not `declared`: no foreign key, only the name and the type of
    columns that have it.
    """

    refers: QualifiedName
    is_declared: bool
    feeder: QualifiedName | None = None
    filler: ColumnPair | None = None
    key: Column | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OnlyRow:
    condition: str  # SQL, true where the table that is referred to has one row
    expression: str


def referring_names(target: Catalog) -> ReferringNames:
    """What the columns of each name and type refer to by foreign keys of their own, schema by schema."""
    found: dict[tuple[str, str, str], set[tuple[QualifiedName, str]]] = {}
    for table in target.tables:
        for name, reference in _references(table).items():
            column = table.column(name)
            if column is not None:
                found.setdefault((table.schema, name, _base(column)), set()).add(reference)
    return {place: frozenset(references) for place, references in found.items()}


def link_of(
    source: Catalog, names: ReferringNames, mapping: Mapping, taker: Table, column: Column
) -> Link | None:
    """By the column's own foreign key, else by that of others of its name and type; keys of one column only."""
    own = _references(taker).get(column.name)
    found = own or _by_name(names, taker, column)
    if found is None:
        return None
    refers, key = found
    fed = mapping.for_target(refers)
    if fed is None:
        return Link(refers=refers, is_declared=own is not None)
    filler = next((pair for pair in fed.pairs if pair.target == key and _stands(pair)), None)
    feeder = source.table(*fed.source)
    return Link(
        refers=refers,
        is_declared=own is not None,
        feeder=fed.source,
        filler=filler,
        key=feeder.column(filler.source) if feeder and filler and filler.source else None,
    )


def of_own_numbers(giver: Table, taker: Table, table: TableMapping, pair: ColumnPair) -> Iterator[Question]:
    """A primary key that the target numbers itself, while another unique column gets what the source has there."""
    one, other = giver.column(pair.source or ""), taker.column(pair.target)
    if one is None or other is None or not (_is_key(giver, one) and _is_key(taker, other)):
        return
    if not (_numbers_itself(other) and _integer(one) and _integer(other)):
        return
    column, place = quote(one.name), qualified(*table.source)
    first = f"(SELECT r.{column} FROM {place} AS r LIMIT {_MOST_NUMBERED + 1}) AS r"
    # Keys that are 1, 2, 3… are what the target would give them.
    is_apart = f"max(r.{column}) <> count(*) OR min(r.{column}) < 1"
    for twin in _twins(giver, taker, table, one):
        yield Question(
            kind=Kind.OWN_NUMBER,
            pair=pair,
            source=one,
            target=other,
            predicate=f"t.{column} IS NOT NULL",
            mended=f"t.{column} = t.{quote(twin.source or '')}"
            f" AND (SELECT count(*) <= {_MOST_NUMBERED} AND ({is_apart}) FROM {first})",
            twin=twin.target,
            expression=number_of(table.source, one, f"{quote(table.source[1])}.{column}"),
        )
        return


def number_of(table: QualifiedName, key: Column, value: str) -> str:
    """The place of the row with that key in the order of the keys, from 1; NULL for none."""
    count = f"SELECT count(*) FROM {qualified(*table)} AS r WHERE r.{quote(key.name)} <= {value}"
    return f"nullif(({count}), 0)"


def of_references(
    table: TableMapping, link: Link | None, pair: ColumnPair, one: Column, other: Column
) -> Iterator[Question]:
    """A key's values must be rows that the migration brings, or that are there; and they become what these become."""
    if link is None or (link.feeder is not None and (link.filler is None or link.key is None)):
        return
    column = f"t.{quote(one.name)}"
    there = ""
    if link.feeder is not None and link.key is not None:
        same = f"r.{quote(link.key.name)}::text = {column}::text"
        there = f"EXISTS (SELECT FROM {qualified(*link.feeder)} AS r WHERE {same})"
    if link.is_declared:
        yield Question(
            kind=Kind.NO_SUCH_ROW,
            pair=pair,
            source=one,
            target=other,
            predicate=f"{column} IS NOT NULL" + (f" AND NOT {there}" if there else ""),
            refers=link.refers,
            is_fed=link.feeder is not None,
            expression=_where_there(table, link, one),
        )
    if link.filler is not None and link.filler.expression:
        yield Question(
            kind=Kind.FOLLOWS,
            pair=pair,
            source=one,
            target=other,
            predicate=f"{column} IS NOT NULL",
            mended=there,
            refers=link.refers,
            expression=_followed(table, link, one),
            needs_all=not link.is_declared,
        )


def only_row(table: TableMapping, link: Link | None, pair: ColumnPair, one: Column) -> OnlyRow | None:
    """What an empty reference could only be."""
    if link is None or link.feeder is None or link.key is None or link.filler is None:
        return None
    if table.source == link.feeder:
        return None
    place = qualified(*link.feeder)
    key = f"{quote(link.feeder[1])}.{quote(link.key.name)}"
    became = closed(link.filler.expression or key)
    the_one = f"(SELECT (array_agg({became}))[1] FROM {place} HAVING count(*) = 1)"
    return OnlyRow(
        condition=f"(SELECT count(*) = 1 FROM (SELECT FROM {place} LIMIT 2) AS r)",
        expression=f"coalesce({closed(pair.expression or quote(one.name))}, {the_one})",
    )


def _where_there(table: TableMapping, link: Link, one: Column) -> str:
    """The value where the row that it speaks of is there; empty where that cannot be written."""
    if link.filler is None or link.feeder is None or link.key is None:
        return ""
    if link.filler.expression:
        return _followed(table, link, one)
    if _base(one) != _base(link.key):
        return ""
    key, value = f"r.{quote(link.key.name)}", f"{quote(table.source[1])}.{quote(one.name)}"
    return f"(SELECT {key} FROM {qualified(*link.feeder)} AS r WHERE {key} = {value})"


def _followed(table: TableMapping, link: Link, one: Column) -> str:
    """Empty where it cannot be written: the expression would speak of two tables of one name, or types differ."""
    assert link.feeder is not None and link.key is not None and link.filler is not None
    expression = link.filler.expression or ""
    value = f"{quote(table.source[1])}.{quote(one.name)}"
    parent = quote(link.feeder[1])
    numbered = number_of(link.feeder, link.key, f"{parent}.{quote(link.key.name)}")
    if expression == numbered and _integer(one):
        return number_of(link.feeder, link.key, value)
    if link.feeder[1] == table.source[1] or _base(one) != _base(link.key):
        return ""
    place = f"{qualified(*link.feeder)} WHERE {parent}.{quote(link.key.name)} = {value}"
    return f"(SELECT {closed(expression)} FROM {place})"


def _references(table: Table) -> dict[str, tuple[QualifiedName, str]]:
    """The table and the key that each column refers to by a foreign key of its own."""
    return {
        constraint.columns[0]: (constraint.references, constraint.referenced_columns[0])
        for constraint in table.constraints
        if constraint.kind is ConstraintKind.FOREIGN_KEY
        and len(constraint.columns) == 1
        and constraint.references is not None
        and constraint.referenced_columns
    }


def _by_name(names: ReferringNames, taker: Table, column: Column) -> tuple[QualifiedName, str] | None:
    """What every other column of that name refers to, where they agree."""
    found = names.get((taker.schema, column.name, _base(column)), frozenset())
    if _is_key(taker, column) or len(found) != 1:
        return None
    (one,) = found
    return one if one[0] != taker.qualified else None


def _twins(giver: Table, taker: Table, table: TableMapping, key: Column) -> Iterator[ColumnPair]:
    for pair in table.pairs:
        one, other = giver.column(pair.source or ""), taker.column(pair.target)
        if one is None or other is None or one.name == key.name or not _stands(pair) or pair.expression:
            continue
        if _integer(one) and _integer(other) and _is_unique(taker, other) and not _numbers_itself(other):
            yield pair


def _stands(pair: ColumnPair) -> bool:
    return pair.status is not PairStatus.REJECTED


def _is_key(table: Table, column: Column) -> bool:
    return any(
        c.kind is ConstraintKind.PRIMARY_KEY and c.columns == (column.name,) for c in table.constraints
    )


def _is_unique(table: Table, column: Column) -> bool:
    return any(c.kind is ConstraintKind.UNIQUE and c.columns == (column.name,) for c in table.constraints)


def _numbers_itself(column: Column) -> bool:
    return column.identity is not None or "nextval(" in (column.default or "")


def _integer(column: Column) -> bool:
    return _base(column) in _INTEGERS


def _base(column: Column) -> str:
    parsed = column_types.parse(column.type)
    return "" if parsed.dimensions else parsed.base
