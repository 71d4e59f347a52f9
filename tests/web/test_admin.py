"""The operators' site: what happened can be read there, and not changed by anybody."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from schemadiff.models import Connection, Decision
from tests.run_rows import World, make_world
from tests.web.people import logged_in

pytestmark = pytest.mark.django_db

HISTORY = ("snapshot", "comparison", "evidence", "pair", "decision", "connection")


@pytest.fixture
def world() -> World:
    return make_world()


@pytest.fixture
def root() -> Client:
    return logged_in(User.objects.create_superuser("root"))


@pytest.mark.parametrize("model", HISTORY)
def test_history_can_be_listed_and_not_added_to(world: World, root: Client, model: str) -> None:
    assert root.get(f"/admin/schemadiff/{model}/").status_code == 200
    assert root.get(f"/admin/schemadiff/{model}/add/").status_code == 403


def test_a_decision_can_be_read_and_neither_changed_nor_deleted(world: World, root: Client) -> None:
    url = f"/admin/schemadiff/decision/{world.decision.pk}"
    shown = root.get(f"{url}/change/").content.decode()
    assert "It loses nothing." in shown
    assert 'name="_save"' not in shown
    assert root.post(f"{url}/change/", {"reason": "Another one."}).status_code == 403
    assert root.post(f"{url}/delete/", {"post": "yes"}).status_code == 403
    assert Decision.objects.get().reason == "It loses nothing."


def test_deleting_in_bulk_is_not_offered(world: World, root: Client) -> None:
    root.post(
        "/admin/schemadiff/decision/",
        {"action": "delete_selected", "_selected_action": [world.decision.pk], "post": "yes"},
    )
    assert Decision.objects.filter(pk=world.decision.pk).exists()


def test_a_password_is_not_shown_even_encrypted(world: World, root: Client) -> None:
    Connection.objects.filter(pk=world.source.pk).update(password_encrypted=b"gAAAAABtoken")
    html = root.get(f"/admin/schemadiff/connection/{world.source.pk}/change/").content.decode()
    assert "localhost" in html
    assert "password" not in html.lower().replace("password_change", "").replace("change password", "")


def test_members_are_managed_by_operators(world: World, root: Client) -> None:
    html = root.get(f"/admin/schemadiff/project/{world.project.pk}/change/").content.decode()
    assert 'name="members-0-role"' in html
    assert (
        root.post(f"/admin/schemadiff/project/{world.project.pk}/delete/", {"post": "yes"}).status_code == 403
    )


def test_who_is_no_operator_is_sent_away(world: World) -> None:
    assert logged_in(world.admin).get("/admin/schemadiff/decision/").status_code == 302
