"""Rules, policies and what else of a table uses other relations than its own."""

from collections.abc import Callable, Iterator

from schemadiff.core.catalog import Constraint, Index, Kind, ObjectRef, Policy, Rule, Trigger
from schemadiff.core.inventory import Inventory, Item

_OF_RELATIONS = (Kind.TABLE, Kind.VIEW, Kind.COLUMN)


def reads_what_goes(inventory: Inventory, item: Item, goes: Callable[[ObjectRef], bool]) -> bool:
    """Whether it uses another relation that goes: that one's may use this one, so neither could go first."""
    if item.owner is None or not isinstance(item.value, Rule | Policy | Constraint | Index | Trigger):
        return False
    own = (item.owner.schema, item.owner.name)
    needs = {*_through_functions(inventory, item, goes)}
    if isinstance(item.value, Rule | Policy):
        needs |= item.needs
    relations = (need for need in needs if need.kind in _OF_RELATIONS)
    return any((need.schema, need.parent or need.name) != own and goes(need) for need in relations)


def _through_functions(
    inventory: Inventory, item: Item, goes: Callable[[ObjectRef], bool]
) -> Iterator[ObjectRef]:
    """What the functions use that it uses and that go, too."""
    seen, waiting = set[ObjectRef](), list(item.needs)
    while waiting:
        need = waiting.pop()
        function = inventory.get(need) if need.kind is Kind.FUNCTION and goes(need) else None
        if function is not None and need not in seen:
            seen.add(need)
            yield from function.needs
            waiting.extend(function.needs)
