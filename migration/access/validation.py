"""What the data layer takes as arguments: checked and put into one form before anything is sent."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from migration.access.errors import AccessError, ErrorKind

_LONGEST_NUMBER = 2**63 - 1
_NO_DIGIT = re.compile(r"\D")
_LONGEST_NAME = 200
_PHONE = re.compile(r"\+?[\d\s().-]+")


def number(value: Any, what: str) -> int:
    """A positive number that a bigint holds, given as an int or as digits."""
    if isinstance(value, str) and value.isdecimal() and len(value) <= len(str(_LONGEST_NUMBER)):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value <= _LONGEST_NUMBER:
        raise AccessError(f"{what} is a positive number; found {_kind(value)}.", ErrorKind.INVALID)
    return value


def company(value: Any) -> int:
    return number(value, "A company id")


def phone(value: Any) -> str:
    """Digits with the country's code: `+7 (000) 000-00-01` and `80000000001` are `70000000001`.

    After a plus the code is there already, whichever country's; without one the number is taken for one at home.
    """
    digits = _NO_DIGIT.sub("", value) if isinstance(value, str) and _PHONE.fullmatch(value.strip()) else ""
    if not 10 <= len(digits) <= 15:
        raise AccessError(
            f"A phone is one number of 10 to 15 digits; found {_kind(value)} with {len(digits)}.",
            ErrorKind.INVALID,
        )
    if str(value).strip().startswith("+"):
        return digits
    if len(digits) == 10:
        return f"7{digits}"
    return f"7{digits[1:]}" if len(digits) == 11 and digits.startswith("8") else digits


def ways_to_write(normalised: str) -> list[str]:
    """The phone in the ways in which it may have been kept."""
    ways = [normalised, f"+{normalised}"]
    if len(normalised) == 11 and normalised.startswith("7"):
        rest = normalised[1:]
        ways += [f"8{rest}", f"+7 ({rest[:3]}) {rest[3:6]}-{rest[6:8]}-{rest[8:]}"]
    return ways


def text(value: Any, what: str) -> str:
    if not isinstance(value, str) or not value.strip() or "\x00" in value or len(value) > _LONGEST_NAME:
        raise AccessError(
            f"{what} is a text of 1 to {_LONGEST_NAME} characters; found {_kind(value)}.", ErrorKind.INVALID
        )
    return value.strip()


def day(value: Any, what: str) -> date:
    """A date, also as 2025-11-11."""
    if isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    elif isinstance(value, date) and not isinstance(value, datetime):
        return value
    raise AccessError(f"{what} is a date like 2025-11-11; found {_kind(value)}.", ErrorKind.INVALID)


def moment(value: Any, what: str) -> datetime:
    """A moment with its time zone, also as 2025-11-11T02:00:00+00:00."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            value = None
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise AccessError(f"{what} is a moment with a time zone; found {_kind(value)}.", ErrorKind.INVALID)
    return value


def row(value: Any, what: str) -> dict[str, Any]:
    """A row to be written: company and phone are checked where it has them."""
    if not isinstance(value, Mapping):
        raise AccessError(f"{what} is given as fields with values; found {_kind(value)}.", ErrorKind.INVALID)
    checked = dict(value)
    if checked.get("company_id") is not None:
        checked["company_id"] = company(checked["company_id"])
    return checked


def rows(value: Any, what: str) -> list[dict[str, Any]]:
    """Rows to be written together."""
    if not isinstance(value, Sequence) or isinstance(value, str | bytes):
        each = what.removeprefix("A ").capitalize()
        raise AccessError(f"{each}s are given as a list; found {_kind(value)}.", ErrorKind.INVALID)
    return [row(each, what) for each in value]


def _kind(value: Any) -> str:
    """What was found, without the value itself: it may be somebody's."""
    if isinstance(value, bool) or value is None:
        return repr(value)
    return {"str": "a text", "int": "a number", "float": "a fraction", "list": "a list"}.get(
        type(value).__name__, f"a {type(value).__name__}"
    )
