"""A catalog taken apart: every object down to columns and triggers, with what each needs and what uses it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from schemadiff.core.catalog import (
    Catalog,
    Column,
    Constraint,
    ConstraintKind,
    DefaultPrivileges,
    DefinedObject,
    Extension,
    Function,
    Index,
    IndexShare,
    Kind,
    ObjectMember,
    ObjectRef,
    Part,
    Policy,
    Rule,
    Schema,
    Sequence,
    StatisticsObject,
    Table,
    UserType,
    View,
)
from schemadiff.core.ddl.references import (
    column_ref,
    composite_ref,
    constraint_ref,
    index_ref,
    part_ref,
    table_ref,
    trigger_ref,
)
from schemadiff.core.defined_objects import member_ref

Whole: TypeAlias = (
    Schema | Extension | UserType | Sequence | Table | View | Function | DefinedObject | DefaultPrivileges
)
Value: TypeAlias = Whole | Part | ObjectMember


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One object. `owner` is the relation whose part it is, `holder` the object whose member;
    `needs` is what must be there before it."""

    ref: ObjectRef
    value: Value
    owner: Table | View | None = None
    holder: DefinedObject | None = None
    needs: frozenset[ObjectRef] = frozenset()


class Inventory:
    """Read only, once made."""

    def __init__(self, catalog: Catalog) -> None:
        self._needs = _recorded_needs(catalog)
        self._tables = {table.qualified: table for table in catalog.every_table}
        self._items = {item.ref: item for item in self._list(catalog)}
        self._parts = _parts(self._items.values())
        self._users = _users(self._items.values())
        self._children = _children(catalog)

    def __contains__(self, ref: ObjectRef) -> bool:
        return ref in self._items

    def __iter__(self) -> Iterator[ObjectRef]:
        return iter(self._items)

    def __getitem__(self, ref: ObjectRef) -> Item:
        return self._items[ref]

    def get(self, ref: ObjectRef) -> Item | None:
        return self._items.get(ref)

    def parts(self, owner: ObjectRef) -> tuple[Item, ...]:
        """Columns, constraints and all else that belongs to a relation; the members of another object."""
        return tuple(self._parts.get(owner, ()))

    def users(self, ref: ObjectRef) -> tuple[ObjectRef, ...]:
        """What needs the object directly, sorted."""
        return tuple(sorted(self._users.get(ref, ())))

    def children(self, table: ObjectRef) -> tuple[Table, ...]:
        """Its partitions, or the tables that inherit it, by name."""
        return self._children.get(table, ())

    def below(self, table: ObjectRef) -> Iterator[Table]:
        """Its children, and theirs; one of several parents may come several times."""
        for child in self.children(table):
            yield child
            yield from self.below(child.ref)

    def partitions_below(self, table: ObjectRef) -> Iterator[Table]:
        """Its partitions, and theirs."""
        return (child for child in self.below(table) if child.partition_of)

    def reaches(self, start: ObjectRef, end: ObjectRef) -> bool:
        """Whether `start` needs `end`, directly or through others."""
        seen, waiting = {start}, [start]
        while waiting:
            item = self._items.get(waiting.pop())
            for ref in item.needs if item else ():
                if ref == end:
                    return True
                if ref not in seen:
                    seen.add(ref)
                    waiting.append(ref)
        return False

    def _list(self, catalog: Catalog) -> Iterator[Item]:
        for value in catalog.objects():
            yield Item(ref=value.ref, value=value, needs=self._needs_of_whole(value))
            if isinstance(value, Table | View):
                yield from self._list_parts(value)
            if isinstance(value, DefinedObject):
                yield from self._list_members(value)

    def _list_parts(self, owner: Table | View) -> Iterator[Item]:
        for column in owner.columns:
            yield self._part(column_ref(owner, column), column, owner, self._inherited(owner, column))
        if isinstance(owner, Table):
            for constraint in owner.constraints:
                needs = [column_ref(owner, name) for name in constraint.columns]
                needs += _referenced(self._tables, constraint)
                yield self._part(constraint_ref(owner, constraint), constraint, owner, needs)
        for index in owner.indexes:
            columns = (column_ref(owner, name) for name in index.columns)
            yield self._part(index_ref(owner, index), index, owner, columns)
        for trigger in owner.triggers:
            schema, signature = trigger.function
            function = ObjectRef(kind=Kind.FUNCTION, schema=schema, name=signature)
            yield self._part(trigger_ref(owner, trigger), trigger, owner, (function,))
        for part in owner.parts:
            if isinstance(part, IndexShare) and isinstance(owner, Table):
                yield self._part(part_ref(owner, part), part, owner, self._shared(owner, part))
            if isinstance(part, Rule | Policy | StatisticsObject):
                yield self._part(part_ref(owner, part), part, owner, ())

    def _list_members(self, holder: DefinedObject) -> Iterator[Item]:
        for member in holder.members:
            ref = member_ref(holder, member)
            needs = frozenset({holder.ref, *self._needs.get(ref, ())})
            yield Item(ref=ref, value=member, holder=holder, needs=needs)

    def _part(self, ref: ObjectRef, value: Value, owner: Table | View, needs: Iterable[ObjectRef]) -> Item:
        every = {owner.ref, *needs, *self._needs.get(ref, ())} - {ref}
        return Item(ref=ref, value=value, owner=owner, needs=frozenset(every))

    def _needs_of_whole(self, value: Whole) -> frozenset[ObjectRef]:
        needs = set(self._needs.get(value.ref, ()))
        if schema := getattr(value, "schema", ""):
            needs.add(ObjectRef(kind=Kind.SCHEMA, schema="", name=schema))
        if isinstance(value, Table):
            needs |= {table_ref(*parent) for parent in value.parents}
        if isinstance(value, Table) and value.of_type:
            needs.add(composite_ref(*value.of_type))
        return frozenset(needs - {value.ref})

    def _shared(self, owner: Table, share: IndexShare) -> Iterator[ObjectRef]:
        """The parent's index or constraint, or its own share, that this is a share of."""
        parent = self._tables.get(owner.partition_of) if owner.partition_of else None
        if parent:
            parts: tuple[Part, ...] = (*parent.indexes, *parent.constraints, *parent.shares)
            yield from (part_ref(parent, part) for part in parts if part.name == share.share_of[1])
        yield from (column_ref(owner, name) for name in share.part.columns)

    def _inherited(self, owner: Table | View, column: Column) -> Iterator[ObjectRef]:
        """The parents' columns of which a child's column is a part."""
        for name in owner.parents if isinstance(owner, Table) else ():
            parent = self._tables.get(name)
            if parent and parent.column(column.name):
                yield column_ref(parent, column.name)


