"""Checks that are NOT VALID, and valid in some of the tables that inherit them.

A check that is added NOT VALID is so in every child. A child that is made or attached later has it valid, and one
may be validated by itself. No statement makes a valid one NOT VALID again but to drop it and to add it anew.
"""

from collections.abc import Iterator
from dataclasses import replace

from schemadiff.core.catalog import Constraint, Kind, ObjectRef, Table
from schemadiff.core.ddl.constraints import is_passed_on, is_unvalidated, validate
from schemadiff.core.ddl.references import table_ref
from schemadiff.core.inventory import Inventory, Item
from schemadiff.core.plan import Statement


class CheckCopies:
    """Of the tables of a source and a target."""

    def __init__(self, source: Inventory, target: Inventory) -> None:
        self._source, self._target = source, target

    def is_valid_in_vain(self, check: ObjectRef) -> bool:
        """Whether a table below has, or will have, the check valid, where the source's has it NOT VALID."""
        if not (_is_open(self._source.get(check)) and _is_open(self._target.get(check))):
            return False
        return any(
            self._becomes_valid(table, check.name) and not _is_valid_in(self._source, table.ref, check.name)
            for table in self._source.below(table_ref(check.schema, check.parent))
        )

    def of_new_table(self, table: ObjectRef) -> Iterator[ObjectRef]:
        """The checks above that the table will have valid when it is made, and that it has not in the source."""
        item = self._source.get(table)
        for parent in item.value.parents if item and isinstance(item.value, Table) else ():
            for part in self._source.parts(table_ref(*parent)):
                open_ = _is_open(part) and part.ref in self._target
                if open_ and not _is_valid_in(self._source, table, part.ref.name):
                    yield part.ref
            yield from self.of_new_table(table_ref(*parent))

    def added(self, item: Item, statement: Statement) -> Statement:
        """A check that is added NOT VALID: to every table that is there by then."""
        if not _is_open(item) or item.owner is None or item.ref not in statement.provides:
            return statement
        below = frozenset(table.ref for table in self._source.below(item.owner.ref))
        return replace(statement, requires=statement.requires | below)

    def validated(self, check: Item, *, anew: bool) -> Iterator[Statement]:
        """Where the source has it valid below; `anew` when the check is added by the plan."""
        if not _is_open(check) or check.owner is None:
            return
        for table in self._source.below(check.owner.ref):
            copy = next((c for c in table.constraints if c.name == check.ref.name), None)
            is_wanted = copy is not None and copy.validated and copy.inherited and not copy.local
            if copy and is_wanted and (anew or not self._becomes_valid(table, copy.name)):
                yield validate(table, copy)

    def _becomes_valid(self, table: Table, name: str) -> bool:
        """If nothing is done about it."""
        return table.ref not in self._target or _is_valid_in(self._target, table.ref, name)


def _is_open(item: Item | None) -> bool:
    value = item.value if item else None
    return isinstance(value, Constraint) and is_passed_on(value) and is_unvalidated(value)


def _is_valid_in(inventory: Inventory, table: ObjectRef, name: str) -> bool:
    """By what the table itself says, or else the nearest above it that says anything."""
    item = inventory.get(table)
    if item is None or not isinstance(item.value, Table):
        return False
    own = inventory.get(table._replace(kind=Kind.CONSTRAINT, parent=table.name, name=name))
    if own is not None and isinstance(own.value, Constraint):
        return own.value.validated
    return any(_is_valid_in(inventory, table_ref(*parent), name) for parent in item.value.parents)
