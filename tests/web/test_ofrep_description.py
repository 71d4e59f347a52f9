"""What the server says of its OFREP endpoints, held against what they answer; and hundreds of bad requests."""

import re
from collections.abc import Callable
from typing import Any

import pytest
import requests
import schemathesis
from django.test import Client
from hypothesis import HealthCheck, Phase, given, seed, settings
from pytest_django.live_server_helper import LiveServer
from schemathesis import GenerationMode
from schemathesis.schemas import BaseSchema

from migration import flags
from migration.core import ofrep_description
from migration.core.rate_limit import RateLimit
from migration.models import Application
from migration.views import ofrep
from schemadiff.models import Project

pytestmark = pytest.mark.heavy

BULK, SINGLE = "/ofrep/v1/evaluate/flags", "/ofrep/v1/evaluate/flags/{key}"
BAD_REQUESTS = 500
_LEAKS = re.compile(r"Traceback|File \"|\.py\b|psycopg|django|site-packages|SELECT |password", re.IGNORECASE)


def make_crm() -> Application:
    project = Project.objects.create(slug="bot", name="Bot")
    modules = ("dataLoader", "syncScripts", "services")
    return flags.create_application(
        project, name="crm", environment="production", modules=modules, user="ana"
    )


def described(server: str) -> BaseSchema:
    schema = schemathesis.openapi.from_dict(ofrep_description.description(server))
    schema.config.update(base_url=server)
    return schema


def test_the_description_is_published_to_everybody_and_is_valid_openapi(db: None) -> None:
    response = Client().get("/ofrep/openapi.json")
    assert response.status_code == 200
    assert response.json() == ofrep_description.description("http://testserver")
    schema = described("http://testserver")
    schema.validate()
    assert set(schema) == {BULK, SINGLE}


@pytest.fixture
def live(live_server: LiveServer, transactional_db: None) -> Application:
    return make_crm()


@pytest.fixture
def unlimited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ofrep, "LIMIT", RateLimit(rate=1e6, burst=10**6))


@pytest.mark.django_db(transaction=True)
def test_every_kind_of_answer_is_as_described(
    live: Application, live_server: LiveServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    former, token = (flags.issue_token(live, user="ana") for _ in range(2))
    schema, found = described(live_server.url), set()

    def send(path: str, key: str, body: bytes = b'{"context": {}}', **headers: str) -> None:
        sent = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        answer = requests.post(
            live_server.url + path.replace("{key}", key), data=body, headers=sent, timeout=10
        )
        schema[path]["post"].validate_response(answer)
        found.add((path, answer.status_code))

    for path in (BULK, SINGLE):
        send(path, "backend")
        send(path, "backend", b"{")
        send(path, "backend", Authorization="Bearer nosuch")
        send(path, "backend", Authorization=f"Bearer {former}")
    send(BULK, "", If_None_Match='"r1"')
    send(SINGLE, "no/such")
    monkeypatch.setattr(ofrep, "LIMIT", RateLimit(rate=0.1, burst=0))
    for path in (BULK, SINGLE):
        send(path, "backend")
    both = {(path, status) for path in (BULK, SINGLE) for status in (200, 400, 401, 403, 429)}
    assert found == both | {(BULK, 304), (SINGLE, 404)}


@pytest.mark.django_db(transaction=True)
def test_hundreds_of_bad_requests_are_refused_without_a_failure_or_a_leak(
    live: Application, live_server: LiveServer, unlimited: None
) -> None:
    token = flags.issue_token(live, user="ana")
    schema, statuses, bad = described(live_server.url), set[int](), 0

    def look(case: Any, response: Any) -> None:
        statuses.add(response.status_code)
        assert response.status_code < 500, case
        text = f"{response.headers}{response.text}"
        assert not _LEAKS.search(text.replace(case.formatted_path, "")) or response.status_code == 404, text
        assert token not in text and live.token_hash not in text

    headers = {"Authorization": f"Bearer {token}"}
    for operation in (schema[BULK]["post"], schema[SINGLE]["post"]):
        bad += fuzz(operation, GenerationMode.NEGATIVE, headers, look, BAD_REQUESTS // 2)
        bad += fuzz(operation, GenerationMode.NEGATIVE, {}, look, 30)
        fuzz(operation, GenerationMode.POSITIVE, headers, look, 30)
    assert bad >= BAD_REQUESTS
    assert {200, 400, 401, 404} <= statuses


def fuzz(
    operation: Any,
    mode: GenerationMode,
    headers: dict[str, str],
    look: Callable[[Any, Any], None],
    count: int,
) -> int:
    """Send what the description forbids, or allows, and hold each answer against it; how many were sent."""
    sent = 0

    @seed(20251111)
    @settings(
        max_examples=count,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def send(case: Any) -> None:
        nonlocal sent
        sent += 1
        case.headers = {
            name: value for name, value in (case.headers or {}).items() if name.lower() not in _TOKENS
        }
        response = case.call(headers=headers)
        look(case, response)
        if response.status_code not in (404, 405):
            operation.validate_response(response)

    send()
    return sent


_TOKENS = ("authorization", "x-api-key")
