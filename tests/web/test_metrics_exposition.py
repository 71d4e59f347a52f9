"""/metrics as Prometheus' own parser reads it: everything that was measured, for whoever has the token."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.test import Client, override_settings
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families
from pytest_django import DjangoAssertNumQueries

from migration import flags
from migration.core.monitoring.metrics import METRICS
from migration.core.monitoring.report import PoolFigures, SlowFigures
from migration.models import Application
from migration.monitoring import guards
from migration.monitoring.exposition import name_of
from migration.monitoring.guards import Wanted
from migration.monitoring.recording import record_report
from migration.monitoring.round import go_round
from schemadiff.models import Project
from tests.web.monitored import calls, report

TOKEN = "read-me"


@pytest.fixture
def crm(db: None) -> Application:
    project = Project.objects.create(slug="bot", name="Bot")
    made = flags.create_application(
        project, name="crm", environment="production", modules=("syncScripts",), user="ana"
    )
    slow = SlowFigures(backend="target", statement="SELECT secret_column", count=1, total=150, highest=150)
    pools = (PoolFigures(backend="target", most=20, busy=5, waiting=0),)
    sent = report(calls([8.0] * 99 + [400.0], errors=(("timeout", 2),)), pools=pools, slow=(slow,))
    record_report(made, sent, at=timezone.now() - timedelta(seconds=30))
    guards.add(made, Wanted(name="brake", module="syncScripts", limits={"call_p95": 50}), "ana")
    go_round()
    return made


@pytest.fixture
def opened() -> Iterator[None]:
    with override_settings(METRICS_TOKEN=TOKEN):
        yield


def read() -> str:
    answer = Client().get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/plain; version=0.0.4")
    return answer.content.decode()


@pytest.mark.usefixtures("opened")
def test_prometheus_reads_everything_that_was_measured(crm: Application) -> None:
    families = {family.name: family for family in text_string_to_metric_families(read())}
    assert set(families) >= {name_of(metric) for metric in METRICS}
    labels = {
        "project": "bot",
        "application": "crm · production",
        "module": "syncScripts",
        "backend": "target",
        "part": "",
    }
    (p95,) = families["schemadiff_call_p95_seconds"].samples
    assert p95.labels == labels and p95.value == pytest.approx(0.008, rel=0.02)
    assert families["schemadiff_call_mean_seconds"].samples[0].value == pytest.approx(0.01192)
    assert families["schemadiff_error_rate_ratio"].samples[0].value == pytest.approx(0.02)
    assert families["schemadiff_pool_utilisation_ratio"].samples[0].value == pytest.approx(0.25)
    (timeouts,) = families["schemadiff_errors"].samples
    assert (timeouts.labels["part"], timeouts.value) == ("timeout", 2)
    assert families["schemadiff_queue_depth"].samples[0].value >= 0
    (armed,) = families["schemadiff_guards"].samples
    assert (armed.labels, armed.value) == ({"project": "bot", "state": "armed"}, 1)
    alerts = {sample.labels["state"] for sample in families["schemadiff_alerts"].samples}
    assert alerts == {"pending"}


@pytest.mark.usefixtures("opened")
def test_no_statement_is_in_it_and_it_costs_a_query_a_project(
    crm: Application, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(4):  # projects, what was seen of the one, alerts, guards
        assert "secret_column" not in read()


@pytest.mark.usefixtures("opened")
def test_only_the_token_opens_it(db: None) -> None:
    assert Client().get("/metrics").status_code == 401
    refused = Client().get("/metrics", headers={"Authorization": "Bearer wrong"})
    assert (refused.status_code, refused["WWW-Authenticate"]) == (401, "Bearer")
    allowed = {"Authorization": f"Bearer {TOKEN}"}
    assert Client().post("/metrics", headers=allowed).status_code == 405


def test_without_a_token_there_is_nothing(db: None) -> None:
    with override_settings(METRICS_TOKEN=""):
        assert Client().get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404
