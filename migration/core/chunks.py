"""Key ranges that a table is carried in, and how a range that failed is cut into smaller ones."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

Bound: TypeAlias = tuple[str, ...] | None  # a key's values as text, in key order; None: open

CHUNK_ROWS = 50_000
_SMALLEST_PIECE = 16
_GROWTH = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRange:
    """The rows whose key is greater than `after` and not greater than `upto`."""

    after: Bound = None
    upto: Bound = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """A part of a table that is carried in one transaction. Numbers start at 0."""

    number: int
    keys: KeyRange


def chunks_between(bounds: Sequence[tuple[str, ...]]) -> tuple[Chunk, ...]:
    """The chunks that these inner bounds make. First and last are open: no key lies outside."""
    edges: list[Bound] = [None, *bounds, None]
    pairs = pairwise(edges)
    return tuple(Chunk(number=n, keys=KeyRange(after=a, upto=b)) for n, (a, b) in enumerate(pairs))


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Rows `start` (included) to `stop` (excluded) of a failed chunk's rows in key order."""

    start: int
    stop: int

    @property
    def size(self) -> int:
        return self.stop - self.start


def split(piece: Piece, suspect: int | None) -> tuple[Piece, ...]:
    """Smaller pieces to try instead of one that failed, in order.

    `suspect` is the row (counted from the piece's start) that PostgreSQL named, if it did: what lies before
    it is one piece, the row itself another. What lies after it is cut into growing ones, so that a run of
    bad rows does not send the rest again each time. Without a suspect, halves.
    """
    if piece.size < 2:
        raise ValueError("a single row cannot be split")
    if suspect is None or not 0 <= suspect < piece.size:
        middle = piece.start + piece.size // 2
        return (Piece(start=piece.start, stop=middle), Piece(start=middle, stop=piece.stop))
    row = piece.start + suspect
    before = (Piece(start=piece.start, stop=row),) if suspect else ()
    return (*before, Piece(start=row, stop=row + 1), *_growing(row + 1, piece.stop))


def _growing(start: int, stop: int) -> Iterator[Piece]:
    size = _SMALLEST_PIECE
    while start < stop:
        yield Piece(start=start, stop=min(start + size, stop))
        start += size
        size *= _GROWTH


def range_of(piece: Piece, keys: Sequence[tuple[str, ...]], whole: KeyRange) -> KeyRange:
    """The piece as a key range; `keys` are all keys of the range `whole`, in order."""
    return KeyRange(
        after=keys[piece.start - 1] if piece.start else whole.after,
        upto=keys[piece.stop - 1] if piece.stop < len(keys) else whole.upto,
    )
