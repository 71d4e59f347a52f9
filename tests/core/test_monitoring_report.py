"""What a client may report, and the sentence that it gets where it may not."""

import json
import random
from typing import Any

import pytest

from migration.core.monitoring.report import (
    MAX_BODY,
    MAX_CALLS,
    MOST_COUNTED,
    BadReport,
    CallFigures,
    PoolFigures,
    Report,
    Serial,
    SlowFigures,
    read_report,
    report_as_json,
)
from migration.core.monitoring.sketches import sketched

MODULES = ("dataLoader", "syncScripts")


def report() -> Report:
    return Report(
        client="crm@host1",
        calls=(
            CallFigures(
                module="syncScripts",
                method="client_by_id",
                backend="target",
                count=3,
                total=13.5,
                lowest=1.5,
                highest=9.0,
                sketch=sketched([1.5, 3.0, 9.0]),
                slow=1,
                errors=(("connection", 1), ("timeout", 1)),
                compared=2,
                mismatches=1,
                fallbacks=1,
            ),
        ),
        pools=(PoolFigures(backend="target", most=20, busy=15, waiting=1),),
        slow=(SlowFigures(backend="source", statement="SELECT ?", count=1, total=120.0, highest=120.0),),
        serial=Serial(process="p1", number=7),
        began_ago=12.5,
        ended_ago=2.5,
    )


def body(**changes: Any) -> bytes:
    return json.dumps({**report_as_json(report()), **changes}).encode()


def call(**changes: Any) -> bytes:
    return body(calls=[{**report_as_json(report())["calls"][0], **changes}])


def test_a_report_is_read_as_it_was_written() -> None:
    assert read_report(body(), MODULES) == report()
    assert report().pools[0].utilisation == 75.0


def test_statements_are_normalised_whatever_the_client_sends() -> None:
    slow = [{"backend": "source", "statement": "SELECT 'Ivan'", "count": 1, "total": 1, "highest": 1}]
    assert read_report(body(slow=slow), MODULES).slow[0].statement == "SELECT ?"


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (b"{", "The body is not JSON."),
        (b"[" * 100_000, "The body is not JSON."),
        (b"NaN", "The body is not JSON."),
        (b"[]", "the report is an object, not []."),
        (b"x" * (MAX_BODY + 1), "The body is over 1024 KB."),
        (body(version=2), "version is 1, not 2."),
        (body(client="x" * 201), "client of the report is a text of at most 200 characters."),
        (body(client="a\u0000"), "client of the report is a text of at most 200 characters."),
        (body(calls={}), "calls of the report is a list of at most 500 entries."),
        (body(calls=[{}] * (MAX_CALLS + 1)), "calls of the report is a list of at most 500 entries."),
        (call(module="nosuch"), "there is no module"),
        (call(method="drop table"), "calls[0].method is a name"),
        (call(method="имя"), "calls[0].method is a name"),
        (call(backend="both"), "calls[0].backend is source or target or none"),
        (call(count=-1), "count of calls[0] is a whole number from 0 to 1,000,000,000, not -1."),
        (call(count=True), "count of calls[0] is a whole number from 0 to 1,000,000,000, not true."),
        (call(count=4), "count is 4, but its sketch holds 3 calls."),
        (call(total="1"), "total of calls[0] is a number of milliseconds"),
        (call(total=1e400), "The body is not JSON."),
        (call(slow=4), "slow are 4, but there were 3 calls."),
        (call(errors={"odd": 1}), "the kinds are connection"),
        (call(errors={"timeout": 4}), "errors are 4, but there were 3 calls."),
        (call(mismatches=9), "mismatches are 9 of 2 compared calls."),
        (call(sketch={"accuracy": 0.5, "bins": []}), "calls[0].sketch.accuracy is 0.01"),
        (call(sketch={"accuracy": 0.01, "bins": [[1, 1], [1, 2]]}), "ascend"),
        (call(sketch={"accuracy": 0.01, "bins": [[1]]}), "pairs of whole numbers"),
        (call(sketch={"accuracy": 0.01, "bins": [[10**9, 3]]}), "bins are from"),
        (body(process=7), "process of the report is a text of at most 64 characters."),
        (body(process=""), "process of the report is a name that no other process has"),
        (body(number=-1), "number of the report is a whole number from 0"),
        (body(began_ago=-1), "began_ago of the report is a number of seconds from 0 to 86,400, not -1."),
        (body(ended_ago=86_401), "ended_ago of the report is a number of seconds"),
        (body(ended_ago="1"), "ended_ago of the report is a number of seconds"),
        (
            body(pools=[{"backend": "target", "most": 1, "busy": 2, "waiting": 0}]),
            "2 connections are busy of 1",
        ),
    ],
)
def test_what_is_wrong_is_said(given: bytes, sentence: str) -> None:
    with pytest.raises(BadReport) as refusal:
        read_report(given, MODULES)
    assert sentence in str(refusal.value)


def test_one_report_counts_no_more_than_is_believed() -> None:
    entry = report_as_json(report())["calls"][0]
    many = {**entry, "count": MOST_COUNTED, "sketch": {"accuracy": 0.01, "bins": [[1, MOST_COUNTED]]}}
    assert read_report(body(calls=[many]), MODULES).calls[0].count == MOST_COUNTED
    for calls, counted in (
        ([many, entry], "1,000,000,003 calls"),
        ([{**entry, "compared": MOST_COUNTED}] * 2, "2,000,000,000 compared calls"),
        ([{**entry, "fallbacks": MOST_COUNTED}] * 2, "2,000,000,000 calls that fell back"),
    ):
        with pytest.raises(BadReport, match=f"counts {counted}; 1,000,000,000 are believed"):
            read_report(body(calls=calls), MODULES)
    for name, value in (("count", 2**53), ("compared", MOST_COUNTED + 1), ("slow", 10**18)):
        with pytest.raises(BadReport, match=f"{name} of "):
            read_report(call(**{name: value}), MODULES)


def test_no_damaged_report_is_an_error_of_ours() -> None:
    chance = random.Random(7)
    whole = body()
    for _ in range(2_000):
        damaged = bytearray(whole)
        for _ in range(chance.randint(1, 6)):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        try:
            read_report(bytes(damaged), MODULES)
        except BadReport as refusal:
            assert len(str(refusal)) < 400
