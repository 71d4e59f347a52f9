"""How long a run that has not begun will take, from rates that were measured on these two databases before."""

from collections.abc import Mapping
from dataclasses import dataclass

from migration.core.outlook import FEW, span_in_words
from schemadiff.core.mapping import QualifiedName


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Seconds, at best and at worst."""

    least: float
    most: float

    @property
    def words(self) -> str:
        return span_in_words(self.least, self.most)


def copy_span(
    rows: Mapping[QualifiedName, int],
    rates: Mapping[QualifiedName, tuple[float, ...]],
    *,
    streams: int,
    rows_per_second: int | None = None,
) -> Span | None:
    """How long these rows take: at each table's fastest rate over all streams, at its slowest one after the other.

    `rates` are rows a second of one stream; a table without any is taken as any of the others. Of fewer than three
    the range is from half to twice. None where nothing was measured.
    """
    every = [rate for measured in rates.values() for rate in measured if rate > 0]
    if not every:
        return None
    spread = 2 if len(every) < FEW else 1
    best = sum(count / max(rates.get(table) or every) for table, count in rows.items())
    worst = sum(count / min(rates.get(table) or every) for table, count in rows.items())
    slowed = sum(rows.values()) / rows_per_second if rows_per_second else 0.0
    return Span(least=max(best / streams / spread, slowed), most=max(worst * spread, slowed))


def whole_span(rows: int, seconds_a_row: tuple[float, ...]) -> Span | None:
    """A whole run's, by what finished runs took for each row; None where there was none."""
    if not seconds_a_row:
        return None
    spread = 2 if len(seconds_a_row) < FEW else 1
    return Span(least=rows * min(seconds_a_row) / spread, most=rows * max(seconds_a_row) * spread)
