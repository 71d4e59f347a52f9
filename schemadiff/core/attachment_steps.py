"""Parents and types that tables leave before anything else is done to them, and join after all else is done."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

from schemadiff.core.catalog import Column, Kind, ObjectRef, Table
from schemadiff.core.ddl import inheritance, tables
from schemadiff.core.ddl.constraints import is_passed_on
from schemadiff.core.ddl.references import (
    alone_ref,
    attachment_ref,
    column_ref,
    composite_ref,
    constraint_ref,
    default_ref,
    index_ref,
    loose_ref,
    not_null_ref,
    part_ref,
    table_ref,
    tied_ref,
)
from schemadiff.core.decisions import Action, Decisions
from schemadiff.core.heirs import fits_at_once
from schemadiff.core.inventory import Inventory, Item
from schemadiff.core.locks import Command, lock_of
from schemadiff.core.plan import Statement
from schemadiff.core.typed import may_be_typed


class AttachmentSteps:
    """For tables of a source and a target about which all is decided."""

    def __init__(self, source: Inventory, target: Inventory, decisions: Decisions) -> None:
        self._source, self._target, self._decisions = source, target, decisions
        self._statements: list[Statement] = []
        self._gates: defaultdict[ObjectRef, set[ObjectRef]] = defaultdict(set)
        for ref, decision in decisions:
            if ref.kind is Kind.TABLE and ref in target:
                self._of_table(ref, decision.action)

    def statements(self) -> Iterator[Statement]:
        yield from self._statements

    def gated(self, statement: Statement) -> Statement:
        """The statement, after its table has left what it is to leave."""
        ref = statement.ref
        table = table_ref(ref.schema, ref.parent) if ref.parent else ref
        waits_for = self._gates.get(table)
        return replace(statement, requires=statement.requires | waits_for) if waits_for else statement

    def moved(self, wanted: Table, present: Table) -> Iterator[Statement]:
        """From being the partition that the target has to the one that the source has, or to none."""
        if (wanted.partition_of, wanted.partition_bound) == (present.partition_of, present.partition_bound):
            return
        in_place = tables.moves_in_place(wanted, present)
        for statement in tables.move_partition(wanted, present):
            joins = attachment_ref(wanted.ref) in statement.provides and not in_place
            yield self._after_all_above(wanted, statement) if joins else statement

    def _after_all_above(self, wanted: Table, statement: Statement) -> Statement:
        """What is done to the tables above would be done to their new partition, too."""
        assert wanted.partition_of is not None
        parent = table_ref(*wanted.partition_of)
        requires, after = self._agreed(parent)
        requires |= set(self._indexes_alone(parent)) - after
        return replace(statement, requires=statement.requires | requires, provides=statement.provides | after)

    def of_new_partition(self, table: Table) -> Statement:
        """Once it is there by itself, as its parents are or will be."""
        assert table.partition_of is not None
        requires, after = self._agreed(table_ref(*table.partition_of))
        statement = tables.attach_new(table, requires=requires, after=after)
        siblings = self._target.children(table_ref(*table.partition_of))
        stay = (sibling for sibling in siblings if not self._decisions.goes(sibling.ref))
        if any(sibling.partition_bound == "DEFAULT" for sibling in stay):  # which is looked through
            return replace(statement, lock=lock_of(Command.ATTACH_PARTITION))
        return statement

    def _of_table(self, ref: ObjectRef, action: Action) -> None:
        present = self._target[ref].value
        assert isinstance(present, Table)
        wanted = self._source[ref].value if ref in self._source else None
        if action in (Action.DROP, Action.REBUILD) or not isinstance(wanted, Table):
            return
        if present.partition_of and wanted.partition_of != present.partition_of:
            self._leave(wanted.ref, present.partition_of)
        if wanted.inherits or present.inherits:
            self._change_parents(wanted, present)
        self._change_type(wanted, present)

    def _change_parents(self, wanted: Table, present: Table) -> None:
        kept = [
            (parent.schema, parent.name) for parent in self._decisions.inheritance.kept_parents(wanted.ref)
        ]
        joining = wanted.inherits[len(kept) :]
        leaving = [parent for parent in present.inherits if parent not in kept]
        is_heir = bool(leaving) and fits_at_once(
            self._source, self._target, self._decisions, present, joining
        )
        tied = frozenset(tied_ref(wanted.ref, parent) for parent in joining)
        for parent in leaving:
            left = inheritance.leave_parent(present, parent)
            self._statements.append(replace(left, requires=tied) if is_heir else left)
            self._leave(wanted.ref, parent)
        before = frozenset[ObjectRef]()
        for parent in joining:
            joined = inheritance.join_parent(wanted, parent, requires=before, after=frozenset())
            self._statements.append(joined if is_heir else self._joined(wanted, parent, before))
            before = frozenset({tied_ref(wanted.ref, parent)})

    def _leave(self, child: ObjectRef, parent: tuple[str, str]) -> None:
        for table in (child, *self._above(table_ref(*parent))):
            self._gates[table].add(loose_ref(child))

    def _joined(self, wanted: Table, parent: tuple[str, str], before: frozenset[ObjectRef]) -> Statement:
        requires, after = self._agreed(table_ref(*parent))
        requires |= {*_whole(wanted), *before}
        return self.gated(inheritance.join_parent(wanted, parent, requires=requires, after=after))

    def _agreed(self, parent: ObjectRef) -> tuple[set[ObjectRef], set[ObjectRef]]:
        """What has to be there, and what has to be gone, of a parent and those above before a child joins it."""
        parents = list(self._above(parent))
        found = (item.value for ref in parents if (item := self._source.get(ref)))
        requires = {ref for table in found if isinstance(table, Table) for ref in _whole(table)}
        after = {gone for ref in parents if ref in self._target for gone in self._going(ref)}
        return requires - after, after

    def _indexes_alone(self, parent: ObjectRef) -> Iterator[ObjectRef]:
        """Where partitions get their shares of a new index one by one, that of one which joins with its own is found
        as it does."""
        for ref in self._above(parent):
            table = item.value if (item := self._source.get(ref)) else None
            if isinstance(table, Table):
                yield from (alone_ref(constraint_ref(table, key)) for key in table.constraints)
                yield from (alone_ref(index_ref(table, index)) for index in table.indexes)
                yield from (alone_ref(part_ref(table, share)) for share in table.shares)

    def _above(self, table: ObjectRef) -> Iterator[ObjectRef]:
        """The table and its parents, on either side."""
        yield table
        for inventory in (self._source, self._target):
            value = item.value if (item := inventory.get(table)) else None
            for parent in value.parents if isinstance(value, Table) else ():
                yield from self._above(table_ref(*parent))

    def _going(self, table: ObjectRef) -> Iterator[ObjectRef]:
        """What the target's table has and loses."""
        for part in self._target.parts(table):
            wanted = item.value if (item := self._source.get(part.ref)) else None
            if wanted is None:
                yield part.ref
            if isinstance(part.value, Column) and isinstance(wanted, Column):
                if part.value.not_null and not wanted.not_null:
                    yield not_null_ref(part.ref)
                if part.value.default is not None and wanted.default is None:
                    yield default_ref(part.ref)

    def _change_type(self, wanted: Table, present: Table) -> None:
        if wanted.of_type == present.of_type and not self._is_type_altered(wanted, present):
            return
        if present.of_type:
            self._statements.append(inheritance.leave_type(present))
            self._gates[wanted.ref].add(loose_ref(wanted.ref))
            self._gates[composite_ref(*present.of_type)].add(loose_ref(wanted.ref))
        if wanted.of_type and may_be_typed(wanted, present):
            requires = {composite_ref(*wanted.of_type), *_whole(wanted)}
            after = set(self._going(wanted.ref))
            joined = inheritance.join_type(wanted, requires=requires, after=after)
            self._statements.append(self.gated(joined))

    def _is_type_altered(self, wanted: Table, present: Table) -> bool:
        if wanted.of_type is None:
            return False
        changes = self._decisions.of(composite_ref(*wanted.of_type)).action is not Action.KEEP
        return changes or _shape(wanted) != _shape(present)


def parent_left(source: Item, target: Item) -> frozenset[ObjectRef]:
    """The table of which a partition stays none: its DETACH lets that go, whatever else is done to it."""
    wanted, present = source.value, target.value
    if not isinstance(wanted, Table) or not isinstance(present, Table) or present.partition_of is None:
        return frozenset()
    moves = wanted.partition_of != present.partition_of
    return frozenset({table_ref(*present.partition_of)}) if moves else frozenset()


def _shape(table: Table) -> list[tuple[str, str, str | None]]:
    return [(column.name, column.type, column.collation) for column in table.columns]


def _whole(table: Table) -> Iterator[ObjectRef]:
    """All that has to agree between a parent and its child."""
    yield table.ref
    for column in table.columns:
        ref = column_ref(table, column)
        yield from (ref, not_null_ref(ref), default_ref(ref))
    yield from (constraint_ref(table, check) for check in table.constraints if is_passed_on(check))
