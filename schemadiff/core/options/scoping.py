"""Which tables an option is about, and why it refuses some."""

from collections.abc import Iterator

from schemadiff.core.catalog import Catalog, Table
from schemadiff.core.errors import Refused
from schemadiff.core.mapping import ColumnPair, Mapping, PairStatus, QualifiedName, TableMapping
from schemadiff.core.options.option import Scope


def scope_tables(source: Catalog, scope: Scope) -> tuple[Table, ...]:
    """The source's tables of the scope with their partitions, sorted. Raises Refused for one that is not there."""
    named = []
    for name in scope.tables:
        table = source.table(*name)
        if table is None:
            raise Refused(
                f"The source has no table {label(name)}, which is to be carried over. "
                "Take it out of the comparison's tables, or compare again."
            )
        named.append(table)
    every = {t.qualified: t for table in named for t in with_partitions(source, table)}
    return tuple(table for _, table in sorted(every.items()))


def refuse_protected(names: set[QualifiedName], scope: Scope) -> None:
    """Raises Refused if one of these target tables is protected."""
    for name in sorted(names & set(scope.protected)):
        raise Refused(
            f"{label(name)} is a protected table of the target, which no statement may touch, and is to take rows. "
            "Take it out of the tables that are carried over, or out of the protected ones."
        )


def with_partitions(catalog: Catalog, table: Table) -> Iterator[Table]:
    yield table
    for other in catalog.tables:
        if other.partition_of == table.qualified:
            yield from with_partitions(catalog, other)


def by_name(source: Catalog, target: Catalog, scope: Scope) -> Mapping:
    """Every column to the one of its name, where both have it and the target's is not computed.

    Partitions are left out: their rows go through the table that they are part of.
    """
    names = set(scope.tables)
    tables = []
    for table in (t for t in (source.table(*name) for name in sorted(names)) if t):
        into = target.table(*table.qualified)
        if into is not None and table.partition_of not in names:
            pairs = tuple(_pairs(table, into))
            tables.append(TableMapping(source=table.qualified, target=into.qualified, pairs=pairs))
    return Mapping(tables=tuple(tables))


def label(name: QualifiedName) -> str:
    return ".".join(name)


def _pairs(source: Table, target: Table) -> Iterator[ColumnPair]:
    for column in target.columns:
        if source.column(column.name) and not column.generated:
            yield ColumnPair(
                target=column.name,
                source=column.name,
                status=PairStatus.CONFIRMED,
                reasons=("The names are equal.",),
            )
