"""What looks like a rename and nobody has confirmed: proposed, with its rivals, and never carried out unasked."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass, replace
from typing import Any, TypeAlias, TypeVar

from schemadiff.core.attributes import TopLevel
from schemadiff.core.catalog import (
    Catalog,
    Extension,
    Kind,
    ObjectRef,
    Schema,
    Sequence,
    Table,
    View,
)
from schemadiff.core.ddl.references import column_ref, replaced_ref
from schemadiff.core.mapping import RENAMABLE, Mapping, PairStatus
from schemadiff.core.renaming.inside_likeness import inside_alike
from schemadiff.core.renaming.likeness import PROPOSE_FROM, Likeness, columns_alike, wholes_alike
from schemadiff.core.renaming.renamed import Renamed

_MARGIN = 0.1  # a candidate that is so much less alike than the best is none
_COMMON = 40  # a trait that more objects than this have tells nothing
_T = TypeVar("_T")
_Refused: TypeAlias = Set[tuple[ObjectRef, ObjectRef]]

_HOLDS_VALUES = frozenset({Kind.TABLE, Kind.COLUMN, Kind.ATTRIBUTE, Kind.SEQUENCE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """What the target's object may be in the source, and why."""

    source: ObjectRef
    figure: float  # between 0 and 1
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RenameProposal:
    """An object that only the target has, and what it may be called in the source: the likeliest first.

    `rivals` are other objects of the target that may be the first candidate as well.
    """

    target: ObjectRef
    dropped: ObjectRef  # what statements call it that come after those of confirmed renames
    candidates: tuple[Candidate, ...]
    rivals: tuple[ObjectRef, ...] = ()

    @property
    def is_ambiguous(self) -> bool:
        return len(self.candidates) > 1 or bool(self.rivals)

    @property
    def message(self) -> str:
        """One sentence that says what to do."""
        return f"{self._finding}: confirm it in a mapping, or {self._loss}."

    @property
    def _finding(self) -> str:
        first = self.candidates[0]
        names = [_short(candidate.source, self.target) for candidate in self.candidates]
        if len(names) > 1:
            return f"looks like a rename of {self.target.label}; there are {len(names)} candidates, {_listed(names)}"
        found = f"looks like a rename of {self.target.label} to {names[0]} ({', '.join(first.reasons)})"
        if self.rivals:
            also = _listed([_short(rival, self.target) for rival in self.rivals])
            return f"{found}, though {also} may be that as well"
        return found

    @property
    def _loss(self) -> str:
        if self.target.kind is Kind.LABEL:
            return "rows that have it cannot be kept"
        if self.target.kind in _HOLDS_VALUES:
            return "its values are lost" if self.target.kind is not Kind.SEQUENCE else "its position is lost"
        return "it is dropped and another one made"


def propose_renames(source: Catalog, renamed: Renamed, mapping: Mapping) -> tuple[RenameProposal, ...]:
    """By kind and name. `renamed` is the target with what is confirmed already; what the mapping rejects is left
    out. Where a whole schema looks renamed, what lies in it is not proposed one by one."""
    return _Search(source, renamed, mapping).proposals()


