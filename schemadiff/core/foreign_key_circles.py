"""Foreign keys by which tables that go refer to one another in a circle."""

from schemadiff.core.catalog import Constraint, Kind, ObjectRef
from schemadiff.core.ddl.references import table_ref
from schemadiff.core.decisions import Decisions
from schemadiff.core.inventory import Inventory
from schemadiff.core.ordering import circles


def foreign_keys_in_circles(target: Inventory, decisions: Decisions) -> frozenset[ObjectRef]:
    """Foreign keys among tables that go and refer to one another: no order of dropping suits them."""
    going = [ref for ref, _ in decisions if ref.kind is Kind.TABLE and decisions.goes(ref)]
    after: dict[ObjectRef, set[ObjectRef]] = {ref: set() for ref in going}
    keys: list[tuple[ObjectRef, ObjectRef, ObjectRef]] = []
    for ref in going:
        for part in target.parts(ref):
            if isinstance(part.value, Constraint) and part.value.references:
                referenced = table_ref(*part.value.references)
                after[ref].add(referenced)
                keys.append((part.ref, ref, referenced))
    groups = circles(after)
    return frozenset(key for key, a, b in keys if a != b and any({a, b} <= group for group in groups))
