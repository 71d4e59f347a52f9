"""Queries as pg_stat_statements counts them, on a server that has it, and the sentence where it is missing."""

import psycopg
import pytest

from schemadiff.core.errors import Refused
from schemadiff.evidence.query_sources.statement_statistics import counted_queries
from tests.introspection.conftest import COUNTS_STATEMENTS


@pytest.mark.heavy
@pytest.mark.skipif(not COUNTS_STATEMENTS, reason="there is no PostgreSQL 15 with pg_stat_statements")
def test_what_an_application_has_called_most(database15: str) -> None:
    with psycopg.connect(database15, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA stats; CREATE EXTENSION pg_stat_statements SCHEMA stats")
        connection.execute("CREATE TABLE clients (id int PRIMARY KEY, phone text)")
        for place in range(5):
            connection.execute("SELECT id FROM clients WHERE phone = %s", [f"+7 900 {place}"])
        connection.execute("INSERT INTO clients VALUES (1, 'secret')")
        found = counted_queries(connection)
        assert {role for query in found.queries for role in query.roles} == {connection.info.user}
    calls = {query.sql: query.calls for query in found.queries}
    assert calls["SELECT id FROM clients WHERE phone = $1"] == 5
    assert calls["INSERT INTO clients VALUES ($1, $2)"] == 1
    assert found.queries[0].sql == "SELECT id FROM clients WHERE phone = $1"
    assert found.passed_over
    assert not [sql for sql in calls if "secret" in sql or "CREATE" in sql]


@pytest.mark.heavy
def test_a_database_without_the_extension_is_told_how_to_get_it(database15: str) -> None:
    with (
        psycopg.connect(database15, autocommit=True) as connection,
        pytest.raises(
            Refused, match=r"^The source fresh has no extension pg_stat_statements\. To get it: add"
        ),
    ):
        counted_queries(connection)
