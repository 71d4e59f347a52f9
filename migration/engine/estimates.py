"""How much there is to carry, from the source's statistics: nothing is counted, so it costs next to nothing."""

from collections.abc import Sequence
from dataclasses import dataclass

from psycopg import sql

from migration.engine.carrying import Carriage
from migration.engine.queries import query
from migration.engine.sessions import Session
from schemadiff.core.mapping import QualifiedName

_LEAST_ROW = 28  # bytes: a header of 24 and a line pointer of 4


@dataclass(frozen=True, slots=True, kw_only=True)
class TableSize:
    """`rows` is what the last ANALYZE or VACUUM found; None where neither has been."""

    table: QualifiedName
    rows: int | None
    bytes: int  # on disk, without indexes

    @property
    def rows_at_most(self) -> int:
        """Where nobody knows, as many as have room in the pages."""
        return self.bytes // _LEAST_ROW if self.rows is None else self.rows


def sizes_by_name(source: Session, carriages: Sequence[Carriage]) -> dict[QualifiedName, int]:
    """Bytes of what is on its way: of a split table for each of its parts, which all read it."""
    found = {size.table: size.bytes for size in sizes_of(source, sorted({each.source for each in carriages}))}
    return {each.name: found[each.source] for each in carriages if each.source in found}


def sizes_of(source: Session, tables: Sequence[QualifiedName]) -> tuple[TableSize, ...]:
    """In the tables' order, partitions with the table that they are of."""
    names = {sql.Identifier(*table).as_string(source): table for table in tables}
    found = {row[0]: row[1:] for row in source.execute(query("sizes"), [list(names)])}
    return tuple(
        TableSize(table=table, rows=found[name][0], bytes=found[name][1])
        for name, table in names.items()
        if name in found
    )
