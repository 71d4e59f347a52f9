"""How often one key may ask: a token bucket each, in memory. The clock is passed in."""

from dataclasses import dataclass
from threading import Lock


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bucket:
    tokens: float
    at: float


class RateLimit:
    """Allows `rate` requests a second for each key, `burst` at once. Safe to share between threads.

    Every process counts for itself. Keys must be few and known (authenticate first).
    """

    def __init__(self, *, rate: float, burst: int) -> None:
        self._rate = rate
        self._burst = burst
        self._buckets: dict[str, _Bucket] = {}
        self._lock = Lock()

    def wait(self, key: str, *, now: float) -> float:
        """Zero if this request is allowed (it is counted then), else the seconds until one will be."""
        with self._lock:
            bucket = self._buckets.get(key, _Bucket(tokens=self._burst, at=now))
            tokens = min(self._burst, bucket.tokens + (now - bucket.at) * self._rate)
            allowed = tokens >= 1
            self._buckets[key] = _Bucket(tokens=tokens - 1 if allowed else tokens, at=now)
        return 0.0 if allowed else (1 - tokens) / self._rate

    def give_back(self, key: str) -> None:
        """The request that was allowed just now is not made after all."""
        with self._lock:
            bucket = self._buckets[key]
            self._buckets[key] = _Bucket(tokens=min(self._burst, bucket.tokens + 1), at=bucket.at)
