"""What the data layer's arguments may be, and the one form that they are put into."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from migration.access import validation
from migration.access.errors import AccessError, ErrorKind

PHONES = {
    "70000000001": "70000000001",
    "+70000000001": "70000000001",
    "80000000001": "70000000001",
    "+7 (000) 000-00-01": "70000000001",
    "0000000001": "70000000001",
    "+49 151 000 00 01": "491510000001",
    "+81 3 0000 0001": "81300000001",
    "+32 000 00 01 0": "3200000010",
}


def test_a_phone_has_one_form() -> None:
    assert {given: validation.phone(given) for given in PHONES} == PHONES


def test_a_phone_is_looked_for_however_it_was_kept() -> None:
    assert validation.ways_to_write("70001234567") == [
        "70001234567",
        "+70001234567",
        "80001234567",
        "+7 (000) 123-45-67",
    ]
    assert validation.ways_to_write("49151000001") == ["49151000001", "+49151000001"]


@pytest.mark.parametrize(
    "wrong", ["", "abc", "123", "70000000001, 70000000002", "7" * 16, "7000000000x", None, 70000000001]
)
def test_what_is_no_phone_is_refused_without_being_quoted(wrong: Any) -> None:
    with pytest.raises(AccessError) as caught:
        validation.phone(wrong)
    assert caught.value.kind is ErrorKind.INVALID
    assert "7000000000" not in str(caught.value)


def test_a_company_is_a_positive_number() -> None:
    assert validation.company("962302") == validation.company(962302) == 962302
    for wrong in (0, -1, True, "1; --", "٣٣x", 2**63, 1.0, None):
        with pytest.raises(AccessError, match="A company id is a positive number"):
            validation.company(wrong)


def test_days_and_moments_are_also_taken_as_text() -> None:
    assert validation.day("2025-11-11", "A day") == validation.day(date(2025, 11, 11), "A day")
    assert validation.moment("2025-11-11T02:00:00+00:00", "A moment") == datetime(2025, 11, 11, 2, tzinfo=UTC)
    for wrong in ("11.11.2025", datetime(2025, 11, 11), 5, None):
        with pytest.raises(AccessError, match="A day is a date like 2025-11-11"):
            validation.day(wrong, "A day")
    for other in ("now", datetime(2025, 11, 11), date(2025, 11, 11), None):
        with pytest.raises(AccessError, match="A moment is a moment with a time zone"):
            validation.moment(other, "A moment")
