"""A refused statement is told with the GRANT that would have let it through."""

from collections.abc import Iterator
from dataclasses import dataclass

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from migration.engine.rights import lacking_right
from schemadiff.core.catalog import Kind, ObjectRef
from schemadiff.embedded import EmbeddedServer
from tests.servers import MakeDatabase, roles_on

SCHEMA = """
CREATE SCHEMA locked;
CREATE SCHEMA open;
CREATE TABLE open.t (a integer);
CREATE FUNCTION open.f(integer) RETURNS integer LANGUAGE sql AS 'SELECT 1';
CREATE TYPE open.e AS ENUM ('x');
ALTER TABLE open.t OWNER TO rights_owner;
ALTER FUNCTION open.f(integer) OWNER TO rights_owner;
ALTER TYPE open.e OWNER TO rights_owner;
GRANT USAGE, CREATE ON SCHEMA open TO rights_guest;
"""


@dataclass(frozen=True)
class Refused:
    ref: ObjectRef
    sql: str
    mended: str


TABLE = ObjectRef(kind=Kind.TABLE, schema="open", name="t")
REFUSED = [
    Refused(
        ObjectRef(kind=Kind.SCHEMA, schema="", name="s"),
        "CREATE SCHEMA s",
        "GRANT CREATE ON DATABASE {database} TO",
    ),
    Refused(
        ObjectRef(kind=Kind.TABLE, schema="locked", name="t"),
        "CREATE TABLE locked.t ()",
        "GRANT USAGE, CREATE ON SCHEMA locked TO",
    ),
    Refused(TABLE, "ALTER TABLE open.t ADD b integer", "GRANT rights_owner TO"),
    Refused(
        ObjectRef(kind=Kind.COLUMN, schema="open", parent="t", name="a"),
        "ALTER TABLE open.t DROP a",
        "GRANT rights_owner TO",
    ),
    Refused(
        ObjectRef(kind=Kind.FUNCTION, schema="open", name="f(integer)"),
        "DROP FUNCTION open.f(integer)",
        "GRANT rights_owner TO",
    ),
    Refused(ObjectRef(kind=Kind.ENUM, schema="open", name="e"), "DROP TYPE open.e", "GRANT rights_owner TO"),
]


@pytest.fixture
def guest(server18: EmbeddedServer, make_database: MakeDatabase) -> Iterator[psycopg.Connection]:
    """Connected to a database of others, as a role that was given little."""
    with roles_on(server18, ["rights_owner", "rights_guest"]):
        dsn = make_database(server18, SCHEMA)
        with psycopg.connect(dsn, autocommit=True) as administrator:
            administrator.execute("ALTER ROLE rights_guest LOGIN PASSWORD 'guest'")
            with psycopg.connect(
                make_conninfo(dsn, user="rights_guest", password="guest"), autocommit=True
            ) as connection:
                yield connection
            administrator.execute("DROP OWNED BY rights_owner, rights_guest CASCADE")


@pytest.mark.parametrize("refused", REFUSED, ids=lambda refused: refused.sql)
def test_the_grant_is_named_and_mends_it(guest: psycopg.Connection, refused: Refused) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        guest.execute(refused.sql.encode())
    advice = lacking_right(guest, refused.ref)
    assert advice.startswith(refused.mended.format(database=guest.info.dbname))


def test_what_may_be_done_lacks_nothing(guest: psycopg.Connection) -> None:
    assert lacking_right(guest, ObjectRef(kind=Kind.TABLE, schema="open", name="new")) == ""
