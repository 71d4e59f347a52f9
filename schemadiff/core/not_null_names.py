"""NOT NULLs whose usual name another table's has already: PostgreSQL would number them, so they say their name.

Since 18 a NOT NULL is a constraint, and PostgreSQL gives it a name that no constraint of the schema has. A copy of a
table (LIKE), or a table that was renamed, has the names that the other table would get.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Set
from dataclasses import replace
from operator import is_
from typing import TypeAlias

from schemadiff.core.catalog import Catalog, Column, NotNull, Table
from schemadiff.core.ddl.domains import not_null_name
from schemadiff.core.identifiers import made_name
from schemadiff.core.standalone import is_made_anew

_Place: TypeAlias = tuple[str, str]
Taken: TypeAlias = Mapping[_Place, Set[_Place]]  # schema and name of a constraint -> its tables


def names_taken(source: Catalog, target: Catalog) -> Taken:
    """The names that NOT NULLs have otherwise than PostgreSQL gives them to their tables; none up to 17.

    Of inherited ones those of tables that are there: others come after their parents.
    """
    taken: defaultdict[_Place, set[_Place]] = defaultdict(set)
    for catalog, names_of in ((source, _own_names), (target, _all_names)):
        known: dict[int, list[str]] = {}  # many tables have the same columns
        for table in catalog.every_table:
            names = known.get(id(table.columns))
            if names is None:
                names = known[id(table.columns)] = names_of(table.columns)
            for name in names:
                taken[table.schema, name].add(table.qualified)
        if taken:
            for domain in catalog.domains:
                if domain.not_null:
                    taken[domain.schema, not_null_name(domain)].add((domain.schema, ""))
    return taken


def saying_names_taken(source: Catalog, target: Catalog, taken: Taken) -> Catalog:
    """The source, whose NOT NULLs that are to come say their names where another table's has them."""
    if not taken:
        return source
    present = {table.qualified: table for table in target.every_table}

    def saying(table: Table) -> Table:
        columns = tuple(
            _saying(table, column, present.get(table.qualified), taken) for column in table.columns
        )
        return table if all(map(is_, columns, table.columns)) else replace(table, columns=columns)

    return replace(
        source,
        tables=tuple(map(saying, source.tables)),
        foreign_tables=tuple(map(saying, source.foreign_tables)),
    )


def _saying(table: Table, column: Column, present: Table | None, taken: Taken) -> Column:
    if not column.not_null or column.inherited_not_null or _own_name(column):
        return column
    if present is not None and _stays(table, column, present):
        return column
    name = made_name(table.name, column.name, "not_null")
    if not taken.get((table.schema, name), set()) - {table.qualified}:
        return column
    if column.inherited_not_null is not None:  # a partition may be made by itself, and join
        return replace(column, inherited_not_null=name)
    return replace(column, not_null_as=replace(column.not_null_as or NotNull(), name=name))


def _stays(table: Table, column: Column, present: Table) -> bool:
    """Whether the target's column is NOT NULL and is not made anew, be it with its table."""
    before = present.column(column.name)
    is_there = before is not None and before.not_null and not column.generated
    return is_there and not is_made_anew(table, present)


def _own_name(column: Column) -> str | None:
    return column.not_null_as.name if column.not_null and column.not_null_as else None


def _own_names(columns: Iterable[Column]) -> list[str]:
    return [said.name for c in columns if (said := c.not_null_as) and said.name and c.not_null]


def _all_names(columns: Iterable[Column]) -> list[str]:
    return [
        name
        for c in columns
        if (c.not_null_as or c.inherited_not_null) and (name := _own_name(c) or c.inherited_not_null)
    ]
