"""When a table's rows are all there, and none will be moved any more: then its keys and indexes can be built."""

from collections import Counter
from collections.abc import Sequence

from psycopg import sql

from migration.engine.building import Builders
from migration.engine.chunking import TableChunks
from migration.engine.orphans import references_of
from migration.engine.queries import query
from migration.engine.sessions import Session
from schemadiff.core.mapping import QualifiedName


class Landing:
    """Counts the chunks that each target table still waits for."""

    def __init__(self, target: Session, tables: Sequence[TableChunks], builders: Builders) -> None:
        self._builders = builders
        self._missing: Counter[QualifiedName] = Counter()
        for each in tables:
            self._missing[each.carriage.target] += len(each.waiting)
        self._settled = {table for table in self._missing if _is_settled_by_its_rows(target, table)}
        for table, missing in self._missing.items():
            if not missing:
                self._look(table)

    def landed(self, table: QualifiedName) -> None:
        """One chunk of this target table."""
        self._missing[table] -= 1
        if not self._missing[table]:
            self._look(table)

    def _look(self, table: QualifiedName) -> None:
        if table in self._settled:
            self._builders.make_ready(table)


def _is_settled_by_its_rows(target: Session, table: QualifiedName) -> bool:
    """Not where foreign keys are there: rows that do not meet them are moved out once all tables are copied.

    Nor among partitions and children, whose locks reach each other's rows.
    """
    name = sql.Identifier(*table).as_string(target)
    inherits = target.execute(query("inherits"), {"table": name}).fetchone()
    return bool(inherits and not inherits[0]) and not references_of(target, table)
