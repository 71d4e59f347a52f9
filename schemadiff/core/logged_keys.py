"""Tables that become logged or unlogged, and the foreign keys among them.

PostgreSQL lets no logged table refer to an unlogged one, at no moment: what refers becomes unlogged first, what is
referred to becomes logged first. Where tables refer to one another in a circle the keys are dropped and made again.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from schemadiff.core.catalog import Constraint, Kind, ObjectRef, Persistence, Table
from schemadiff.core.ddl.references import former_persistence_ref, persistence_ref, table_ref
from schemadiff.core.inventory import Inventory, Item
from schemadiff.core.ordering import circles
from schemadiff.core.plan import Statement


def foreign_keys_in_circles(
    source: Inventory, target: Inventory, changed: Iterable[ObjectRef]
) -> Iterator[ObjectRef]:
    """Of the changed tables' keys that both sides have, those that no order suits."""
    among = {ref for ref in changed if _becomes(source, target, ref)}
    keys = [(part.ref, ref, to) for ref in among for part, to in _kept(source, target, ref) if to in among]
    after: dict[ObjectRef, set[ObjectRef]] = {ref: set() for ref in among}
    for _, referring, referred in keys:
        after[referring].add(referred)
    groups = circles(after)
    for key, referring, referred in keys:
        if referring != referred and any({referring, referred} <= group for group in groups):
            yield key


class LoggedKeys:
    """What statements say of it; `goes` tells which of the target's objects are dropped, if only to be made again."""

    def __init__(self, source: Inventory, target: Inventory, goes: Callable[[ObjectRef], bool]) -> None:
        self._source, self._target, self._goes = source, target, goes

    def in_turn(self, table: ObjectRef, statement: Statement) -> Statement:
        """The statement that makes the table logged or unlogged, after those of the tables before it."""
        before = self._before(table)
        return replace(
            statement,
            requires=statement.requires | {persistence_ref(ref) for ref in before if ref != table},
            destroys=statement.destroys | {former_persistence_ref(table)},
        )

    def released_by(self, item: Item) -> frozenset[ObjectRef]:
        """What waits until the target's foreign key is gone; nothing for other objects."""
        return frozenset(former_persistence_ref(ref) for ref in self._changing(item))

    def awaited_by(self, item: Item) -> frozenset[ObjectRef]:
        """What has to be done before the source's foreign key comes."""
        return frozenset(persistence_ref(ref) for ref in self._changing(item))

    def _changing(self, item: Item) -> Iterator[ObjectRef]:
        if not isinstance(item.value, Constraint) or item.value.references is None or item.owner is None:
            return
        for ref in (item.owner.ref, table_ref(*item.value.references)):
            if _becomes(self._source, self._target, ref):
                yield ref

    def _before(self, table: ObjectRef) -> Iterator[ObjectRef]:
        becomes = _becomes(self._source, self._target, table)
        if becomes is Persistence.PERMANENT:
            for part, to in _kept(self._source, self._target, table):
                if not self._goes(part.ref) and _becomes(self._source, self._target, to):
                    yield to
            return
        for user in self._target.users(table):
            item = self._target[user]
            if not isinstance(item.value, Constraint) or item.owner is None or self._goes(user):
                continue
            refers = item.value.references == (table.schema, table.name)
            if refers and _becomes(self._source, self._target, item.owner.ref):
                yield item.owner.ref


def _becomes(source: Inventory, target: Inventory, ref: ObjectRef) -> Persistence | None:
    """What the table is to become, where that is another than it is."""
    wanted = item.value if ref.kind is Kind.TABLE and (item := source.get(ref)) else None
    present = item.value if (item := target.get(ref)) else None
    if not isinstance(wanted, Table) or not isinstance(present, Table):
        return None
    return None if wanted.persistence is present.persistence else wanted.persistence


def _kept(source: Inventory, target: Inventory, table: ObjectRef) -> Iterator[tuple[Item, ObjectRef]]:
    """The table's foreign keys that both sides have, with what they refer to."""
    for part in target.parts(table):
        if isinstance(part.value, Constraint) and part.value.references and part.ref in source:
            yield part, table_ref(*part.value.references)
