"""A catalog of which some objects are the source's and the others the target's, such that it can be.

What an object needs comes along with it; which way that goes where the two are at odds is the caller's to say.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, replace
from enum import Enum
from functools import cache
from typing import Any, get_args, get_type_hints

from schemadiff.core.catalog import (
    Access,
    Catalog,
    Column,
    Constraint,
    Dependency,
    Function,
    Index,
    Kind,
    ObjectRef,
    Part,
    Sequence,
    Table,
    UserType,
    View,
)
from schemadiff.core.errors import Refused
from schemadiff.core.inventory import Inventory, Item, Value

_OFTEN = 5  # an object that changes sides more often than this would do so for ever


class Side(Enum):
    SOURCE = "source"
    TARGET = "target"


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """An object that is as `side` has it, though nobody chose that, because `needed_by` needs it."""

    ref: ObjectRef
    side: Side
    needed_by: ObjectRef


@dataclass(frozen=True, slots=True, kw_only=True)
class Mixed:
    """`taken` is sorted; `causes` says of everything that was taken, parts included, for the sake of what."""

    catalog: Catalog
    taken: tuple[Taken, ...]
    causes: dict[ObjectRef, ObjectRef]


class Mixing:
    """Begins as one side's catalog; `take` objects of the other, `complete` it, then ask for the `result`."""

    def __init__(self, source: Catalog, target: Catalog, *, base: Side) -> None:
        self._catalogs = {Side.SOURCE: source, Side.TARGET: target}
        self._sides = {side: Inventory(catalog) for side, catalog in self._catalogs.items()}
        self._base = base
        self._origins = dict.fromkeys(self._sides[base], base)
        self._owned = {side: _owned_sequences(catalog) for side, catalog in self._catalogs.items()}
        self._taken: dict[ObjectRef, Taken] = {}
        self._causes: dict[ObjectRef, ObjectRef] = {}
        self._times: Counter[ObjectRef] = Counter()

    def refs(self) -> tuple[ObjectRef, ...]:
        """Everything that either side has and that can be taken by itself, sorted."""
        every = {*self._sides[Side.SOURCE], *self._sides[Side.TARGET]}
        return tuple(sorted(ref for ref in every if self._whole(ref) == ref))

    def take(self, ref: ObjectRef, side: Side) -> frozenset[ObjectRef]:
        """The object as that side has it, or not at all, with its parts and the sequences that its columns own.

        Returns everything that this was about.
        """
        about = set[ObjectRef]()
        waiting = [self._whole(ref)]
        while waiting:
            one = waiting.pop()
            if one in about:
                continue
            about.add(one)
            for inventory, owned in zip(self._sides.values(), self._owned.values(), strict=True):
                waiting += [part.ref for part in inventory.parts(one)]
                waiting += owned.get(one, ())
        for one in about:
            if one in self._sides[side]:
                self._origins[one] = side
            else:
                self._origins.pop(one, None)
        return frozenset(about)

    def complete(self, *, yields: bool) -> None:
        """Take what is missing, until everything has what it needs.

        What the source's objects need is the source's. Where an object of the target would lose what it needs, that
        stays for its sake; or, if it `yields`, the object becomes the source's too.
        """
        waiting = sorted(self._origins)
        while waiting:
            ref = waiting.pop()
            origin = self._origins.get(ref)
            for need in self._needs(ref, origin) if origin else ():
                present = self._origins.get(ref)
                if present is not None and not self._is_served(ref, need, present):
                    waiting += self._serve(ref, need, yields)

    def result(self) -> Mixed:
        catalog = self._catalogs[self._base]
        groups = _groups(self._catalogs.values())
        found: defaultdict[str, list[Any]] = defaultdict(list)
        parts = self._parts_by_owner()
        for ref, side in self._origins.items():
            if not ref.parent:
                value = self._rebuilt(self._sides[side][ref], side, parts.get(ref, []))
                found[groups[type(value)]].append(value)
        changes: dict[str, Any] = {
            name: tuple(sorted(found[name], key=lambda value: value.ref)) for name in set(groups.values())
        }
        return Mixed(
            catalog=replace(
                catalog, **changes, access=self._access(), dependencies=tuple(self._dependencies())
            ),
            taken=tuple(self._taken[ref] for ref in sorted(self._taken)),
            causes=self._causes,
        )

    def _access(self) -> tuple[Access, ...]:
        """An object's owner and grants are those of the side that it is from."""
        found = (
            access
            for side, catalog in self._catalogs.items()
            for access in catalog.access
            if self._origins.get(access.ref) is side
        )
        return tuple(sorted(found, key=lambda access: access.ref))

    def _whole(self, ref: ObjectRef) -> ObjectRef:
        """A view has no columns that could come or go by themselves; members are taken with what they are in."""
        if ref.kind in (Kind.COLUMN, Kind.MEMBER):
            for inventory in self._sides.values():
                item = inventory.get(ref)
                if item and isinstance(item.owner, View):
                    return item.owner.ref
                if item and item.holder:
                    return item.holder.ref
        return ref

    def _needs(self, ref: ObjectRef, side: Side) -> list[ObjectRef]:
        """A sequence that belongs to a column is not without it, though it is made before."""
        item = self._sides[side].get(ref)
        owner = _owner(item.value) if item else None
        return sorted(item.needs | {owner} if owner else item.needs) if item else []

    def _is_served(self, ref: ObjectRef, need: ObjectRef, origin: Side) -> bool:
        there = self._origins.get(need)
        if there is None:
            return need not in self._sides[origin]
        if there is origin or origin is Side.TARGET or not self._differs(ref):
            return True
        source, target = self._sides[Side.SOURCE].get(need), self._sides[Side.TARGET].get(need)
        if source is None or target is None:
            return True
        return is_as_good(source.value, target.value, self._sides[Side.SOURCE][ref].value)

    def _differs(self, ref: ObjectRef) -> bool:
        source, target = (inventory.get(ref) for inventory in self._sides.values())
        return source is None or target is None or source.value != target.value

    def _serve(self, ref: ObjectRef, need: ObjectRef, yields: bool) -> Iterable[ObjectRef]:
        """Takes one of the two; returns what has to be looked at (again)."""
        origin = self._origins[ref]
        chosen, side, reason = need, origin, ref
        goes_along = ref.kind is Kind.SEQUENCE and need.kind is Kind.COLUMN
        if origin is Side.TARGET and (yields or goes_along or self._is_settled(need)):
            chosen, side, reason = ref, Side.SOURCE, need
        about = self.take(chosen, side)
        whole = self._whole(chosen)
        self._refuse_to_go_round(whole, reason)
        self._taken[whole] = Taken(ref=whole, side=side, needed_by=reason)
        for one in about - {whole}:
            if not one.parent and one.kind is Kind.SEQUENCE:
                self._taken[one] = Taken(ref=one, side=side, needed_by=whole)
        self._causes |= dict.fromkeys(about, reason)
        users = {user for one in about for inventory in self._sides.values() for user in inventory.users(one)}
        return [*sorted(about), *sorted(users)]

    def _refuse_to_go_round(self, ref: ObjectRef, reason: ObjectRef) -> None:
        self._times[ref] += 1
        if self._times[ref] > _OFTEN:
            raise Refused(
                f"What is ignored or selected cannot be told apart from the rest: {ref.kind.value} {ref.label} and"
                f" {reason.kind.value} {reason.label} need each other's other side. Name both of them, or neither."
            )

    def _is_settled(self, ref: ObjectRef) -> bool:
        found = self._taken.get(self._whole(ref))
        return found is not None and found.side is Side.SOURCE

    def _parts_by_owner(self) -> dict[ObjectRef, list[tuple[Item, Side]]]:
        found: defaultdict[ObjectRef, list[tuple[Item, Side]]] = defaultdict(list)
        for ref, side in self._origins.items():
            item = self._sides[side][ref]
            if item.owner is not None:
                found[item.owner.ref].append((item, side))
        return found

    def _rebuilt(self, item: Item, side: Side, parts: list[tuple[Item, Side]]) -> Value:
        value = item.value
        if not isinstance(value, Table | View):
            return value
        own = self._sides[side].parts(item.ref)
        if len(own) == len(parts) and all(origin is side for _, origin in parts):
            return value
        return _with_parts(value, [part for part, _ in parts])

    def _dependencies(self) -> Iterator[Dependency]:
        found = {
            dependency
            for side, catalog in self._catalogs.items()
            for dependency in catalog.dependencies
            if self._origins.get(dependency.dependent) is side and dependency.on in self._origins
        }
        yield from sorted(found, key=lambda dependency: (dependency.dependent, dependency.on))


