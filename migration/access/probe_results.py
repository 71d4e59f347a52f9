"""What probes found: each method and query on both backends, the same or not, and how long it took."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import ceil

from migration.access.limits import Limit


class Verdict(StrEnum):
    """What two answers to one question are."""

    SAME = "same"
    LISTED = "same but for what is listed"  # the mapping cannot give it, which was known
    DIFFERENT = "different"


class Kind(StrEnum):
    """What was probed, which says on which side."""

    READ = "read"  # on both
    WRITE = "write"  # on the target only, and undone there
    QUERY = "query"  # a SELECT of the user's, on both


@dataclass(frozen=True, slots=True, kw_only=True)
class Latency:
    """Milliseconds of so many calls, by nearest rank."""

    calls: int
    p50: float
    p95: float
    p99: float

    @classmethod
    def of(cls, seconds: Sequence[float]) -> "Latency | None":
        if not seconds:
            return None
        ordered = sorted(seconds)

        def rank(share: float) -> float:
            return round(1000 * ordered[ceil(share * len(ordered)) - 1], 3)

        return cls(calls=len(ordered), p50=rank(0.5), p95=rank(0.95), p99=rank(0.99))


@dataclass(frozen=True, slots=True, kw_only=True)
class Probed:
    """One question. `about` and `reason` hold no value of a row. Rows: None where there was an error, or where
    nothing was asked (a write on the source)."""

    name: str
    about: str
    kind: Kind
    verdict: Verdict
    reason: str = ""
    fields: tuple[str, ...] = ()
    source_rows: int | None = None
    target_rows: int | None = None
    source: Latency | None = None
    target: Latency | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeReport:
    """Everything that was probed, what the mapping cannot give, and what was left out and why."""

    probed: tuple[Probed, ...]
    limits: tuple[Limit, ...] = ()
    notes: tuple[str, ...] = ()

    def of(self, verdict: Verdict) -> tuple[Probed, ...]:
        return tuple(each for each in self.probed if each.verdict is verdict)

    @property
    def differing(self) -> int:
        return len(self.of(Verdict.DIFFERENT))
