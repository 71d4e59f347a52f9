"""Definitions of an application's own flags where changes need a second person: what is served is not one's own."""

from dataclasses import replace

import pytest
from django.contrib.auth.models import User
from django.test import Client

from migration import flag_changes, flag_settings, flags
from migration.core.errors import FlagRefused
from migration.core.own_flags import Kind, OwnFlag
from migration.models import Application, FlagChange, Revision
from schemadiff.models import Member, Role
from tests.run_rows import World, make_world

PAY = OwnFlag(key="pay", kind=Kind.STRING, default="old", variants=("old", "new"))
State = FlagChange.State


@pytest.fixture
def world(db: None) -> World:
    return make_world()


@pytest.fixture
def crm(world: World) -> Application:
    made = flags.create_application(
        world.project, name="crm", environment="production", modules=("services",), user="ana"
    )
    flag_settings.add_flag(made, PAY, reason="wanted", user="ana", expected_revision=1)
    Application.objects.update(second_person=True)
    return made


@pytest.fixture
def ben(world: World) -> User:
    """A second admin."""
    user = User.objects.create_user("ben")
    Member.objects.create(project=world.project, user=user, role=Role.ADMIN)
    return user


def edit(crm: Application, flag: OwnFlag, user: User) -> Revision | FlagChange:
    expected = flags.current(crm).number
    return flag_settings.edit_flag(crm, flag, reason="wanted", user=user, expected_revision=expected)


def test_another_value_waits_for_the_second_person_and_the_same_does_not(
    world: World, crm: Application, ben: User
) -> None:
    made = edit(crm, replace(PAY, variants=("old", "new", "newer"), default="new"), world.admin)
    assert isinstance(made, Revision) and made.flags["pay"] == "old"
    asked = edit(crm, replace(PAY, variants=("new", "newer"), default="new"), world.admin)
    assert isinstance(asked, FlagChange) and asked.state == State.WAITING
    assert (flags.current(crm).number, flags.current(crm).flags["pay"]) == (3, "old")
    assert Application.objects.get().own[0].variants == ("old", "new", "newer")
    with pytest.raises(FlagRefused, match="somebody else"):
        flag_changes.approve(asked, world.admin)
    assert flag_changes.approve(asked, ben).state == State.APPLIED
    now = flags.current(crm)
    assert (now.flags["pay"], now.approved_by, now.notes) == ("new", "ben", ["pay is defined anew."])
    assert Application.objects.get().own[0].variants == ("new", "newer")


def test_a_new_flag_waits_as_well_for_somebody_may_ask_for_it_already(
    world: World, crm: Application, ben: User
) -> None:
    theme = OwnFlag(key="theme", kind=Kind.BOOLEAN, default=True)
    asked = flag_settings.add_flag(crm, theme, reason="night", user=world.admin, expected_revision=2)
    assert isinstance(asked, FlagChange) and asked.state == State.WAITING
    assert "theme" not in flags.current(crm).flags and len(Application.objects.get().own) == 1
    admin = Client()
    admin.force_login(world.admin)
    page = admin.get("/p/crm/flags/crm/production/changes/1/").content.decode()
    assert "theme is one of false, true; true by default" in page
    assert "theme is true for who asks for it, who got the code&#x27;s own default until now." in page
    assert flag_changes.approve(asked, ben).state == State.APPLIED
    now = flags.current(crm)
    assert (now.flags["theme"], now.approved_by, now.notes) == (True, "ben", ["New flag theme."])
    with pytest.raises(FlagRefused, match="has no flag 'nosuch' of its own"):
        edit(crm, replace(theme, key="nosuch"), world.admin)


def test_what_is_gone_or_back_waits_too_and_is_suspended_on_another_revision(
    world: World, crm: Application, ben: User
) -> None:
    asked = flag_settings.archive_flag(crm, "pay", reason="done", user=world.admin, expected_revision=2)
    assert isinstance(asked, FlagChange) and "pay" in flags.current(crm).flags
    flags.note(crm, ("A note.",), reason="why", user="cleo", expected_revision=2)
    assert flag_changes.approve(asked, ben).state == State.SUSPENDED
    again = flag_changes.resume(asked, world.admin, expected_revision=3, override=None)
    assert flag_changes.approve(again, ben).state == State.APPLIED
    assert "pay" not in flags.current(crm).flags
    back = edit(crm, PAY, world.admin)
    assert isinstance(back, FlagChange) and "pay" not in flags.current(crm).flags


def test_the_pages_show_what_waits_and_what_it_would_do(world: World, crm: Application, ben: User) -> None:
    admin = Client()
    admin.force_login(world.admin)
    sent = {
        "key": "pay",
        "kind": "string",
        "variants": "old\nnew",
        "default": "old",
        "description": "",
        "reason": "done",
        "expected_revision": "2",
        "step": "archive",
    }
    shown = admin.post("/p/crm/flags/crm/production/own/pay/", sent, follow=True).content.decode()
    assert "Change 1 is kept. Waits for another admin than crm-admin" in shown
    assert "pay is archived" in shown
    page = admin.get("/p/crm/flags/crm/production/changes/1/").content.decode()
    assert "pay is there no more" in page and "pay is archived" in page
