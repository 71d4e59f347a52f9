"""When a partition's share of a trigger fires, where that is not as its parent's."""

from collections.abc import Iterator
from dataclasses import replace

from schemadiff.core.catalog import Table, Trigger
from schemadiff.core.ddl import triggers
from schemadiff.core.decisions import Decisions
from schemadiff.core.inventory import Inventory, Item, trigger_above
from schemadiff.core.plan import Statement


class TriggerSteps:
    """For tables of a source and a target about which all is decided."""

    def __init__(self, source: Inventory, target: Inventory, decisions: Decisions) -> None:
        self._source, self._target, self._decisions = source, target, decisions

    def goes_by_itself(self, item: Item) -> bool:
        """Whether the target's share goes with its table or its parent's trigger."""
        parent = trigger_above(self._target, item)
        goes = self._decisions.goes
        return parent is None or goes(parent.ref) or (item.owner is not None and goes(item.owner.ref))

    def set_share(self, item: Item, wanted: Trigger | None) -> Iterator[Statement]:
        """Of a partition's share of a trigger; as its parent's where nothing else is wanted."""
        parent = trigger_above(self._source, item)
        if parent is None or not isinstance(item.owner, Table) or not isinstance(item.value, Trigger):
            return
        assert isinstance(parent.value, Trigger)
        share = wanted or replace(item.value, enabled=parent.value.enabled)
        yield triggers.set_share_firing(item.owner, share, parent.ref)

    def set_shares_again(self, item: Item) -> Iterator[Statement]:
        """The shares that fire at other times than the parent's trigger, which has just been set for all of them."""
        for table in self._source.below(item.owner.ref) if item.owner else ():
            share = self._source.get(item.ref._replace(schema=table.schema, parent=table.name))
            if share and isinstance(share.value, Trigger) and share.value.share:
                yield triggers.set_share_firing(table, share.value, item.ref)
