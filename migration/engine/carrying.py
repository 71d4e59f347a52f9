"""How each target column gets its value: the expression to copy by, and the one to compare by.

The source's SELECT casts to the target's type, so that the bytes pass through. A type that could shorten
a value in silence is cast without its length: the target then refuses what is too long.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from psycopg import sql

from migration.core.errors import RunFailed
from migration.engine.queries import query
from migration.engine.row_hash import Hashed
from migration.engine.sessions import Session, qualified_names
from schemadiff.core.mapping import ColumnPair, QualifiedName, TableMapping

_COLUMNS = query("columns")

_SHORTENED = frozenset({"varchar", "bpchar", "bit", "varbit"})  # an explicit cast cuts these in silence
# Types whose hash tells different values apart on every server; the others are compared as text.
_HASHED_BY_TYPE = frozenset(
    {"bool", "int2", "int4", "int8", "uuid", "bytea", "inet", "cidr", "macaddr"}
    | {"date", "time", "timetz", "timestamp", "timestamptz"}
)
# Types whose own equality is the meaning of their values: 1.5 = 1.50, -0.0 = 0.0, 1 day = 24 hours.
_EQUAL_BY_TYPE = frozenset({"numeric", "float4", "float8", "interval", "jsonb"})


EVERY_ROW: sql.Composable = sql.SQL("true")


class Equality(Enum):
    """When two values count as the same."""

    STRICT = "strict"  # they are written the same way
    SEMANTIC = "semantic"  # they mean the same: their type takes them for equal


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetType:
    """What has to be known of a target column's type. A domain is taken as its base type."""

    column: str
    not_null: bool
    generated: bool
    full: str  # numeric(10,2)
    bare: str  # numeric
    kind: str  # pg_type.typtype
    built_in: bool
    is_array: bool
    element_built_in: bool
    name: str
    element: str
    has_binary: bool
    position: int
    has_default: bool  # a default, an identity or an expression fills it where nothing else does

    @property
    def in_both(self) -> bool:
        """Does every PostgreSQL have this type under the same OID?"""
        return self.built_in and self.element_built_in

    @property
    def binary(self) -> bool:
        """Do its bytes mean the same on another server? (OIDs inside them do not.)"""
        if self.kind == "e":
            return True  # sent as text, which is what an enum's bytes are
        return (
            self.in_both and self.has_binary and not (self.name + self.element).lstrip("_").startswith("reg")
        )

    @property
    def is_shortened(self) -> bool:
        return (self.element if self.is_array else self.name) in _SHORTENED

    def hashable(self, value: sql.Composable, equality: Equality = Equality.STRICT) -> sql.Composable:
        """The value so that different ones have different hashes: 1.5 and 1.50 too, where it is strict."""
        return self.hashed(value, equality).value

    def hashed(self, value: sql.Composable, equality: Equality = Equality.STRICT) -> Hashed:
        """The same, with the type by which it is hashed."""
        if self._is_hashed_as_it_is(equality):
            return Hashed(value=value, type=self.name)
        if equality is Equality.SEMANTIC and self.built_in and self.name == "json":
            return Hashed(value=_cast(value, "jsonb"))
        return Hashed(value=sql.SQL('({})::text COLLATE "C"').format(value), type="text")

    def _is_hashed_as_it_is(self, equality: Equality) -> bool:
        if not self.built_in:
            return False
        if self.name in _HASHED_BY_TYPE or (self.name == "numeric" and self.full != self.bare):
            return True  # a numeric of declared scale writes each number in one way
        return equality is Equality.SEMANTIC and self.name.lstrip("_") in _EQUAL_BY_TYPE


@dataclass(frozen=True, slots=True, kw_only=True)
class CarriedColumn:
    """One target column with the SQL that makes its value on the source."""

    name: str
    type: TargetType
    value: sql.Composable  # over the source table's columns
    source: str | None  # the source column, where its value is taken as it is

    @property
    def copied(self) -> sql.Composable:
        """For the COPY."""
        if self.type.kind == "e":
            return _cast(self.value, "text")
        if not self.type.in_both:
            return self.value
        return _cast(self.value, self.type.bare if self.type.is_shortened else self.type.full)

    @property
    def kept(self) -> sql.Composable:
        """The value on the source as the target keeps it."""
        return _cast(self.value, self.type.full if self.type.in_both else "text")

    def compared_on_source(self, equality: Equality = Equality.STRICT) -> Hashed:
        """For the hash, on the source."""
        return self.type.hashed(self.kept, equality)

    def compared_on_target(self, equality: Equality = Equality.STRICT) -> Hashed:
        """For the hash, on the target."""
        return self.type.hashed(sql.Identifier(self.name), equality)


