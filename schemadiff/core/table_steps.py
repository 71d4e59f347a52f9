"""The statements about tables as wholes; their columns have a file of their own."""

from collections.abc import Iterator
from dataclasses import replace

from schemadiff.core.catalog import Column, Constraint, Kind, ObjectRef, Table
from schemadiff.core.column_steps import ColumnSteps
from schemadiff.core.ddl import policies, storage, tables
from schemadiff.core.ddl.references import loose_ref, table_ref
from schemadiff.core.decisions import Decisions
from schemadiff.core.foreign_key_circles import foreign_keys_in_circles
from schemadiff.core.inventory import Inventory, Item
from schemadiff.core.logged_keys import LoggedKeys
from schemadiff.core.plan import Statement
from schemadiff.core.sequence_steps import SequenceSteps


class TableSteps:
    """For a target about whose tables all is decided."""

    def __init__(
        self,
        target: Inventory,
        decisions: Decisions,
        columns: ColumnSteps,
        sequences: SequenceSteps,
        logged_keys: LoggedKeys,
    ) -> None:
        self._target, self._decisions = target, decisions
        self._logged_keys = logged_keys
        self._columns, self._sequences = columns, sequences
        self._circling = foreign_keys_in_circles(target, decisions)

    def goes_ahead(self, item: Item) -> bool:
        """Whether the part has to go before its table, or no order would do."""
        if isinstance(item.value, Column):
            return self._columns.goes_ahead(item)
        return item.ref in self._circling or self._columns.goes_ahead(item)

    def down(self, item: Item, table: Table) -> Iterator[Statement]:
        """With its partitions, save those that leave it before."""
        statement = tables.drop_table(table)
        partitions = self._target.partitions_below(table.ref)
        below = [self._target[one.ref] for one in partitions if self._decisions.goes(one.ref)]
        every = [part for one in (item, *below) for part in (one, *self._target.parts(one.ref))]
        gone = statement.destroys.union(
            *(self._sequences.owned_by(one) for one in (item, *below)), (one.ref for one in every)
        )
        stay = [one for one in every if not self.goes_ahead(one)]
        needs = frozenset[ObjectRef]().union(*(one.needs - self._columns.late_functions(one) for one in stay))
        keys = frozenset[ObjectRef]().union(*map(self._logged_keys.released_by, every))
        statement = replace(statement, destroys=gone, releases=(needs | keys) - {one.ref for one in every})
        if table.partition_of and self._is_referred_to(table):
            detached = tables.detach(table)
            yield replace(detached, releases=needs & {table_ref(*table.partition_of)})
            statement = replace(statement, requires=statement.requires | {loose_ref(table.ref)})
        yield statement

    def altered(self, source: Table, target: Table) -> Iterator[Statement]:
        """Whose partition it is aside."""
        if source.persistence != target.persistence:
            yield self._logged_keys.in_turn(source.ref, tables.set_persistence(source))
        if source.access_method != target.access_method:
            yield tables.set_access_method(source)
        yield from tables.set_foreign_options(source, target)
        yield from policies.set_row_security(source, target)
        yield from storage.set_table_storage(source, target)

    def _is_referred_to(self, partition: Table) -> bool:
        """Whether foreign keys lead to a table above: PostgreSQL drops no partition of such a table."""
        above: Table | None = partition
        while above and above.partition_of:
            parent = self._target[table_ref(*above.partition_of)]
            if any(user.kind is Kind.CONSTRAINT for user in self._foreign_users(parent.ref)):
                return True
            above = parent.value if isinstance(parent.value, Table) else None
        return False

    def _foreign_users(self, table: ObjectRef) -> Iterator[ObjectRef]:
        for user in self._target.users(table):
            value = self._target[user].value
            if isinstance(value, Constraint) and value.references == (table.schema, table.name):
                yield user
