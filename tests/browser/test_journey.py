"""The whole journey on real servers, as the people who take it: engineer, admin, manager."""

from collections.abc import Callable

import pytest

from migration import demo
from migration.seedcase import COUNTS, MAPPING_JSON, PROTECTED, TABLES
from tests.browser.people import PATIENCE, Person
from tests.worker_process import Worker

pytestmark = pytest.mark.django_db(transaction=True)

HERE = f"/p/{demo.SLUG}"
PASSWORDS = dict(demo.LOGINS)


@pytest.fixture
def example(seed_source_dsn: str, seed_target_dsn: str, transactional_db: None) -> None:
    """The project as the demo begins: its people, its story, its two databases."""
    demo.populate(seed_source_dsn, seed_target_dsn)


def test_the_journey(example: None, worker: Worker, person: Callable[[], Person]) -> None:
    engineer, admin, manager = person(), person(), person()

    admin.logs_in("admin", PASSWORDS["admin"])
    the_admin_tests_the_connections(admin)

    engineer.logs_in("engineer", PASSWORDS["engineer"])
    the_engineer_compares(engineer)
    the_engineer_confirms_the_mapping(engineer)
    the_engineer_weighs_and_decides(engineer)

    the_admin_runs(admin)
    the_admin_switches_one_module_and_back(admin)

    manager.logs_in("manager", PASSWORDS["manager"])
    the_manager_sees_where_things_stand(manager)


def the_admin_tests_the_connections(admin: Person) -> None:
    admin.looks_at("Booking bot")
    for name, version in (("legacy", "16"), ("new", "18")):
        admin.turns_to("Connections")
        admin.looks_at("Connections")
        admin.follows(name)
        admin.presses("Test now")
        admin.sees("Reachable", "Server version", version)
        admin.looks_at(name)


def the_engineer_compares(engineer: Person) -> None:
    engineer.turns_to("Comparisons")
    engineer.looks_at("Comparisons")
    engineer.follows("Compare again")
    engineer.looks_at("New comparison")
    engineer.chooses("Source", "legacy")
    engineer.chooses("Target", "new")
    engineer.page.get_by_label("Tables to carry over").fill("\n".join(TABLES))
    engineer.page.get_by_label("Protected tables").fill("\n".join(PROTECTED))
    engineer.presses("Compare")
    engineer.looks_at("Comparison #2 · legacy → new")
    engineer.sees("7 tables in scope, 2 protected")
    engineer.page.get_by_role("link", name="clients changed").click()
    engineer.sees("yclients_client_id")
    engineer.looks_at("Comparison #2 · legacy → new")


def the_engineer_confirms_the_mapping(engineer: Person) -> None:
    """One pair, then all likely ones, then what a colleague has written down."""
    engineer.follows("Mapping")
    engineer.looks_at("Which column became which?")
    engineer.page.get_by_role("button", name="Confirm yclients_booking_id").click()
    engineer.sees_row_with("yclients_booking_id", "✓ confirmed")
    engineer.presses("Confirm all")
    engineer.sees("suggestions confirmed.")
    engineer.page.get_by_text("Import…").click()
    engineer.page.locator("input[type=file]").set_input_files(MAPPING_JSON)
    engineer.presses("Take it over")
    engineer.sees("0 to look at")
    engineer.looks_at("Which column became which?")


def the_engineer_weighs_and_decides(engineer: Person) -> None:
    engineer.follows("See the three options")
    engineer.looks_at("Which way?")
    engineer.presses("Rehearse with rows")
    engineer.sees("Every figure, and how it was measured", within=PATIENCE)
    engineer.sees_row("Rows refused", "151", "1,490")
    engineer.sees_row("Queries that work as before", "21")
    engineer.sees_row("Columns left behind", "143")
    engineer.sees_row("Values left behind", "30,569")
    engineer.sees("60 of 1,490 rows were refused because a row that they refer to is missing")
    engineer.looks_at("Which way?")
    engineer.follows("Work and weights")
    engineer.looks_at("How much work, and what weighs more?")
    engineer.sees("Writes stand still")
    engineer.presses("Keep these assumptions")
    engineer.sees("assumptions by engineer")
    engineer.follows("The options of comparison #2")
    engineer.follows("Choose recreate…")
    engineer.looks_at("Choose recreate")
    engineer.fills("Why this one", "It loses nothing, and no query of the bot breaks.")
    engineer.presses("Record the decision")
    engineer.sees("It loses nothing, and no query of the bot breaks.")
    engineer.looks_at("Decision: recreate")
    the_engineer_exports_it(engineer)
    engineer.opens(f"{HERE}/comparisons/2/plan/recreate/")
    engineer.looks_at("Plan: recreate")
    engineer.sees_no_button("Start run…")


