"""Two admins switch a module: effects, a reason, a time, the second person's yes, one click back; and an own flag."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from migration import flag_changes, flags
from migration.models import Application, FlagChange, RunState
from schemadiff.models import Member, Role
from tests.browser.people import Person
from tests.run_rows import World, make_run, make_world

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.heavy]


@pytest.fixture
def world(transactional_db: None) -> World:
    world = make_world()
    ben = User.objects.create_user("ben", password="secret")
    Member.objects.create(project=world.project, user=ben, role=Role.ADMIN)
    crm = flags.create_application(
        world.project,
        name="crm",
        environment="production",
        modules=("dataLoader", "syncScripts", "services"),
        user="ana",
    )
    make_run(world, ("clients", "orders"), state=RunState.ENDED, phase="finish")
    flags.record_client(crm, name="crm@host1", module="syncScripts", revision=1, version="1.0")
    return world


def at_the_door(person: Callable[[], Person], name: str) -> Person:
    someone = person()
    someone.logs_in(name, "secret")
    someone.turns_to("Flags")
    return someone


def test_two_admins_switch_a_module_at_a_time_and_one_goes_back(
    world: World, person: Callable[[], Person]
) -> None:
    ana = at_the_door(person, world.admin.username)
    ana.follows("crm")
    an_own_flag_is_added(ana)
    an_application_gets_its_settings(ana)
    a_change_is_asked_for(ana)
    ben = at_the_door(person, "ben")
    ben.sees_row_with("change 1", "◐ Waits for approval", "backend.syncScripts → target")
    ben.looks_at("Flags")
    ben.follows("crm · production, change 1")
    ben.looks_at("Change 1 of crm · production")
    ben.presses("Approve")
    ben.sees("Will be applied at")
    ben.looks_at("Change 1 of crm · production")
    FlagChange.objects.update(at=timezone.now() - timedelta(seconds=1))
    flag_changes.apply_due()
    ben.turns_to("Flags")
    ben.sees_row("crm", "● syncScripts: target")
    ben.page.set_viewport_size({"width": 400, "height": 800})
    ben.looks_at("Flags")
    ben.presses("Roll back to r3")
    ben.sees("r5 holds now: it restores r3.")
    ben.looks_at("crm · production")
    ben.sees("rolled back to r3", "approved by ben", "overridden", "It reads the clients only")
    assert flags.current(Application.objects.get()).restores == 3
    assert no_wider_than_the_window(ben)


def no_wider_than_the_window(someone: Person) -> bool:
    return bool(someone.page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def an_application_gets_its_settings(ana: Person) -> None:
    ana.follows("Settings…")
    ana.looks_at("Settings of crm · production")
    ana.page.get_by_label("A change needs the approval of another admin").check()
    ana.fills("Tables that syncScripts uses optional", "public.clients")
    ana.fills("Reason", "Two people look at each flip.")
    ana.presses("Keep")
    ana.sees("Changes need the approval of a second person.")


def an_own_flag_is_added(ana: Person) -> None:
    ana.follows("Add flag…")
    ana.looks_at("Add flag")
    ana.fills("Key", "theme")
    ana.page.get_by_label("one of some words").check()
    ana.fills("Words that it may be optional", "light\ndark")
    ana.fills("Default", "light")
    ana.fills("Reason", "For the night shift.")
    ana.presses("Add flag")
    ana.sees("New flag theme.")
    ana.looks_at("crm · production")
    ana.sees_row("theme", "light", "light, dark")


def a_change_is_asked_for(ana: Person) -> None:
    ana.follows("Change… syncScripts")
    ana.page.get_by_label("USE_REPOSITORY_PATTERN", exact=True).check()
    ana.chooses("backend.syncScripts", "target")
    ana.sees("syncScripts: 1 client is live on it.", "public.clients (unverified)")
    ana.looks_at("Change flags of crm · production")
    ana.fills("Why all the same", "It reads the clients only, and they were compared by hand.")
    ana.fills("Reason", "Pilot")
    ana.page.get_by_label("at a time").check()
    later = timezone.now() + timedelta(hours=2)
    ana.fills("Time (UTC) optional", f"{later:%Y-%m-%dT%H:%M}")
    ana.page.set_viewport_size({"width": 400, "height": 800})
    ana.looks_at("Change flags of crm · production")
    assert no_wider_than_the_window(ana)
    ana.page.set_viewport_size({"width": 1280, "height": 800})
    ana.presses("Ask for approval")
    ana.looks_at("Change 1 of crm · production")
    ana.sees("You asked for it, so somebody else has to approve it.")
    ana.sees_no_button("Approve")
