"""Partitioned indexes that are not valid, for partitions have no share of them: what a plan can leave so, or complete.

A partition that is made, or joins, gets its shares of all indexes that its table has; and only the share that is
attached last makes the table's index valid.
"""

from collections.abc import Iterator, Set

from schemadiff.core.catalog import Index, ObjectRef, Table
from schemadiff.core.inventory import Inventory, Item
from schemadiff.core.plan import Notice


def is_made_anew(source: Inventory, target: Inventory, ref: ObjectRef) -> bool:
    """Whether an index that both sides have would otherwise get shares that it must not, or stay not valid."""
    wanted, present = source[ref], target[ref]
    if not isinstance(wanted.value, Index) or not isinstance(present.value, Index):
        return False
    if not isinstance(wanted.owner, Table) or not wanted.owner.partition_key:
        return False
    if not wanted.value.valid:
        return any(table not in target for table in _lacking(source, wanted))
    is_attached = bool((_having(source, wanted) & _there(target, wanted)) - _having(target, present))
    return not present.value.valid and not is_attached


def more_than_wanted(source: Inventory, target: Inventory, made: Set[ObjectRef]) -> Iterator[Notice]:
    """Indexes that are valid after the plan, which makes `made`, though the source's are not, or have more shares."""
    for ref in source:
        wanted = source[ref]
        if not isinstance(wanted.value, Index) or wanted.value.valid:
            continue
        present = target[ref].value if ref in target and ref not in made else None
        lacking = list(_lacking(source, wanted))
        if (isinstance(present, Index) and present.valid) or (present is None and not lacking):
            message = (
                f"The index {ref.label} is valid after the plan; the source's is not: building it failed."
            )
            yield Notice(ref=ref, message=message)
        joining = [table for table in lacking if table in target and table not in _there(target, wanted)]
        for table in sorted(joining):
            message = f"The partition {table.label} joins with a share of the index {ref.label}; the source's has none."
            yield Notice(ref=ref, message=message)


def _lacking(source: Inventory, index: Item) -> Iterator[ObjectRef]:
    """The partitions that have no share of it."""
    if isinstance(index.owner, Table) and index.owner.partition_key:
        having = _having(source, index)
        yield from (table.ref for table in source.below(index.owner.ref) if table.ref not in having)


def _there(target: Inventory, index: Item) -> set[ObjectRef]:
    assert isinstance(index.owner, Table)
    return {table.ref for table in target.below(index.owner.ref)}


def _having(inventory: Inventory, index: Item) -> set[ObjectRef]:
    """The partitions that have a share of it."""
    assert isinstance(index.owner, Table)
    names, found = {(index.ref.schema, index.ref.name)}, set[ObjectRef]()
    for table in inventory.below(index.owner.ref):
        for share in table.shares:
            if share.share_of in names:
                names.add((table.schema, share.name))
                found.add(table.ref)
    return found
