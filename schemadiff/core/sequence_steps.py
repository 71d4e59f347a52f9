"""Sequences and the columns that own them."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

from schemadiff.core.catalog import (
    Column,
    Domain,
    Identity,
    Kind,
    ObjectRef,
    Persistence,
    Sequence,
    Table,
)
from schemadiff.core.ddl import sequences
from schemadiff.core.ddl.columns import identity_sequence_name
from schemadiff.core.ddl.references import default_ref, persistence_ref, sql_name, table_ref
from schemadiff.core.ddl.sequences import advance
from schemadiff.core.decisions import Action, Decisions
from schemadiff.core.identifiers import qualified, quote
from schemadiff.core.inventory import Inventory, Item
from schemadiff.core.plan import Statement

_NUMBERED = frozenset({"smallint", "integer", "bigint"})


class SequenceSteps:
    """For a source and a target about which all is decided."""

    def __init__(self, source: Inventory, target: Inventory, decisions: Decisions) -> None:
        self._source, self._target, self._decisions = source, target, decisions
        self._going_with = self._sequences_by_owner()

    def ownership(self) -> Iterator[Statement]:
        """Who owns a sequence is said apart from making it, for it and its column need one another."""
        for ref, _ in self._decisions:
            wanted = _sequence(self._source.get(ref))
            present = _sequence(self._target.get(ref))
            stays = wanted and present and wanted.owned_by == present.owned_by
            if stays and present and not self.owner_goes(present):
                continue
            if wanted and present and present.owned_by:
                yield sequences.disown(present)
            if wanted and wanted.owned_by:
                yield sequences.own(wanted)
                if not present:
                    yield from self._advanced(wanted)

    def persistence(self) -> Iterator[Statement]:
        """Whether a sequence is logged, where that does not come with its table: what sets that sets it for all of
        the table's sequences."""
        for ref, _ in self._decisions:
            item = self._source.get(ref)
            match item.value if item else None:
                case Sequence() as wanted:
                    yield from self._own_persistence(wanted)
                case Column(identity=Identity()) as wanted if item and isinstance(item.owner, Table):
                    yield from self._persistence_of_identity(item.owner, wanted, ref)

    def types_of_identity(self) -> Iterator[Statement]:
        """An identity column's sequence is of the column's type, unless it was copied (LIKE … INCLUDING IDENTITY)."""
        for ref, _ in self._decisions:
            item = self._source.get(ref)
            if item is None or not isinstance(item.value, Column) or not isinstance(item.owner, Table):
                continue
            wanted, options = item.value, item.value.identity_options
            if wanted.identity is None or options is None or options.type == self._type_given(ref, wanted):
                continue
            name = identity_sequence_name(item.owner, wanted)
            statement = sequences.set_options(item.owner.schema, name, options, ref)
            yield replace(statement, requires=statement.requires | {ref, default_ref(ref)})

    def _type_given(self, ref: ObjectRef, wanted: Column) -> str:
        """Of the sequence, by the other statements: a column that gets another type takes it along."""
        present = None if self._decisions.comes(ref) else self._target.get(ref)
        before = present.value if present else None
        if not isinstance(before, Column) or before.identity_options is None or before.type != wanted.type:
            return wanted.type
        return before.identity_options.type

    def _own_persistence(self, wanted: Sequence) -> Iterator[Statement]:
        present = _sequence(self._target.get(wanted.ref))
        if present is None or self._decisions.comes(wanted.ref):
            return
        owner = table_ref(*present.owned_by[:2]) if present.owned_by else None
        becomes = (self._persistence_given(owner) if owner else None) or present.persistence
        if becomes is not wanted.persistence:
            statement = sequences.set_persistence(wanted.schema, wanted.name, wanted.persistence, wanted.ref)
            after = {persistence_ref(owner)} if owner else set()
            yield replace(statement, requires=statement.requires | after)

    def _persistence_of_identity(self, table: Table, wanted: Column, ref: ObjectRef) -> Iterator[Statement]:
        present = None if self._decisions.comes(ref) else self._target.get(ref)
        value = present.value if present else None
        before = value.identity_persistence if isinstance(value, Column) and value.identity else None
        becomes = None if self._persistence_given(table.ref) else before
        if wanted.identity_persistence is not becomes:
            name = identity_sequence_name(table, wanted)
            persistence = wanted.identity_persistence or table.persistence
            statement = sequences.set_persistence(table.schema, name, persistence, ref)
            after = {ref, default_ref(ref), persistence_ref(table.ref)}
            yield replace(statement, requires=statement.requires | after)

    def _persistence_given(self, table: ObjectRef) -> Persistence | None:
        """What the plan sets of a table that stays; None where it sets nothing."""
        wanted, present = self._source.get(table), self._target.get(table)
        if wanted is None or present is None or self._decisions.comes(table):
            return None
        assert isinstance(wanted.value, Table) and isinstance(present.value, Table)
        return None if wanted.value.persistence is present.value.persistence else wanted.value.persistence

    def owner_goes(self, sequence: Sequence) -> bool:
        if sequence.owned_by is None:
            return False
        return self._decisions.goes(_owner(sequence))

    def owned_by(self, item: Item) -> frozenset[ObjectRef]:
        """Sequences that go with this column or table."""
        refs = [item.ref, *(part.ref for part in self._target.parts(item.ref))]
        return frozenset(sequence for ref in refs for sequence in self._going_with.get(ref, ()))

    def _sequences_by_owner(self) -> dict[ObjectRef, list[ObjectRef]]:
        """Of the sequences that only the target has."""
        found: defaultdict[ObjectRef, list[ObjectRef]] = defaultdict(list)
        for ref, decision in self._decisions:
            sequence = _sequence(self._target.get(ref))
            if sequence and sequence.owned_by and decision.action is Action.DROP:
                found[_owner(sequence)].append(ref)
        return found

    def _advanced(self, sequence: Sequence) -> Iterator[Statement]:
        """A sequence that a table with rows gets starts after them."""
        if sequence.owned_by is None:
            return
        schema, table, column = sequence.owned_by
        owner = ObjectRef(kind=Kind.TABLE, schema=schema, name=table)
        ref = ObjectRef(kind=Kind.COLUMN, schema=schema, parent=table, name=column)
        is_there = ref in self._target and not self._decisions.comes(owner) and not self._decisions.comes(ref)
        if is_there and self._is_numbered(self._source[ref]):
            name = qualified(sequence.schema, sequence.name)
            statement = advance(name, qualified(schema, table), quote(column), sequence.options, sequence.ref)
            yield replace(statement, requires=frozenset({sequence.ref, ref, default_ref(ref)}))

    def _is_numbered(self, column: Item) -> bool:
        """A sequence may belong to a column that holds anything."""
        assert isinstance(column.value, Column)
        used = (item.value for ref in column.needs if (item := self._source.get(ref)))
        bases = {sql_name(domain): domain.type for domain in used if isinstance(domain, Domain)}
        return bases.get(column.value.type, column.value.type) in _NUMBERED


def _sequence(item: Item | None) -> Sequence | None:
    return item.value if item and isinstance(item.value, Sequence) else None


def _owner(sequence: Sequence) -> ObjectRef:
    assert sequence.owned_by is not None
    schema, table, name = sequence.owned_by
    return ObjectRef(kind=Kind.COLUMN, schema=schema, parent=table, name=name)
