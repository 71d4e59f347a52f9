"""Partitions that PARTITION OF would make otherwise: they are made as tables of their own, and attached."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from schemadiff.core.catalog import Column, Constraint, ObjectRef, Table
from schemadiff.core.ddl import not_null, tables
from schemadiff.core.ddl.constraints import is_passed_on
from schemadiff.core.ddl.references import table_ref
from schemadiff.core.inventory import Inventory
from schemadiff.core.plan import Statement


def is_unlike_parent(inventory: Inventory, table: Table) -> bool:
    """Whether it has its columns in another order than its parent, the parent's NOT NULLs under other names or not
    valid, a generated column of its own making, or no access method where the parent has one."""
    parent = _parent(inventory, table)
    if parent is None:
        return False
    if any(map(not_null.comes_unvalidated, table.columns)):
        return True
    is_given_another = parent.access_method not in (None, "" if table.partition_key else "heap")
    if is_given_another and not table.access_method and not table.foreign:
        return True
    above = {column.name: column for column in parent.columns}
    if list(above) != [column.name for column in table.columns]:
        return True
    if any(column.generated and column.default != above[column.name].default for column in table.columns):
        return True
    names = ((not_null.inherited_name(table, column), above[column.name]) for column in table.columns)
    return any(name and name != not_null.name_for_partitions(parent, column) for name, column in names)


def create_unattached(inventory: Inventory, table: Table, columns: Sequence[Column]) -> Statement:
    """With what its parents' checks use."""
    own = [not_null.under_its_name(table, column) for column in columns]
    checks = list(_checks_above(inventory, table))
    needs = frozenset[ObjectRef]().union(*(needs for _, needs in checks))
    return replace(tables.create_unattached(table, own, [check for check, _ in checks]), requires=needs)


def _parent(inventory: Inventory, table: Table) -> Table | None:
    item = inventory.get(table_ref(*table.partition_of)) if table.partition_of else None
    return item.value if item and isinstance(item.value, Table) else None


def _checks_above(inventory: Inventory, table: Table) -> Iterator[tuple[Constraint, frozenset[ObjectRef]]]:
    parent = _parent(inventory, table)
    if parent is None:
        return
    for part in inventory.parts(parent.ref):
        if isinstance(part.value, Constraint) and is_passed_on(part.value):
            yield part.value, part.needs
    yield from _checks_above(inventory, parent)
