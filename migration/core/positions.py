"""Places in a server's write-ahead log (LSN), and how far behind one is of another."""

import re
from dataclasses import dataclass
from typing import TypeAlias

from schemadiff.core.errors import Refused

Lsn: TypeAlias = int  # bytes since the beginning of the log; 0: none

_TEXT = re.compile(r"([0-9A-Fa-f]{1,8})/([0-9A-Fa-f]{1,8})")
_HIGH = 32


def lsn_of(text: str) -> Lsn:
    """PostgreSQL's way of writing it (16/B374D848) as a number. Raises Refused."""
    found = _TEXT.fullmatch(text)
    if found is None:
        raise Refused(
            f"“{text}” is no place in a write-ahead log; expected two hexadecimal numbers like 16/B374D848."
        )
    return int(found[1], 16) << _HIGH | int(found[2], 16)


def text_of(lsn: Lsn) -> str:
    """As PostgreSQL writes it."""
    return f"{lsn >> _HIGH:X}/{lsn & 0xFFFFFFFF:X}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lag:
    """How far a follower is behind: log not applied yet, and the age of the newest change that is."""

    bytes: int
    seconds: float

    def is_within(self, seconds: float) -> bool:
        return self.seconds <= seconds


def lag_between(written: Lsn, applied: Lsn, *, seconds: float) -> Lag:
    """The source has written up to there, the target applied up to there; clocks never tell less than nothing."""
    behind = max(written - applied, 0)
    return Lag(bytes=behind, seconds=max(seconds, 0.0) if behind else 0.0)
