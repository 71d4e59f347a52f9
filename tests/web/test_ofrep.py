"""The flags over OFREP as plain HTTP."""

import json
import random
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from migration import flag_settings, flags
from migration.core.own_flags import Kind, OwnFlag
from migration.core.rate_limit import RateLimit
from migration.models import Application, FlagClient
from migration.views import ofrep
from schemadiff.models import Project

BULK = "/ofrep/v1/evaluate/flags"
MODULES = ("dataLoader", "syncScripts", "services")
PILOT = {"USE_REPOSITORY_PATTERN": True, "backend.syncScripts": "target"}


@pytest.fixture
def crm(db: None) -> Application:
    project = Project.objects.create(slug="bot", name="Bot")
    return flags.create_application(
        project, name="crm", environment="production", modules=MODULES, user="ana"
    )


@pytest.fixture
def ask(crm: Application) -> "Ask":
    return Ask(flags.issue_token(crm, user="ana"))


class Ask:
    """A client of the endpoint with a token; CSRF is enforced, as in production."""

    def __init__(self, token: str) -> None:
        self.token = token
        self._client = Client(enforce_csrf_checks=True)

    def __call__(self, key: str = "", context: object = None, **headers: str) -> Any:
        body = json.dumps({"context": {} if context is None else context})
        return self.raw(body, key, **headers)

    def raw(self, body: str | bytes, key: str = "", **headers: str) -> Any:
        sent = headers or {"Authorization": f"Bearer {self.token}"}
        address = f"{BULK}/{key}" if key else BULK
        return self._client.post(address, body, content_type="application/json", headers=sent)


def pilot(crm: Application) -> None:
    flags.change(crm, PILOT, reason="pilot", user="ana", expected_revision=1)


def test_one_flag_is_answered_with_all_that_the_protocol_asks_for(crm: Application, ask: Ask) -> None:
    pilot(crm)
    response = ask("backend", {"targetingKey": "crm@host1", "module": "syncScripts"})
    assert response.status_code == 200
    answer = response.json()
    why = answer["metadata"].pop("why")
    assert why.startswith("backend.syncScripts says target")
    assert answer == {
        "key": "backend",
        "value": "target",
        "variant": "target",
        "reason": "TARGETING_MATCH",
        "metadata": {"revision": 2, "effective": "target"},
    }
    assert ask("USE_REPOSITORY_PATTERN").json()["value"] is True
    assert ask("backend.services").json()["value"] == "source"


def test_all_flags_come_with_an_etag_and_a_304_until_something_changes(crm: Application, ask: Ask) -> None:
    first = ask(context={"targetingKey": "crm@a"})
    assert (first.status_code, first["ETag"]) == (200, '"r1"')
    assert [flag["key"] for flag in first.json()["flags"]][4:] == [
        "backend",
        "backend.dataLoader",
        "backend.syncScripts",
        "backend.services",
    ]
    assert first.json()["metadata"] == {
        "revision": 1,
        "poll_milliseconds": 1000,
        "lease_seconds": 10,
        "hold_writes": False,
        "cut_over": "before",
    }
    held = {"Authorization": f"Bearer {ask.token}", "If-None-Match": first["ETag"]}
    same = ask(**held)
    assert (same.status_code, same.content, same["ETag"]) == (304, b"", '"r1"')
    assert ask(**{**held, "If-None-Match": 'W/"r1"'}).status_code == 304
    pilot(crm)
    assert ask(**held).status_code == 200


def test_who_does_not_say_who_it_is_gets_no_permission_to_write(ask: Ask) -> None:
    assert ask().json()["metadata"]["lease_seconds"] == 0


@pytest.mark.parametrize("key", ["", "backend", "nosuch"])
def test_no_answer_is_kept_by_a_cache(ask: Ask, key: str) -> None:
    for response in (ask(key), ask(key, **{"X-API-Key": "wrong"}), ask.raw("{", key)):
        assert response["Cache-Control"] == "no-store"
        assert "Set-Cookie" not in response


def test_both_ways_to_send_the_token_work_and_nothing_else_does(ask: Ask) -> None:
    assert ask(**{"X-API-Key": ask.token}).status_code == 200
    assert ask(**{"Authorization": f"bearer {ask.token}"}).status_code == 200
    for headers in (
        {"X-Nothing": "here"},
        {"Authorization": "Bearer "},
        {"Authorization": f"Basic {ask.token}"},
        {"Authorization": f"Bearer {ask.token}x"},
        {"Authorization": "Bearer \u00e9"},
    ):
        response = ask(**headers)
        assert response.status_code == 401
        assert response["WWW-Authenticate"] == "Bearer"
        assert response.json()["errorDetails"]


def test_a_token_that_was_replaced_is_forbidden_and_says_so(crm: Application, ask: Ask) -> None:
    flags.issue_token(crm, user="ana")
    response = ask()
    assert response.status_code == 403
    assert "replaced by a newer one" in response.json()["errorDetails"]
    assert ask.token not in response.content.decode()


