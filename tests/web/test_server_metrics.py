"""Both servers measured on real ones: what they hold, what was counted between two readings, and one that is down."""

import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from django.db import connection
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from migration.jobs import defer_measuring_servers, defer_verification
from migration.models import Bucket, ServerReading
from migration.monitoring.measuring import measure_server, sides_of
from migration.monitoring.ourselves import measure_ourselves
from migration.monitoring.round import go_round
from migration.monitoring.servers import certificate_days, read_server
from schemadiff.databases import CannotConnect
from schemadiff.embedded import EmbeddedServer
from schemadiff.models import Comparison
from schemadiff.server_checks import Address
from tests.run_rows import World, make_run, make_world
from tests.servers import MakeDatabase
from tests.test_server_tls import listening, make_certificate
from tests.web.people import save_connection

BEGUN = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


@pytest.fixture
def world(db: None) -> World:
    return make_world()


def values(at: datetime) -> dict[tuple[str, str, str], float]:
    found = Bucket.objects.filter(at=at, level=10).select_related("series")
    return {(one.series.metric, one.series.backend, one.series.part): one.last for one in found}


@pytest.mark.parametrize("version", [16, 18])
def test_a_server_says_how_it_is(
    world: World,
    make_database: MakeDatabase,
    server16: EmbeddedServer,
    server18: EmbeddedServer,
    version: int,
) -> None:
    dsn = make_database(server16 if version == 16 else server18)
    measured = save_connection(world.project, "measured", dsn)
    with psycopg.connect(dsn, autocommit=True) as opened:
        opened.execute("SELECT pg_create_physical_replication_slot('held', true)")
        try:
            measure_server(world.project, "target", measured, BEGUN)
            for _ in range(20):
                opened.execute("SELECT 1")
            opened.execute("SELECT pg_stat_force_next_flush()")
            opened.execute("SELECT 1")
            measure_server(world.project, "target", measured, BEGUN + timedelta(seconds=60))
        finally:
            opened.execute("SELECT pg_drop_replication_slot('held')")
    first, second = values(BEGUN), values(BEGUN + timedelta(seconds=60))
    assert first["server_up", "target", ""] == 1.0
    assert 0 < first["connections_used", "target", ""] < 100
    assert first["slot_wal", "target", "held"] >= 0
    assert ("replication_lag", "target", "held") not in first  # nobody streams from it
    assert ("transactions", "target", "") not in first  # a rate needs two readings
    assert second["transactions", "target", ""] > 0
    assert 0 <= second["transactions_rolled_back", "target", ""] <= 1000


def test_a_server_that_is_down_is_a_fact(world: World, client: Client) -> None:
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
    measured = save_connection(world.project, "gone", f"postgresql://app:geheim@127.0.0.1:{port}/app")
    measure_server(world.project, "target", measured, BEGUN)
    assert values(BEGUN) == {("server_up", "target", ""): 0.0}
    error = ServerReading.objects.get().error
    assert str(port) in error and "geheim" not in error
    client.force_login(world.manager)
    page = client.get("/p/crm/monitoring/?span=7d").content.decode()
    assert "gone: " in page and "geheim" not in page


def test_a_server_that_answers_nothing_is_given_up_soon(
    make_database: MakeDatabase, server18: EmbeddedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("migration.monitoring.servers._state", lambda: "SELECT pg_sleep(60)")
    monkeypatch.setattr("migration.monitoring.servers.STATEMENT_SECONDS", 1)
    with pytest.raises(CannotConnect, match="did not answer in full"):
        read_server(make_database(server18))


def test_a_certificates_last_day_is_measured(tmp_path: Path) -> None:
    with listening(make_certificate(tmp_path, 12)) as port:
        address = Address(host="127.0.0.1", port=port, dbname="x", user="x", sslmode="prefer", dsn="")
        days = certificate_days(address)
    assert days is not None and 12 < days < 12.1
    with listening(None) as port:
        address = Address(host="127.0.0.1", port=port, dbname="x", user="x", sslmode="prefer", dsn="")
        assert certificate_days(address) is None


def test_the_sides_are_those_of_the_run_else_of_the_comparison(world: World) -> None:
    assert sides_of(world.project) == {"source": world.source, "target": world.target}
    make_run(world)
    Comparison.objects.filter(pk=world.comparison.pk).update(source=world.comparison.target)
    assert sides_of(world.project)["source"] == world.source


def test_a_round_has_servers_measured_and_measures_ourselves(world: World) -> None:
    go_round(BEGUN)
    found = values(BEGUN)
    assert found["queue_depth", "", ""] >= 0 and found["stalled_jobs", "", ""] == 0
    assert found["stalled_runs", "", ""] == 0 and found["verification_alerts", "", ""] == 0
    make_run(world, state="running", lease_until=BEGUN - timedelta(minutes=5))
    at = BEGUN + timedelta(minutes=1)
    measure_ourselves(at)
    assert values(at)["stalled_runs", "", ""] == 1
    assert values(at)["queue_depth", "", ""] >= 1  # the servers' measuring was put there


def test_jobs_that_are_done_do_not_pile_up(world: World) -> None:
    defer_measuring_servers(world.project.pk)
    defer_verification(1)
    of_servers, waiting = ProcrastinateJob.objects.order_by("id").values_list("id", flat=True)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'succeeded' WHERE id = %s", [of_servers])
        cursor.execute("UPDATE procrastinate_events SET at = at - interval '2 days'")
    go_round(BEGUN)
    left = ProcrastinateJob.objects.values_list("id", flat=True)
    assert of_servers not in left and waiting in left