def the_engineer_exports_it(engineer: Person) -> None:
    """As Markdown, and as a page that needs nothing else and that everybody can read."""
    kept = {}
    for link in ("Export as Markdown", "As HTML, to print"):
        with engineer.page.expect_download() as download:
            engineer.follows(link)
        kept[link] = download.value.path().read_text(encoding="utf-8")
    assert kept["Export as Markdown"].startswith("# Decision: recreate")
    for text in kept.values():
        assert "It loses nothing, and no query of the bot breaks." in text
        assert "writes stand still" in text
    paper = engineer.page.context.new_page()
    paper.set_content(kept["As HTML, to print"])
    engineer.accessible(paper)
    paper.close()


def the_admin_runs(admin: Person) -> None:
    admin.turns_to("Runs")
    admin.looks_at("Runs")
    admin.follows("Open the plan to run")
    admin.looks_at("Plan: recreate")
    admin.presses("Check now")
    admin.sees("new still has the schema that this plan was made for.")
    admin.follows("Start run…")
    admin.looks_at("Start a run: recreate")
    admin.sees("1,490 rows of 7 tables")
    admin.fills("Reason", "The bot is quiet until noon.")
    admin.presses("Start the run")
    admin.sees("All 1,490 rows of 7 tables are in the target, every one verified as equal.", within=PATIENCE)
    admin.looks_at("Run #1 · Recreate")
    for table in TABLES:
        admin.sees_row(f"public.{table}", f"{COUNTS[table]:,} of {COUNTS[table]:,}", "✓ equal")
    admin.sees_row("public.whatsapp_auth", "✓ untouched")
    admin.sees_row("public.whatsapp_keys", "728", "✓ untouched")


def the_admin_switches_one_module_and_back(admin: Person) -> None:
    admin.turns_to("Flags")
    admin.looks_at("Flags")
    admin.follows("crm")
    admin.looks_at("crm · production")
    admin.sees_row("syncScripts", "as global", "○ source")
    admin.follows("Change… syncScripts")
    admin.looks_at("Change flags of crm · production")
    admin.page.get_by_label("USE_REPOSITORY_PATTERN", exact=True).check()
    admin.chooses("backend.syncScripts", "target")
    admin.sees("syncScripts reads and writes the target instead of the source")
    admin.fills("Reason", "Pilot: the copy is verified.")
    admin.looks_at("Change flags of crm · production")
    admin.presses("Apply")
    admin.looks_at("crm · production")
    admin.sees("1 of 3 modules use the target: syncScripts.")
    admin.sees_row("syncScripts", "● target")
    admin.follows("Roll back to r1…")
    admin.looks_at("Roll back crm · production to r1")
    admin.sees("syncScripts reads and writes the source instead of the target.")
    admin.fills("Reason", "The pilot is over.")
    admin.presses("Roll back to r1")
    admin.sees("r3 holds now: it restores r1.")
    admin.looks_at("crm · production")
    admin.sees_row("syncScripts", "as global", "○ source")


def the_manager_sees_where_things_stand(manager: Person) -> None:
    manager.looks_at("Booking bot")
    manager.turns_to("Status")
    manager.looks_at("Status of Booking bot")
    manager.sees("run #1 (recreate) wrote 1,490 rows, all verified as equal")
    manager.sees("It loses nothing, and no query of the bot breaks.")
    manager.turns_to("Decisions")
    manager.looks_at("Decisions")
    manager.turns_to("Runs")
    manager.looks_at("Runs")
    manager.follows("#1 Recreate")
    manager.looks_at("Run #1 · Recreate")
    manager.sees_no_button("Restore what was parked…")
    assert manager.opens(f"{HERE}/comparisons/2/plan/recreate/").status == 403
    assert manager.opens(f"{HERE}/runs/1/rejects/").status == 403
