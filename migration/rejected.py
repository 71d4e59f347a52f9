"""USE CASE: the rows that a run's target refused, for those who may see rows. They stay in the target."""

import csv
import io
from collections.abc import Iterator

from migration.engine.rejects import RejectedRow, rejected_rows
from migration.models import Run
from schemadiff.connections import dsn_of
from schemadiff.core.mapping import QualifiedName

IN_A_FILE = 100_000
"""How many rejects of a table a downloaded file holds at most."""

_HEADER = ("table", "key", "column", "constraint", "sqlstate", "reason", "message", "row")


def sample(run: Run, table: QualifiedName, limit: int) -> tuple[RejectedRow, ...]:
    """The first rejects of a source table."""
    return rejected_rows(dsn_of(run.target), run.ledger_id, table, limit)


def as_csv(run: Run, table: QualifiedName) -> Iterator[str]:
    """The rejects of a source table as lines of a CSV file; the row itself is JSON in the last column."""
    yield _line(_HEADER)
    for row in sample(run, table, IN_A_FILE):
        yield _line(
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


def _line(values: tuple[str, ...]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer).writerow(values)
    return buffer.getvalue()
