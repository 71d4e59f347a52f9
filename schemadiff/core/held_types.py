"""Which types tables hold inside of others: in arrays, composite and range types, and rows of tables."""

from schemadiff.core.catalog import Column, CompositeType, Domain, Kind, ObjectRef, RangeType, Table
from schemadiff.core.ddl.references import column_ref, sql_name
from schemadiff.core.inventory import Inventory, Item


def held_inside(inventory: Inventory, domain: Item) -> bool:
    """Whether a table's column holds values of the domain, but is not of it nor of a domain over it."""
    assert isinstance(domain.value, Domain)
    for user in map(inventory.__getitem__, inventory.users(domain.ref)):
        match user.value:
            case Column() as column if isinstance(user.owner, Table):
                if column.type != sql_name(domain.value) or is_held(inventory, user.owner.ref):
                    return True
            case CompositeType() | RangeType():
                if is_held(inventory, user.ref):
                    return True
            case Domain() if held_inside(inventory, user):
                return True
    return False


def columns_of_rows(inventory: Inventory, item: Item) -> frozenset[ObjectRef]:
    """The columns of the tables whose rows the column holds: none of them gets another type while it does."""
    if not isinstance(item.value, Column) or not isinstance(item.owner, Table):
        return frozenset()
    tables = [inventory[ref].value for ref in item.needs if ref.kind is Kind.TABLE and ref != item.owner.ref]
    held = (
        table for table in tables if isinstance(table, Table) and table.qualified not in item.owner.parents
    )
    return frozenset(column_ref(table, column) for table in held for column in table.columns)


def is_held(inventory: Inventory, type_: ObjectRef, seen: set[ObjectRef] | None = None) -> bool:
    """Whether a table has a column of the type, or of one that is made of it. A table's rows are such a type."""
    seen = set() if seen is None else seen
    if type_ in seen:
        return False
    seen.add(type_)
    for user in map(inventory.__getitem__, inventory.users(type_)):
        is_column = isinstance(user.value, Column) and isinstance(user.owner, Table)
        if is_column and user.owner is not None and user.owner.ref != type_:
            return True
        is_type = isinstance(user.value, CompositeType | RangeType | Domain)
        if is_type and is_held(inventory, user.ref, seen):
            return True
    return False


def stored_as(inventory: Inventory, item: Item, type_: str, *, checked: bool) -> str | None:
    """A domain's own type, of any other type itself; None for a domain that checks values, unless `checked`."""
    for need in item.needs:
        used = inventory.get(need)
        if used and isinstance(used.value, Domain) and sql_name(used.value) == type_.removesuffix("[]"):
            if not checked and (used.value.constraints or used.value.not_null):
                return None
            below = stored_as(inventory, used, used.value.type, checked=checked)
            return below and below + "[]" * type_.endswith("[]")
    return type_


def stored_below(inventory: Inventory, column: ObjectRef) -> str:
    """The column's type below domains, of whose checks nothing is said."""
    item = inventory[column]
    assert isinstance(item.value, Column)
    return stored_as(inventory, item, item.value.type, checked=True) or item.value.type
