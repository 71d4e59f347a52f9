"""What is in the tables that a run made, against what it wrote: the rest came from applications afterwards."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from psycopg import sql

from migration.engine import ledger
from migration.engine.accounts import written_rows
from migration.engine.failures import explained
from migration.engine.movements import Moved
from migration.engine.restore import Restoration
from migration.engine.sessions import Session

QUICKLY_COUNTED = 1_000_000_000
"""Bytes up to which a table's rows are counted while somebody waits for the page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RowsOfTable:
    """`now` is None where the table is too large to be counted for a page."""

    table: str
    written: int
    now: int | None


def rows_in_made_tables(
    target: Session, ledger_id: UUID, restoration: Restoration
) -> tuple[RowsOfTable, ...]:
    """Of the tables that putting back moves aside; those that are gone by now are left out."""
    written: dict[tuple[str, str], int] = {}
    for entry in ledger.recorded_spec(target, ledger_id).mapping.tables:
        so_far = written.get(entry.target, 0)
        written[entry.target] = so_far + written_rows(target, ledger_id, entry.name)
    made = [each for each in restoration.put_aside if each.kind == "table"]
    with explained("The rows of the tables that the run made could not be counted", "Try again"):
        found = [_rows_of(target, each, written.get((each.schema, each.name), 0)) for each in made]
    return tuple(each for each in found if each is not None)


def _rows_of(target: Session, made: Moved, written: int) -> RowsOfTable | None:
    """By its OID, so under whatever name it has now."""
    row: Any = target.execute(
        "SELECT n.nspname, c.relname, pg_table_size(c.oid) FROM pg_class c "
        "JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = %s",
        [made.oid],
    ).fetchone()
    if row is None:
        return None
    name = f"{row[0]}.{row[1]}"
    if row[2] > QUICKLY_COUNTED:
        return RowsOfTable(table=name, written=written, now=None)
    counted: Any = target.execute(
        sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(row[0], row[1]))
    ).fetchone()
    return RowsOfTable(table=name, written=written, now=counted[0])
