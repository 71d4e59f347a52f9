"""What all rows of the example are made of: fixed moments, counts, seeded randomness.

The same call gives the same rows on every machine: nothing depends on the clock, on hash order or on the
environment. All people, telephone numbers (area code 000 does not exist), addresses and keys are made up.
"""

import random
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

Row = dict[str, Any]

YCLIENTS_COMPANY = 962302  # the company number, as queries pass it
TODAY = date(2025, 11, 11)
NOW = datetime(2025, 11, 11, 2, 0, tzinfo=UTC)

COUNTS = {
    "companies": 1,
    "clients": 1299,
    "services": 63,
    "staff": 12,
    "staff_schedules": 51,
    "bookings": 38,
    "dialog_contexts": 26,
    "reminders": 20,
}
MIGRATED = tuple(table for table in COUNTS if table != "reminders")  # the seven: 1,490 rows
PROTECTED = {"whatsapp_auth": 1, "whatsapp_keys": 728}


def rng_for(name: str) -> random.Random:
    """Randomness of its own for each table."""
    return random.Random(f"seedcase:{name}")


def money(value: Decimal | int) -> Decimal:
    return Decimal(value).quantize(Decimal("0.01"))


def phone_number(n: int) -> str:
    return f"7000{n:07d}"


def shown(phone: str, style: int) -> str:
    """The phone in one of the ways in which people typed it."""
    if style == 1:
        return "+" + phone
    if style == 2:
        return "8" + phone[1:]
    if style == 3:
        return f"+7 ({phone[1:4]}) {phone[4:7]}-{phone[7:9]}-{phone[9:]}"
    return phone


def stamp_between(rng: random.Random, first: datetime, last: datetime) -> datetime:
    seconds = int((last - first).total_seconds())
    return first + timedelta(seconds=rng.randrange(seconds))
