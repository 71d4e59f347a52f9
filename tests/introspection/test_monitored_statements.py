"""Slow statements of a server that counts them: what was called between two readings, without values."""

from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from migration.models import Bucket, SlowStatement
from migration.monitoring.measuring import measure_server
from tests.introspection.conftest import COUNTS_STATEMENTS
from tests.run_rows import make_world
from tests.web.people import save_connection

pytestmark = [pytest.mark.heavy, pytest.mark.django_db]

BEGUN = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


@pytest.mark.skipif(not COUNTS_STATEMENTS, reason="there is no PostgreSQL 15 with pg_stat_statements")
def test_slow_statements_are_counted_between_two_readings(database15: str) -> None:
    project = make_world().project
    connection = save_connection(project, "counted", database15)
    with psycopg.connect(database15, autocommit=True) as opened:
        opened.execute("CREATE SCHEMA stats; CREATE EXTENSION pg_stat_statements SCHEMA stats")
        slow = "SELECT pg_sleep(0.15), 'secret' AS note"
        opened.execute(slow)
        measure_server(project, "source", connection, BEGUN)
        assert not SlowStatement.objects.exists()  # how much of it is new is not known yet
        for _ in range(2):
            opened.execute(slow)
        measure_server(project, "source", connection, BEGUN + timedelta(minutes=1))
        measure_server(project, "source", connection, BEGUN + timedelta(minutes=2))
    found = SlowStatement.objects.get()
    assert (found.statement, found.count, found.application) == ("SELECT pg_sleep(?), ? AS note", 2, None)
    assert found.total >= 300 and found.highest >= 150
    mean = Bucket.objects.filter(series__metric="statement_mean", at=BEGUN + timedelta(minutes=1)).get()
    assert mean.last > 1