class _Search:
    def __init__(self, source: Catalog, renamed: Renamed, mapping: Mapping) -> None:
        self._renamed = renamed
        self._source, self._target = source, renamed.catalog
        self._refused = frozenset(_rejected(mapping))

    def proposals(self) -> tuple[RenameProposal, ...]:
        only_source, only_target = _apart(self._source, self._target)
        schemas = dict(self._schemas(only_source, only_target))
        found = [self._weighed(ref, [candidate]) for ref, candidate in schemas.items()]
        moving = {(candidate.source.name, ref.name) for ref, candidate in schemas.items()}
        found += self._wholes(only_source, only_target, moving)
        found += self._columns()
        found += self._inside_types()
        return tuple(sorted(_with_rivals(found), key=lambda entry: entry.target))

    def _schemas(
        self, only_source: list[TopLevel], only_target: list[TopLevel]
    ) -> Iterator[tuple[ObjectRef, Candidate]]:
        wanted = [entry for entry in only_source if isinstance(entry, Schema)]
        present = [entry for entry in only_target if isinstance(entry, Schema)]
        if not wanted or not present:
            return
        left, right = _contents(self._source), _contents(self._target)
        for schema in present:
            best = max(wanted, key=lambda entry: _share(left[entry.name], right[schema.name]))
            share = _share(left[best.name], right[schema.name])
            common = len(left[best.name] & right[schema.name])
            if share >= 0.5 and (common > 1 or share == 1) and self._is_open(best.ref, schema.ref):
                reason = f"{common} of its {len(right[schema.name])} objects are in both"
                yield schema.ref, Candidate(source=best.ref, figure=share, reasons=(reason,))

    def _wholes(
        self, only_source: list[TopLevel], only_target: list[TopLevel], moving: Set[tuple[str, str]]
    ) -> Iterator[RenameProposal]:
        kinds: defaultdict[Kind, tuple[list[TopLevel], list[TopLevel]]] = defaultdict(lambda: ([], []))
        for entry in only_source:
            kinds[entry.ref.kind][0].append(entry)
        for entry in only_target:
            kinds[entry.ref.kind][1].append(entry)
        for kind, (wanted, present) in sorted(kinds.items(), key=lambda item: item[0].value):
            if kind in RENAMABLE and kind is not Kind.SCHEMA and wanted and present:
                yield from self._of_kind(wanted, present, moving)

    def _of_kind(
        self, wanted: list[TopLevel], present: list[TopLevel], moving: Set[tuple[str, str]]
    ) -> Iterator[RenameProposal]:
        near = _Near(wanted)
        for entry in present:
            candidates: list[Candidate] = []
            for other in near.to(entry):
                if (other.ref.schema, entry.ref.schema) in moving and other.ref.name == entry.ref.name:
                    candidates = []
                    break  # it moves along with its schema
                candidates += self._candidate(other.ref, entry.ref, wholes_alike(other, entry))
            if candidates:
                yield self._weighed(entry.ref, candidates)

    def _columns(self) -> Iterator[RenameProposal]:
        present = {table.ref: table for table in self._target.every_table}
        for table in self._source.every_table:
            other = present.get(table.ref)
            if other is not None and table.columns != other.columns and not other.partition_of:
                yield from self._columns_of(table, other)

    def _columns_of(self, table: Table, other: Table) -> Iterator[RenameProposal]:
        names = {column.name for column in table.columns}, {column.name for column in other.columns}
        wanted = [column for column in table.columns if column.name not in names[1]]
        for column in other.columns:
            if column.name not in names[0]:
                ref = column_ref(other, column)
                candidates = [
                    candidate
                    for one in wanted
                    for candidate in self._candidate(column_ref(table, one), ref, columns_alike(one, column))
                ]
                if candidates:
                    yield self._weighed(ref, candidates)

    def _inside_types(self) -> Iterator[RenameProposal]:
        """Labels and attributes: what is dropped is the type as it was."""
        found: defaultdict[ObjectRef, list[Candidate]] = defaultdict(list)
        types: dict[ObjectRef, ObjectRef] = {}
        for pair in inside_alike(self._source, self._target):
            was = self._renamed.was(pair.of.ref)
            ref = pair.target._replace(schema=was.schema, parent=was.name)
            found[ref] += self._candidate(pair.source, ref, pair.likeness)
            types[ref] = replaced_ref(pair.of)
        for ref, candidates in found.items():
            if candidates:
                yield replace(self._weighed(ref, candidates), target=ref, dropped=types[ref])

    def _candidate(self, source: ObjectRef, target: ObjectRef, likeness: Likeness) -> list[Candidate]:
        if likeness.figure < PROPOSE_FROM or not self._is_open(source, target):
            return []
        return [
            Candidate(source=source, figure=round(min(likeness.figure, 1.0), 2), reasons=likeness.reasons)
        ]

    def _is_open(self, source: ObjectRef, target: ObjectRef) -> bool:
        return (source, self._renamed.was(target)) not in self._refused

    def _weighed(self, ref: ObjectRef, candidates: list[Candidate]) -> RenameProposal:
        ranked = sorted(candidates, key=lambda candidate: (-candidate.figure, candidate.source))
        best = ranked[0].figure - _MARGIN
        kept = tuple(candidate for candidate in ranked if candidate.figure >= best)
        return RenameProposal(target=self._renamed.was(ref), dropped=ref, candidates=kept)


