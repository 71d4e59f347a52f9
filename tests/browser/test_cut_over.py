"""A live run at the browser while the example application writes: over, back, over again, and to its end."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from django.contrib.auth.models import User
from playwright.sync_api import expect
from pytest_django.live_server_helper import LiveServer

from migration import demo, flags
from migration.core.flags import Backend
from migration.core.spec import spec_from_json
from migration.models import Application, Run
from schemadiff.core import mapping_file
from schemadiff.core.options.option import OptionName
from schemadiff.embedded import EmbeddedServer
from schemadiff.models import Comparison
from schemadiff.store import record_decision
from tests.access.example_process import FIRST, Call, Running
from tests.browser.people import PATIENCE, Person
from tests.engine.running import ask
from tests.servers import roles_on
from tests.worker_process import Worker, until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.heavy]

HERE = f"/p/{demo.SLUG}/"
ROLE = "booking_bot_app"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """Both databases, and as the application opens them."""

    source: str
    target: str
    app_source: str
    app_target: str


@pytest.fixture
def sides(
    server16: EmbeddedServer,
    server18: EmbeddedServer,
    seed_source_dsn: str,
    seed_target_dsn: str,
    transactional_db: None,
) -> Iterator[Sides]:
    with roles_on(server16, [ROLE]), roles_on(server18, [ROLE]):
        for dsn in (seed_source_dsn, seed_target_dsn):
            ask(dsn, f"ALTER ROLE {ROLE} LOGIN PASSWORD 'secret'")
        may_write(seed_source_dsn)
        demo.populate(seed_source_dsn, seed_target_dsn)
        yield Sides(
            source=seed_source_dsn,
            target=seed_target_dsn,
            app_source=server16.dsn(seed_source_dsn.rpartition("/")[2], ROLE, "secret"),
            app_target=server18.dsn(seed_target_dsn.rpartition("/")[2], ROLE, "secret"),
        )
        for dsn in (seed_source_dsn, seed_target_dsn):
            ask(dsn, f"DROP OWNED BY {ROLE} CASCADE")
            ask(
                dsn,
                "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots "
                "WHERE database = current_database()",
            )


def may_write(dsn: str) -> None:
    ask(dsn, f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {ROLE}")
    ask(dsn, f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {ROLE}")


def test_the_target_takes_over_and_the_source_leads_again(
    sides: Sides, worker: Worker, person: Callable[[], Person], live_server: LiveServer, tmp_path: Path
) -> None:
    record_decision(
        Comparison.objects.get(),
        OptionName.RECREATE,
        reason="It fits.",
        why_not={},
        user=User.objects.get(username="admin"),
    )
    admin = person()
    admin.logs_in("admin", dict(demo.LOGINS)["admin"])
    a_live_run_is_started(admin)
    may_write(sides.target)
    with ExitStack() as stack:
        bot = Running(tmp_path / "bot.log", environment(sides, live_server, tmp_path))
        stack.callback(bot.kill)
        writes_on(bot, Backend.SOURCE)
        it_is_cut_over(admin, "The bot is quiet just now.")
        writes_on(bot, Backend.TARGET)
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            ask(sides.app_source, "DELETE FROM clients")
        the_source_leads_again(admin)
        writes_on(bot, Backend.SOURCE)
        it_is_cut_over(admin, "It is mended.")
        writes_on(bot, Backend.TARGET)
        bot.end()
    the_way_back_is_ended(admin)
    nothing_is_lost(sides, bot.calls())


def environment(sides: Sides, live_server: LiveServer, folder: Path) -> dict[str, str]:
    exported = folder / "mapping.json"
    exported.write_text(mapping_file.dump(spec_from_json(Run.objects.get().spec).mapping))
    crm = Application.objects.get()
    return {
        "SCHEMADIFF_FLAGS_ADDRESS": live_server.url,
        "SCHEMADIFF_FLAGS_TOKEN": flags.issue_token(crm, user="ana"),
        "SCHEMADIFF_FLAGS_APPLICATION": crm.name,
        "SCHEMADIFF_FLAGS_MODULE": crm.modules[0],
        "SCHEMADIFF_FLAGS_TIMEOUT": "30",
        "SOURCE_URL": sides.app_source,
        "TARGET_URL": sides.app_target,
        "MAPPING": str(exported),
        "WRITE_WAIT": "10",
    }


def writes_on(bot: Running, backend: Backend) -> None:
    """It writes there from now on: the last ones did, and some more do."""
    seen = len(bot.calls())

    def does() -> bool:
        since = [call for call in bot.calls()[seen:] if call.method == "upsert_client" and not call.error]
        return len(since) > 20 and all(call.backend == backend for call in since[-10:])

    until(does, f"the bot writes to the {backend}")


def a_live_run_is_started(admin: Person) -> None:
    admin.opens(f"{HERE}runs/start/?comparison=1&option=recreate")
    admin.page.get_by_label("Reason").fill("The bot stays up.")
    admin.page.get_by_label("Follow the source until the cut-over").check()
    admin.presses("Start the run")
    admin.sees("Following.", within=PATIENCE)
    admin.looks_at("Run #1 · Recreate")


def it_is_cut_over(admin: Person, reason: str) -> None:
    admin.opens(f"{HERE}runs/1/")
    admin.page.get_by_role("link", name="Cut-over…").click()
    admin.looks_at("Cut-over of run #1")
    admin.sees("The source leads.")
    admin.page.get_by_label("Roles that may write no more").fill(ROLE)
    admin.page.get_by_label("Reason").first.fill(reason)
    admin.page.get_by_label("Writes are held while this goes on").check()
    admin.page.get_by_role("button", name="Cut over", exact=True).press("Enter")
    admin.sees("The target leads. Nothing could be written for", within=PATIENCE)
    admin.looks_at("Cut-over · run #1")


def the_source_leads_again(admin: Person) -> None:
    """On a telephone."""
    admin.page.set_viewport_size({"width": 400, "height": 800})
    admin.page.get_by_role("link", name="What may be done now").click()
    admin.sees("The target leads.")
    admin.page.get_by_label("Roles that may write no more").fill(ROLE)
    admin.presses("Look")
    admin.sees("All that has to hold does.", within=PATIENCE)
    admin.page.get_by_role("link", name="What may be done now").click()
    admin.looks_at("Cut-over of run #1")
    assert admin.page.evaluate("document.documentElement.scrollWidth") <= 400, "only tables scroll sideways"
    admin.page.get_by_label("Roles that may write no more").fill(ROLE)
    admin.page.get_by_label("Reason").first.fill("A report is wrong.")
    admin.page.get_by_label("Writes are held while this goes on").check()
    admin.page.get_by_role("button", name="Go back", exact=True).click()
    admin.sees("The source leads. Nothing could be written for", within=PATIENCE)
    admin.page.set_viewport_size({"width": 1280, "height": 900})


def the_way_back_is_ended(admin: Person) -> None:
    admin.page.get_by_role("link", name="What may be done now").click()
    admin.page.get_by_label("Reason").last.fill("All is well.")
    admin.page.get_by_label("I know what this does").check()
    admin.presses("End the way back")
    admin.sees("There is no way back any more", within=PATIENCE)
    admin.opens(f"{HERE}runs/1/")
    admin.sees("Finished.", within=PATIENCE)
    expect(admin.page.get_by_text("The target has taken over.")).to_be_visible()
    admin.looks_at("Run #1 · Recreate")


def nothing_is_lost(sides: Sides, calls: list[Call]) -> None:
    """What the application was told is written, is: once, whichever side it was written to."""
    told = [call.number for call in calls if call.method == "upsert_client" and not call.error]
    there = [
        row[0] for row in ask(sides.target, f"SELECT yclients_id FROM clients WHERE yclients_id >= {FIRST}")
    ]
    assert len(there) == len(set(there))
    assert set(told) <= set(there)
    for dsn in (sides.source, sides.target):
        assert (
            ask(dsn, "SELECT slot_name FROM pg_replication_slots WHERE database = current_database()") == []
        )
        assert ask(dsn, "SELECT pubname FROM pg_publication") == []
