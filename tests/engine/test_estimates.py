"""How much there is to carry, also where nobody has counted yet."""

import psycopg

from migration.engine.checklist import CHECKED_ROWS
from migration.engine.estimates import sizes_of
from schemadiff.embedded import EmbeddedServer
from tests.engine.running import ask
from tests.servers import MakeDatabase


def test_a_table_that_was_never_analyzed_is_not_taken_for_an_empty_one(
    make_database: MakeDatabase, server18: EmbeddedServer
) -> None:
    """Else it would be compared while writes are held, however large it is."""
    dsn = make_database(
        server18, "CREATE TABLE a (n int) WITH (autovacuum_enabled = off); CREATE TABLE b (n int)"
    )
    ask(dsn, f"INSERT INTO a SELECT generate_series(1, {CHECKED_ROWS + 1})")
    tables = (("public", "a"), ("public", "b"))
    with psycopg.connect(dsn, autocommit=True) as session:
        large, empty = sizes_of(session, tables)
        assert large.rows is None and large.rows_at_most > CHECKED_ROWS
        assert empty.rows_at_most == 0
        session.execute("ANALYZE a")
        counted = sizes_of(session, tables)[0]
    assert counted.rows == counted.rows_at_most == CHECKED_ROWS + 1
