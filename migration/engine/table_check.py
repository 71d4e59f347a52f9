"""One table laid side by side: which rows of it differ between source and target, told one after the other."""

from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import NamedTuple, TypeAlias, TypeVar
from uuid import UUID

from psycopg import sql

from migration.core.checksums import DifferingRow, RangeSum, Sample, batches, differing_ranges, differing_rows
from migration.core.events import TableChecked
from migration.core.merged_rows import MemberRow, Share
from migration.engine import compared, united
from migration.engine.carrying import EVERY_ROW, Carriage, CarriedColumn, Equality
from migration.engine.compared import Face, Ranges
from migration.engine.encodings import in_utf8, is_one_encoding
from migration.engine.held import held_keys
from migration.engine.keys import find_key
from migration.engine.rejects import rejected_keys, unreadable_keys
from migration.engine.sessions import Session, Streamed

_FEW = 4  # one in so many

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

    def faces(
        self,
        carriage: Carriage,
        key: Sequence[CarriedColumn],
        own: Sequence[str],
        readable: sql.Composable = EVERY_ROW,
        equality: Equality | None = None,
    ) -> tuple[Face, Face]:
        """What is compared of a table, by this or by another equality."""
        by = equality or self.equality
        found = compared.faces(carriage, key, own, readable, by)
        return found if is_one_encoding(self.source, self.target) else in_utf8(found, carriage, by)

    def ask(
        self, question: Callable[[Session, Face], _Answer], faces: tuple[Face, Face]
    ) -> tuple[_Answer, _Answer]:
        """Ask both sides at once."""
        with ThreadPoolExecutor(2) as threads:
            on_source = threads.submit(question, self.source, faces[0])
            on_target = threads.submit(question, self.target, faces[1])
            return on_source.result(), on_target.result()

    @contextmanager
    def streams(
        self, question: Callable[[Session, Face], Streamed[_Answer]], faces: tuple[Face, Face]
    ) -> Iterator[tuple[Streamed[_Answer], Streamed[_Answer]]]:
        """As `ask`, for rows as they come; what is not read of them is given up at the end."""
        begun: list[Streamed[_Answer]] = []

        def begin(session: Session, face: Face) -> Streamed[_Answer]:
            rows = question(session, face)
            begun.append(rows)  # also where the other side cannot begin
            return rows

        try:
            yield self.ask(begin, faces)
        finally:
            for rows in begun:
                rows.close()


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
    sums: _Sums
    looked_into: int | None = None  # of how many ranges; None: of all
    members: "tuple[_Member, ...]" = ()  # where the target's table takes the rows of several: all of them
    share: Share | None = None  # which of the target's rows are its own, then

    @property
    def method(self) -> str:
        """How it is compared, and what not."""
        if self.looked_into is None:
            return self.ranges.method
        return (
            f"{self.sides.equality.value} hash of {self.looked_into:,} of {self.ranges.count:,} "
            f"{self.ranges.what}, no more"
        )[:80]

    def differing(self) -> Generator[DifferingRow, None, None]:
        """Every differing row, as it is found. Rejects, and rows that were there before, are accounted for.

        Both sessions are taken until the last one has been asked for, or it is closed.
        """
        if self.share is not None:
            yield from self._differing_share(self.share)
            return
        suspects: Sequence[int] = differing_ranges(*self.sums)
        if not suspects:
            return
        ranges, suspects = self._finer(suspects)
        rejected, held = self._accounted_for()
        for some in batches(suspects, ranges.at_a_time):
            rows = partial(compared.hashed_rows, ranges=ranges, numbers=some, own=bool(rejected or held))
            with self.sides.streams(rows, self.faces) as (here, there):
                yield from differing_rows(here, there, rejected=rejected, held=held)

    @property
    def target_rows(self) -> int:
        """Its own in the target; of a table that takes several known when `differing` has come to its end."""
        if self.share is None:
            return self.rows[1]
        suspects = set(self._suspects())
        return self.share.rows + sum(
            each.rows for number, each in self.sums[0].items() if number not in suspects
        )

    def _differing_share(self, share: Share) -> Iterator[DifferingRow]:
        share.rows = 0
        own_faces = [member.face for member in self.members]
        own_faces[share.member] = self.faces[0]
        for some in batches(self._suspects(), self.ranges.at_a_time):

            def rows(session: Session, face: Face, some: Sequence[int] = some) -> Streamed[MemberRow]:
                """Of the source those of all its tables."""
                if face is self.faces[0]:
                    return united.united_rows(session, own_faces, share.member, self.ranges, some)
                return united.united_rows(session, [face], 0, self.ranges, some)

            with self.sides.streams(rows, self.faces) as (here, there):
                yield from share.differing(here, (each.row for each in there))

    def _suspects(self) -> Sequence[int]:
        """Where the members do not fill the same columns no sum tells anything: then all ranges."""
        if any(member.sums is None for member in self.members):
            return sorted(self.sums[0].keys() | self.sums[1].keys())
        together = united.added_up(self.sums[0], *(member.sums or {} for member in self.members))
        return differing_ranges(together, self.sums[1])

    def _finer(self, suspects: Sequence[int]) -> tuple[Ranges, Sequence[int]]:
        """Where few ranges differ, the parts of them that do: far fewer rows have to be read one by one."""
        finer = self.ranges.finer
        if finer is None or len(suspects) * _FEW > self.ranges.count:
            return self.ranges, suspects
        sums = partial(compared.sums, ranges=finer, numbers=suspects, within=self.ranges)
        return finer, differing_ranges(*self.sides.ask(sums, self.faces))

    def faces_by(self, equality: Equality) -> tuple[Face, Face]:
        """The same rows, by the other equality."""
        return self.sides.faces(self.carriage, self.key, self.own, self.faces[0].readable, equality)

    def _accounted_for(self) -> tuple[frozenset[str], frozenset[str]]:
        sides = self.sides
        if sides.ledger_id is None:
            return frozenset(), frozenset()
        return (
            rejected_keys(sides.target, sides.ledger_id, self.carriage.name),
            held_keys(sides.target, sides.ledger_id, self.carriage.target),
        )


