"""How much a copy may take of the source: rows a second, and when it is to wait. Over all its processes together."""

from dataclasses import dataclass
from typing import Any

from migration.core.chunks import CHUNK_ROWS
from schemadiff.core.errors import Refused

_SECONDS_A_CHUNK = (
    5  # of rows at the allowed rate: long enough to be worth a transaction, short enough to be even
)
_FEWEST = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """None: no limit. Raises Refused for a number that is none."""

    rows_per_second: int | None = None
    source_lag: float | None = None  # seconds that the source's slowest replica may be behind
    source_sessions: int | None = None  # others' sessions that may be at work on the source
    wal_held: int | None = None  # bytes of its log that the source may hold before somebody is told
    between_rounds: float = 10.0  # seconds that a run rests which compares again and again

    def __post_init__(self) -> None:
        if self.rows_per_second is not None and self.rows_per_second < 1:
            raise Refused("A copy needs at least 1 row a second; leave the limit out to have none.")
        if self.wal_held is not None and self.wal_held < 1:
            raise Refused("The limit for the log that the source holds is a number of bytes above 0.")
        if self.between_rounds < 0:
            raise Refused("Between two rounds there cannot be less than 0 seconds.")
        if (self.source_lag or 0) < 0 or (self.source_sessions or 0) < 0:
            raise Refused("The limits for the source's lag and sessions cannot be below 0.")

    @property
    def watches_source(self) -> bool:
        return self.source_lag is not None or self.source_sessions is not None

    @property
    def label(self) -> str:
        """In words; empty where there is no limit."""
        parts = []
        if self.rows_per_second is not None:
            parts.append(f"at most {self.rows_per_second:,} rows a second")
        if self.source_lag is not None:
            parts.append(f"no more while a replica of the source is over {self.source_lag:g} s behind")
        if self.source_sessions is not None:
            parts.append(
                f"no more while over {self.source_sessions:,} other sessions are active on the source"
            )
        return "; ".join(parts)

    def chunk_rows(self, rows: int = CHUNK_ROWS) -> int:
        """Rows of a chunk, of `rows` without a limit: a small rate is kept evenly only by small chunks."""
        if self.rows_per_second is None:
            return rows
        return min(rows, max(self.rows_per_second * _SECONDS_A_CHUNK, _FEWEST))


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceState:
    """How the source is at a moment."""

    lag: float
    sessions: int


def reason_to_wait(limits: Limits, state: SourceState) -> str:
    """What passes a limit, in words; empty if nothing does."""
    if limits.source_lag is not None and state.lag > limits.source_lag:
        return f"a replica of the source is {state.lag:,.1f} s behind, {limits.source_lag:g} s are allowed"
    if limits.source_sessions is not None and state.sessions > limits.source_sessions:
        active = "session is" if state.sessions == 1 else "sessions are"
        return (
            f"{state.sessions:,} other {active} active on the source, {limits.source_sessions:,} are allowed"
        )
    return ""


def limits_to_json(limits: Limits) -> dict[str, Any]:
    return {
        "rows_per_second": limits.rows_per_second,
        "source_lag": limits.source_lag,
        "source_sessions": limits.source_sessions,
        "wal_held": limits.wal_held,
        "between_rounds": limits.between_rounds,
    }


def limits_from_json(data: dict[str, Any] | None) -> Limits:
    """The inverse; no limits of what was saved without any."""
    return Limits(**data) if data else Limits()