def is_as_good(source: Value, target: Value, user: Value) -> bool:
    """Whether what needs the source's object (`user` does) can do with the target's of that name."""
    match source, target:
        case Table(), Table() if isinstance(user, Table) and user.partition_of == source.qualified:
            return _names_and_types(source) == _names_and_types(target)
        case source, target if isinstance(source, UserType) and isinstance(target, UserType):
            return replace(source, comment=target.comment) == target
        case Column(), Column():
            return (source.type, source.collation, source.generated) == (
                target.type,
                target.collation,
                target.generated,
            )
        case Function(), Function():
            return (source.returns, source.kind) == (target.returns, target.kind)
        case Constraint(), Constraint():
            return source.definition == target.definition
        case Index(), Index():
            return source.definition == target.definition
        case _:
            return True


def _names_and_types(table: Table) -> set[tuple[str, str]]:
    return {(column.name, column.type) for column in table.columns}


def _owner(value: Value) -> ObjectRef | None:
    """The column that a sequence belongs to."""
    if not isinstance(value, Sequence) or value.owned_by is None:
        return None
    schema, table, column = value.owned_by
    return ObjectRef(kind=Kind.COLUMN, schema=schema, parent=table, name=column)


def _owned_sequences(catalog: Catalog) -> dict[ObjectRef, list[ObjectRef]]:
    """By the column that owns them."""
    found: defaultdict[ObjectRef, list[ObjectRef]] = defaultdict(list)
    for sequence in catalog.sequences:
        if owner := _owner(sequence):
            found[owner].append(sequence.ref)
    return found


