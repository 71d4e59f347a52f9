"""The statements about objects that are a definition and a name, and their members: what each waits for."""

from collections.abc import Iterator
from dataclasses import replace

from schemadiff.core import hazards
from schemadiff.core.catalog import Column, DefinedObject, Index, Kind, ObjectMember, ObjectRef
from schemadiff.core.ddl import defined
from schemadiff.core.decisions import Action, Decisions
from schemadiff.core.inventory import Inventory, Item
from schemadiff.core.plan import Hazard, Lock, Statement


class DefinedSteps:
    """For objects of a source and a target about which all is decided."""

    def __init__(self, source: Inventory, target: Inventory, decisions: Decisions) -> None:
        self._source, self._target, self._decisions = source, target, decisions

    def down(self, item: Item) -> Iterator[Statement]:
        if isinstance(item.value, ObjectMember):
            yield from self._member_down(item, item.value)
            return
        assert isinstance(item.value, DefinedObject)
        needs = item.needs.union(*(part.needs for part in self._target.parts(item.ref)))
        for statement in defined.drop(item.value):
            yield replace(statement, releases=statement.releases | (needs - {item.ref}))

    def up(self, item: Item) -> Iterator[Statement]:
        if isinstance(item.value, ObjectMember) and item.holder:
            made: Iterator[Statement] = iter([self._member_up(item, item.holder, item.value)])
        else:
            assert isinstance(item.value, DefinedObject)
            made = defined.create(item.value)
        for statement in made:
            yield self._with_needs(statement, item)

    def altered(self, source: Item, target: Item) -> Iterator[Statement]:
        released = target.needs - source.needs
        for statement in self._alterations(source, target):
            yield replace(self._with_needs(statement, source), releases=statement.releases | released)

    def _alterations(self, source: Item, target: Item) -> Iterator[Statement]:
        match source.value, target.value:
            case ObjectMember() as wanted, _ if source.holder:
                yield replace(
                    defined.alter_member(source.holder, wanted), hazards=tuple(self._stale(source.holder))
                )
            case DefinedObject() as wanted, DefinedObject() as present:
                yield from defined.alter(wanted, present)

    def _member_up(self, item: Item, holder: DefinedObject, member: ObjectMember) -> Statement:
        """Nobody waits for a table that the plan itself makes."""
        statement = defined.add_member(holder, member)
        is_new = any(need.kind is Kind.TABLE and self._decisions.comes(need) for need in item.needs)
        return replace(statement, lock=Lock.NONE) if is_new else statement

    def _member_down(self, item: Item, member: ObjectMember) -> Iterator[Statement]:
        holder = item.holder
        assert holder is not None
        if self._decisions.goes(holder.ref) or any(map(self._takes_along, item.needs)):
            return
        statement = defined.drop_member(holder, member)
        yield replace(statement, releases=statement.releases | item.needs)

    def _takes_along(self, need: ObjectRef) -> bool:
        """A table that goes leaves its publications by itself."""
        return need.kind is Kind.TABLE and self._decisions.goes(need)

    def _with_needs(self, statement: Statement, item: Item) -> Statement:
        """A member comes before what uses its holder, though after the holder's own statement."""
        needs = item.needs - {item.holder.ref} if item.holder else item.needs
        return replace(statement, requires=statement.requires | needs)

    def _stale(self, holder: DefinedObject) -> Iterator[Hazard]:
        """What keeps results that came about otherwise: indexes, stored columns."""
        for ref in self._target.users(holder.ref):
            value = self._target[ref].value
            stored = isinstance(value, Column) and value.generated
            if (stored or isinstance(value, Index)) and self._decisions.of(ref).action is Action.KEEP:
                yield hazards.stale_results(f"{ref.kind.value} {ref.label}", holder.ref.label)
