"""What a whole table holds, as one short text: for tables that are not to change."""

from psycopg import sql

from migration.core.checksums import digest_of
from migration.core.errors import RunFailed
from migration.core.events import Fingerprint
from migration.engine.carrying import column_types
from migration.engine.row_hash import row_hash
from migration.engine.sessions import Session
from schemadiff.core.mapping import QualifiedName


def fingerprint(target: Session, table: QualifiedName, when: str) -> Fingerprint:
    """Count and hash all rows and columns of a table. Raises RunFailed if there is no such table."""
    types = column_types(target, table)
    if not types:
        raise RunFailed(f"The target has no table “{'.'.join(table)}”, which is to be protected.")
    values = [each.hashed(sql.Identifier(each.column)) for each in types]
    query = sql.SQL("SELECT count(*), coalesce(sum({}), 0) FROM {}").format(
        row_hash(values), sql.Identifier(*table)
    )
    row = target.execute(query).fetchone()
    assert row is not None
    digest = digest_of([each.column for each in types], int(row[0]), int(row[1]))
    return Fingerprint(table=table, when=when, rows=int(row[0]), digest=digest)
