"""USE CASE: the rows that a run's target refused, for those who may see rows. They stay in the target."""

from collections.abc import Iterable, Iterator

from migration.core.spec import spec_from_json
from migration.engine.failures import explained
from migration.engine.masked_rows import masked_reject
from migration.engine.rejects import RejectedRow, rejected_rows
from migration.models import Run
from schemadiff.connections import dsn_of
from schemadiff.core.csv_lines import csv_line
from schemadiff.core.mapping import QualifiedName
from schemadiff.projects import masked_in

IN_A_FILE = 100_000
"""How many rejects of a table a downloaded file holds at most."""

_HEADER = ("table", "key", "column", "constraint", "sqlstate", "reason", "message", "row")


def sample(run: Run, table: QualifiedName, limit: int, reason: str = "") -> tuple[RejectedRow, ...]:
    """The first rejects of a source table, or those for one reason; what the project masks is not in them."""
    with explained(f"The rejects of “{'.'.join(table)}” could not be read", "Try again"):
        rows = rejected_rows(dsn_of(run.target), run.ledger_id, table, limit, reason)
    masked = masked_in(run.project)
    if not masked.columns:
        return rows
    entry = spec_from_json(run.spec).mapping.named(table) if run.spec else None
    return tuple(masked_reject(row, entry, masked) for row in rows)


def as_csv(run: Run, table: QualifiedName, reason: str = "") -> Iterator[str]:
    """The rejects of a source table, or those for one reason, as lines of a CSV file; its last column is JSON.

    They are read before this returns: a file that was begun does not break off. Raises RunFailed.
    """
    return _lines(sample(run, table, IN_A_FILE, reason))


def _lines(rows: Iterable[RejectedRow]) -> Iterator[str]:
    yield csv_line(_HEADER)
    for row in rows:
        yield csv_line(
            (
                ".".join(row.table),
                ", ".join(row.key),
                row.column,
                row.constraint,
                row.sqlstate,
                row.reason,
                row.message,
                row.row,
            )
        )
