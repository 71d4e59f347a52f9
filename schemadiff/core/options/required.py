"""Which rows a target is sure to refuse because a value is missing: what its NOT NULL columns need of a mapping."""

from collections.abc import Iterator
from dataclasses import dataclass

from schemadiff.core.catalog import Catalog, Column, Table
from schemadiff.core.mapping import ColumnPair, Mapping, QualifiedName, TableMapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """What a source table's rows must bring for the table that takes them.

    `unfilled` are NOT NULL columns without default that nothing fills: every row is refused. `nullable` are pairs whose
    NOT NULL target column is given what may be null; a default does not help, for a null is written.
    """

    source: QualifiedName
    target: QualifiedName
    unfilled: tuple[str, ...] = ()
    nullable: tuple[ColumnPair, ...] = ()


def needs_of(source: Catalog, result: Catalog, mapping: Mapping) -> tuple[Needs, ...]:
    """For each table of the mapping that has any. `result` is the target as the option's plan leaves it."""
    found = []
    for entry in mapping.tables:
        giver, taker = source.table(*entry.source), result.table(*entry.target)
        if giver is not None and taker is not None:
            needs = _needs(giver, taker, entry)
            if needs.unfilled or needs.nullable:
                found.append(needs)
    return tuple(found)


def _needs(giver: Table, taker: Table, entry: TableMapping) -> Needs:
    pairs = {pair.target: pair for pair in entry.accepted()}
    required = [column for column in taker.columns if column.not_null]
    return Needs(
        source=entry.source,
        target=entry.target,
        unfilled=tuple(
            column.name for column in required if column.name not in pairs and not _fills_itself(column)
        ),
        nullable=tuple(_nullable(giver, [pairs[column.name] for column in required if column.name in pairs])),
    )


def _fills_itself(column: Column) -> bool:
    return column.default is not None or column.identity is not None or column.generated is not None


def _nullable(giver: Table, pairs: list[ColumnPair]) -> Iterator[ColumnPair]:
    for pair in pairs:
        column = giver.column(pair.source) if pair.source and not pair.expression else None
        if column is None or not column.not_null:
            yield pair