def parent_of_share(item: Item) -> ObjectRef | None:
    """The index, constraint or share that the item is a share of."""
    owner, share = item.owner, item.value
    if not isinstance(share, IndexShare) or not isinstance(owner, Table) or owner.partition_of is None:
        return None
    schema, table = owner.partition_of
    kinds = (Kind.INDEX, Kind.CONSTRAINT)
    wanted = {ObjectRef(kind=kind, schema=schema, parent=table, name=share.share_of[1]) for kind in kinds}
    return next(iter(wanted & item.needs), None)


def parents_columns(item: Item) -> frozenset[ObjectRef]:
    """A child's column comes after those, and does not go before: PostgreSQL drops no column that a parent has."""
    if not isinstance(item.value, Column) or not isinstance(item.owner, Table):
        return frozenset()
    return frozenset(item.ref._replace(schema=schema, parent=name) for schema, name in item.owner.parents)


def trigger_above(inventory: Inventory, share: Item) -> Item | None:
    """The trigger that a partition's share is a share of, or the nearest share above that says when it fires."""
    owner = share.owner
    while isinstance(owner, Table) and owner.partition_of:
        schema, table = owner.partition_of
        if found := inventory.get(share.ref._replace(schema=schema, parent=table)):
            return found
        above = inventory.get(table_ref(schema, table))
        owner = above.value if above and isinstance(above.value, Table) else None
    return None


def _recorded_needs(catalog: Catalog) -> dict[ObjectRef, set[ObjectRef]]:
    """From pg_depend. A sequence's column does not make it: `owned_by` says whose it is."""
    needs: defaultdict[ObjectRef, set[ObjectRef]] = defaultdict(set)
    for dependency in catalog.dependencies:
        if dependency.dependent.kind is not Kind.SEQUENCE:
            needs[dependency.dependent].add(dependency.on)
    return needs


def _referenced(tables: dict[tuple[str, str], Table], constraint: Constraint) -> Iterator[ObjectRef]:
    """The columns that a foreign key refers to, and the keys that let it."""
    table = tables.get(constraint.references) if constraint.references else None
    if table is None:
        return
    yield table.ref
    wanted = set(constraint.referenced_columns)
    yield from (column_ref(table, name) for name in sorted(wanted))
    own: tuple[Constraint | Index, ...] = (*table.constraints, *table.indexes)
    yield from (part_ref(table, key) for key in own if _is_key(key, wanted))
    yield from (part_ref(table, share) for share in table.shares if _is_key(share.part, wanted))


def _is_key(part: Constraint | Index, columns: set[str]) -> bool:
    """Whether it tells rows apart by these columns, for a foreign key."""
    if set(part.columns) != columns:
        return False
    if isinstance(part, Constraint):
        return part.kind in (ConstraintKind.PRIMARY_KEY, ConstraintKind.UNIQUE)
    return part.unique and part.predicate is None


def _parts(items: Iterable[Item]) -> dict[ObjectRef, list[Item]]:
    parts: defaultdict[ObjectRef, list[Item]] = defaultdict(list)
    for item in items:
        whole = item.owner or item.holder
        if whole is not None:
            parts[whole.ref].append(item)
    return parts


def _users(items: Iterable[Item]) -> dict[ObjectRef, set[ObjectRef]]:
    users: defaultdict[ObjectRef, set[ObjectRef]] = defaultdict(set)
    for item in items:
        for need in item.needs:
            users[need].add(item.ref)
    return users


def _children(catalog: Catalog) -> dict[ObjectRef, tuple[Table, ...]]:
    """The partitions of each partitioned table, the children of each parent, by name."""
    found: defaultdict[ObjectRef, list[Table]] = defaultdict(list)
    for table in catalog.every_table:
        for parent in table.parents:
            found[table_ref(*parent)].append(table)
    return {parent: tuple(tables) for parent, tables in found.items()}
