"""The flag client against the real server: leases, holds and flips as an admin makes them."""

from collections.abc import Iterator

import pytest
from openfeature import api
from pytest_django.live_server_helper import LiveServer

from migration import flags
from migration.access.errors import WriteNotPermitted
from migration.access.flag_client import ClientSettings, FlagClient, FlagProvider
from migration.access.flag_client.errors import FlagsUnavailable
from migration.core.flags import Backend, CutOver
from migration.models import Application
from migration.models import FlagClient as SeenClient
from schemadiff.models import Project
from tests.access.flag_server import MODULES, PATIENCE, until

pytestmark = [pytest.mark.heavy, pytest.mark.django_db(transaction=True)]

PILOT = {"USE_REPOSITORY_PATTERN": True, "backend": "target"}


@pytest.fixture
def crm(db: None) -> Application:
    project = Project.objects.create(slug="live", name="Live")
    made = flags.create_application(
        project, name="crm", environment="production", modules=MODULES, user="ana"
    )
    Application.objects.filter(pk=made.pk).update(poll_milliseconds=50)
    made.refresh_from_db()
    return made


@pytest.fixture
def settings_of(crm: Application, live_server: LiveServer) -> ClientSettings:
    token = flags.issue_token(crm, user="ana")
    return ClientSettings(
        address=live_server.url, token=token, application="crm", module="services", timeout=PATIENCE
    )


@pytest.fixture
def client(settings_of: ClientSettings) -> Iterator[FlagClient]:
    with FlagClient(settings_of) as running:
        yield running


def seen(crm: Application) -> SeenClient:
    return crm.clients.get()


def test_a_cut_over_is_prepared_drained_and_released(client: FlagClient, crm: Application) -> None:
    with client.writing(within=PATIENCE) as state:
        assert state.cut_over is CutOver.BEFORE and state.revision == 1
        prepared = flags.prepare(crm, reason="cut-over", user="ana", expected_revision=1)
        until(lambda: seen(crm).holding, "the client says that it holds")
        assert (seen(crm).revision, seen(crm).writes_in_flight) == (prepared.number, 1)
        assert [entry.name for entry in flags.not_drained(prepared)] == [seen(crm).name]
    until(lambda: not flags.not_drained(prepared), "the client has drained")
    with pytest.raises(WriteNotPermitted, match=f"held since revision {prepared.number}"):
        client.writing(within=0.1).__enter__()
    flags.release(
        crm, PILOT, cut_over=CutOver.AFTER, reason="cut-over", user="ana", expected_revision=prepared.number
    )
    with client.writing(within=PATIENCE) as state:
        assert state.flags.backend is Backend.TARGET and state.cut_over is CutOver.AFTER
    until(lambda: not seen(crm).holding, "the client says that it goes on")


def test_a_client_that_is_cut_off_is_waited_for_until_its_lease_has_ended(
    client: FlagClient, crm: Application
) -> None:
    Application.objects.filter(pk=crm.pk).update(lease_seconds=1)
    flags.change(crm, {"LOG_DATABASE_CALLS": True}, reason="measuring", user="ana", expected_revision=1)
    until(lambda: client.current().revision == 2, "the short lease")
    client.close()
    crm.refresh_from_db()
    prepared = flags.prepare(crm, reason="cut-over", user="ana", expected_revision=2)
    assert flags.not_drained(prepared)
    until(lambda: not flags.not_drained(prepared), "its lease has ended")


def test_the_sdk_reads_what_the_admin_changed(client: FlagClient, crm: Application) -> None:
    api.set_provider_and_wait(FlagProvider(client), "live")
    sdk = api.get_client("live")
    assert sdk.get_string_value("backend", "none") == "source"
    flags.change(crm, PILOT, reason="pilot", user="ana", expected_revision=1)
    until(lambda: sdk.get_string_value("backend", "none") == "target", "the change")
    until(lambda: seen(crm).revision == 2, "the server knows that the client has it")
    assert (seen(crm).module, seen(crm).version) == ("services", client.settings.version)
    api.clear_providers()


def test_a_token_that_was_replaced_is_refused_and_said(client: FlagClient, crm: Application) -> None:
    flags.issue_token(crm, user="ana")
    until(lambda: bool(client.why_not_fresh), "the refusal")
    assert "the token was replaced by a newer one" in client.why_not_fresh
    assert client.current().revision == 1


def test_a_wrong_token_is_refused_at_the_start(settings_of: ClientSettings) -> None:
    wrong = ClientSettings(address=settings_of.address, token="wrong", timeout=PATIENCE)
    with pytest.raises(FlagsUnavailable, match="the token is not one of an application"), FlagClient(wrong):
        raise AssertionError("it has started")
