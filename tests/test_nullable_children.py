"""Up to 17 a child may have a nullable column though its parent has not: no statement about the parent leaves it so."""

from schemadiff.embedded import EmbeddedServer
from tests.convergence import execute, there_and_back
from tests.servers import two_databases

TABLES = """
    CREATE TABLE keyed (a int, b int); CREATE TABLE keyed_child () INHERITS (keyed);
    CREATE TABLE plain (a int, b int); CREATE TABLE plain_child (a int) INHERITS (plain);
    CREATE TABLE below () INHERITS (plain_child);
"""
OTHER_KEY = """
    CREATE TABLE rekeyed (a int PRIMARY KEY, b int); CREATE TABLE rekeyed_child () INHERITS (rekeyed);
    ALTER TABLE rekeyed_child ALTER a DROP NOT NULL;
"""
NULLABLE = """
    ALTER TABLE ONLY keyed ADD PRIMARY KEY (a);
    ALTER TABLE ONLY plain ALTER a SET NOT NULL, ALTER b SET NOT NULL; ALTER TABLE below ALTER a SET NOT NULL;
    CREATE TABLE rekeyed (a int, b int, PRIMARY KEY (a) INCLUDE (b)); CREATE TABLE rekeyed_child () INHERITS (rekeyed);
    ALTER TABLE rekeyed_child ALTER a DROP NOT NULL;
"""


def test_children_that_are_there_stay_nullable(server16: EmbeddedServer) -> None:
    with two_databases(server16) as (one, two):
        execute(one, TABLES + NULLABLE)
        execute(two, TABLES + OTHER_KEY)
        there_and_back(one, two)


def test_new_children_are_made_nullable(server16: EmbeddedServer) -> None:
    with two_databases(server16) as (one, two):
        execute(one, TABLES + NULLABLE)
        there_and_back(one, two)
