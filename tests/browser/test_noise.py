"""An engineer leaves out what does not matter and takes the script of two objects along."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from migration import demo
from schemadiff.models import ProjectRule
from tests.browser.people import PATIENCE, Person

pytestmark = pytest.mark.django_db(transaction=True)

HERE = f"/p/{demo.SLUG}"


@pytest.fixture
def engineer(
    seed_source_dsn: str, seed_target_dsn: str, transactional_db: None, person: Callable[[], Person]
) -> Person:
    demo.populate(seed_source_dsn, seed_target_dsn)
    found = person()
    found.logs_in("engineer", dict(demo.LOGINS)["engineer"])
    return found


@pytest.mark.heavy
def test_a_rule_is_written_seen_and_removed(engineer: Person) -> None:
    engineer.opens(f"{HERE}/comparisons/1/")
    engineer.follows("Ignore rules")
    engineer.looks_at("Ignore rules")
    engineer.follows("New rule")
    engineer.looks_at("New rule")
    engineer.page.get_by_label("Called so").fill("whatsapp_*")
    engineer.fills("Why", "Belongs to another team.")
    engineer.presses("Ignore it")
    engineer.sees("The rule is in force", "everything (named whatsapp_*)")
    engineer.looks_at("Ignore rules")

    engineer.opens(f"{HERE}/comparisons/1/")
    engineer.sees("changes hidden")
    assert engineer.page.locator("[data-key*=whatsapp]").count() == 0
    engineer.follows("Show what is hidden")
    engineer.sees("Belongs to another team.", "table public.whatsapp_keys")
    engineer.accessible(engineer.page)

    engineer.opens(f"{HERE}/rules/{ProjectRule.objects.get().pk}/")
    engineer.looks_at("Change a rule")
    engineer.page.locator("form[action$='/end/']").get_by_label("Why").fill("It is ours now.")
    engineer.presses("Remove the rule")
    engineer.sees("The rule is removed", "Nothing is ignored")


@pytest.mark.heavy
def test_objects_are_selected_by_key_and_box(engineer: Person) -> None:
    engineer.opens(f"{HERE}/comparisons/1/")
    page = engineer.page
    page.keyboard.press("x")
    chosen = page.locator("#objects .pick-box:checked")
    expect(chosen).to_have_count(1)
    page.get_by_label("Select whatsapp_keys").check()
    page.reload()
    expect(chosen).to_have_count(2)
    page.locator("[data-key='table:public.whatsapp_auth']").focus()
    page.keyboard.press(" ")
    expect(chosen).to_have_count(3)
    page.keyboard.press(" ")
    expect(chosen).to_have_count(2)
    engineer.accessible(page)

    engineer.presses("Script of the selection")
    engineer.looks_at("Script of a selection")
    expect(page).to_have_url(re.compile(r"\?select=table.*&select=table"))
    engineer.sees("table public.whatsapp_keys", "DROP TABLE public.whatsapp_keys")
    with page.expect_download() as download:
        engineer.presses("Download")
    assert "whatsapp_keys" in Path(download.value.path()).read_text(encoding="utf-8")


@pytest.mark.heavy
def test_two_moments_and_a_file(engineer: Person, tmp_path: Path) -> None:
    engineer.opens(f"{HERE}/snapshots/")
    engineer.looks_at("Snapshots")
    engineer.page.locator("input[name=source]").first.check()
    engineer.page.locator("input[name=target]").last.check()
    engineer.presses("Compare these two")
    engineer.looks_at("New comparison")
    engineer.page.set_default_timeout(PATIENCE)  # a server is made for the file
    wanted = tmp_path / "wanted.sql"
    wanted.write_text("CREATE TABLE clients (id bigint);", encoding="utf-8")
    engineer.page.get_by_label("or a file as the source").set_input_files(wanted)
    engineer.page.get_by_label("Tables to carry over").fill("")
    engineer.page.get_by_label("Protected tables").fill("")
    engineer.presses("Compare")
    engineer.sees("wanted.sql →", within=PATIENCE)
