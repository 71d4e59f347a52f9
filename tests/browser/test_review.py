"""A comparison is reviewed at the browser: keys, marks, comments, a verdict, and what makes it void."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from playwright.sync_api import Locator, Page, expect

from migration import demo
from schemadiff import store
from schemadiff.models import Comparison
from tests.browser.people import Person

pytestmark = pytest.mark.django_db(transaction=True)

HERE = f"/p/{demo.SLUG}/comparisons/"
CLIENTS = "?object=table:public.clients"
PASSWORDS = dict(demo.LOGINS)


@pytest.fixture
def comparison(seed_source_dsn: str, seed_target_dsn: str, transactional_db: None) -> Comparison:
    demo.populate(seed_source_dsn, seed_target_dsn)
    return Comparison.objects.select_related("project", "source", "target").get()


def compare_again_with_another_column(comparison: Comparison) -> None:
    """The target's clients got a wider phone meanwhile."""
    target = store.catalog_of(comparison.target)
    tables = tuple(
        replace(
            table,
            columns=tuple(
                replace(column, type="character varying(40)") if column.name == "phone" else column
                for column in table.columns
            ),
        )
        if table.name == "clients"
        else table
        for table in target.tables
    )
    changed = replace(target, tables=tables)
    snapshot = store.save_snapshot(comparison.project, changed, label="new", connection=None, user=None)
    scope = store.scope_of(comparison)
    store.create_comparison(
        comparison.project, comparison.source, snapshot, tables=scope.tables, protected=(), user=None
    )


@pytest.mark.heavy
def test_a_review_from_the_first_key_to_a_void_approval(
    comparison: Comparison, person: Callable[[], Person]
) -> None:
    engineer, manager = person(), person()
    engineer.logs_in("engineer", PASSWORDS["engineer"])
    engineer.looks_at("Booking bot")
    the_keys_lead_through_the_objects(engineer)
    the_engineer_comments_on_a_column(engineer)
    the_engineer_approves(engineer)
    compare_again_with_another_column(comparison)
    the_approval_is_void(engineer)
    manager.logs_in("manager", PASSWORDS["manager"])
    manager.looks_at("Booking bot")
    manager.turns_to("Status")
    manager.looks_at("Status of Booking bot")
    manager.sees("Approval void")
    assert manager.opens(f"{HERE}1/").status == 403


def the_keys_lead_through_the_objects(engineer: Person) -> None:
    page = engineer.page
    engineer.opens(f"{HERE}1/{CLIENTS}")
    engineer.looks_at("Comparison #1 · legacy → new")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("the next object")
    engineer.accessible(page)
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    expect(open_object(page)).to_have_text("public.companies")
    page.keyboard.press("k")
    expect(open_object(page)).to_have_text("public.clients")
    page.keyboard.press("v")
    engineer.sees("1 of 28")
    expect(page.locator("#viewed-button")).to_have_attribute("aria-pressed", "true")
    page.get_by_label("Search objects and columns").fill("staff_v")
    page.keyboard.press("j")
    expect(page.get_by_label("Search objects and columns")).to_have_value("staff_vj")
    expect(open_object(page)).to_have_text("public.clients")


def the_engineer_comments_on_a_column(engineer: Person) -> None:
    page = engineer.page
    engineer.opens(f"{HERE}1/{CLIENTS}&attribute=column-phone")
    expect(page.locator("#column-phone")).to_be_focused()
    page.keyboard.press("c")
    page.keyboard.type("Is 20 enough?")
    page.locator("#comments").get_by_role("button", name="Comment").click()
    engineer.sees("1 open, 0 resolved", "Is 20 enough?", "1 open comment")
    page.get_by_role("button", name="Resolve").click()
    engineer.sees("0 open, 1 resolved")
    page.locator("#comments summary").first.click()
    page.get_by_role("button", name="Reopen").click()
    engineer.sees("1 open, 0 resolved")
    engineer.looks_at("Comparison #1 · legacy → new")


def the_engineer_approves(engineer: Person) -> None:
    page = engineer.page
    page.get_by_text("Your verdict…").click()
    engineer.accessible(page)
    page.get_by_label("Approve").check()
    page.get_by_label("Why").fill("Read it with the team.")
    page.get_by_role("button", name="Record", exact=True).click()
    engineer.sees("Recorded: approved.", "Read it with the team.")
    engineer.looks_at("Comparison #1 · legacy → new")
    engineer.opens(f"{HERE}1/picture/")
    engineer.looks_at("The tables that differ")
    page.locator("svg a", has_text="clients").first.click()
    expect(open_object(page)).to_have_text("public.clients")


def the_approval_is_void(engineer: Person) -> None:
    page = engineer.page
    engineer.opens(f"{HERE}2/{CLIENTS}&view=inline")
    engineer.sees(
        "Approval void", "this comparison found the target’s schema changed", "0 of 28", "changed since"
    )
    engineer.looks_at("Comparison #2 · legacy → new")
    engineer.follows("History")
    engineer.looks_at("History of legacy → new")
    page.get_by_role("link", name="0 new, 0 gone, 1 other").click()
    engineer.looks_at("From comparison #1 to #2")
    engineer.sees_row("public.clients", "Changed")
    engineer.turns_to("Comparisons")
    engineer.looks_at("Comparisons")
    engineer.opens(f"{HERE}1/")
    engineer.sees("Review comparison #2")


def open_object(page: Page) -> Locator:
    """The name of the object that is shown."""
    return page.locator("#panel h2")
