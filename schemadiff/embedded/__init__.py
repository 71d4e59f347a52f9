"""PostgreSQL servers of our own, run from the programs that the installed wheel brings.

Used for the demo, for scratch and rehearsal databases, for `.sql` files given as a database, and for
the application's own data where no `DATABASE_URL` is set. Works on Linux and macOS.
"""

from schemadiff.embedded.binaries import SUPPORTED_MAJORS, binary, is_at_hand, nearest_major
from schemadiff.embedded.databases import create_database, drop_database
from schemadiff.embedded.errors import EmbeddedError
from schemadiff.embedded.loading import load_sql
from schemadiff.embedded.scratch import sql_database, throwaway
from schemadiff.embedded.script_folders import FolderOrder, order_of
from schemadiff.embedded.server import EmbeddedServer, known, start

__all__ = [
    "SUPPORTED_MAJORS",
    "EmbeddedError",
    "EmbeddedServer",
    "FolderOrder",
    "binary",
    "create_database",
    "drop_database",
    "is_at_hand",
    "known",
    "load_sql",
    "nearest_major",
    "order_of",
    "sql_database",
    "start",
    "throwaway",
]
