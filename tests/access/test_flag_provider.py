"""The provider through the OpenFeature SDK: values, reasons, errors, and the SDK's events and states."""

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from openfeature import api
from openfeature.client import OpenFeatureClient
from openfeature.evaluation_context import EvaluationContext
from openfeature.event import EventDetails, ProviderEvent
from openfeature.exception import ErrorCode, ProviderNotReadyError
from openfeature.flag_evaluation import Reason
from openfeature.provider import ProviderStatus

from migration.access.flag_client import FlagClient, FlagProvider
from migration.core.flags import Backend, Flags
from tests.access.flag_server import PATIENCE, TARGET, FlagServer, Reply, nowhere, until

PILOT = Flags(use_repository_pattern=True, modules=(("services", Backend.TARGET),))


@pytest.fixture
def server() -> Iterator[FlagServer]:
    with FlagServer() as running:
        running.change(PILOT)
        yield running


@pytest.fixture
def sdk(server: FlagServer) -> Iterator[OpenFeatureClient]:
    yield from through_the_sdk(FlagClient(server.settings()))


def through_the_sdk(client: FlagClient) -> Iterator[OpenFeatureClient]:
    api.set_provider_and_wait(FlagProvider(client), "tests")
    yield api.get_client("tests")
    api.clear_providers()
    api.clear_hooks()
    client.close()


def of(module: str) -> EvaluationContext:
    return EvaluationContext("crm@a", {"module": module})


def test_flags_come_with_value_variant_reason_and_revision(sdk: OpenFeatureClient) -> None:
    assert sdk.get_provider_status() is ProviderStatus.READY
    found = sdk.get_boolean_details("USE_REPOSITORY_PATTERN", False)
    assert (found.value, found.variant, found.reason, found.error_code) == (True, "on", Reason.STATIC, None)
    assert found.flag_metadata["revision"] == 2
    text = sdk.get_string_details("backend", "none")
    assert (text.value, text.variant, text.reason) == ("source", "source", Reason.STATIC)
    assert text.flag_metadata["effective"] == "source"


def test_the_contexts_module_decides_on_the_backend(sdk: OpenFeatureClient) -> None:
    own = sdk.get_string_details("backend", "none", of("services"))
    assert (own.value, own.reason, own.flag_metadata["effective"]) == (
        "target",
        Reason.TARGETING_MATCH,
        "target",
    )
    assert sdk.get_string_value("backend", "none", of("dataLoader")) == "source"
    assert sdk.get_string_value("backend", "none", of("no such module")) == "source"
    assert sdk.get_string_value("backend.services", "none") == "target"


def test_what_cannot_be_answered_gives_the_default_and_says_why(sdk: OpenFeatureClient) -> None:
    missing = sdk.get_boolean_details("nosuch", True)
    assert (missing.value, missing.error_code, missing.reason) == (
        True,
        ErrorCode.FLAG_NOT_FOUND,
        Reason.ERROR,
    )
    for wrong in (
        sdk.get_string_details("USE_REPOSITORY_PATTERN", "x"),
        sdk.get_boolean_details("backend", False),
        sdk.get_integer_details("USE_REPOSITORY_PATTERN", 5),
        sdk.get_float_details("backend", 5.0),
        sdk.get_object_details("backend", {}),
    ):
        assert (wrong.error_code, wrong.reason) == (ErrorCode.TYPE_MISMATCH, Reason.ERROR)
        assert f"The flag {wrong.flag_key!r} is of the type" in str(wrong.error_message)


def test_it_is_read_from_asynchronous_code_as_well(sdk: OpenFeatureClient) -> None:
    async def ask() -> tuple[bool, str]:
        flag = await sdk.get_boolean_value_async("USE_REPOSITORY_PATTERN", False)
        return flag, await sdk.get_string_value_async("backend", "none", of("services"))

    # In a thread of its own: where browser tests ran before, this one has a loop already.
    with ThreadPoolExecutor(1) as others:
        assert others.submit(lambda: asyncio.run(ask())).result() == (True, "target")


def test_what_happens_is_told_to_the_sdks_handlers(sdk: OpenFeatureClient, server: FlagServer) -> None:
    told: dict[ProviderEvent, list[EventDetails]] = {event: [] for event in ProviderEvent}
    for event, details in told.items():
        sdk.add_handler(event, details.append)
    server.change(TARGET, lease_seconds=0.3)
    until(lambda: bool(told[ProviderEvent.PROVIDER_CONFIGURATION_CHANGED]), "the change")
    changed = told[ProviderEvent.PROVIDER_CONFIGURATION_CHANGED][0]
    assert changed.flags_changed is not None and "backend" in changed.flags_changed
    assert changed.metadata == {"revision": 3}
    server.reply = lambda asked: Reply(401)
    # The status is there a moment before it is told.
    until(lambda: bool(told[ProviderEvent.PROVIDER_ERROR]), "the error")
    assert "token" in str(told[ProviderEvent.PROVIDER_ERROR][0].message)
    until(lambda: sdk.get_provider_status() is ProviderStatus.STALE, "the end of the lease")
    stale = sdk.get_string_details("backend", "none")
    assert (stale.value, stale.reason) == ("target", Reason.STALE)
    server.reply = None
    until(lambda: sdk.get_provider_status() is ProviderStatus.READY, "the server is back")
    assert sdk.get_string_details("backend", "none").reason is Reason.STATIC


def test_without_any_flags_the_provider_is_not_ready_and_becomes_so_by_itself(server: FlagServer) -> None:
    server.reply = lambda asked: Reply(503)
    client = FlagClient(server.settings())
    with pytest.raises(ProviderNotReadyError, match="no flags to begin with"):
        api.set_provider_and_wait(FlagProvider(client), "tests")
    sdk = api.get_client("tests")
    found = sdk.get_string_details("backend", "fallback")
    assert (found.value, found.error_code) == ("fallback", ErrorCode.PROVIDER_NOT_READY)
    server.reply = None
    until(lambda: sdk.get_provider_status() is ProviderStatus.READY, "the server is back")
    assert sdk.get_string_value("backend", "fallback") == "source"
    api.clear_providers()
    client.close()


def test_a_start_from_the_file_is_stale(server: FlagServer, tmp_path: Path) -> None:
    kept = tmp_path / "flags.json"
    settings = server.settings(keep=kept, timeout=0.2)
    with FlagClient(settings):
        until(kept.exists, "the file")
    server.stop()
    for sdk in through_the_sdk(FlagClient(settings)):
        found = sdk.get_string_details("backend", "none", of("services"))
        assert (found.value, found.error_code) == ("target", None)
        assert sdk.get_string_details("backend", "none").reason is Reason.STALE
        until(lambda: sdk.get_provider_status() is ProviderStatus.STALE, "it is told")  # noqa: B023


def test_shutting_the_provider_down_ends_its_thread(server: FlagServer) -> None:
    client = FlagClient(server.settings())
    api.set_provider_and_wait(FlagProvider(client), "tests")
    assert client.is_fresh
    api.clear_providers()
    assert not client.is_fresh
    until(lambda: "flag-client" not in {thread.name for thread in threading.enumerate()}, "its end", PATIENCE)


def test_a_provider_without_a_server_keeps_nothing_waiting() -> None:
    client = FlagClient(nowhere())
    with pytest.raises(ProviderNotReadyError):
        FlagProvider(client).initialize(EvaluationContext())
    client.close()
