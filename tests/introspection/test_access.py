"""Owners and grants as they are read: what is usual says nothing, whoever reads."""

import pytest
from psycopg.conninfo import make_conninfo

from schemadiff.core.access import Access, Grant, Label
from schemadiff.core.catalog import Catalog, Kind, ObjectRef
from schemadiff.core.diff import diff
from schemadiff.databases import connect
from schemadiff.embedded import EmbeddedServer
from schemadiff.introspection import read_catalog
from schemadiff.introspection.acl import deviations
from tests.servers import MakeDatabase, roles_on


def read(dsn: str) -> Catalog:
    with connect(dsn) as connection:
        return read_catalog(connection)


def run(dsn: str, sql: str) -> None:
    with connect(dsn, read_only=False) as connection:
        connection.execute(sql.encode())


def test_odd_names_in_an_access_list() -> None:
    found = deviations(('"a""b=c"=r*w/"o wner"', '=X/"o wner"'), (), (), "o wner", "boss")
    assert found == (
        Grant(grantee='a"b=c', privileges=("UPDATE",)),
        Grant(grantee='a"b=c', privileges=("SELECT",), grantable=True),
        Grant(grantee="public", privileges=("EXECUTE",)),
    )


@pytest.mark.parametrize("server", ["server16", "server18"])
def test_a_new_database_has_nothing_unusual(
    request: pytest.FixtureRequest, server: str, make_database: MakeDatabase
) -> None:
    found = read(make_database(request.getfixturevalue(server)))
    assert (found.access, found.default_privileges, found.uncompared) == ((), (), ())
    assert {"pg_monitor", found.owner, found.user} <= {*found.roles}


def test_databases_of_different_owners_are_identical(
    server16: EmbeddedServer, server18: EmbeddedServer, make_database: MakeDatabase
) -> None:
    schema = "CREATE TABLE t (a serial); CREATE VIEW v AS SELECT a FROM t; GRANT ALL ON t TO PUBLIC;"
    one, other = make_database(server16, schema), make_database(server18)
    with roles_on(server18, ["access_chief"]):
        run(
            other,
            "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I OWNER TO access_chief', current_database()); END $$;"
            f" SET ROLE access_chief; {schema}",
        )
        found = read(other)
        assert (found.owner, found.user) == ("access_chief", "postgres")
        assert diff(read(one), found).is_empty
        run(
            other,
            "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I OWNER TO postgres', current_database()); END $$;"
            " DROP OWNED BY access_chief CASCADE",
        )


def test_a_security_label_is_the_object_s(server18: EmbeddedServer, make_database: MakeDatabase) -> None:
    """Written into the catalog by hand: what sets labels is a library of its own."""
    dsn = make_database(server18, "CREATE TABLE t (a integer)")
    row = "INSERT INTO pg_seclabel SELECT 't'::regclass, 'pg_class'::regclass, {}, 'masks', '{}'"
    run(dsn, f"SET allow_system_table_mods = on; {row.format(0, 'whole')}; {row.format(1, 'part')}")
    table = ObjectRef(kind=Kind.TABLE, schema="public", name="t")
    column = ObjectRef(kind=Kind.COLUMN, schema="public", parent="t", name="a")
    assert read(dsn).access == (
        Access(ref=column, labels=(Label(provider="masks", text="part"),)),
        Access(ref=table, labels=(Label(provider="masks", text="whole"),)),
    )


def test_who_may_nothing_reads_the_same(server18: EmbeddedServer, make_database: MakeDatabase) -> None:
    with roles_on(server18, ["access_stranger"]):
        dsn = make_database(
            server18,
            "CREATE SCHEMA s; CREATE TABLE s.t (a serial, b text CHECK (b <> ''));"
            " CREATE VIEW s.v AS SELECT a FROM s.t;"
            " CREATE FUNCTION s.f() RETURNS integer LANGUAGE sql AS 'SELECT 1';"
            " REVOKE ALL ON FUNCTION s.f() FROM PUBLIC; REVOKE USAGE ON SCHEMA public FROM PUBLIC;"
            " ALTER TABLE s.t ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON s.t USING (a > 0);"
            " ALTER ROLE access_stranger LOGIN PASSWORD 'stranger'",
        )
        stranger = make_conninfo(dsn, user="access_stranger", password="stranger")
        assert read(stranger) == read(dsn)