class _Near:
    """Finds what has some trait in common, so that not everything is held against everything."""

    def __init__(self, entries: Iterable[TopLevel]) -> None:
        self._entries: list[TopLevel] = list(entries)
        self._by_trait: defaultdict[str, list[int]] = defaultdict(list)
        for number, entry in enumerate(self._entries):
            for trait in _traits(entry):
                self._by_trait[trait].append(number)

    def to(self, entry: TopLevel) -> Iterator[TopLevel]:
        if len(self._entries) <= _COMMON:
            yield from self._entries
            return
        found: set[int] = set()
        for trait in _traits(entry):
            numbers = self._by_trait.get(trait, [])
            if len(numbers) <= _COMMON:
                found.update(numbers)
        yield from (self._entries[number] for number in sorted(found))


def _traits(entry: TopLevel) -> Iterator[str]:
    yield f"name {entry.name}"
    yield from (f"word {word}" for word in entry.name.lower().split("_") if len(word) > 2)
    if isinstance(entry, Table | View):
        yield from (f"column {column.name} {column.type}" for column in entry.columns)


def _apart(source: Catalog, target: Catalog) -> tuple[list[TopLevel], list[TopLevel]]:
    """What only one of them has, extensions and sequences of columns aside."""
    wanted = {entry.ref: entry for entry in source.objects()}
    present = {entry.ref: entry for entry in target.objects()}
    return (
        [entry for ref, entry in wanted.items() if ref not in present and not _goes_along(entry)],
        [entry for ref, entry in present.items() if ref not in wanted and not _goes_along(entry)],
    )


def _goes_along(entry: Any) -> bool:
    if isinstance(entry, Table):
        return entry.partition_of is not None
    return isinstance(entry, Extension) or (isinstance(entry, Sequence) and entry.owned_by is not None)


def _contents(catalog: Catalog) -> defaultdict[str, set[tuple[Kind, str]]]:
    found: defaultdict[str, set[tuple[Kind, str]]] = defaultdict(set)
    for entry in catalog.objects():
        if entry.ref.schema:
            found[entry.ref.schema].add((entry.ref.kind, entry.name))
    return found


def _share(one: set[_T], other: set[_T]) -> float:
    return len(one & other) / max(len(one), len(other), 1)


def _rejected(mapping: Mapping) -> Iterator[tuple[ObjectRef, ObjectRef]]:
    for entry in mapping.renames:
        if entry.status is PairStatus.REJECTED:
            yield entry.source, entry.target
    for table in mapping.tables:
        one, other = (Table(schema=schema, name=name) for schema, name in (table.source, table.target))
        for pair in table.pairs:
            if pair.status is PairStatus.REJECTED and pair.source is not None:
                yield column_ref(one, pair.source), column_ref(other, pair.target)


def _with_rivals(found: Iterable[RenameProposal]) -> Iterator[RenameProposal]:
    """Of two objects of the target that look like the same one of the source, neither is sure."""
    found = list(found)
    claims: defaultdict[ObjectRef, list[tuple[float, ObjectRef]]] = defaultdict(list)
    for proposal in found:
        first = proposal.candidates[0]
        claims[first.source].append((first.figure, proposal.target))
    for proposal in found:
        first = proposal.candidates[0]
        near = [
            target
            for figure, target in sorted(claims[first.source])
            if target != proposal.target and abs(figure - first.figure) <= _MARGIN
        ]
        beaten = any(figure > first.figure + _MARGIN for figure, _ in claims[first.source])
        if not beaten or len(proposal.candidates) > 1:
            yield replace(proposal, rivals=tuple(near))


def _short(ref: ObjectRef, beside: ObjectRef) -> str:
    """Without what the other name says already."""
    return ref.name if ref.parent and ref.schema == beside.schema else ref.label


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
