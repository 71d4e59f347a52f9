"""What is called otherwise and needs nobody's confirmation: no row and no value hangs on the name.

A constraint, index, trigger, rule, policy or statistics object that is the same but for its name; the sequence of a
serial column, whose position is kept by that.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TypeAlias

from schemadiff.core.catalog import (
    Catalog,
    Column,
    Constraint,
    Index,
    IndexShare,
    Kind,
    Policy,
    Rule,
    Sequence,
    StatisticsObject,
    Table,
    Trigger,
    View,
)
from schemadiff.core.ddl.references import part_ref
from schemadiff.core.identifiers import made_name
from schemadiff.core.part_diff import definition_of
from schemadiff.core.renaming.alignment import Aligner
from schemadiff.core.renaming.confirmed import Rename
from schemadiff.core.renaming.not_nulls import NAMED_SINCE

_Named: TypeAlias = Constraint | Index | IndexShare | Trigger | Rule | Policy | StatisticsObject
_Owner: TypeAlias = Table | View
_Indexes: TypeAlias = dict[tuple[str, str], tuple[str, str]]  # the target's, with the names that they get


def implied(source: Catalog, target: Catalog, aligner: Aligner) -> tuple[Rename, ...]:
    """`target` as it is once the confirmed renames are carried out."""
    return tuple(sorted({*_sequences(source, target), *_parts(source, target, aligner)}))


def _sequences(source: Catalog, target: Catalog) -> Iterator[Rename]:
    wanted, present = _owned(source), _owned(target)
    names = {entry.ref for entry in source.sequences}
    taken = {entry.ref for entry in target.sequences}
    for column, sequences in sorted(wanted.items()):
        others = present.get(column, [])
        if len(sequences) == len(others) == 1:
            one, other = sequences[0].ref, others[0].ref
            if one.schema == other.schema and one not in taken and other not in names:
                yield Rename(source=one, target=other)


def _owned(catalog: Catalog) -> dict[tuple[str, str, str], list[Sequence]]:
    found: dict[tuple[str, str, str], list[Sequence]] = {}
    for sequence in catalog.sequences:
        if sequence.owned_by:
            found.setdefault(sequence.owned_by, []).append(sequence)
    return found


def _parts(source: Catalog, target: Catalog, aligner: Aligner) -> Iterator[Rename]:
    """Partitions after their parents, for their shares are those of what the parents' indexes are called then."""
    present = {owner.ref: owner for owner in _owners(target)}
    indexes: _Indexes = {}
    for owner in _parents_first(source):
        other = present.get(owner.ref)
        if other is None or owner == other:
            continue
        held = _held_by_not_nulls(other) if target.server_version >= NAMED_SINCE else frozenset()
        for entry in _parts_of(owner, other, aligner, indexes):
            if entry.source.kind is Kind.CONSTRAINT and entry.source.name in held:
                continue  # it is made anew when the NOT NULL of that name is gone
            if entry.target.kind in (Kind.INDEX, Kind.CONSTRAINT):
                indexes[(other.schema, entry.target.name)] = (owner.schema, entry.source.name)
            yield entry


def _held_by_not_nulls(owner: _Owner) -> frozenset[str]:
    """Names of NOT NULLs, with which constraints share the room for names."""
    return frozenset(_name_of_not_null(owner, column) for column in owner.columns if column.not_null)


def _name_of_not_null(owner: _Owner, column: Column) -> str:
    says = column.not_null_as
    return says.name if says and says.name else made_name(owner.name, column.name, "not_null")


def _parents_first(catalog: Catalog) -> Iterator[_Owner]:
    tables = {table.qualified: table for table in catalog.tables}

    def depth(table: Table) -> int:
        parent = tables.get(table.partition_of) if table.partition_of else None
        return 0 if parent is None else 1 + depth(parent)

    yield from sorted(catalog.tables, key=depth)
    yield from catalog.views


def _owners(catalog: Catalog) -> Iterator[_Owner]:
    yield from catalog.every_table
    yield from catalog.views


def _parts_of(owner: _Owner, other: _Owner, aligner: Aligner, indexes: _Indexes) -> Iterator[Rename]:
    names = {part_ref(owner, part) for part in owner.parts}
    taken = {part_ref(other, part) for part in other.parts}
    lonely = [part for part in _named(owner) if part_ref(owner, part) not in taken]
    free = [part for part in _named(other) if part_ref(other, part) not in names]
    for part in lonely:
        alike = (one for one in free if _is_same(owner, part, other, _below(one, indexes), aligner))
        if (found := next(alike, None)) is not None:
            free.remove(found)
            yield Rename(source=part_ref(owner, part), target=part_ref(other, found))


def _below(part: _Named, indexes: _Indexes) -> _Named:
    """A share is one of its parent's index by the name that this gets."""
    if not isinstance(part, IndexShare):
        return part
    return replace(part, share_of=indexes.get(part.share_of, part.share_of))


def _named(owner: _Owner) -> Iterable[_Named]:
    return (part for part in owner.parts if not isinstance(part, Column))


def _is_same(owner: _Owner, part: _Named, other: _Owner, candidate: _Named, aligner: Aligner) -> bool:
    if type(part) is not type(candidate):
        return False
    return definition_of(owner, part) == definition_of(other, aligner.part_as(other, candidate, part))
