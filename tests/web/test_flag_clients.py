"""The clients on an application's flags page: which revision, which version, and how far their writes are at rest."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from migration import flags
from migration.models import Application, FlagClient
from tests.run_rows import World, make_world

ONE = "/p/crm/flags/crm/production/"


@pytest.fixture
def world(db: None) -> World:
    return make_world()


@pytest.fixture
def crm(world: World) -> Application:
    return flags.create_application(
        world.project, name="crm", environment="production", modules=("services",), user="ana"
    )


def page(user: User) -> str:
    client = Client()
    client.force_login(user)
    return client.get(ONE).content.decode()


def row(html: str, name: str) -> str:
    """A client's row as text."""
    found = next(part for part in html.split("<tr>") if f">{name}<" in part)
    text = " ".join(re.sub(r"<[^>]*>", " ", found.split("</tr>")[0]).split())
    return re.sub(r"\b\d+ s ago", "just now", text)


def test_what_a_flag_client_says_of_itself_is_shown(world: World, crm: Application) -> None:
    seen = {"module": "services", "revision": 1, "version": "0.1.0"}
    flags.record_client(crm, name="rest", **seen)  # type: ignore[arg-type]
    flags.record_client(crm, name="busy", writes_in_flight=1, **seen)  # type: ignore[arg-type]
    flags.record_client(crm, name="holds", writes_in_flight=3, holding=True, **seen)  # type: ignore[arg-type]
    flags.record_client(crm, name="drained", holding=True, **seen)  # type: ignore[arg-type]
    flags.record_client(crm, name="other", revision=1)
    html = page(world.engineer)
    assert "5 of 5 clients on revision 1" in html
    assert row(html, "rest") == "rest ✓ r1 ○ at rest just now services 0.1.0"
    assert "● 1 write under way" in row(html, "busy")
    assert "▲ holding, 3 writes under way" in row(html, "holds")
    assert "✓ holding, none under way" in row(html, "drained")
    assert row(html, "other") == "other ✓ r1 — just now — —"


def test_flag_clients_that_have_ended_are_soon_not_counted(world: World, crm: Application) -> None:
    for name, version in (("ended", "0.1.0"), ("plain", "")):
        flags.record_client(crm, name=name, revision=1, version=version)
    FlagClient.objects.update(last_seen=timezone.now() - timedelta(minutes=5))
    html = page(world.engineer)
    assert "1 of 1 client on revision 1" in html
    assert "5 min ago not counted" in row(html, "ended") and "at rest" not in row(html, "ended")
    assert "not counted" not in row(html, "plain")


def test_without_any_client_the_page_says_what_to_do(world: World, crm: Application) -> None:
    assert "no client seen lately" in page(world.engineer)
    assert "No process has asked for these flags yet" in page(world.engineer)


def test_a_cut_over_waits_for_those_that_hold_another_revision_or_write(
    world: World, crm: Application
) -> None:
    prepared = flags.prepare(crm, reason="cut-over", user="ana", expected_revision=1)
    assert flags.not_drained(prepared) == ()
    for name, revision, writes in (("behind", 1, 0), ("writes", 2, 1), ("drained", 2, 0), ("new", None, 0)):
        flags.record_client(crm, name=name, revision=revision, writes_in_flight=writes, version="0.1.0")
    assert [client.name for client in flags.not_drained(prepared)] == ["behind", "new", "writes"]
    FlagClient.objects.update(may_write_until=timezone.now() - timedelta(seconds=1))
    assert flags.not_drained(prepared) == ()


def test_a_client_is_waited_for_as_long_as_it_was_told_that_it_may_write(
    world: World, crm: Application
) -> None:
    flags.record_client(crm, name="one flag", revision=1, lease_seconds=0)
    assert flags.asking(crm) == ()
    flags.record_client(crm, name="crm@a", revision=1, lease_seconds=60)
    crm.lease_seconds = 1
    crm.save()
    flags.record_client(crm, name="crm@a", revision=1)
    flags.record_client(crm, name="crm@a", revision=1, lease_seconds=0)
    (client,) = flags.asking(crm)
    assert client.may_write_until is not None
    assert client.may_write_until > timezone.now() + timedelta(seconds=50)


def test_the_page_makes_as_many_queries_for_many_clients_as_for_none(
    world: World, crm: Application, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = Client()
    client.force_login(world.engineer)
    with django_assert_num_queries(8):  # session, user, member; application, trail, history, clients, changes
        client.get(ONE)
    FlagClient.objects.bulk_create(
        FlagClient(project_id=crm.project_id, application=crm, name=f"crm@{number}", version="0.1.0")
        for number in range(40)
    )
    with django_assert_num_queries(8):
        client.get(ONE)


def test_what_a_client_says_of_itself_is_cut_to_what_can_be_kept(crm: Application) -> None:
    token = flags.issue_token(crm, user="ana")
    for writes in (-1, True, 10**12, "many", None, 2.5):
        response = Client().post(
            "/ofrep/v1/evaluate/flags",
            {"context": {"targetingKey": "crm@a", "writesInFlight": writes, "holding": "yes"}},
            content_type="application/json",
            headers={"Authorization": f"Bearer {token}"},
        )
        assert response.status_code == 200, writes
        assert (crm.clients.get().writes_in_flight, crm.clients.get().holding) == (0, False)
