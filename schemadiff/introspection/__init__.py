"""Reading a database's catalog: psycopg, read only, one REPEATABLE READ transaction."""

from schemadiff.introspection.reader import read_catalog, read_to_compare
from schemadiff.introspection.session import CannotRead
from schemadiff.introspection.values import Values

__all__ = ["CannotRead", "Values", "read_catalog", "read_to_compare"]
