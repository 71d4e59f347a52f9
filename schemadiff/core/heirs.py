"""Children that go from one parent to another: where they can have both for a moment, what they inherit stays so.

PostgreSQL makes a column or check the child's own when its last parent goes, and nothing takes that back.
"""

from collections.abc import Iterable, Iterator

from schemadiff.core.catalog import Column, Constraint, ObjectRef, Table
from schemadiff.core.ddl.constraints import body, is_passed_on
from schemadiff.core.ddl.references import table_ref
from schemadiff.core.decisions import Action, Decisions
from schemadiff.core.inventory import Inventory, Item


def fits_at_once(
    source: Inventory,
    target: Inventory,
    decisions: Decisions,
    child: Table,
    parents: Iterable[tuple[str, str]],
) -> bool:
    """Whether the target's child can join these parents as they are, before it leaves others."""
    refs = [table_ref(*parent) for parent in parents]
    if any(parent in child.inherits for parent in parents):
        return False
    for ref in refs:
        if ref not in source or ref not in target or decisions.of(ref).action is not Action.KEEP:
            return False
        handed = [*_handed_down(source, ref), *_handed_down(target, ref)]
        if not all(decisions.of(item.ref).action is Action.KEEP and _has(child, item) for item in handed):
            return False
    return bool(refs)


def _handed_down(inventory: Inventory, parent: ObjectRef) -> Iterator[Item]:
    """The parent's columns, with those that it has from its own parents, and its checks."""
    for item in inventory.parts(parent):
        if isinstance(item.value, Column) or (
            isinstance(item.value, Constraint) and is_passed_on(item.value)
        ):
            yield item


def _has(child: Table, item: Item) -> bool:
    """Whether the child has the same column or check."""
    match item.value:
        case Column() as wanted:
            own = child.column(wanted.name)
            return own is not None and _shape(own) == _shape(wanted) and own.not_null >= wanted.not_null
        case Constraint() as wanted:
            return any(
                check.name == wanted.name and body(check) == body(wanted) for check in child.constraints
            )
        case _:
            return True


def _shape(column: Column) -> tuple[object, ...]:
    return column.type, column.collation, column.generated
