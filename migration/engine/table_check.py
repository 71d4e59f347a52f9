"""One table laid side by side: which rows of it differ between source and target, told one after the other."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias, TypeVar
from uuid import UUID

from psycopg import sql

from migration.core.checksums import DifferingRow, RangeSum, Sample, batches, differing_ranges, differing_rows
from migration.engine import compared
from migration.engine.carrying import Carriage, CarriedColumn, Equality
from migration.engine.compared import Face, Ranges
from migration.engine.held import held_keys
from migration.engine.keys import find_key
from migration.engine.rejects import rejected_keys, unreadable_keys
from migration.engine.sessions import Session

_Answer = TypeVar("_Answer")
_Sums: TypeAlias = tuple[dict[int, RangeSum], dict[int, RangeSum]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """Both sessions, and the run whose rejects are accounted for (None: there was none)."""

    source: Session
    target: Session
    ledger_id: UUID | None
    equality: Equality = Equality.STRICT
    sample: Sample | None = None  # None: every row

    def ask(
        self, question: Callable[[Session, Face], _Answer], faces: tuple[Face, Face]
    ) -> tuple[_Answer, _Answer]:
        """Ask both sides at once."""
        with ThreadPoolExecutor(2) as threads:
            on_source = threads.submit(question, self.source, faces[0])
            on_target = threads.submit(question, self.target, faces[1])
            return on_source.result(), on_target.result()


@dataclass(frozen=True, slots=True, kw_only=True)
class TableView:
    """A table with a key, ready to be compared. `rows` are those of source and target."""

    sides: Sides
    carriage: Carriage
    key: tuple[CarriedColumn, ...]
    own: tuple[str, ...]  # the source's key
    faces: tuple[Face, Face]
    ranges: Ranges
    rows: tuple[int, int]  # where it is a sample: of the ranges that are looked into
    sums: _Sums | None = None  # of the sample's ranges; None: of all, still to be asked for
    looked_into: int | None = None  # of how many ranges; None: of all

    @property
    def method(self) -> str:
        """How it is compared, and what not."""
        if self.looked_into is None:
            return self.ranges.method
        return (
            f"{self.sides.equality.value} hash of {self.looked_into:,} of {self.ranges.count:,} "
            f"{self.ranges.what}, no more"
        )[:80]

    def differing(self) -> Iterator[DifferingRow]:
        """Every differing row, as it is found. Rejects, and rows that were there before, are accounted for.

        Both sessions are taken until the last one has been asked for.
        """
        on_source, on_target = self.sums or self.sides.ask(
            partial(compared.sums, ranges=self.ranges), self.faces
        )
        suspects = differing_ranges(on_source, on_target)
        if not suspects:
            return
        rejected, held = self._accounted_for()
        for some in batches(suspects, self.ranges.at_a_time):
            rows = partial(compared.hashed_rows, ranges=self.ranges, numbers=some, own=bool(rejected or held))
            here, there = self.sides.ask(rows, self.faces)
            yield from differing_rows(here, there, rejected=rejected, held=held)

    def faces_by(self, equality: Equality) -> tuple[Face, Face]:
        """The same rows, by the other equality."""
        return compared.faces(self.carriage, self.key, self.own, self.faces[0].readable, equality)

    def _accounted_for(self) -> tuple[frozenset[str], frozenset[str]]:
        sides = self.sides
        if sides.ledger_id is None:
            return frozenset(), frozenset()
        return (
            rejected_keys(sides.target, sides.ledger_id, self.carriage.source),
            held_keys(sides.target, sides.ledger_id, self.carriage),
        )


def view_of(sides: Sides, carriage: Carriage) -> TableView | None:
    """Get ready; None where nothing tells the table's rows apart."""
    key = compared.shared_key(sides.source, sides.target, carriage)
    if not key:
        return None
    own = find_key(sides.source, carriage.source)
    unreadable = (
        unreadable_keys(sides.target, sides.ledger_id, carriage.source) if sides.ledger_id and own else ()
    )
    readable = (
        sql.SQL("NOT ({})").format(own.one_of(unreadable)) if own and unreadable else compared.EVERY_ROW
    )
    faces = compared.faces(carriage, key, own.columns if own else (), readable, sides.equality)
    view = partial(
        TableView, sides=sides, carriage=carriage, key=key, own=own.columns if own else (), faces=faces
    )
    ranges, rows = _ranges_of(sides, key, faces)
    numbers = sides.sample.ranges(ranges.count) if sides.sample else None
    if numbers is None:
        if sides.sample is not None:
            rows = sides.ask(compared.count_rows, faces)
        return view(ranges=ranges, rows=(rows[0] + len(unreadable), rows[1]))
    sums = sides.ask(partial(compared.sums, ranges=ranges, numbers=numbers), faces)
    here, there = (sum(each.rows for each in side.values()) for side in sums)
    return view(ranges=ranges, rows=(here, there), sums=sums, looked_into=len(numbers))


def _ranges_of(
    sides: Sides, key: Sequence[CarriedColumn], faces: tuple[Face, Face]
) -> tuple[Ranges, tuple[int, int]]:
    """With how many rows each side has; only about how many, where a sample is to be taken."""
    extent, count = (
        (compared.estimated_extent, compared.estimated_rows)
        if sides.sample
        else (compared.extent, compared.count_rows)
    )
    if compared.is_whole_number(key):
        extents = sides.ask(extent, faces)
        by_number = compared.number_ranges(key[0].name, extents, sides.equality)
        if by_number is not None:
            return by_number, (extents[0][0], extents[1][0])
    counts = sides.ask(count, faces)
    return compared.hash_ranges(key, max(counts), sides.equality), counts
