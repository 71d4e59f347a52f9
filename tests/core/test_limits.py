"""When a copy is to wait, and how limits are kept."""

from dataclasses import replace

import pytest

from migration.core.limits import (
    Limits,
    SourceState,
    limits_from_json,
    limits_to_json,
    reason_to_wait,
)
from migration.core.spec import is_same_work, spec_from_json, spec_to_json
from schemadiff.core.errors import Refused
from tests.core.test_spec import SPEC

BOTH = Limits(source_lag=2.5, source_sessions=10)


@pytest.mark.parametrize(
    ("lag", "sessions", "reason"),
    [
        (2.5, 10, ""),
        (2.6, 11, "a replica of the source is 2.6 s behind, 2.5 s are allowed"),
        (0, 12, "12 other sessions are active on the source, 10 are allowed"),
    ],
)
def test_what_passes_a_limit(lag: float, sessions: int, reason: str) -> None:
    state = SourceState(lag=lag, sessions=sessions)
    assert reason_to_wait(BOTH, state) == reason
    assert reason_to_wait(Limits(rows_per_second=1), state) == ""


def test_a_limit_of_no_sessions_is_one() -> None:
    assert Limits(source_sessions=0).watches_source
    assert reason_to_wait(Limits(source_sessions=0), SourceState(lag=0, sessions=1))
    assert not Limits(rows_per_second=5).watches_source


@pytest.mark.parametrize(
    "limits", [{"rows_per_second": 0}, {"source_lag": -1.0}, {"source_sessions": -1}], ids=str
)
def test_numbers_that_are_no_limits(limits: dict[str, int]) -> None:
    with pytest.raises(Refused):
        Limits(**limits)


def test_chunks_are_small_where_the_rate_is() -> None:
    rates = (None, 1, 1_000, 1_000_000)
    assert [Limits(rows_per_second=rate).chunk_rows() for rate in rates] == [50_000, 100, 5_000, 50_000]


def test_a_spec_keeps_its_limits_and_one_that_was_saved_without_has_none() -> None:
    limited = replace(SPEC, limits=replace(BOTH, rows_per_second=7))
    assert spec_from_json(spec_to_json(limited)).limits == limited.limits
    assert is_same_work(SPEC, limited)
    saved = spec_to_json(SPEC)
    del saved["limits"], saved["author"]
    assert spec_from_json(saved).limits == Limits()
    assert limits_from_json(limits_to_json(BOTH)) == BOTH


def test_in_words() -> None:
    assert Limits().label == ""
    assert replace(BOTH, rows_per_second=2_000).label == (
        "at most 2,000 rows a second; no more while a replica of the source is over 2.5 s behind; no more while over "
        "10 other sessions are active on the source"
    )
