"""Defaults that do not change, and are taken down and put back because something that they use is made anew.

What is done to a parent's default is done to its children's. Where a child has another one, the parent's is put
back by itself, and so is each child's that uses what is made anew.
"""

from collections.abc import Iterator
from dataclasses import replace

from schemadiff.core.catalog import Column, Kind, ObjectRef
from schemadiff.core.ddl.columns import changes_type
from schemadiff.core.ddl.references import column_ref, table_ref
from schemadiff.core.decisions import Again, Decisions
from schemadiff.core.inventory import Inventory
from schemadiff.core.plan import Statement


class DefaultsPutBack:
    """For columns of a source and a target about which all is decided."""

    def __init__(self, source: Inventory, target: Inventory, decisions: Decisions) -> None:
        self._source, self._target, self._decisions = source, target, decisions

    def again(self, ref: ObjectRef) -> Again:
        """What the column's own statements do again: of a child's, what its parents' leave undone."""
        decision = self._decisions.of(ref)
        if not decision.follows:
            return decision.again
        return Again.NOTHING if self._is_done_above(ref) else decision.again & Again.DEFAULT

    def alone(self, ref: ObjectRef, statement: Statement) -> Statement:
        """The statement about a default, without the children's where one of them has another."""
        if not self._is_alone(ref):
            return statement
        sql = statement.sql.replace("ALTER TABLE ", "ALTER TABLE ONLY ", 1)
        return replace(statement, sql=sql)

    def _is_alone(self, ref: ObjectRef) -> bool:
        pair = self._pair(ref)
        if pair is None or pair[0].default is None or not self.again(ref):
            return False
        wanted, present = pair
        if wanted.default != present.default or changes_type(wanted, present):
            return False
        return any(column.default != present.default for column in self._below(ref))

    def _is_done_above(self, ref: ObjectRef) -> bool:
        """Whether a parent's statements take the child's default down, whatever it is."""
        return any(self._takes_down(parent) or self._is_done_above(parent) for parent in self._parents(ref))

    def _takes_down(self, ref: ObjectRef) -> bool:
        pair = self._pair(ref)
        if pair is None:
            return False
        wanted, present = pair
        if wanted.default != present.default or changes_type(wanted, present):
            return True
        return present.default is not None and bool(self.again(ref)) and not self._is_alone(ref)

    def _parents(self, ref: ObjectRef) -> Iterator[ObjectRef]:
        """The columns above that pass on to this one what is done to them."""
        if self._decisions.of(ref).follows:
            for table in self._decisions.inheritance.kept_parents(table_ref(ref.schema, ref.parent)):
                above = ref._replace(schema=table.schema, parent=table.name)
                if above in self._source or above in self._target:  # not each of several parents has it
                    yield above

    def _below(self, ref: ObjectRef) -> Iterator[Column]:
        for table in self._target.below(table_ref(ref.schema, ref.parent)):
            column = self._target[column_ref(table, ref.name)].value
            assert isinstance(column, Column)
            yield column

    def _pair(self, ref: ObjectRef) -> tuple[Column, Column] | None:
        if ref.kind is not Kind.COLUMN or ref not in self._source:
            return None
        wanted, present = self._source[ref].value, self._decisions.present_column(ref)
        return (wanted, present) if isinstance(wanted, Column) and present is not None else None
