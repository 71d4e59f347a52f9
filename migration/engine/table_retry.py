"""One table's rejects, read again by their keys and carried as far as they are taken now."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

from psycopg import sql

from migration.core.chunks import Piece
from migration.core.errors import RunStopped
from migration.core.events import Event, Level, Log
from migration.engine import rejects
from migration.engine.adding import adding_to
from migration.engine.carrying import EVERY_ROW, Carriage
from migration.engine.held import forget_held
from migration.engine.keys import Key
from migration.engine.orphans import LoadedTable, loaded_table
from migration.engine.rejects import Refusal
from migration.engine.sessions import Session, run_one
from migration.engine.sorting_out import Loading, loading_of, sort_out

BATCH = 1_000
"""Rows of one transaction."""

GONE = "the row is not in the source any more"
GONE_OR_LEFT_OUT = f"{GONE}, or the mapping's condition does not take it"


@dataclass(frozen=True, kw_only=True)
class TableRetry:
    """Both sessions; the source's is in a snapshot. The target's fires no triggers where it may do without."""

    source: Session
    target: Session
    ledger_id: UUID
    carriage: Carriage
    key: Key
    report: Callable[[Event], None]
    should_stop: Callable[[], bool]

    @cached_property
    def loaded(self) -> LoadedTable:
        return loaded_table(self.target, self.ledger_id, self.carriage, self.key)

    def rejected(self, sqlstate: str | None = None) -> list[tuple[str, ...]]:
        """The keys of the table's rejects, or of those with that SQLSTATE."""
        return rejects.keys_of(self.target, self.ledger_id, self.carriage.name, sqlstate)

    def retry(self, keys: Sequence[tuple[str, ...]]) -> int:
        """How many of them were taken. Raises RunStopped between two batches."""
        loading = None if self.key.physical else self._loading()
        if loading is None:
            self._tell_that_they_stay()
            return 0
        taken = 0
        for start in range(0, len(keys), BATCH):
            if self.should_stop():
                raise RunStopped("The retry was stopped between two batches; what was taken stays.")
            with self.target.transaction():
                self.target.execute("SET CONSTRAINTS ALL IMMEDIATE")
                taken += self._batch(loading, keys[start : start + BATCH])
        return taken

    def _loading(self) -> Loading | None:
        """Rows that the run was told to overwrite are, here too; else what is there stays."""
        if self.carriage.kept_by is not None:
            return loading_of(self.source, self.target, self.carriage, self.key, self.should_stop)
        adding = adding_to(self.target, self.carriage, self.key)
        if adding is None:
            return None
        return Loading(
            source=self.source,
            target=self.target,
            carriage=self.carriage,
            key=self.key,
            should_stop=self.should_stop,
            over=adding,
        )

    def _tell_that_they_stay(self) -> None:
        """Rejects of a table without a key have none; others may have one that is not carried as it is."""
        count = rejects.count_rejects(self.target, self.ledger_id, self.carriage.name)
        told = "rejected row stays one" if count == 1 else "rejected rows stay what they are"
        if count:
            self.report(
                Log(
                    message=f"{'.'.join(self.carriage.name)}: {count:,} {told}, for no key names them on both sides "
                    "(whole numbers, uuid or text, carried as they are). Write them by hand, or run anew.",
                    level=Level.WARNING,
                )
            )

    def _batch(self, loading: Loading, keys: Sequence[tuple[str, ...]]) -> int:
        there = self._present(keys)

        def chosen(piece: Piece) -> sql.Composable:
            return self.key.one_of(there[piece.start : piece.stop])

        refusals, _ = sort_out(loading, there, chosen)
        still = {refusal.key for refusal in refusals}
        taken = [key for key in there if key not in still]
        table = self.carriage.name
        rejects.mark_recovered(self.target, self.ledger_id, table, taken)
        forget_held(self.target, self.ledger_id, self.carriage, taken)
        rows = dict(rejects.source_rows(self.source, self.key, still))
        rejects.reword(self.target, self.ledger_id, table, [(each, rows.get(each.key)) for each in refusals])
        gone = sorted(set(keys) - set(there))
        reason = GONE if self.carriage.where == EVERY_ROW else GONE_OR_LEFT_OUT
        rejects.reword(self.target, self.ledger_id, table, [(_gone(key, reason), None) for key in gone])
        return len(taken)

    def _present(self, keys: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
        """Those of the keys that the source still has, and the mapping still takes, in its order."""
        query = sql.SQL("SELECT {texts} FROM {table} WHERE {chosen} AND {where} ORDER BY {keys}").format(
            texts=self.key.as_texts(),
            table=sql.Identifier(*self.key.table),
            chosen=self.key.one_of(keys),
            where=self.carriage.where,
            keys=self.key.listed(),
        )
        return [tuple(row[0]) for row in run_one(self.source, query)]


def _gone(key: tuple[str, ...], reason: str) -> Refusal:
    return Refusal(key=key, sqlstate="", constraint="", column="", message=reason, reason=reason)
