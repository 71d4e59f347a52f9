"""NOT NULLs that children say themselves as well as their parents: they come before their parents', and go after."""

from collections.abc import Iterator
from dataclasses import replace

from schemadiff.core.catalog import Column, ObjectRef
from schemadiff.core.ddl.not_null import is_repeated, is_usual
from schemadiff.core.ddl.references import column_ref, not_null_ref, table_ref
from schemadiff.core.inventory import Inventory
from schemadiff.core.plan import Statement


def in_turn(source: Inventory, target: Inventory, column: ObjectRef, statement: Statement) -> Statement:
    """The statement about the parent's column: what it leaves to its children's is not its own doing."""
    state = not_null_ref(column)
    if state in statement.destroys and not statement.provides:
        stay = _said_below(target, column)
        return replace(statement, destroys=statement.destroys - stay, releases=statement.releases | stay)
    if state in statement.provides and not statement.destroys:
        come = _named_by_themselves(source, column) - _there_below(target, column)
        return replace(statement, provides=statement.provides - come, requires=statement.requires | come)
    return statement


def _said_below(inventory: Inventory, column: ObjectRef) -> frozenset[ObjectRef]:
    return frozenset(ref for ref, own in _below(inventory, column) if is_repeated(own))


def _named_by_themselves(inventory: Inventory, column: ObjectRef) -> frozenset[ObjectRef]:
    """Any other name may be the parent's, which PostgreSQL gives when the parent's comes first."""
    return frozenset(ref for ref, own in _below(inventory, column) if is_repeated(own) and is_usual(own))


def _there_below(inventory: Inventory, column: ObjectRef) -> frozenset[ObjectRef]:
    return frozenset(ref for ref, own in _below(inventory, column) if own.not_null)


def _below(inventory: Inventory, column: ObjectRef) -> Iterator[tuple[ObjectRef, Column]]:
    for table in inventory.below(table_ref(column.schema, column.parent)):
        if own := table.column(column.name):
            yield not_null_ref(column_ref(table, own)), own
