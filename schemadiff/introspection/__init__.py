"""Reading a database's catalog: psycopg, read only, one REPEATABLE READ transaction."""

from schemadiff.introspection.reader import read_catalog
from schemadiff.introspection.session import CannotRead

__all__ = ["CannotRead", "read_catalog"]
