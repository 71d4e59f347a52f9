"""How often one key may ask all processes together: a token bucket each, in the application's own database.

A process fetches tokens by the handful, so that most requests cost no query; it holds that many more at most than the
limit says. The clock is the database's.
"""

import threading
from dataclasses import dataclass

from django.db import connection

from migration.core.rate_limit import RateLimit

HANDFUL = 20

_TAKE = """
INSERT INTO migration_ratebucket AS kept (key, tokens, given, at)
VALUES (%(key)s, %(burst)s - least(%(wanted)s, %(burst)s), least(%(wanted)s, %(burst)s), clock_timestamp())
ON CONFLICT (key) DO UPDATE SET (tokens, given, at) = (
    SELECT there - least(%(wanted)s, floor(there)), least(%(wanted)s, floor(there)), clock_timestamp()
    FROM (SELECT least(%(burst)s, kept.tokens + %(rate)s::float8 * greatest(
        0, extract(epoch FROM clock_timestamp() - kept.at))) AS there) AS now)
RETURNING given, tokens
"""


@dataclass(slots=True)
class _Hand:
    """What a process has of a key's tokens, and until when there is surely none to be fetched."""

    tokens: int = 0
    empty_until: float = 0.0


class SharedRateLimit:
    """Allows `rate` requests a second for each key, `burst` at once, over all processes. Safe for threads.

    Keys must be few and known (authenticate first); `name` tells one limit's from another's.
    """

    def __init__(self, name: str, *, rate: float, burst: int) -> None:
        self._name = name
        self._rate = rate
        self._burst = burst
        self._alone = RateLimit(
            rate=rate, burst=burst
        )  # what is too much for all is too much of one, without a query
        self._hands: dict[str, _Hand] = {}
        self._lock = threading.Lock()

    def wait(self, key: str, *, now: float) -> float:
        """Zero if this request is allowed (it is counted then), else the seconds until one will be."""
        if wait := self._alone.wait(key, now=now):
            return wait
        wait = self._wait(key, now)
        if wait:
            self._alone.give_back(key)
        return wait

    def _wait(self, key: str, now: float) -> float:
        with self._lock:
            hand = self._hands.setdefault(key, _Hand())
            if hand.tokens:
                hand.tokens -= 1
                return 0.0
            if now < hand.empty_until:
                return hand.empty_until - now
        given, left = self._fetch(key)
        with self._lock:
            hand.tokens += max(0, given - 1)
            if given:
                return 0.0
            wait = (1 - left) / self._rate
            hand.empty_until = now + wait
            return wait

    def _fetch(self, key: str) -> tuple[int, float]:
        wanted = min(HANDFUL, self._burst)
        asked: dict[str, str | int | float] = {"wanted": wanted, "burst": self._burst, "rate": self._rate}
        asked["key"] = f"{self._name} {key}"
        with connection.cursor() as cursor:
            cursor.execute(_TAKE, asked)
            ((tokens, left),) = cursor.fetchall()
        return int(tokens), float(left)
