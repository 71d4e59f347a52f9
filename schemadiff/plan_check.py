"""USE CASE: is the target still what a plan was made for?"""

from schemadiff.connections import dsn_of
from schemadiff.core.snapshot import fingerprint
from schemadiff.databases import connect
from schemadiff.introspection import read_catalog
from schemadiff.models import Connection


def fingerprint_now(connection: Connection) -> str:
    """The fingerprint of the database's schema as it is at this moment."""
    with connect(dsn_of(connection)) as session:
        return fingerprint(read_catalog(session))
