"""Places in the log, as numbers and as PostgreSQL writes them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migration.core.positions import lag_between, lsn_of, text_of
from schemadiff.core.errors import Refused


@given(st.integers(min_value=0, max_value=2**64 - 1))
def test_written_and_read_again(lsn: int) -> None:
    assert lsn_of(text_of(lsn)) == lsn


def test_as_postgresql_writes_it() -> None:
    assert text_of(0x16B374D848) == "16/B374D848"
    assert lsn_of("0/1a") == 26


@pytest.mark.parametrize("text", ["", "16", "16/", "/1", "16/B374D8480", "x/1", "1/2/3"])
def test_what_is_no_place_is_refused(text: str) -> None:
    with pytest.raises(Refused, match="no place"):
        lsn_of(text)


def test_lag_is_never_negative() -> None:
    assert lag_between(90, 100, seconds=5).bytes == 0
    assert lag_between(90, 100, seconds=5).seconds == 0
    assert lag_between(100, 90, seconds=-1).seconds == 0


def test_lag_within_a_limit() -> None:
    lag = lag_between(100, 90, seconds=0.5)
    assert (lag.bytes, lag.seconds) == (10, 0.5)
    assert lag.is_within(0.5) and not lag.is_within(0.4)
