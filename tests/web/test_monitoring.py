"""The monitoring page: values against thresholds, over time, by method; no statement for managers."""

import json
import re
from datetime import timedelta
from typing import Any

import plotly.graph_objects
import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from migration import flags
from migration.core.monitoring.report import PoolFigures, SlowFigures
from migration.models import Application, Revision
from migration.monitoring.recording import record_report
from migration.monitoring.rolling import roll_up
from tests.run_rows import World, make_world
from tests.web.monitored import calls, report

PAGE = "/p/crm/monitoring/"
STATEMENT = "SELECT * FROM clients WHERE name ILIKE ?"


@pytest.fixture
def world(db: None) -> World:
    return make_world()


@pytest.fixture
def crm(world: World) -> Application:
    modules = ("dataLoader", "syncScripts")
    return flags.create_application(
        world.project, name="crm", environment="production", modules=modules, user="ana"
    )


@pytest.fixture
def busy(crm: Application) -> Application:
    """Four minutes of calls: fast on the source, slow and sometimes wrong on the target."""
    now = timezone.now()
    slow = SlowFigures(backend="target", statement=STATEMENT, count=1, total=150.0, highest=150.0)
    for minutes in range(4):
        sent = report(
            calls([3.0] * 50, backend="source"),
            calls([15.0] * 48 + [150.0] * 2, errors=(("timeout", 1),), slow=2),
            pools=(PoolFigures(backend="target", most=20, busy=18, waiting=3),),
            slow=(slow,),
        )
        record_report(crm, sent, at=now - timedelta(minutes=minutes))
    roll_up()
    return crm


def as_user(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def text_of(client: Client, query: str = "") -> str:
    response = client.get(f"{PAGE}{query}")
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def figures_of(page: str) -> dict[str, Any]:
    found = re.findall(r'<script id="figure-(\w+)" type="application/json">(.*?)</script>', page)
    return {key: json.loads(text) for key, text in found}


def test_before_anything_is_measured_it_says_what_to_do(world: World) -> None:
    assert "has the applications report their calls" in text_of(as_user(world.manager))
    page = text_of(as_user(world.admin))
    assert "Nothing is measured yet" in page and "/metrics/v1/report" in page


def test_values_stand_against_their_thresholds(world: World, busy: Application) -> None:
    page = text_of(as_user(world.manager))
    assert "Beyond its threshold: average duration of target is 20.4 ms" in page
    assert re.search(r"<dt>p95 · source</dt> <dd>(2\.9\d|3(\.0\d)?) ms</dd>.{0,120}within 20", page)
    assert re.search(r"<dt>errors per 1,000 calls · target</dt> <dd>20 ‰</dd>.{0,120}above 1<", page)
    assert re.search(r"<dt>pool in use · target</dt> <dd>90 %</dd>.{0,120}above 80<", page)


@pytest.mark.parametrize("span", ["15m", "1h", "24h", "7d"])
def test_every_span_has_its_charts_with_thresholds_and_tables(
    world: World, busy: Application, span: str
) -> None:
    page = text_of(as_user(world.engineer), f"?span={span}")
    figures = figures_of(page)
    assert {"durations", "rate", "errors", "pool", "waiting"} <= set(figures)
    for figure in figures.values():
        assert plotly.graph_objects.Figure(figure).data
    durations = figures["durations"]
    assert [trace["name"] for trace in durations["data"]] == [
        f"{backend} {quantile}" for backend in ("source", "target") for quantile in ("p50", "p95", "p99")
    ]
    labels = [shape["label"]["text"] for shape in durations["layout"]["shapes"]]
    assert labels == ["p95 20 ms", "p99 50 ms"]
    last = {trace["name"]: trace["y"][-1] for trace in durations["data"]}
    assert last["target p50"] == pytest.approx(15, rel=0.01)
    assert last["target p99"] == pytest.approx(150, rel=0.01)
    assert page.count("Show as table") == len(figures)
    assert "target timeout" in page  # the kinds of errors are in the table


def test_flips_of_flags_are_marked(world: World, busy: Application) -> None:
    flags.change(busy, {"LOG_DATABASE_CALLS": True}, reason="look", user="ana", expected_revision=1)
    Revision.objects.filter(number=2).update(created_at=timezone.now() - timedelta(minutes=2))
    shapes = figures_of(text_of(as_user(world.manager)))["rate"]["layout"]["shapes"]
    assert [shape["label"]["text"] for shape in shapes if shape["name"] == "flip"] == ["r2"]


def test_statements_are_for_engineers_and_admins(world: World, busy: Application) -> None:
    assert STATEMENT in text_of(as_user(world.engineer))
    for address in ("", "now/"):
        page = as_user(world.manager).get(f"{PAGE}{address}").content.decode()
        assert "client_by_id" in page
        assert "ILIKE" not in page and "Slow statements" not in page


def test_a_module_can_be_looked_at_by_itself(world: World, busy: Application) -> None:
    client = as_user(world.engineer)
    assert "client_by_id" not in text_of(client, "?module=dataLoader")
    assert "syncScripts.client_by_id" in text_of(client, "?application=crm/production&module=syncScripts")
    assert client.get(f"{PAGE}?module=nosuch").status_code == 404
    assert client.get(f"{PAGE}?application=nosuch/production").status_code == 404
    assert client.get(f"{PAGE}?span=nosuch").status_code == 200


def test_it_brings_itself_up_to_date(world: World, busy: Application) -> None:
    client = as_user(world.engineer)
    assert 'hx-get="/p/crm/monitoring/now/?span=15m" hx-trigger="every 10s"' in text_of(client, "?span=15m")
    fragment = client.get(f"{PAGE}now/?span=15m", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in fragment and "figure-durations" in fragment


def test_it_costs_the_same_however_much_there_is(
    world: World, busy: Application, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = as_user(world.engineer)
    # session, user, member; applications, the last minutes, durations, other lines, methods, flips, slow, thresholds,
    # servers that could not be read
    with django_assert_num_queries(12):
        client.get(PAGE)
    many = report(*(calls([1.0], method=f"m{number}") for number in range(30)))
    record_report(busy, many, at=timezone.now())
    roll_up()
    with django_assert_num_queries(12):
        client.get(PAGE)


def test_strangers_see_nothing(world: World) -> None:
    stranger = as_user(User.objects.create_user("stranger"))
    assert stranger.get(PAGE).status_code == 404
    assert Client().get(PAGE).status_code == 302
