"""An application's settings, own flags and environment file in the browser."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from migration import flags
from migration.models import Application
from tests.run_rows import World, make_world

ONE = "/p/crm/flags/crm/production/"
SETTINGS = {
    "reason": "settled",
    "expected_revision": "1",
    "poll_milliseconds": "1000",
    "lease_seconds": "10",
}
THEME = {
    "key": "theme",
    "kind": "string",
    "variants": "light\ndark",
    "default": "light",
    "reason": "wanted",
    "expected_revision": "1",
}


@pytest.fixture
def world(db: None) -> World:
    return make_world()


@pytest.fixture
def crm(world: World) -> Application:
    return flags.create_application(
        world.project, name="crm", environment="production", modules=("dataLoader", "services"), user="ana"
    )


def as_user(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def post(client: Client, address: str, sent: dict[str, str]) -> tuple[int, str]:
    response = client.post(address, sent, follow=True)
    return response.status_code, response.content.decode()


def test_settings_are_kept_in_a_revision_that_says_what_changed(world: World, crm: Application) -> None:
    admin = as_user(world.admin)
    shown = admin.get(f"{ONE}settings/").content.decode()
    assert "Tables that dataLoader uses" in shown and 'placeholder="TIMEWEB_SERVICES"' in shown
    wanted = {
        **SETTINGS,
        "new_modules": "billing",
        "dependencies": "services needs dataLoader.",
        "second_person": "on",
        "lease_seconds": "30",
        "tables:services": "public.services, public.clients",
        "name:backend": "SIDE",
    }
    status, html = post(admin, f"{ONE}settings/", wanted)
    assert status == 200
    assert "services uses public.services, public.clients." in html and "services needs dataLoader." in html
    kept = Application.objects.get()
    assert kept.modules == ["dataLoader", "services", "billing"]
    assert (kept.second_person, kept.lease_seconds, kept.env_names) == (True, 30, {"backend": "SIDE"})
    again = admin.get(f"{ONE}settings/").content.decode()
    assert "public.services public.clients" in again and "services needs dataLoader" in again
    assert post(admin, f"{ONE}settings/", wanted | {"lease_seconds": "40"})[0] == 409
    off = {**wanted, "expected_revision": "2", "new_modules": ""}
    del off["second_person"]
    status, html = post(admin, f"{ONE}settings/", off)
    assert status == 200 and "Waits for another admin than crm-admin" in html


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"dependencies": "services dataLoader"}, "is not of the form"),
        ({"dependencies": "services needs cart"}, "There is no module"),
        ({"new_modules": "data.loader"}, "is no module"),
        ({"lease_seconds": "1"}, "is too short"),
        ({"poll_milliseconds": "5"}, "greater than or equal to 100"),
        ({"name:backend": "A B"}, "cannot be a name in an environment"),
        ({"reason": ""}, "every change of a flag has a reason"),
        ({}, "Nothing would change"),
    ],
)
def test_settings_that_make_no_sense_are_refused_with_a_sentence(
    world: World, crm: Application, wrong: dict[str, str], sentence: str
) -> None:
    status, html = post(as_user(world.admin), f"{ONE}settings/", SETTINGS | wrong)
    assert (status, sentence in html) == (422, True), html


def test_an_own_flag_is_added_defined_anew_and_archived(world: World, crm: Application) -> None:
    admin = as_user(world.admin)
    assert post(admin, f"{ONE}new-flag/", {**THEME, "default": "blue"})[0] == 422
    status, html = post(admin, f"{ONE}new-flag/", THEME)
    assert status == 200 and "New flag theme." in html and "light, dark" in html
    assert "theme" in admin.get(f"{ONE}change/").content.decode()
    assert post(admin, f"{ONE}new-flag/", THEME)[0] == 409
    assert post(admin, f"{ONE}new-flag/", {**THEME, "expected_revision": "2"})[0] == 422
    anew = {**THEME, "variants": "light\nblue", "expected_revision": "2"}
    assert "theme is defined anew." in post(admin, f"{ONE}own/theme/", anew)[1]
    assert post(admin, f"{ONE}own/theme/", {**anew, "expected_revision": "3"})[0] == 422
    anew["default"] = "blue"
    assert post(admin, f"{ONE}own/theme/", anew)[0] == 409
    gone = {**anew, "expected_revision": "3", "step": "archive"}
    assert "theme is archived" in post(admin, f"{ONE}own/theme/", gone)[1]
    assert "Archived:" in admin.get(ONE).content.decode()
    assert "theme" not in flags.current(crm).flags
    assert admin.get(f"{ONE}own/nosuch/").status_code == 404


def test_a_flag_of_true_and_false_takes_either_word_as_its_default(world: World, crm: Application) -> None:
    sent = {**THEME, "key": "beta/search", "kind": "boolean", "variants": "", "default": "True"}
    assert post(as_user(world.admin), f"{ONE}new-flag/", sent)[0] == 200
    assert flags.current(crm).flags["beta/search"] is True


def test_the_environment_file_is_downloaded_by_those_who_see_the_flags(
    world: World, crm: Application
) -> None:
    response = as_user(world.engineer).get(f"{ONE}env/")
    assert response["Content-Disposition"] == 'attachment; filename="crm-production.env"'
    assert response.content.decode().splitlines()[:2] == [
        "# crm · production: revision 1",
        "USE_REPOSITORY_PATTERN=false",
    ]
    assert as_user(world.manager).get(f"{ONE}env/").status_code == 403


def test_only_admins_reach_settings_and_own_flags(world: World, crm: Application) -> None:
    engineer = as_user(world.engineer)
    for address in (f"{ONE}settings/", f"{ONE}new-flag/", f"{ONE}own/theme/"):
        assert engineer.get(address).status_code == 403
        assert engineer.post(address, {}).status_code == 403
