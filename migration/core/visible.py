"""What a session of PostgreSQL sees: a snapshot as pg_current_snapshot() writes it, asked for one transaction."""

from dataclasses import dataclass

_SPAN = 2**32  # transaction numbers in the log go round, those of a snapshot do not
_HALF = _SPAN // 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """`end` is the first number that was not given out yet; `running` are those below it which had not ended."""

    end: int
    running: frozenset[int]

    def sees(self, xid: int) -> bool:
        """Has the transaction, by its number in the log, ended for whoever has this snapshot?"""
        is_past = 0 < (self.end - xid) % _SPAN < _HALF
        return is_past and xid not in self.running


def snapshot_of(text: str) -> Snapshot:
    """From `xmin:xmax:xip,xip`."""
    _, end, running = text.split(":")
    return Snapshot(
        end=int(end) % _SPAN,
        running=frozenset(int(each) % _SPAN for each in running.split(",") if each),
    )
