"""Foreign keys by which tables that go refer to one another in a circle."""

from collections.abc import Iterator

from schemadiff.core.catalog import Constraint, Kind, ObjectRef, Sequence, Table
from schemadiff.core.ddl.references import table_ref
from schemadiff.core.decisions import Decisions
from schemadiff.core.inventory import Inventory
from schemadiff.core.ordering import circles


def foreign_keys_in_circles(target: Inventory, decisions: Decisions) -> frozenset[ObjectRef]:
    """Foreign keys among tables that go and need one another: no order of dropping suits them.

    A partition goes with its parent, and a child that inherits goes before its parents.
    """
    going = {ref: _dropped_with(target, ref) for ref, _ in decisions if _is_table_that_goes(decisions, ref)}
    after: dict[ObjectRef, set[ObjectRef]] = {ref: set() for ref in going.values()}
    keys: list[tuple[ObjectRef, ObjectRef, ObjectRef]] = []
    for ref, dropped in going.items():
        after[dropped].update(going.get(parent, parent) for parent in _inherits(target, ref))
        for part in target.parts(ref):
            counted = (table for table in _counted_by(target, part.needs) if table in going)
            after[dropped].update(going[table] for table in counted)
            if isinstance(part.value, Constraint) and part.value.references:
                referred = table_ref(*part.value.references)
                referred = going.get(referred, referred)
                after[dropped].add(referred)
                keys.append((part.ref, dropped, referred))
    for table, counting in _columns_that_go(target, decisions) if going else ():
        after.setdefault(table, set()).update(going[one] for one in counting if one in going)
    groups = circles(after)
    return frozenset(key for key, a, b in keys if a != b and any({a, b} <= group for group in groups))


def _columns_that_go(
    target: Inventory, decisions: Decisions
) -> Iterator[tuple[ObjectRef, Iterator[ObjectRef]]]:
    """Of tables that stay, with the tables that count for their defaults."""
    for ref, _ in decisions:
        table = table_ref(ref.schema, ref.parent)
        if ref.kind is Kind.COLUMN and decisions.goes(ref) and not decisions.goes(table):
            yield table, _counted_by(target, target[ref].needs)


def _counted_by(target: Inventory, needs: frozenset[ObjectRef]) -> Iterator[ObjectRef]:
    """The tables with which sequences that a default uses go."""
    for need in needs:
        sequence = item.value if (item := target.get(need)) else None
        if isinstance(sequence, Sequence) and sequence.owned_by:
            yield table_ref(*sequence.owned_by[:2])


def _is_table_that_goes(decisions: Decisions, ref: ObjectRef) -> bool:
    return ref.kind is Kind.TABLE and decisions.goes(ref)


def _dropped_with(target: Inventory, ref: ObjectRef) -> ObjectRef:
    """The topmost table that this one is a partition of, or it itself."""
    table = target[ref].value
    assert isinstance(table, Table)
    return _dropped_with(target, table_ref(*table.partition_of)) if table.partition_of else ref


def _inherits(target: Inventory, ref: ObjectRef) -> tuple[ObjectRef, ...]:
    table = target[ref].value
    assert isinstance(table, Table)
    return tuple(table_ref(*parent) for parent in table.inherits)
