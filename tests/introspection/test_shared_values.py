"""What two databases hold alike is made once, and what only looks alike is not."""

import psycopg

from schemadiff.core.diff import diff
from schemadiff.embedded import EmbeddedServer
from schemadiff.introspection import Values, read_catalog, read_to_compare
from tests.servers import MakeDatabase

ALIKE = """
CREATE TABLE alike (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, a int NOT NULL, b text DEFAULT 'x', CHECK (a > 0));
CREATE INDEX one ON alike (b, a);
"""
# The same names under other numbers, and the same constraint on columns in another order.
APART = """
CREATE TABLE turned (b int, a int, CONSTRAINT c CHECK (a > b));
CREATE TABLE ahead (a int, b int, CONSTRAINT c CHECK (a > b));
CREATE TABLE gone (x int, a int, b int, CONSTRAINT c CHECK (a > b));
ALTER TABLE gone DROP COLUMN x;
CREATE TABLE named (a int CONSTRAINT told NOT NULL);
CREATE TABLE unnamed (a int NOT NULL);
"""


def test_two_databases_share_their_parts(
    make_database: MakeDatabase, server16: EmbeddedServer, server18: EmbeddedServer
) -> None:
    values = Values()
    found = []
    for server in (server16, server18):
        with psycopg.connect(make_database(server, ALIKE), autocommit=True) as connection:
            found.append(read_to_compare(connection, values))
    [one], [two] = (catalog.tables for catalog in found)
    assert diff(found[0], found[1]).is_empty
    assert one.constraints and all(a is b for a, b in zip(one.constraints, two.constraints, strict=True))
    assert one.indexes and all(a is b for a, b in zip(one.indexes, two.indexes, strict=True))


def test_what_looks_alike_is_told_apart(make_database: MakeDatabase, server18: EmbeddedServer) -> None:
    with psycopg.connect(make_database(server18, APART), autocommit=True) as connection:
        catalog = read_catalog(connection)
    columns = {table.name: table.constraints[0].columns for table in catalog.tables if table.constraints}
    assert columns == {"turned": ("a", "b"), "ahead": ("a", "b"), "gone": ("a", "b")}
    named, unnamed = (next(t for t in catalog.tables if t.name == name) for name in ("named", "unnamed"))
    assert named.columns[0].not_null_as is not None and named.columns[0].not_null_as.name == "told"
    assert unnamed.columns[0].not_null_as is None
