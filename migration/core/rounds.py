"""Rounds of comparing and repairing, by which a target is kept near a source whose log cannot be read."""

from dataclasses import dataclass
from datetime import datetime

LIMITS = (
    "The target is kept near its source by comparing, not by the source's log. There is no exact lag: the target is "
    "as old as the last round's beginning. A row that changed twice between two rounds is seen once, and a deleted one "
    "only by its absence. Each round reads all rows of both sides. Writes have to stop for at least one more round "
    "when the target takes over."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundMade:
    """`began_at` is as old as the target is now; `refused` rows stay different, by reason. Seconds are those of both
    parts; what was compared took `comparing` of them."""

    number: int
    began_at: datetime
    seconds: float
    comparing: float
    differing: int
    repaired: int
    refused: tuple[tuple[str, int], ...] = ()

    @property
    def sentence(self) -> str:
        """For people."""
        found = (
            f"{self.differing:,} rows differed, {self.repaired:,} were made the source's"
            if self.differing
            else "no row differed"
        )
        refused = "".join(f"; {count:,} refused: {reason}" for reason, count in self.refused)
        return (
            f"Round {self.number}: {found} in {self.seconds:.1f} s; the target is as of "
            f"{self.began_at:%Y-%m-%d %H:%M:%S %Z}{refused}."
        )

    @property
    def pause(self) -> float:
        """Seconds that writes will have to stop for at least: one more round, and a look at what it changed."""
        return self.seconds + self.comparing


def is_near(last: RoundMade, before: RoundMade | None) -> bool:
    """Do more rounds bring the target no nearer? Each finds what was written while the one before was at work."""
    return not last.differing or (before is not None and last.differing >= before.differing / 2)
