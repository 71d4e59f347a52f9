"""Adding up what became of every row: read = written + refused, and so many are in the target."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from psycopg import sql

from migration.engine import rejects
from migration.engine.carrying import Carriage
from migration.engine.failures import explained
from migration.engine.held import count_held
from migration.engine.sessions import Session
from schemadiff.core.mapping import QualifiedName


def written_rows(target: Session, ledger_id: UUID, table: QualifiedName) -> int:
    """Rows that are in the target by this run: those of carried chunks without those taken out again."""
    row = target.execute(
        "SELECT coalesce((SELECT sum(written) FROM schemadiff.chunks WHERE run = %(run)s "
        "AND source_schema = %(schema)s AND source_table = %(table)s), 0) - "
        "(SELECT count(*) FROM schemadiff.rejects WHERE run = %(run)s AND source_schema = %(schema)s "
        "AND source_table = %(table)s AND was_written AND NOT recovered AND NOT followed) + "
        "(SELECT count(*) FROM schemadiff.rejects WHERE run = %(run)s AND source_schema = %(schema)s "
        "AND source_table = %(table)s AND recovered AND NOT was_written AND NOT followed)",
        {"run": ledger_id, "schema": table[0], "table": table[1]},
    ).fetchone()
    return int(row[0]) if row else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Every row of a table: read = written + refused, or something is wrong. `present` is counted anew."""

    source: QualifiedName
    target: QualifiedName
    read: int
    written: int
    refused: int
    held: int
    present: int

    @property
    def is_balanced(self) -> bool:
        return self.read == self.written + self.refused


def account_of(target: Session, ledger_id: UUID, carriage: Carriage) -> Account:
    """Add up the ledger and count the target's rows."""
    with explained(f"The rows of “{'.'.join(carriage.target)}” could not be counted"):
        # A row that came after the copy and was refused is in no chunk.
        read = _one(
            target,
            "SELECT coalesce((SELECT sum(rows) FROM schemadiff.chunks WHERE run = %(run)s "
            "AND source_schema = %(schema)s AND source_table = %(table)s), 0) + "
            "(SELECT count(*) FROM schemadiff.rejects WHERE run = %(run)s AND source_schema = %(schema)s "
            "AND source_table = %(table)s AND followed AND NOT recovered)",
            {"run": ledger_id, "schema": carriage.name[0], "table": carriage.name[1]},
        )
        present = _one(
            target, sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(*carriage.target)), None
        )
        return Account(
            source=carriage.name,
            target=carriage.target,
            read=read,
            written=written_rows(target, ledger_id, carriage.name),
            refused=rejects.count_rejects(target, ledger_id, carriage.name),
            held=count_held(target, ledger_id, carriage),
            present=present,
        )


def _one(target: Session, query: str | sql.Composed, parameters: Mapping[str, Any] | None) -> int:
    row = target.execute(query, parameters).fetchone()
    return int(row[0]) if row else 0


def imbalance(account: Account) -> str:
    """Of an account that is not balanced."""
    return (
        f"Of {account.read:,} rows read from {'.'.join(account.source)}, {account.written:,} are in the "
        "ledger as "
        f"written and {account.refused:,} as rejects: {account.read - account.written - account.refused:,} "
        "are not "
        "accounted for. Restore what was parked and run again."
    )
