"""Rules and policies that use other relations than their own."""

from collections.abc import Callable

from schemadiff.core.catalog import Kind, ObjectRef, Policy, Rule
from schemadiff.core.inventory import Item

_OF_RELATIONS = (Kind.TABLE, Kind.VIEW, Kind.COLUMN)


def reads_what_goes(item: Item, goes: Callable[[ObjectRef], bool]) -> bool:
    """Whether it uses another relation that goes: that one's may use this one, so neither could go first."""
    if not isinstance(item.value, Rule | Policy) or item.owner is None:
        return False
    own = (item.owner.schema, item.owner.name)
    needs = (need for need in item.needs if need.kind in _OF_RELATIONS)
    return any((need.schema, need.parent or need.name) != own and goes(need) for need in needs)