@dataclass(frozen=True, slots=True, kw_only=True)
class Carriage:
    """A source table on its way into a target table. `name` is what it is called in the ledger, and to people.

    `where` is a condition over the source table's columns: other rows are not on their way.
    """

    source: QualifiedName
    target: QualifiedName
    columns: tuple[CarriedColumn, ...]
    name: QualifiedName
    where: sql.Composable
    unfilled: tuple[TargetType, ...] = ()  # NOT NULL columns of the target that nothing fills
    kept_by: int | None = (
        None  # rows that are there are overwritten, and kept by this record; None: they stay
    )
    together: tuple[
        "Carriage", ...
    ] = ()  # where the target's table takes several: all of them, in their order

    @property
    def members(self) -> tuple["Carriage", ...]:
        """All that go into the target's table; itself where it goes alone."""
        return self.together or (self,)

    @property
    def place(self) -> int:
        """Its own among the members."""
        return next((n for n, each in enumerate(self.together) if each.name == self.name), 0)

    @property
    def common(self) -> tuple[str, ...]:
        """The target columns that every member fills."""
        others = [{column.name for column in each.columns} for each in self.together]
        return tuple(column.name for column in self.columns if all(column.name in each for each in others))

    @property
    def binary(self) -> bool:
        return all(column.type.binary for column in self.columns)

    def target_column_of(self, source_column: str) -> CarriedColumn | None:
        """The target column that takes this source column as it is."""
        return next((column for column in self.columns if column.source == source_column), None)

    def column(self, name: str) -> CarriedColumn | None:
        return next((column for column in self.columns if column.name == name), None)


def carriage_of(target: Session, entry: TableMapping) -> Carriage:
    """Read the target's columns and join them with the confirmed pairs. Generated columns are left out.

    Raises RunFailed when a table or column is missing, or nothing is mapped.
    """
    types = {each.column: each for each in column_types(target, entry.target)}
    source, there = ".".join(entry.source), ".".join(entry.target)
    if not types:
        raise RunFailed(f"The target has no table “{there}”, which is to take the rows of “{source}”.")
    for pair in entry.accepted():
        if pair.target not in types:
            raise RunFailed(
                f"The target's table “{there}” has no column “{pair.target}”, which the mapping fills."
            )
    columns = tuple(
        CarriedColumn(
            name=pair.target,
            type=types[pair.target],
            value=_value(pair, entry.source),
            source=pair.source if pair.expression is None else None,
        )
        for pair in entry.accepted()
        if not types[pair.target].generated and (pair.source is not None or pair.expression is not None)
    )
    if not columns:
        raise RunFailed(
            f"No column of “{there}” has a confirmed pair: confirm how “{source}” fills it first."
        )
    filled = {column.name for column in columns}
    unfilled = (
        each
        for each in types.values()
        if each.not_null and not each.has_default and each.column not in filled
    )
    return Carriage(
        source=entry.source,
        target=entry.target,
        columns=columns,
        name=entry.name,
        where=condition_of(entry),
        unfilled=tuple(unfilled),
    )


def carriages_of(target: Session, entries: Iterable[TableMapping]) -> list[Carriage]:
    """Those of a run or a comparison, in their order; each knows which others go into its target table, too.

    Raises RunFailed as `carriage_of` does.
    """
    found = [carriage_of(target, entry) for entry in entries]
    members = {each.target: tuple(one for one in found if one.target == each.target) for each in found}
    return [
        replace(each, together=members[each.target]) if len(members[each.target]) > 1 else each
        for each in found
    ]


def condition_of(entry: TableMapping) -> sql.Composable:
    """Which rows of the source table it takes. Raises Refused for what is no expression."""
    return EVERY_ROW if entry.where is None else sql.SQL("{}::boolean").format(_entered(entry.where))


def _value(pair: ColumnPair, table: QualifiedName) -> sql.Composable:
    if pair.expression is not None:
        return _entered(pair.expression)
    assert pair.source is not None
    return sql.Identifier(table[1], pair.source)


def _entered(expression: str) -> sql.Composable:
    # Here, for the parser takes longer to load than 100,000 rows to carry, and a copying process never needs it.
    from schemadiff.core.sql_guard import check_expression

    check_expression(expression)  # once more: a spec may come from the ledger
    # The line break ends a comment that the expression may end with.
    return sql.SQL("({}\n)").format(sql.SQL(expression))


def column_types(target: Session, table: QualifiedName) -> tuple[TargetType, ...]:
    """The table's columns in their order; none if there is no such table."""
    with qualified_names(target):
        rows: list[Any] = target.execute(
            _COLUMNS, {"table": sql.Identifier(*table).as_string(target)}
        ).fetchall()
    return tuple(
        TargetType(
            column=row[0],
            not_null=row[1],
            generated=row[2],
            full=row[3],
            bare=row[4],
            kind=row[5],
            built_in=row[6],
            is_array=row[7],
            element_built_in=row[8],
            name=row[9],
            element=row[10],
            has_binary=row[11],
            has_default=row[12],
            position=row[13],
        )
        for row in rows
    )


def _cast(value: sql.Composable, type_name: str) -> sql.Composable:
    return sql.SQL("({})::{}").format(value, sql.SQL(type_name))
