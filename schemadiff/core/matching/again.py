"""Suggestions anew beside what was decided already: nothing that a person or equal names said is touched."""

from collections.abc import Iterator
from dataclasses import replace

from schemadiff.core.mapping import ColumnPair, Mapping, PairStatus, QualifiedName, TableMapping


def beside(kept: Mapping, suggested: Mapping) -> Mapping:
    """What of `suggested` goes with the pairs of `kept`, in entries that hold nothing else.

    Left out is what a kept pair fills, refuses or takes; a table that became another one, or whose rows the target
    table does not take; and two tables of which every pair was rejected.
    """
    became = {entry.source: entry.target for entry in reversed(kept.tables) if _stands(entry)}
    giver = {entry.target: entry.source for entry in kept.tables if _stands(entry)}
    merged = suggested.merged()
    known = {(entry.source, entry.target): entry for entry in kept.tables}
    found = []
    for entry in suggested.tables:
        here = known.get((entry.source, entry.target))
        if here is not None and not _stands(here):
            continue
        if giver.get(entry.target, entry.source) not in _givers(entry, merged):
            continue
        if _is_elsewhere(entry, here, became):
            continue
        pairs = tuple(_free(entry, here))
        if pairs:
            found.append(replace(entry, pairs=pairs, where=here.where if here else entry.where))
    return replace(suggested, tables=tuple(found))


def _givers(entry: TableMapping, merged: dict[QualifiedName, tuple[TableMapping, ...]]) -> set[QualifiedName]:
    """The source tables whose rows may go into its target table."""
    return {each.source for each in merged.get(entry.target, (entry,))}


def _stands(entry: TableMapping) -> bool:
    return any(pair.status is not PairStatus.REJECTED for pair in entry.pairs)


def _is_elsewhere(
    entry: TableMapping, here: TableMapping | None, became: dict[QualifiedName, QualifiedName]
) -> bool:
    """The source table is mapped to another one, and this is no part of it."""
    return here is None and not entry.part and entry.source in became


def _free(entry: TableMapping, here: TableMapping | None) -> Iterator[ColumnPair]:
    filled = {pair.target for pair in here.pairs} if here else set()
    used = {
        pair.source
        for pair in (here.pairs if here else ())
        if pair.source and pair.status is not PairStatus.REJECTED
    }
    for pair in entry.pairs:
        if pair.target not in filled and pair.source not in used:
            yield pair
