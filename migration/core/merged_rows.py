"""Which rows of a target table are one source table's, where it takes the rows of several: told by their keys."""

from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, replace
from heapq import merge
from itertools import groupby
from typing import NamedTuple

from migration.core.checksums import DifferingRow, HashedRow, unpaired


class MemberRow(NamedTuple):
    """A row of the source with the place of its table among those that go into one."""

    member: int
    row: HashedRow


@dataclass(slots=True, kw_only=True)
class Share:
    """One source table's part of such a target table.

    A row of the target is that of the first member, in their order, that has a row of its key which was not refused.
    What none of them has counts with the first. `rows` counts the target's rows that were found to be its own.
    """

    member: int
    rejected: Sequence[Set[str]]  # each member's own keys
    held: Set[str]
    rows: int = 0

    def differing(self, source: Iterable[MemberRow], target: Iterable[HashedRow]) -> Iterator[DifferingRow]:
        """Of this member, row by row; both are sorted by key, and nothing is held in memory."""
        for key, here, there in _by_key(source, target):
            owner = self._owner(here)
            is_own = self.member == (owner or 0)
            own = [row for member, row in here if member == self.member]
            if is_own:
                self.rows += len(there)
            taken = owner is not None and not is_own and bool(there)
            for found in unpaired(key, own, there if is_own else [], self.rejected[self.member], self.held):
                yield replace(found, taken=taken)

    def _owner(self, rows: Iterable[MemberRow]) -> int | None:
        return min((member for member, row in rows if row.own_key not in self.rejected[member]), default=None)


def _by_key(
    source: Iterable[MemberRow], target: Iterable[HashedRow]
) -> Iterator[tuple[str, list[MemberRow], list[HashedRow]]]:
    here = ((each.row.key, each) for each in source)
    there = ((each.key, MemberRow(_TARGET, each)) for each in target)
    for key, rows in groupby(merge(here, there, key=_key), key=_key):
        together = [each for _, each in rows]
        yield (
            key,
            [each for each in together if each.member != _TARGET],
            [each.row for each in together if each.member == _TARGET],
        )


_TARGET = -1


def _key(pair: tuple[str, MemberRow]) -> str:
    return pair[0]
