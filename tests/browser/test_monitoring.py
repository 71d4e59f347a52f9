"""The monitoring page in Chromium: charts are drawn, it stays as somebody left it, it works narrow and by keyboard."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connections
from django.utils import timezone
from playwright.sync_api import expect

from migration import flags
from migration.core.monitoring.report import PoolFigures, SlowFigures
from migration.models import Application
from migration.monitoring.recording import record_report
from migration.monitoring.rolling import roll_up
from migration.monitoring.round import go_round
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


def as_a_worker() -> None:
    """A round in a thread of its own: Playwright's loop runs in the tests'."""

    def work() -> None:
        go_round()
        connections.close_all()

    with ThreadPoolExecutor(1) as threads:
        threads.submit(work).result()


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


def test_an_admin_sets_rules_channels_and_guards(
    world: World, crm: Application, person: Callable[[], Person]
) -> None:
    as_a_worker()
    admin = person()
    admin.logs_in(world.admin.username, PASSWORD)
    admin.opens("/p/crm/monitoring/")
    admin.follows("Alerts")
    admin.sees("Nothing fires; ")
    admin.looks_at("Alerts")
    admin.follows("Add a channel…")
    admin.looks_at("Add a channel")
    admin.fills("Address", "ftp://example.org/hook")
    admin.chooses("By", "Webhook")
    admin.presses("Add it")
    admin.sees("begins with https:// or http://")
    admin.chooses("By", "E-mail")
    admin.fills("Address", "ops@example.org")
    admin.presses("Add it")
    admin.sees_row("ops@example.org", "E-mail", "none yet")
    admin.presses("Send a trial")
    admin.sees_row("ops@example.org", "on its way")
    admin.follows("Silence… Stalled jobs")
    admin.looks_at("Silence “Stalled jobs”")
    admin.fills("Reason", "The target is restarted.")
    admin.presses("Silence it")
    admin.sees_row("Stalled jobs", "The target is restarted.", "End silence")
    admin.follows("Add a rule…")
    admin.looks_at("Add a rule")
    admin.fills("Name", "Errors of sync")
    admin.chooses("Metric", "errors per 1,000 calls (‰)")
    admin.fills("Threshold", "1")
    admin.fills("For how long, in seconds", "0")
    admin.presses("Add it")
    as_a_worker()
    admin.opens("/p/crm/monitoring/alerts/")
    admin.sees_row("Errors of sync", "firing", "crm · production · target", "25 ‰")
    admin.looks_at("Alerts")
    admin.opens("/p/crm/status/")
    admin.sees("What blocks", "1 alert of the monitoring fires")
    admin.page.get_by_role("navigation", name="Project").get_by_role("link", name="1 alert").click()
    admin.follows("Guards")
    admin.looks_at("Guards")
    admin.follows("Add a guard…")
    admin.looks_at("Add a guard")
    admin.fills("Name", "brake")
    admin.presses("Add and arm it")
    admin.sees("Give at least one limit")
    admin.page.get_by_label("Module").select_option(label="syncScripts")
    admin.page.get_by_label("P95, over … ms").fill("40")
    admin.presses("Add and arm it")
    admin.sees_row("brake", "armed", "syncScripts", "p95 over 40 ms", "Roll the flag back")
    admin.looks_at("Guards")
    admin.presses("Disarm")
    admin.sees("None is armed.")
    admin.page.set_viewport_size({"width": 400, "height": 800})
    for path in ("alerts", "guards"):
        admin.opens(f"/p/crm/monitoring/{path}/")
        assert not admin.page.evaluate("document.documentElement.scrollWidth > innerWidth"), path