def _groups(catalogs: Iterable[Catalog]) -> dict[type[Any], str]:
    """In which field of a catalog objects of a class are."""
    found: dict[type[Any], str] = {}
    for catalog in catalogs:
        for entry in fields(catalog):
            values = getattr(catalog, entry.name)
            if entry.name == "access":
                continue  # no objects of their own
            if isinstance(values, tuple) and values and hasattr(values[0], "ref"):
                found |= dict.fromkeys(map(type, values), entry.name)
    return found


def _with_parts(owner: Table | View, parts: Iterable[Item]) -> Table | View:
    found: defaultdict[type[Any], list[Item]] = defaultdict(list)
    for item in parts:
        found[type(item.value)].append(item)
    changes: dict[str, Any] = {}
    whole: Any = type(owner)
    for kind, name in _part_fields(whole).items():
        values = sorted((item.value for item in found[kind]), key=_name)
        changes[name] = _columns(owner, found[kind]) if kind is Column else tuple(values)
    return replace(owner, **changes)


@cache
def _part_fields(kind: Any) -> dict[type[Any], str]:
    """`{Column: "columns", …}`, from the annotations."""
    hints = get_type_hints(kind)
    found = {}
    for entry in fields(kind):
        arguments = get_args(hints[entry.name])
        if arguments and isinstance(arguments[0], type) and issubclass(arguments[0], Part):
            found[arguments[0]] = entry.name
    return found


def _columns(owner: Table | View, columns: list[Item]) -> tuple[Column, ...]:
    """Its own in their order; what came from the other side stands behind the column that it stood behind there."""
    found = {item.value.name: item.value for item in columns if isinstance(item.value, Column)}
    order = [column.name for column in owner.columns if column.name in found]
    for item in columns:
        there = [column.name for column in item.owner.columns] if item.owner else []
        for place, name in enumerate(there):
            if name in found and name not in order:
                before = [other for other in there[:place] if other in order]
                order.insert(order.index(before[-1]) + 1 if before else 0, name)
    return tuple(replace(found[name], position=place) for place, name in enumerate(order, 1))


def _name(part: Any) -> str:
    name: str = part.name
    return name
