"""How fine measurements are kept for how long, and which of it a page shows."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum


class Level(IntEnum):
    """The width of a bucket of time, in seconds."""

    FINE = 10
    MINUTE = 60
    QUARTER = 900
    HOUR = 3600

    @property
    def width(self) -> timedelta:
        return timedelta(seconds=self.value)


KEPT: dict[Level, timedelta] = {
    Level.FINE: timedelta(hours=2),
    Level.MINUTE: timedelta(days=2),
    Level.QUARTER: timedelta(days=15),
    Level.HOUR: timedelta(days=400),
}

FINER: dict[Level, Level] = {
    Level.MINUTE: Level.FINE,
    Level.QUARTER: Level.MINUTE,
    Level.HOUR: Level.QUARTER,
}
"""The level that each one is made of, in the order in which they are made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """How far back a page looks, and in buckets of which width."""

    key: str
    words: str
    length: timedelta
    level: Level
    refresh: int  # seconds after which a page that is open asks again

    def since(self, now: datetime) -> datetime:
        return start_of(now - self.length, self.level)


SPANS: tuple[Span, ...] = (
    Span(key="15m", words="15 minutes", length=timedelta(minutes=15), level=Level.FINE, refresh=10),
    Span(key="1h", words="1 hour", length=timedelta(hours=1), level=Level.MINUTE, refresh=30),
    Span(key="24h", words="24 hours", length=timedelta(days=1), level=Level.QUARTER, refresh=60),
    Span(key="7d", words="7 days", length=timedelta(days=7), level=Level.HOUR, refresh=60),
)


def span_of(key: str) -> Span:
    """The span of that name; the hour where there is none."""
    return next((span for span in SPANS if span.key == key), SPANS[1])


def start_of(at: datetime, level: Level) -> datetime:
    """The beginning of the bucket that a moment lies in; in UTC, as the database counts them."""
    seconds = int(at.timestamp()) // level.value * level.value
    return datetime.fromtimestamp(seconds, tz=at.tzinfo)
