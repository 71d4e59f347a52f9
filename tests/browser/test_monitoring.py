"""The monitoring page in Chromium: charts are drawn, it stays as somebody left it, it works narrow and by keyboard."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from migration import flags
from migration.core.monitoring.report import PoolFigures, SlowFigures
from migration.models import Application
from migration.monitoring.recording import record_report
from migration.monitoring.rolling import roll_up
from tests.browser.people import Person
from tests.run_rows import World, make_world
from tests.web.monitored import calls, report

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.heavy]

PASSWORD = "secret"


@pytest.fixture
def world(transactional_db: None) -> World:
    return make_world()


@pytest.fixture
def crm(world: World) -> Application:
    made = flags.create_application(
        world.project, name="crm", environment="production", modules=("syncScripts", "services"), user="ana"
    )
    flags.change(made, {"LOG_DATABASE_CALLS": True}, reason="look", user="ana", expected_revision=1)
    now = timezone.now()
    for step in range(60):
        slower = 40.0 if step < 12 else 12.0
        record_report(
            made,
            report(
                calls([18.0 + step % 5] * 40, backend="source"),
                calls([slower] * 38 + [slower * 4] * 2, errors=(("timeout", 1),), slow=2),
                pools=(PoolFigures(backend="target", most=20, busy=5 + step % 14, waiting=0),),
                slow=(
                    SlowFigures(
                        backend="target", statement="SELECT * FROM clients", count=1, total=160, highest=160
                    ),
                ),
            ),
            at=now - timedelta(seconds=10 * step),
        )
    roll_up()
    return made


def test_charts_are_drawn_and_stay_as_they_were_left(
    world: World, crm: Application, person: Callable[[], Person]
) -> None:
    engineer = person()
    engineer.logs_in(world.engineer.username, PASSWORD)
    engineer.opens("/p/crm/")
    engineer.turns_to("Monitoring")
    page = engineer.page
    engineer.follows("15 minutes")
    engineer.sees("Beyond its threshold", "Slow statements", "SELECT * FROM clients")
    expect(page.locator("[data-chart] .main-svg").first).to_be_visible()
    expect(page.locator("[data-chart=figure-durations] .legendtext")).to_have_count(6)
    engineer.looks_at("Monitoring")
    summary = page.locator("#summary-durations")
    summary.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#table-durations")).to_have_attribute("open", "")
    engineer.looks_at("Monitoring")
    with page.expect_response(lambda answer: "/monitoring/now/" in answer.url, timeout=30_000):
        pass
    expect(page.locator("#table-durations")).to_have_attribute("open", "")
    expect(page.locator("[data-chart=figure-durations] .main-svg").first).to_be_visible()
    expect(summary).to_be_focused()


def test_it_is_usable_on_a_telephone_by_a_manager(
    world: World, crm: Application, person: Callable[[], Person]
) -> None:
    manager = person()
    manager.page.set_viewport_size({"width": 400, "height": 800})
    manager.logs_in(world.manager.username, PASSWORD)
    manager.opens("/p/crm/monitoring/?span=1h")
    manager.sees("The last 5 minutes")
    manager.looks_at("Monitoring")
    wide = manager.page.evaluate("document.documentElement.scrollWidth > innerWidth")
    assert not wide
    expect(manager.page.get_by_text("SELECT")).to_have_count(0)


def test_before_anything_is_reported_it_says_how(world: World, person: Callable[[], Person]) -> None:
    admin = person()
    admin.logs_in(world.admin.username, PASSWORD)
    admin.opens("/p/crm/monitoring/")
    admin.sees("Nothing is measured yet")
    admin.looks_at("Monitoring")