class _Member(NamedTuple):
    """One of the source tables whose rows the target's table takes. `sums` only of those beside the view's own."""

    carriage: Carriage
    face: Face
    rejected: frozenset[str]
    sums: dict[int, RangeSum] | None = None


def view_of(sides: Sides, carriage: Carriage) -> TableView | None:
    """Get ready; None where nothing tells the table's rows apart."""
    key = compared.shared_key(sides.source, sides.target, carriage)
    if not key:
        return None
    own, unreadable, faces = _sides_of(sides, carriage, key)
    members = _members(sides, carriage, key)
    beside = [member.face for member in members if member.carriage.name != carriage.name]
    ranges = _ranges_of(sides, key, faces, beside)
    numbers = sides.sample.ranges(ranges.count) if sides.sample else None
    sums = sides.ask(partial(compared.sums, ranges=ranges, numbers=numbers), faces)
    here, there = (sum(each.rows for each in side.values()) for side in sums)
    return TableView(
        sides=sides,
        carriage=carriage,
        key=key,
        own=own,
        faces=faces,
        ranges=ranges,
        rows=(here + (len(unreadable) if numbers is None else 0), there),
        sums=sums,
        looked_into=None if numbers is None else len(numbers),
        members=tuple(_summed(sides, carriage, member, ranges, numbers) for member in members),
        share=_share(sides, carriage, members) if members else None,
    )


def _sides_of(
    sides: Sides, carriage: Carriage, key: Sequence[CarriedColumn]
) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...], tuple[Face, Face]]:
    """The source's key, the keys of rows that cannot be read, and both sides."""
    own = find_key(sides.source, carriage.source)
    unreadable = (
        unreadable_keys(sides.target, sides.ledger_id, carriage.name) if sides.ledger_id and own else ()
    )
    readable = sql.SQL("NOT ({})").format(own.one_of(unreadable)) if own and unreadable else EVERY_ROW
    columns = own.columns if own else ()
    return columns, unreadable, sides.faces(carriage, key, columns, readable)


def _members(sides: Sides, carriage: Carriage, key: Sequence[CarriedColumn]) -> list[_Member]:
    """All of them with their columns in the order of this one, where they fill the same."""
    names = [column.name for column in carriage.columns]
    found = []
    for each in carriage.together:
        same = [column for name in names if (column := each.column(name)) is not None]
        if len(same) == len(names) == len(each.columns):
            each = replace(each, columns=tuple(same))
        its_key = [column for part in key if (column := each.column(part.name)) is not None]
        rejected = (
            rejected_keys(sides.target, sides.ledger_id, each.name) if sides.ledger_id else frozenset[str]()
        )
        found.append(_Member(carriage=each, face=_sides_of(sides, each, its_key)[2][0], rejected=rejected))
    return found


def _summed(
    sides: Sides, carriage: Carriage, member: _Member, ranges: Ranges, numbers: Sequence[int] | None
) -> _Member:
    """Its own sums are those of the view; those of one that fills other columns would tell nothing."""
    if member.carriage.name == carriage.name:
        return member._replace(sums={})
    if [each.name for each in member.carriage.columns] != [each.name for each in carriage.columns]:
        return member
    return member._replace(sums=compared.sums(sides.source, member.face, ranges, numbers))


def _share(sides: Sides, carriage: Carriage, members: Sequence[_Member]) -> Share:
    held = held_keys(sides.target, sides.ledger_id, carriage.target) if sides.ledger_id else frozenset[str]()
    return Share(member=carriage.place, rejected=[member.rejected for member in members], held=held)


def _ranges_of(
    sides: Sides, key: Sequence[CarriedColumn], faces: tuple[Face, Face], beside: Sequence[Face]
) -> Ranges:
    """By about how many rows there are; a table of which the planner knows nothing is counted."""
    rows = _most(sides, faces, beside, compared.estimated_rows) or _most(
        sides, faces, beside, compared.count_rows
    )
    if compared.is_whole_number(key):
        extents = (*sides.ask(compared.extent, faces), *(compared.extent(sides.source, f) for f in beside))
        by_number = compared.number_ranges(key[0].name, extents, rows, sides.equality)
        if by_number is not None:
            return by_number
    return compared.hash_ranges(key, rows, sides.equality)


def _most(
    sides: Sides, faces: tuple[Face, Face], beside: Sequence[Face], count: Callable[[Session, Face], int]
) -> int:
    here, there = sides.ask(count, faces)
    return max(here + sum(count(sides.source, face) for face in beside), there)


ADVICE = (
    "Somebody wrote to the target meanwhile, or to the source between two attempts. Have `verify --repair` make these "
    "rows what the source has, or put that right otherwise, and resume to compare again; or restore and run anew."
)


def differences(different: Sequence[TableChecked], advice: str = ADVICE) -> str:
    """Of tables that are not equal, for people, and what to do."""
    told = ", ".join(f"{'.'.join(found.target)} ({found.differing:,})" for found in different)
    return f"Rows differ between source and target: {told}. {advice}"
