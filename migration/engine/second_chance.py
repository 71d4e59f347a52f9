"""Rows refused by a foreign key although their referenced row came: it came later.

Where foreign keys are checked row by row, no order of tables and chunks helps against tables that refer to
themselves or to one another. So their rows are tried again until no more are taken.
"""

from collections.abc import Callable, Sequence
from uuid import UUID

from psycopg import sql

from migration.core.chunks import Piece
from migration.engine.orphans import MISSING, LoadedTable, references_of
from migration.engine.rejects import mark_recovered
from migration.engine.sessions import Session
from migration.engine.sorting_out import Loading, loading_of, sort_out
from schemadiff.core.mapping import QualifiedName

_BATCH = 1_000


def try_again(
    source: Session,
    target: Session,
    ledger_id: UUID,
    tables: Sequence[LoadedTable],
    should_stop: Callable[[], bool],
) -> dict[QualifiedName, int]:
    """Carry what is taken now; returns how many rows of each source table that were."""
    recovered: dict[QualifiedName, int] = {}
    carried = {table.carriage.target for table in tables}
    found = True
    while found:
        found = False
        for table in tables:
            names = [
                each.name for each in references_of(target, table.carriage.target) if each.referred in carried
            ]
            count = _try_table(source, target, ledger_id, table, names, should_stop)
            if count:
                found = True
                recovered[table.carriage.name] = recovered.get(table.carriage.name, 0) + count
    return recovered


def _try_table(
    source: Session,
    target: Session,
    ledger_id: UUID,
    table: LoadedTable,
    constraints: Sequence[str],
    should_stop: Callable[[], bool],
) -> int:
    keys = _refused(target, ledger_id, table, constraints)
    loading = loading_of(source, target, table.carriage, table.source_key, should_stop)
    count = 0
    for start in range(0, len(keys), _BATCH):
        with target.transaction():
            taken = _taken(loading, keys[start : start + _BATCH])
            mark_recovered(target, ledger_id, table.carriage.name, taken)
        count += len(taken)
    return count


def _taken(loading: Loading, keys: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
    def chosen(piece: Piece) -> sql.Composable:
        return loading.key.one_of(keys[piece.start : piece.stop])

    refusals, _ = sort_out(loading, keys, chosen)
    still = {refusal.key for refusal in refusals}
    return [key for key in keys if key not in still]


def _refused(
    target: Session, ledger_id: UUID, table: LoadedTable, constraints: Sequence[str]
) -> list[tuple[str, ...]]:
    rows = target.execute(
        "SELECT key FROM schemadiff.rejects WHERE run = %s AND source_schema = %s AND source_table = %s "
        'AND sqlstate = %s AND "constraint" = ANY (%s) AND key IS NOT NULL AND NOT recovered ORDER BY id',
        [ledger_id, *table.carriage.name, MISSING, list(constraints)],
    ).fetchall()
    return [tuple(row[0]) for row in rows]
