"""What OFREP requests say and what is answered, without HTTP."""

import json

import pytest

from migration.core.flags import Backend, Flags, keys
from migration.core.ofrep import MAX_BODY, Asked, BadRequest, Standing, evaluate, evaluate_all, read_request

MODULES = ("dataLoader", "services")
PILOT = Flags(use_repository_pattern=True, modules=(("services", Backend.TARGET),))


@pytest.mark.parametrize(
    ("context", "asked"),
    [
        ({}, Asked()),
        ({"targetingKey": None, "module": None}, Asked()),
        ({"targetingKey": "crm@a", "module": "services"}, Asked(client="crm@a", module="services")),
        ({"targetingKey": "a\0b\ud800"}, Asked(client="ab?")),
        ({"targetingKey": "x" * 500}, Asked(client="x" * 200)),
        ({"revision": 42}, Asked(revision=42)),
        ({"clientVersion": "1.2"}, Asked(version="1.2")),
        ({"revision": 42.0}, Asked(revision=42)),
        ({"revision": "r42"}, Asked(revision=42)),
        ({"revision": True}, Asked()),
        ({"revision": -1}, Asked()),
        ({"revision": 10**30}, Asked()),
        ({"revision": "²"}, Asked()),
        ({"revision": [1]}, Asked()),
        ({"user": {"deep": [1, 2]}}, Asked()),
    ],
)
def test_contexts_are_read_leniently(context: object, asked: Asked) -> None:
    assert read_request(json.dumps({"context": context}).encode()) == asked


def test_a_request_without_a_context_is_like_an_empty_one() -> None:
    assert read_request(b"{}") == Asked()


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "PARSE_ERROR"),
        (b"{", "PARSE_ERROR"),
        (b"[]", "PARSE_ERROR"),
        (b"null", "PARSE_ERROR"),
        (b"\xff\xfe", "PARSE_ERROR"),
        (b"[" * 50_000, "PARSE_ERROR"),
        (b'{"context": ' + b"9" * 5_000 + b"}", "PARSE_ERROR"),
        (b" " * (MAX_BODY + 1), "PARSE_ERROR"),
        (b'{"context": 1}', "INVALID_CONTEXT"),
        (b'{"context": null}', "INVALID_CONTEXT"),
        (b'{"context": {"targetingKey": 5}}', "INVALID_CONTEXT"),
        (b'{"context": {"module": ["services"]}}', "INVALID_CONTEXT"),
    ],
)
def test_what_cannot_be_understood_says_which_kind(body: bytes, code: str) -> None:
    with pytest.raises(BadRequest) as caught:
        read_request(body)
    assert caught.value.code.value == code
    assert str(caught.value)


def test_an_answer_has_all_that_clients_insist_on() -> None:
    for key in keys(MODULES):
        answer = evaluate(PILOT, key, "", revision=42)
        assert answer.keys() == {"key", "value", "variant", "reason", "metadata"}
        assert isinstance(answer["value"], str | bool)
        assert isinstance(answer["variant"], str)
        assert answer["reason"] in ("STATIC", "TARGETING_MATCH")
        assert answer["metadata"]["revision"] == 42
        assert all(isinstance(value, bool | str | int) for value in answer["metadata"].values())


def test_the_module_of_the_context_decides_for_backend() -> None:
    of_services = evaluate(PILOT, "backend", "services", revision=42)
    assert (of_services["value"], of_services["reason"]) == ("target", "TARGETING_MATCH")
    of_other = evaluate(PILOT, "backend", "dataLoader", revision=42)
    assert (of_other["value"], of_other["reason"]) == ("source", "STATIC")
    own = evaluate(PILOT, "backend.services", "dataLoader", revision=42)
    assert (own["value"], own["metadata"]["effective"]) == ("target", "target")


def test_the_effective_backend_stands_beside_the_value() -> None:
    flags = Flags(use_repository_pattern=True, use_legacy_supabase=False)
    metadata = evaluate(flags, "backend", "", revision=1)["metadata"]
    assert metadata["effective"] == "none"
    assert "refused" in metadata["why"]


def test_the_bulk_answer_has_every_flag_once() -> None:
    standing = Standing(revision=42, poll_milliseconds=1000, lease_seconds=10)
    answer = evaluate_all(PILOT, keys(MODULES), "services", standing=standing)
    assert [flag["key"] for flag in answer["flags"]] == list(keys(MODULES))
    assert answer["metadata"] == {
        "revision": 42,
        "poll_milliseconds": 1000,
        "lease_seconds": 10,
        "hold_writes": False,
        "cut_over": "before",
    }
