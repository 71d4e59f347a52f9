"""How long all rows in scope would take by what a rehearsal's chunks took, and how far that may be off. Pure.

A chunk's time is taken for a fixed cost, a cost by the byte and one by the refused row. How far the chunks lie from
that, as factors, is how much one chunk varies; with it the sum of all chunks is given a range: Student's t over the
logarithms, with as many degrees of freedom as there are chunks beyond these costs.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import nnls
from scipy.special import stdtrit

CONFIDENCE = 0.8
"""The range's; a tenth of the rest on either side."""
FEWEST = 5
"""Chunks. Of fewer no range is told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """Rows of `table`, at least one, refused ones too (`refused` of them), with their bytes, in so many seconds, above
    zero."""

    table: str
    rows: int
    bytes: int
    seconds: float
    refused: int = 0


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
    factor = math.exp(float(stdtrit(_freedom(chunks), (1 + CONFIDENCE) / 2)) * off)
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
    off = [
        math.log(chunk.seconds / by_costs) for chunk, by_costs in zip(chunks, _by_costs(chunks), strict=True)
    ]
    return math.sqrt(sum(each**2 for each in off) / _freedom(chunks))


def _freedom(chunks: Sequence[Chunk]) -> int:
    return len(chunks) - (3 if any(chunk.refused for chunk in chunks) else 2)


def _by_costs(chunks: Sequence[Chunk]) -> list[float]:
    """What each would take by the costs that are off by the least squares of shares; none of them is below zero.

    One for which the costs give nothing (all its rows refused, no byte carried) is taken for the quickest of all.
    """
    causes = np.array([[1.0, chunk.bytes, chunk.refused] for chunk in chunks])
    causes /= np.maximum(causes.max(axis=0), 1.0)
    costs, _ = nnls(causes / np.array([[chunk.seconds] for chunk in chunks]), np.ones(len(chunks)))
    quickest = min(chunk.seconds for chunk in chunks)
    return [float(each) or quickest for each in causes @ costs]
