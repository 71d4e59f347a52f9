"""Defaults by functions that use the very table or column whose default they give.

Neither can be there before the other, so such a default is set after its column is made, and taken away before
its column goes.
"""

from schemadiff.core.catalog import Column, Kind, ObjectRef, Table
from schemadiff.core.inventory import Inventory, Item


def functions_of_own_table(inventory: Inventory, item: Item) -> frozenset[ObjectRef]:
    """The functions in a column's default that use its table or a part of it."""
    if not isinstance(item.owner, Table):
        return frozenset()
    parts = (item.owner.ref, *(part.ref for part in inventory.parts(item.owner.ref)))
    return frozenset(
        function for function in _functions(item) if any(inventory.reaches(function, part) for part in parts)
    )


def functions_of_own_column(inventory: Inventory, item: Item) -> frozenset[ObjectRef]:
    """The functions in a column's default that use the column itself."""
    return frozenset(function for function in _functions(item) if inventory.reaches(function, item.ref))


def _functions(item: Item) -> tuple[ObjectRef, ...]:
    """None where the default is computed with the row: it cannot be set later."""
    value = item.value
    if not isinstance(value, Column) or value.default is None or value.generated or not value.local:
        return ()
    return tuple(need for need in item.needs if need.kind is Kind.FUNCTION)
