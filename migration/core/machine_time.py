"""How long all rows in scope would take by what a rehearsal's chunks took, and how far that may be off. Pure.

A chunk's time is taken for a fixed cost and a cost by the byte. How far the chunks lie from that line, as factors,
is how much one chunk varies; with it the sum of all chunks is given a range: Student's t over the logarithms, with as
many degrees of freedom as there are chunks beyond the line's two figures.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from scipy.special import stdtrit

CONFIDENCE = 0.8
"""The range's; a tenth of the rest on either side."""
FEWEST = 5
"""Chunks. Of fewer no range is told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """As it was carried: of `table`, so many rows (refused ones too) and bytes, in so many seconds."""

    table: str
    rows: int
    bytes: int
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineTime:
    """Seconds of all phases; `least` and `most` are None where too few chunks are known. `variation` is what one chunk
    varies by, as the standard deviation of its time's logarithm."""

    seconds: float
    least: float | None
    most: float | None
    chunks: int
    variation: float | None = None


def machine_time(
    chunks: Sequence[Chunk], rows: Mapping[str, int], other_seconds: float, share: float
) -> MachineTime:
    """`rows` are all that each table has. `share` is how rows in scope stand to rows rehearsed with: it is taken for a
    table that is not there, and multiplies `other_seconds`, those of the phases beside the chunks' own."""
    tables = [_Copied.of(name, chunks, rows, share) for name in sorted({chunk.table for chunk in chunks})]
    copying = sum(table.seconds for table in tables)
    whole = copying + other_seconds * share
    if len(chunks) < FEWEST:
        return MachineTime(seconds=whole, least=None, most=None, chunks=len(chunks))
    variation = _variation(chunks)
    off = math.sqrt(sum((table.seconds * variation) ** 2 * table.uncertainty for table in tables)) / copying
    factor = math.exp(float(stdtrit(len(chunks) - 2, (1 + CONFIDENCE) / 2)) * off)
    return MachineTime(
        seconds=whole,
        least=whole - copying + copying / factor,
        most=whole - copying + copying * factor,
        chunks=len(chunks),
        variation=variation,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Copied:
    """How long all of a table's rows take, and by how many chunks that is known and of how many it is said."""

    seconds: float
    known: int
    ahead: float

    @classmethod
    def of(cls, name: str, chunks: Sequence[Chunk], rows: Mapping[str, int], share: float) -> "_Copied":
        mine = [chunk for chunk in chunks if chunk.table == name]
        carried = sum(chunk.rows for chunk in mine)
        times = max(rows[name] / carried if name in rows else share, 1.0)
        return cls(
            seconds=sum(chunk.seconds for chunk in mine) * times,
            known=len(mine),
            ahead=len(mine) * times,
        )

    @property
    def uncertainty(self) -> float:
        """Of the rate that the known chunks give, and of the chunks to come."""
        return 1 / self.known + 1 / self.ahead


def _variation(chunks: Sequence[Chunk]) -> float:
    fixed, by_byte = _line(chunks)
    off = [math.log(chunk.seconds / (fixed + by_byte * chunk.bytes)) for chunk in chunks]
    return math.sqrt(sum(each**2 for each in off) / (len(chunks) - 2))


def _line(chunks: Sequence[Chunk]) -> tuple[float, float]:
    """The fixed cost and that of a byte which are off by the least squares of shares; neither is below zero."""
    ones = [1 / chunk.seconds for chunk in chunks]
    sizes = [chunk.bytes / chunk.seconds for chunk in chunks]
    oo, os, ss = _dot(ones, ones), _dot(ones, sizes), _dot(sizes, sizes)
    o, s = sum(ones), sum(sizes)
    determinant = oo * ss - os * os
    fixed = (ss * o - os * s) / determinant if determinant > 1e-12 * oo * ss else -1.0
    by_byte = (oo * s - os * o) / determinant if determinant > 1e-12 * oo * ss else -1.0
    if fixed > 0 and by_byte > 0:
        return fixed, by_byte
    if ss and fixed <= 0 < by_byte:
        return 0.0, s / ss
    return o / oo, 0.0


def _dot(one: Sequence[float], other: Sequence[float]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))
