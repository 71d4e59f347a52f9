"""The example that the demo shows and the tests rest on: two databases of one booking bot that drifted apart.

The source is the managed platform that the bot runs on; the target was made for another product. People,
telephone numbers and keys are made up. `story.py` tells what happened.
"""

from pathlib import Path

import psycopg

from migration.seedcase.data import SIDES, copy_lines, rows, sequence_statements
from migration.seedcase.primitives import COUNTS, MIGRATED, PROTECTED, YCLIENTS_COMPANY

_FOLDER = Path(__file__).parent

SOURCE_SQL = _FOLDER / "legacy.sql"
TARGET_SQL = _FOLDER / "new.sql"
QUERIES_SQL = _FOLDER / "queries.sql"
MAPPING_JSON = _FOLDER / "mapping.json"

TABLES = MIGRATED
"""The seven tables that are migrated, parents before children."""

__all__ = [
    "COUNTS",
    "MAPPING_JSON",
    "PROTECTED",
    "QUERIES_SQL",
    "SOURCE_SQL",
    "TABLES",
    "TARGET_SQL",
    "YCLIENTS_COMPANY",
    "load_source",
    "load_target",
    "rows",
]


def load_source(dsn: str) -> None:
    """Make the source's tables in an empty database and fill them: 1,510 rows in eight tables."""
    _load(dsn, SOURCE_SQL, "legacy")


def load_target(dsn: str) -> None:
    """Make the target's 19 tables in an empty database; the two protected ones get their 729 rows."""
    _load(dsn, TARGET_SQL, "new")


def _load(dsn: str, schema: Path, side: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(schema.read_bytes())
        with connection.transaction(), connection.cursor() as cursor:
            for table in SIDES[side]:
                statement, lines = copy_lines(table)
                with cursor.copy(statement.encode()) as copy:
                    copy.write("".join(line + "\n" for line in lines))
            for statement in sequence_statements(side):
                cursor.execute(statement.encode())
