"""Changes of flags in the browser that do not happen at once: objections, a time, a second person, suspended ones."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from migration import flag_changes, flags
from migration.models import Application, FlagChange, RunState
from schemadiff.models import Member, Role
from tests.run_rows import World, make_run, make_world

HOME = "/p/crm/flags/"
ONE = f"{HOME}crm/production/"
PILOT = {
    "USE_LEGACY_SUPABASE": "on",
    "USE_REPOSITORY_PATTERN": "on",
    "backend": "source",
    "backend.services": "target",
}
State = FlagChange.State


@pytest.fixture
def world(db: None) -> World:
    return make_world()


@pytest.fixture
def crm(world: World) -> Application:
    return flags.create_application(
        world.project, name="crm", environment="production", modules=("services",), user="ana"
    )


@pytest.fixture
def ben(world: World) -> Client:
    user = User.objects.create_user("ben", password="secret")
    Member.objects.create(project=world.project, user=user, role=Role.ADMIN)
    return as_user(user)


def as_user(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def ask(client: Client, **said: str) -> tuple[int, str]:
    """Look at what it does, then ask for it, as a person does."""
    sent = {**PILOT, "expected_revision": "1", "reason": "pilot", "when": "now", **said}
    shown = client.post(f"{ONE}change/", {**sent, "step": "preview"}).content.decode()
    found = re.search(r'name="seal" value="([0-9a-f]+)"', shown)
    assert found, shown
    response = client.post(f"{ONE}change/", {**sent, "seal": found[1], "step": "apply"}, follow=True)
    return response.status_code, response.content.decode()


def decide(client: Client, step: str, **said: str) -> tuple[int, str]:
    sent = {"step": step, "expected_revision": "1", **said}
    response = client.post(f"{ONE}changes/1/decide/", sent, follow=True)
    return response.status_code, response.content.decode()


def test_tables_that_nobody_verified_are_shown_and_overridden_with_a_reason(
    world: World, crm: Application
) -> None:
    make_run(world, ("orders",), state=RunState.ENDED, phase="finish")
    admin = as_user(world.admin)
    status, html = ask(admin)
    assert status == 422
    assert "public.orders (unverified)" in html and "Say why it is to be done all the same" in html
    assert flags.current(crm).number == 1
    status, html = ask(admin, override_reason="It reads no orders")
    assert (status, flags.current(crm).number) == (200, 2)
    assert "overridden" in html and "It reads no orders" in html


def test_what_was_verified_otherwise_since_it_was_looked_at_is_shown_first(
    world: World, crm: Application
) -> None:
    run = make_run(world, ("orders",), state=RunState.ENDED, phase="finish")
    run.table_rows.update(differing=0)
    admin = as_user(world.admin)
    sent = {**PILOT, "expected_revision": "1", "reason": "pilot", "when": "now"}
    shown = admin.post(f"{ONE}change/", {**sent, "step": "preview"}).content.decode()
    found = re.search(r'name="seal" value="([0-9a-f]+)"', shown)
    assert found and "services uses 1 table, verified as equal." in shown
    run.table_rows.update(differing=2)
    sent |= {"seal": found[1], "step": "apply", "override_reason": "whatever"}
    response = admin.post(f"{ONE}change/", sent)
    assert response.status_code == 422
    assert "Look at the list, then apply." in response.content.decode()
    assert "public.orders (2 rows differ)" in response.content.decode()


def test_a_change_of_two_waits_on_the_pages_until_the_second_approves_it(
    world: World, crm: Application, ben: Client
) -> None:
    Application.objects.update(second_person=True)
    admin = as_user(world.admin)
    assert "Ask for approval" in admin.get(f"{ONE}change/").content.decode()
    status, html = ask(admin)
    assert status == 200 and "Waits for another admin than crm-admin to approve it." in html
    assert "You asked for it" in html and 'value="approve"' not in html
    for address in (HOME, ONE):
        listed = ben.get(address).content.decode()
        assert "Waits for approval" in listed and "backend.services → target" in listed
    assert decide(admin, "approve")[0] == 422
    assert 'value="approve"' in ben.get(f"{ONE}changes/1/").content.decode()
    status, html = decide(ben, "approve")
    assert status == 200 and "Applied as r2." in html
    assert "approved by ben" in admin.get(ONE).content.decode()
    assert "Waiting changes" not in admin.get(ONE).content.decode()


def test_a_scheduled_change_says_when_and_is_cancelled(world: World, crm: Application) -> None:
    admin = as_user(world.admin)
    status, html = ask(admin, when="at")
    assert status == 422 and "Say at which time." in html
    status, html = ask(admin, when="at", at="2020-01-01T10:00")
    assert status == 422 and "That time is past." in html
    later = timezone.now() + timedelta(days=1)
    status, html = ask(admin, when="at", at=f"{later:%Y-%m-%dT%H:%M}")
    assert status == 200 and f"Will be applied at {later:%d %b %Y %H:%M} UTC" in html
    assert decide(as_user(world.engineer), "cancel")[0] == 403
    assert "Cancelled by crm-admin." in decide(admin, "cancel")[1]
    assert decide(admin, "cancel")[0] == 422
    assert decide(admin, "nosuch")[0] == 422


def test_a_suspended_change_says_why_and_is_resumed_on_what_holds(world: World, crm: Application) -> None:
    admin = as_user(world.admin)
    later = timezone.now() + timedelta(days=1)
    ask(admin, when="at", at=f"{later:%Y-%m-%dT%H:%M}")
    flags.change(crm, {"LOG_DATABASE_CALLS": True}, reason="measuring", user="ben", expected_revision=1)
    assert "decided on r1, which holds no more" in admin.get(ONE).content.decode()
    FlagChange.objects.update(at=timezone.now() - timedelta(seconds=1))
    flag_changes.apply_due()
    page = admin.get(f"{ONE}changes/1/").content.decode()
    assert "Suspended: The flags of crm · production are at r2, not at r1" in page and "Resume on r2" in page
    assert decide(admin, "resume")[0] == 409
    for nonsense in ("abc", "", "-1", "²", "9" * 5000):
        status, html = decide(admin, "resume", expected_revision=nonsense)
        assert status == 422 and "did not say which revision it showed" in html
    status, html = decide(admin, "resume", expected_revision="2")
    assert status == 200 and "Applied as r3." in html
    assert flags.current(crm).flags["LOG_DATABASE_CALLS"] is True


def test_a_suspended_change_is_resumed_against_objections_with_a_reason_only(
    world: World, crm: Application
) -> None:
    run = make_run(world, ("orders",), state=RunState.ENDED, phase="finish")
    run.table_rows.update(differing=0)
    admin = as_user(world.admin)
    later = timezone.now() + timedelta(days=1)
    ask(admin, when="at", at=f"{later:%Y-%m-%dT%H:%M}")
    run.table_rows.update(differing=1)
    FlagChange.objects.update(at=timezone.now() - timedelta(seconds=1))
    flag_changes.apply_due()
    assert FlagChange.objects.get().state == State.SUSPENDED
    assert decide(admin, "resume")[0] == 422
    status, html = decide(admin, "resume", override_reason="One test row")
    assert status == 200 and "Applied as r2." in html and "One test row" in html


def test_what_is_not_there_is_a_404(world: World, crm: Application) -> None:
    admin = as_user(world.admin)
    assert admin.get(f"{ONE}changes/7/").status_code == 404
    assert admin.post(f"{ONE}changes/7/decide/").status_code == 404