def test_a_server_that_fails_says_so_as_json_and_no_more(
    ask: Ask, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(_application: Application) -> None:
        raise RuntimeError("secret details")

    monkeypatch.setattr(flags, "current", broken)
    response = ask("backend")
    assert response.status_code == 500
    assert response.json() == {"errorDetails": ofrep.FAILED}
    assert "secret details" in caplog.text


@pytest.mark.parametrize("rest", ["", "v1", "v1/evaluate/flags/", "v2/evaluate/flags"])
def test_other_addresses_of_the_protocol_are_answered_as_json(db: None, rest: str) -> None:
    response = Client(enforce_csrf_checks=True).post(f"/ofrep/{rest}")
    assert response.status_code == 404
    assert rest == "" or response.json()["errorDetails"]


def test_a_slash_in_a_key_stands_as_it_is(crm: Application, ask: Ask) -> None:
    beta = OwnFlag(key="beta/search", kind=Kind.BOOLEAN, default=True)
    flag_settings.add_flag(crm, beta, reason="new", user="ana", expected_revision=1)
    answer = ask("beta/search").json()
    assert (answer["key"], answer["value"], answer["variant"]) == ("beta/search", True, "on")
    assert answer["metadata"] == {"revision": 2}
    assert ask().json()["flags"][-1]["key"] == "beta/search"


def test_a_token_opens_its_own_application_only(crm: Application, ask: Ask) -> None:
    pilot(crm)
    other = flags.create_application(
        crm.project, name="shop", environment="production", modules=("cart",), user="ana"
    )
    response = Ask(flags.issue_token(other, user="ana"))("backend", {"module": "syncScripts"})
    assert response.json()["value"] == "source"
    assert response.json()["metadata"]["revision"] == 1


@pytest.mark.parametrize("key", ["nosuch", "backend.billing", "a/b", "backend/", "b%C3%A4", "%FF", "%00"])
def test_an_unknown_key_is_a_404_that_names_it(ask: Ask, key: str) -> None:
    response = ask(key)
    assert response.status_code == 404
    answer = response.json()
    assert answer["errorCode"] == "FLAG_NOT_FOUND"
    assert answer["key"] and answer["errorDetails"]


def test_a_wrong_context_is_a_400_that_names_the_key(ask: Ask) -> None:
    response = ask("backend", {"targetingKey": 5})
    assert response.status_code == 400
    assert response.json() == {
        "key": "backend",
        "errorCode": "INVALID_CONTEXT",
        "errorDetails": "targetingKey in the context is a string.",
    }


def test_other_methods_are_refused(ask: Ask) -> None:
    response = Client().get(BULK)
    assert (response.status_code, response["Allow"]) == (405, "POST")


def test_clients_are_remembered_with_the_revision_that_they_hold(crm: Application, ask: Ask) -> None:
    pilot(crm)

    def held() -> int | None:
        return FlagClient.objects.get(name="crm@a").revision

    ask(context={"targetingKey": "crm@a", "module": "services"})
    assert held() is None  # it has only just been told
    ask(
        context={"targetingKey": "crm@a"},
        **{"Authorization": f"Bearer {ask.token}", "If-None-Match": '"r1"'},
    )
    assert held() == 1
    ask(context={"targetingKey": "crm@a", "revision": 2, "module": "services", "clientVersion": "1.4"})
    client = FlagClient.objects.get()
    assert (client.revision, client.module, client.version) == (2, "services", "1.4")
    flags.roll_back(crm, 1, reason="back", user="ana", expected_revision=2)
    ask("backend", {"targetingKey": "crm@a"})
    assert held() == 3
    ask(context={})
    assert FlagClient.objects.count() == 1


@pytest.fixture
def small_limit(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(ofrep, "LIMIT", RateLimit(rate=0.5, burst=2))
    yield


def test_too_many_requests_are_told_when_to_come_back(small_limit: None, ask: Ask) -> None:
    assert [ask().status_code for _ in range(3)] == [200, 200, 429]
    refused = ask("backend")
    assert refused.status_code == 429
    assert 1 <= int(refused["Retry-After"]) <= 2
    assert refused.json()["errorDetails"]


@pytest.mark.parametrize("spread", [0.0, 1.0])
def test_two_hundred_clients_that_ask_once_a_second_are_never_refused(spread: float) -> None:
    limit = RateLimit(rate=ofrep.RATE, burst=ofrep.BURST)
    moments = (second + spread * client / 200 for second in range(60) for client in range(200))
    assert not any(limit.wait("crm", now=moment) for moment in moments)


@pytest.mark.heavy
def test_nothing_that_is_sent_makes_the_server_fail(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ofrep, "LIMIT", RateLimit(rate=1e6, burst=10**6))
    chance = random.Random(20251111)
    for body in fuzzed(chance):
        for key in ("", "backend", "\u2028/\x7f"):
            response = ask.raw(body, key)
            assert response.status_code in (200, 400, 404), (body[:80], key)
            assert response.json()


def fuzzed(chance: random.Random) -> Iterator[bytes]:
    """Broken JSON, right JSON of wrong types, and bodies that are far too long."""
    whole = json.dumps({"context": {"targetingKey": "crm@a", "module": "services", "revision": 4}}).encode()
    yield from (whole[:end] for end in range(len(whole)))
    for _ in range(150):
        broken = bytearray(whole)
        broken[chance.randrange(len(whole))] = chance.randrange(256)
        yield bytes(broken)
    odd: tuple[Any, ...] = (
        None,
        True,
        0,
        -1,
        1e308,
        10**40,
        "",
        "\0",
        "\ud800",
        "x" * 70,
        [],
        [[]],
        {},
        {"a": {}},
    )
    for value in odd:
        yield json.dumps(value).encode()
        yield json.dumps({"context": value}).encode()
        for key in ("targetingKey", "module", "revision", "other"):
            yield json.dumps({"context": {"targetingKey": "crm@f", key: value}}).encode()
    yield b'{"context": {"revision": NaN, "other": Infinity}}'
    yield b'{"context": ' + b"[" * 30_000 + b"]" * 30_000 + b"}"
    yield b"x" * 3_000_000


def test_an_evaluation_makes_a_handful_of_queries(
    crm: Application, ask: Ask, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    context = {"targetingKey": "crm@a"}
    ask(context=context)
    with django_assert_max_num_queries(6):  # application, revision, and the client's row, locked and written
        ask(context=context)
