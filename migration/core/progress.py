"""What a run's figures say: how far, how fast, and until when."""

from collections.abc import Iterable
from dataclasses import dataclass

from migration.core.phases import Phase

_WORDS = {Phase.BACK_UP: "Back up", Phase.CUT_OVER: "Cut over", Phase.ROLLED_BACK: "Rolled back"}
_ENOUGH_SECONDS = 2.0  # a rate measured over less says nothing


def phase_word(phase: Phase) -> str:
    """How people read a phase: Prepare, Back up, Schema…"""
    return _WORDS.get(phase, phase.value.capitalize())


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A table's rows: `seconds` is the time spent copying it so far."""

    total: int
    written: int
    rejects: int
    seconds: float

    @property
    def handled(self) -> int:
        return self.written + self.rejects

    @property
    def rate(self) -> float | None:
        """Rows a second; None where nothing was measured."""
        return self.handled / self.seconds if self.seconds > 0 and self.handled else None

    @property
    def left(self) -> int:
        return max(self.total - self.handled, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Remaining:
    """Seconds that the copy still takes: all streams at the fastest rate measured, one at the slowest."""

    least: float
    most: float


def percent(part: int, whole: int) -> int:
    """Rounded down, so that 100 means all of it; an empty whole is complete."""
    return 100 if whole <= 0 else min(100, part * 100 // whole)


def remaining(shares: Iterable[Share], *, streams: int) -> Remaining | None:
    """How long the rest takes; None where no rate was measured for long enough, or nothing is left."""
    shares = tuple(shares)
    left = sum(share.left for share in shares)
    rates = [rate for share in shares if share.seconds >= _ENOUGH_SECONDS and (rate := share.rate)]
    if not rates or not left:
        return None
    return Remaining(least=left / max(rates) / streams, most=left / min(rates))
