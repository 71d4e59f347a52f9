"""The flags read with the real OpenFeature SDK for Python and its OFREP provider."""

from collections.abc import Iterator
from typing import Any

import pytest
from openfeature import api
from openfeature.client import OpenFeatureClient
from openfeature.contrib.provider.ofrep import OFREPProvider
from openfeature.evaluation_context import EvaluationContext
from openfeature.exception import ErrorCode
from openfeature.flag_evaluation import Reason
from pytest_django.live_server_helper import LiveServer

from migration import flag_settings, flags
from migration.core.own_flags import Kind, OwnFlag
from migration.core.rate_limit import RateLimit
from migration.models import Application
from migration.views import ofrep
from schemadiff.models import Project

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.heavy]

PILOT = {"USE_REPOSITORY_PATTERN": True, "backend.syncScripts": "target"}
THEME = OwnFlag(key="theme", kind=Kind.STRING, default="light", variants=("light", "dark"))


@pytest.fixture
def crm(transactional_db: None) -> Application:
    """Revision 3: syncScripts on the target, and a flag of its own."""
    project = Project.objects.create(slug="sdk", name="SDK")
    modules = ("dataLoader", "syncScripts", "services")
    made = flags.create_application(
        project, name="crm", environment="production", modules=modules, user="ana"
    )
    flags.change(made, PILOT, reason="pilot", user="ana", expected_revision=1)
    flag_settings.add_flag(made, THEME, reason="night", user="ana", expected_revision=2)
    return made


@pytest.fixture
def token(crm: Application) -> str:
    return flags.issue_token(crm, user="ana")


@pytest.fixture
def client(live_server: LiveServer, token: str) -> Iterator[OpenFeatureClient]:
    yield from reading(live_server, {"Authorization": f"Bearer {token}"})


def reading(server: LiveServer, headers: dict[str, str]) -> Iterator[OpenFeatureClient]:
    api.set_provider_and_wait(OFREPProvider(server.url, headers_factory=lambda: headers))
    try:
        yield api.get_client()
    finally:
        api.shutdown()


def test_values_come_with_variant_reason_and_metadata(client: OpenFeatureClient, crm: Application) -> None:
    sync = EvaluationContext("crm@a", {"module": "syncScripts", "revision": 3, "clientVersion": "1.0"})
    found = client.get_string_details("backend", "source", sync)
    assert (found.value, found.variant, found.error_code) == ("target", "target", None)
    assert (found.reason, found.flag_metadata["revision"]) == (Reason.TARGETING_MATCH, 3)
    assert client.get_string_value("backend", "target") == "source"
    assert client.get_boolean_value("USE_REPOSITORY_PATTERN", False) is True
    assert client.get_boolean_value("LOG_DATABASE_CALLS", True) is False
    assert client.get_string_value("theme", "dark") == "light"
    rows = crm.clients.values_list("name", "module", "revision", "version")
    assert list(rows) == [("crm@a", "syncScripts", 3, "1.0")]


def test_an_unknown_flag_is_the_default_and_said(client: OpenFeatureClient) -> None:
    missing = client.get_string_details("nosuch", "fallback")
    assert (missing.value, missing.error_code) == ("fallback", ErrorCode.FLAG_NOT_FOUND)
    assert "There is no flag 'nosuch'" in (missing.error_message or "")


def test_a_value_asked_for_as_another_type_is_the_default_and_a_mismatch(client: OpenFeatureClient) -> None:
    as_text = client.get_string_details("USE_REPOSITORY_PATTERN", "off")
    assert (as_text.value, as_text.error_code) == ("off", ErrorCode.TYPE_MISMATCH)
    as_number = client.get_integer_details("backend", 7)
    assert (as_number.value, as_number.error_code) == (7, ErrorCode.TYPE_MISMATCH)
    as_float = client.get_float_details("LOG_DATABASE_CALLS", 0.5)
    assert (as_float.value, as_float.error_code) == (0.5, ErrorCode.TYPE_MISMATCH)
    as_switch = client.get_boolean_details("theme", True)
    assert (as_switch.value, as_switch.error_code) == (True, ErrorCode.TYPE_MISMATCH)
    as_object = client.get_object_details("theme", {"a": 1})
    assert (as_object.value, as_object.error_code) == ({"a": 1}, ErrorCode.TYPE_MISMATCH)


def test_a_wrong_context_is_the_default_and_said(client: OpenFeatureClient) -> None:
    found = client.get_string_details("backend", "source", EvaluationContext("crm@a", {"module": ["x"]}))
    assert (found.value, found.error_code) == ("source", ErrorCode.INVALID_CONTEXT)


def test_a_wrong_or_replaced_token_is_the_default_and_an_error(
    live_server: LiveServer, crm: Application, token: str
) -> None:
    flags.issue_token(crm, user="ana")
    for sent in ("nosuch", token):
        for reader in reading(live_server, {"X-API-Key": sent}):
            found = reader.get_string_details("backend", "fallback")
            assert (found.value, found.reason) == ("fallback", Reason.ERROR)
            assert found.error_code == ErrorCode.GENERAL


def test_too_many_requests_are_the_default_until_the_server_answers_again(
    client: OpenFeatureClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ofrep, "LIMIT", RateLimit(rate=0.01, burst=1))
    assert client.get_string_details("theme", "dark").value == "light"
    refused = client.get_string_details("theme", "dark")
    assert (refused.value, refused.reason) == ("dark", Reason.ERROR)


def test_a_change_is_read_by_the_next_evaluation(client: OpenFeatureClient, crm: Application) -> None:
    assert client.get_string_value("theme", "none") == "light"
    flags.change(crm, {"theme": "dark"}, reason="night", user="ana", expected_revision=3)
    found: Any = client.get_string_details("theme", "none")
    assert (found.value, found.flag_metadata["revision"]) == ("dark", 4)
