"""A person goes through the mapping: what fills a column, seen on real rows before it is confirmed."""

from collections.abc import Iterable

from django.contrib.auth.models import User

from schemadiff import store
from schemadiff.connections import dsn_of
from schemadiff.core import mapping_file
from schemadiff.core.catalog import Catalog, Column, Table
from schemadiff.core.errors import NotFound, Refused
from schemadiff.core.identifiers import quote
from schemadiff.core.mapping import ColumnPair, Mapping, PairStatus, QualifiedName, TableMapping
from schemadiff.databases import connect
from schemadiff.evidence.previews import Preview, preview
from schemadiff.models import Comparison, Connection

_SAMPLED = 20


def fill(
    comparison: Comparison,
    table: TableMapping,
    target_column: str,
    *,
    source: str | None,
    expression: str | None,
    user: User,
) -> None:
    """Say what fills a target column; it counts as confirmed, for a person chose it."""
    giver, column = _sides(comparison, table, target_column)
    if source is not None and giver.column(source) is None:
        raise NotFound(f"{'.'.join(table.source)} has no column {source}.")
    pair = ColumnPair(
        target=column.name,
        source=source,
        expression=expression,
        status=PairStatus.CONFIRMED,
        reasons=("chosen by a person",),
    )
    store.set_pair(comparison, table, pair, user=user)


def preview_of(
    comparison: Comparison,
    table: TableMapping,
    target_column: str,
    *,
    source: str | None,
    expression: str | None,
) -> Preview:
    """What some rows of the source would become in the target column. Raises Refused without a source database."""
    _, column = _sides(comparison, table, target_column)
    with connect(dsn_of(_connection(comparison))) as connection:
        return preview(
            connection,
            table.source,
            expression or quote(source or ""),
            column.type,
            limit=_SAMPLED,
            not_null=column.not_null,
        )


def export(comparison: Comparison) -> str:
    """The mapping as a file that `--mapping` and `take_over` read."""
    return mapping_file.dump(store.mapping_of(comparison))


def take_over(comparison: Comparison, text: str, *, user: User) -> int:
    """Replace the mapping of the tables that a mapping file names; how many. Every name in it must exist."""
    mapping = mapping_file.load(text)
    scope = store.scope_of(comparison).tables
    source, target = store.catalog_of(comparison.source), store.catalog_of(comparison.target)
    wanted = mapping.restricted_to(scope)
    if not wanted.tables:
        raise Refused("The file names no table of this comparison's scope. Names are schema.table.")
    _check_names(wanted, source, target)
    store.replace_tables(comparison, wanted, user=user)
    return len(wanted.tables)


def tables_of(comparison: Comparison, source_table: QualifiedName) -> TableMapping:
    """Which target table takes a source table's rows: the mapping's, else the one of the same name."""
    known = store.mapping_of(comparison).for_source(source_table)
    return TableMapping(source=source_table, target=known.target if known else source_table)


def _sides(comparison: Comparison, table: TableMapping, target_column: str) -> tuple[Table, Column]:
    giver = store.catalog_of(comparison.source).table(*table.source)
    taker = store.catalog_of(comparison.target).table(*table.target)
    if giver is None or taker is None:
        raise NotFound(
            f"The comparison has no pair of tables {'.'.join(table.source)} → {'.'.join(table.target)}."
        )
    column = taker.column(target_column)
    if column is None:
        raise NotFound(f"{'.'.join(table.target)} has no column {target_column}.")
    return giver, column


def _connection(comparison: Comparison) -> Connection:
    connection = comparison.source.connection
    if connection is None:
        raise Refused(
            "The source's connection was removed, so no rows can be read. Add it again to see a preview."
        )
    return connection


def _check_names(mapping: Mapping, source: Catalog, target: Catalog) -> None:
    missing = [*_missing(((t.source, p.source) for t in mapping.tables for p in t.pairs), source, "source")]
    missing += _missing(((t.target, p.target) for t in mapping.tables for p in t.pairs), target, "target")
    if missing:
        raise NotFound(f"The file names what is not there: {', '.join(missing[:10])}. Nothing was changed.")


def _missing(names: Iterable[tuple[QualifiedName, str | None]], catalog: Catalog, side: str) -> list[str]:
    tables = {table.qualified: {column.name for column in table.columns} for table in catalog.tables}
    return [
        f"{side} {'.'.join(table)}.{column}"
        for table, column in names
        if column is not None and column not in tables.get(table, set())
    ]
