"""What goes over a replication connection around the changes: data with places, keepalives, and our answers.

After the PostgreSQL manual, "Streaming Replication Protocol".
"""

import struct
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from migration.core.pgoutput import EPOCH, Unreadable, moment
from migration.core.positions import Lsn

_DATA = struct.Struct("!cQQq")
_KEEPALIVE = struct.Struct("!cQqB")
_STATUS = struct.Struct("!cQQQqB")


@dataclass(frozen=True, slots=True, kw_only=True)
class Data:
    """A piece of the change stream, and what the source's clock said when it was sent."""

    at: Lsn
    sent_at: datetime
    payload: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Keepalive:
    """Whatever was to be sent up to `end` has been sent."""

    end: Lsn
    sent_at: datetime
    wants_answer: bool


Piece: TypeAlias = Data | Keepalive


def piece_of(raw: bytes) -> Piece:
    """Raises Unreadable."""
    try:
        if raw[:1] == b"w":
            _, at, _, sent = _DATA.unpack_from(raw)
            return Data(at=at, sent_at=moment(sent), payload=raw[_DATA.size :])
        if raw[:1] == b"k":
            _, end, sent, wants = _KEEPALIVE.unpack(raw)
            return Keepalive(end=end, sent_at=moment(sent), wants_answer=bool(wants))
    except struct.error as exc:
        raise Unreadable("A piece of the source's change stream is cut off.") from exc
    raise Unreadable(f"The source's change stream has a piece of the unknown kind {raw[:1]!r}.")


def status(*, received: Lsn, flushed: Lsn, now: datetime) -> bytes:
    """Our answer: so far received; up to there safe on the target's disk, so that the source may forget it."""
    since = round((now - EPOCH).total_seconds() * 1_000_000)
    return _STATUS.pack(b"r", received, flushed, flushed, since, 0)
