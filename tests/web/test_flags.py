"""The flags pages: who sees what, effects before they happen, refusals, conflicts, ways back, tokens."""

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from migration import flags
from migration.core.flags import CutOver
from migration.models import Application, FlagClient
from schemadiff.models import Project
from tests.run_rows import World, make_world

HOME = "/p/crm/flags/"
ONE = f"{HOME}crm/production/"
VALUES = {
    "USE_LEGACY_SUPABASE": "on",
    "backend": "source",
    "backend.dataLoader": "as-global",
    "backend.syncScripts": "as-global",
    "backend.services": "as-global",
}
PILOT = {**VALUES, "USE_REPOSITORY_PATTERN": "on", "backend.syncScripts": "target"}


@pytest.fixture
def world(db: None) -> World:
    return make_world()


@pytest.fixture
def crm(world: World) -> Application:
    return add_application(world.project, "crm")


def add_application(project: Project, name: str) -> Application:
    modules = ("dataLoader", "syncScripts", "services")
    return flags.create_application(project, name=name, environment="production", modules=modules, user="ana")


def as_user(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def seal_in(html: str) -> str:
    found = re.search(r'name="seal" value="([0-9a-f]+)"', html)
    assert found, html
    return found[1]


def preview(client: Client, values: dict[str, str]) -> str:
    response = client.post(
        f"{ONE}change/",
        {**values, "expected_revision": "1", "step": "preview"},
        headers={"HX-Request": "true"},
    )
    assert response.status_code == 200
    return response.content.decode()


def apply(client: Client, values: dict[str, str], *, seal: str, revision: int = 1) -> tuple[int, str]:
    said = {"reason": "pilot", "when": "now", "step": "apply"}
    sent = {**values, **said, "expected_revision": str(revision), "seal": seal}
    response = client.post(f"{ONE}change/", sent)
    return response.status_code, response.content.decode()


def test_a_module_is_flipped_and_flipped_back_in_the_browser(world: World, crm: Application) -> None:
    admin = as_user(world.admin)
    shown = preview(admin, PILOT)
    assert "syncScripts reads and writes the target instead of the source" in shown
    assert "Unchanged: dataLoader, services." in shown
    assert flags.current(crm).number == 1
    assert apply(admin, PILOT, seal=seal_in(shown))[0] == 302
    page = admin.get(ONE).content.decode()
    assert "1 of 3 modules use the target: syncScripts." in page
    assert "pilot" in page and "crm-admin" in page
    confirm = admin.get(f"{ONE}rollback/1/").content.decode()
    assert "syncScripts reads and writes the source instead of the target." in confirm
    sent = {"expected_revision": "2", "reason": "slow"}
    assert admin.post(f"{ONE}rollback/1/", sent).status_code == 302
    assert flags.current(crm).restores == 1
    assert "rolled back to r1" in admin.get(ONE).content.decode()


def test_effects_that_were_not_shown_are_shown_before_anything_changes(
    world: World, crm: Application
) -> None:
    admin = as_user(world.admin)
    status, html = apply(admin, PILOT, seal="")
    assert status == 422
    assert "Look at the list, then apply." in html
    assert "syncScripts reads and writes the target" in html
    assert flags.current(crm).number == 1
    assert apply(admin, PILOT, seal=seal_in(html))[0] == 302
    assert flags.current(crm).number == 2


def test_a_combination_that_makes_no_sense_is_refused_with_its_sentence(
    world: World, crm: Application
) -> None:
    admin = as_user(world.admin)
    values = {**VALUES, "backend": "target"}
    sentence = "backend says target while USE_REPOSITORY_PATTERN is off."
    shown = preview(admin, values)
    assert shown.count(sentence) == 1
    status, html = apply(admin, values, seal=seal_in(shown))
    assert (status, html.count(sentence)) == (422, 1)
    assert flags.current(crm).number == 1


def test_a_change_needs_a_reason(world: World, crm: Application) -> None:
    admin = as_user(world.admin)
    sent = {**PILOT, "expected_revision": "1", "seal": seal_in(preview(admin, PILOT)), "reason": " "}
    response = admin.post(f"{ONE}change/", sent)
    assert response.status_code == 422
    assert "every change of a flag has a reason" in response.content.decode()
    assert flags.current(crm).number == 1


def test_who_comes_second_sees_what_the_first_did(world: World, crm: Application) -> None:
    admin = as_user(world.admin)
    seal = seal_in(preview(admin, PILOT))
    flags.change(crm, {"LOG_DATABASE_CALLS": True}, reason="measuring", user="ben", expected_revision=1)
    status, html = apply(admin, PILOT, seal=seal)
    assert status == 409
    assert "ben changed LOG_DATABASE_CALLS false → true" in html and "“measuring”" in html
    assert "Every database call is no longer logged" in html  # for the form says so, from r2 on
    assert 'name="expected_revision" value="2"' in html
    response = admin.post(f"{ONE}rollback/1/", {"expected_revision": "1", "reason": "back"})
    assert response.status_code == 409
    assert flags.current(crm).number == 2


def test_roles_see_and_do_what_they_may(world: World, crm: Application) -> None:
    flags.change(crm, {"LOG_DATABASE_CALLS": True}, reason="measuring", user="ben", expected_revision=1)
    engineer, manager = as_user(world.engineer), as_user(world.manager)
    changing = [f"{ONE}change/", f"{ONE}rollback/1/", f"{ONE}token/", f"{ONE}settings/", f"{HOME}new/"]
    for address in (HOME, ONE):
        page = engineer.get(address)
        assert page.status_code == 200
        assert not any(target in page.content.decode() for target in changing)
        assert manager.get(address).status_code == 403
    for address in changing:
        for client in (engineer, manager):
            assert client.get(address).status_code == 403
            assert client.post(address, {}).status_code == 403
    assert Client().get(HOME).status_code == 302
    assert as_user(User.objects.create_user("stranger")).get(ONE).status_code == 404
    shown = as_user(world.admin).get(ONE).content.decode()
    assert all(target in shown for target in changing[:4])


def test_one_click_on_either_page_leads_back_and_a_second_one_does_nothing(
    world: World, crm: Application
) -> None:
    admin = as_user(world.admin)
    assert "Roll back to" not in admin.get(HOME).content.decode()
    flags.change(crm, {"LOG_DATABASE_CALLS": True}, reason="measuring", user="ben", expected_revision=1)
    for address in (HOME, ONE):
        assert "Roll back to r1</button>" in admin.get(address).content.decode()
    click = {"to": "1", "expected_revision": "2"}
    assert admin.post(f"{ONE}back/", click).status_code == 302
    now = flags.current(crm)
    assert (now.number, now.restores, now.reason) == (3, 1, "Rolled back from r2 with one click.")
    again = admin.post(f"{ONE}back/", click, follow=True)
    assert "Nothing was rolled back. The flags of crm · production are at r3" in again.content.decode()
    assert flags.current(crm).number == 3
    assert admin.post(f"{ONE}back/", {"to": "x"}).status_code == 302
    assert as_user(world.engineer).post(f"{ONE}back/", click).status_code == 403


def test_a_click_across_the_cut_over_shows_first_what_it_does(world: World, crm: Application) -> None:
    flags.prepare(crm, reason="cut over", user="ana", expected_revision=1)
    target = {"USE_REPOSITORY_PATTERN": True, "backend": "target"}
    flags.release(crm, target, cut_over=CutOver.AFTER, reason="cut over", user="ana", expected_revision=2)
    admin = as_user(world.admin)
    assert flags.current(crm).back_to == 2
    shown = admin.post(f"{ONE}back/", {"to": "2", "expected_revision": "3"}, follow=True)
    page = shown.content.decode()
    assert shown.redirect_chain == [(f"{ONE}rollback/2/", 302)]
    assert "This leads back across the cut-over" in page
    assert "is on the source only as far as somebody carried it back" in page
    assert flags.current(crm).number == 3


def test_the_clients_that_have_seen_the_revision_are_counted_by_module(
    world: World, crm: Application
) -> None:
    flags.record_client(crm, name="crm@a", module="services", revision=1)
    flags.record_client(crm, name="crm@b", module="services", revision=None)
    page = as_user(world.admin).get(ONE).content.decode()
    assert "1 of 2" in page and "behind" in page and "not said" in page


def test_of_very_many_clients_the_last_seen_are_listed(world: World, crm: Application) -> None:
    FlagClient.objects.bulk_create(
        FlagClient(project_id=crm.project_id, application=crm, name=f"crm@{number:03}", revision=1)
        for number in range(130)
    )
    page = as_user(world.admin).get(ONE).content.decode()
    assert "130 of 130" in page and "And 30 more" in page
    assert page.count("crm@") == 100


def test_without_javascript_a_button_shows_what_changes(world: World, crm: Application) -> None:
    admin = as_user(world.admin)
    assert "Show what changes" in admin.get(f"{ONE}change/?module=services").content.decode()
    sent = {**PILOT, "expected_revision": "1", "reason": "so far", "step": "preview"}
    page = admin.post(f"{ONE}change/", sent).content.decode()
    assert "<h1>" in page and "so far" in page
    assert "syncScripts reads and writes the target" in page
    assert apply(admin, PILOT, seal=seal_in(page))[0] == 302


def test_addresses_of_what_is_not_there_are_404(world: World, crm: Application) -> None:
    admin = as_user(world.admin)
    for address in (f"{HOME}shop/production/", f"{ONE}rollback/7/", f"{ONE}rollback/{10**30}/"):
        assert admin.get(address).status_code == 404


def test_an_application_is_added_and_wrong_names_are_refused(world: World) -> None:
    admin = as_user(world.admin)
    assert "No application reads its flags here yet" in admin.get(HOME).content.decode()
    new = {"name": "crm", "environment": "production", "modules": "dataLoader, syncScripts services"}
    wrong = admin.post(f"{HOME}new/", {**new, "modules": "data.loader"})
    assert wrong.status_code == 422 and "data.loader is no module" in wrong.content.decode()
    assert admin.post(f"{HOME}new/", new).status_code == 302
    made = Application.objects.get()
    assert (made.modules, flags.current(made).number) == (["dataLoader", "syncScripts", "services"], 1)
    again = admin.post(f"{HOME}new/", new)
    assert again.status_code == 422 and "is there already" in again.content.decode()


def test_a_token_is_shown_once_and_kept_by_no_cache(world: World, crm: Application) -> None:
    admin = as_user(world.admin)
    assert "No token has been issued yet" in admin.get(f"{ONE}token/").content.decode()
    response = admin.post(f"{ONE}token/")
    found = re.search(r'id="token"[^>]*>([^<]+)<', response.content.decode())
    assert found and flags.authenticate(found[1]) == crm
    assert "no-store" in response["Cache-Control"]
    later = admin.get(f"{ONE}token/").content.decode()
    assert found[1] not in later and "ends the one in use" in later


def test_the_pages_make_as_many_queries_for_many_as_for_one(
    world: World, crm: Application, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    admin = as_user(world.admin)
    fill(crm)
    with django_assert_num_queries(
        7
    ):  # session, user, member; applications, revisions, clients, waiting changes
        admin.get(HOME)
    with django_assert_num_queries(8):  # session, user, member; application, trail, history, clients, changes
        admin.get(ONE)
    for number in range(5):
        fill(add_application(world.project, f"app{number}"))
    with django_assert_num_queries(7):
        admin.get(HOME)
    with django_assert_num_queries(8):
        admin.get(ONE)


def fill(application: Application) -> None:
    for number in range(1, 8):
        changes = {"LOG_DATABASE_CALLS": number % 2 == 1}
        flags.change(application, changes, reason="again", user="ben", expected_revision=number)
    FlagClient.objects.bulk_create(
        FlagClient(
            project_id=application.project_id, application=application, name=f"crm@{number}", revision=1
        )
        for number in range(30)
    )


def test_a_long_audit_trail_comes_in_pages(world: World, crm: Application) -> None:
    for number in range(1, 60):
        changes = {"LOG_DATABASE_CALLS": number % 2 == 1}
        flags.change(crm, changes, reason="again", user="ben", expected_revision=number)
    admin = as_user(world.admin)
    first = admin.get(ONE).content.decode()
    assert 'id="r60"' in first and 'id="r11"' in first and 'id="r10"' not in first
    assert "?before=11" in first
    second = admin.get(f"{ONE}?before=11").content.decode()
    assert 'id="r10"' in second and 'id="r1"' in second and "?before=" not in second
    assert admin.get(f"{ONE}?before=nonsense").status_code == 200
