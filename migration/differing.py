"""The differing rows of a verification as files, for those who may see rows: CSV, and JSON as `verify` writes it."""

import json
from collections.abc import Iterator, Sequence

from migration.engine.side_by_side import RowPair, row_document
from schemadiff.core.csv_lines import csv_line

FORMAT = 1
LONGEST = 100_000
"""Characters of a value that a file holds."""

_HEADER = ("table", "difference", "key", "column", "in_source", "in_target", "differs")


def as_csv(table: str, rows: Sequence[RowPair]) -> Iterator[str]:
    """A line for each column of each row. A value that is NULL, or of a row that is not there, is an empty cell."""
    yield csv_line(_HEADER)
    for row in rows:
        key = ", ".join(f"{name}={'NULL' if value is None else value}" for name, value in row.key)
        difference = row.difference.value if row.difference else "no longer different"
        for pair in row.pairs:
            differs = "yes" if pair.differs else "no"
            values = (pair.source or "", pair.target or "")
            yield csv_line((table, difference, key, pair.column, *values, differs))


def as_json(table: str, rows: Sequence[RowPair]) -> str:
    """Documented in docs/reference/verify.md."""
    told = {"format": FORMAT, "table": table, "rows": [row_document(row) for row in rows]}
    return json.dumps(told, ensure_ascii=False, indent=2) + "\n"
