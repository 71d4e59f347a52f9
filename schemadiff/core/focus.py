"""What a plan between two catalogs can touch: the objects that differ, all that hangs on them, what those need.

Most objects of a large schema are the same on both sides and use nothing that differs: a plan would look at each
of them only to leave it as it is.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Set
from dataclasses import fields, replace
from typing import Any, TypeAlias

from schemadiff.core.catalog import (
    Catalog,
    Column,
    Constraint,
    ConstraintKind,
    DefinedObject,
    Index,
    IndexShare,
    Kind,
    ObjectRef,
    Part,
    Sequence,
    Table,
    View,
)
from schemadiff.core.ddl.constraints import is_passed_on, is_unvalidated
from schemadiff.core.ddl.references import column_ref, constraint_ref, part_ref, table_ref
from schemadiff.core.ddl.tables import is_in_partition_key
from schemadiff.core.defined_objects import member_ref

_Entry: TypeAlias = Any  # whatever a catalog lists that has a `ref`
_Pair: TypeAlias = tuple[_Entry | None, _Entry | None]
_GROUPS = tuple(entry.name for entry in fields(Catalog) if str(entry.type).startswith("tuple"))
_PARTS = ("columns", "constraints", "indexes", "shares", "triggers", "rules", "policies", "statistics")
_RELATIONS = (Kind.TABLE, Kind.VIEW)
_UNIQUE = (ConstraintKind.PRIMARY_KEY, ConstraintKind.UNIQUE)


def focused(source: Catalog, target: Catalog) -> tuple[Catalog, Catalog]:
    """Both without the objects that no statement is about and that no statement needs.

    A relation is kept whole or not at all. The statements that make the one like the other are the same as
    between the catalogs as they are.
    """
    sides = (_Side(source), _Side(target))
    different = _different(sides)
    touched = {entry.ref for pair in different for entry in pair if entry is not None}
    touched |= _disturbed(sides, different)
    kept = {side.owner_of(ref) for ref in touched for side in sides}
    kept |= {table for side in sides for table in side.owners_of_sequences(kept)}
    for needed in [side.needs(kept) for side in sides]:
        kept |= needed
    return sides[0].only(kept), sides[1].only(kept)


class _Side:
    """One catalog, seen from the objects that others use."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self.entries = {(group, ref): entry for group, ref, entry in _entries(catalog)}
        self._tops = {
            ref: entry
            for (group, ref), entry in self.entries.items()
            if not ref.parent and group != "access"  # that is about the objects of the other groups
        }
        self._holders = {
            member_ref(holder, member): holder.ref for holder in catalog.defined for member in holder.members
        }
        self._relations: dict[tuple[str, str], ObjectRef] = {
            (ref.schema, ref.name): ref for ref in self._tops if ref.kind in _RELATIONS
        }
        self._owned = [
            (dependency, self.owner_of(dependency.dependent), self.owner_of(dependency.on))
            for dependency in catalog.dependencies
        ]
        self._keys: dict[ObjectRef, frozenset[ObjectRef]] = {}
        self._foreign_keys: defaultdict[tuple[str, str], list[tuple[Table, Constraint]]] = defaultdict(list)
        self._children: defaultdict[ObjectRef, list[Table]] = defaultdict(list)
        self._users: defaultdict[ObjectRef, list[ObjectRef]] = defaultdict(list)
        for dependency in catalog.dependencies:
            self._users[dependency.on].append(dependency.dependent)
        self._add_users_by_name()

    def _add_users_by_name(self) -> None:
        for table in self._catalog.every_table:
            for parent in table.parents:
                self._users[table_ref(*parent)].append(table.ref)
                self._children[table_ref(*parent)].append(table)
            for constraint in table.constraints:
                if constraint.references:
                    self._foreign_keys[constraint.references].append((table, constraint))
        for sequence in self._catalog.sequences:
            if sequence.owned_by:
                schema, owner, name = sequence.owned_by
                self._users[table_ref(schema, owner)].append(sequence.ref)
                column = ObjectRef(kind=Kind.COLUMN, schema=schema, parent=owner, name=name)
                self._users[column].append(sequence.ref)

    def owner_of(self, ref: ObjectRef) -> ObjectRef:
        """The relation of a part, the object of a member; anything else is its own."""
        if not ref.parent:
            return ref
        if ref.kind is Kind.MEMBER:
            return self._holders.get(ref, ref)
        return self._relations.get((ref.schema, ref.parent), ref)

    def owners_of_sequences(self, kept: Set[ObjectRef]) -> Iterator[ObjectRef]:
        """What a column holds decides what becomes of its sequence."""
        for sequence in self._catalog.sequences:
            if sequence.owned_by and sequence.ref in kept:
                yield table_ref(*sequence.owned_by[:2])

    def users(self, ref: ObjectRef) -> Iterator[ObjectRef]:
        """What uses the object, as PostgreSQL recorded it or as names say; a whole's parts are among them."""
        yield from self._users.get(ref, ())
        if not ref.parent:
            yield from _parts(self._tops.get(ref))
            yield from self._with_its_checks(ref)
            for table in (ref, *self._partitioned_above(ref)):
                yield from self._foreign_keys_to(table)
            return
        owner = self.owner_of(ref)
        if ref.kind is Kind.COLUMN:
            yield from _parts_naming(self._tops.get(owner), ref.name)
            yield from (column_ref(child, ref.name) for child in self._children.get(owner, ()))
            yield from self._foreign_keys_to(owner, ref.name)
            yield from self._parted_by(ref.name, self._tops.get(owner))
            return
        if ref.kind is Kind.CONSTRAINT:  # its copies come and go with it, which partitions do not list
            for below in self._below(owner):
                yield ref._replace(schema=below.schema, parent=below.name)
            yield from self._with_its_checks(owner)
        if ref in self._keys_of(owner):
            yield from self._foreign_keys_to(owner)

    def _parted_by(self, column: str, table: _Entry | None) -> Iterator[ObjectRef]:
        """The table, where its partitions are told apart by the column: it is made anew for another type."""
        if isinstance(table, Table) and is_in_partition_key(table, column):
            yield table.ref

    def _partitioned_above(self, ref: ObjectRef) -> Iterator[ObjectRef]:
        """What refers to a partitioned table refers to its partitions, too: these cannot just go."""
        entry = self._tops.get(ref)
        while isinstance(entry, Table) and entry.partition_of:
            yield table_ref(*entry.partition_of)
            entry = self._tops.get(table_ref(*entry.partition_of))

    def _with_its_checks(self, ref: ObjectRef) -> Iterator[ObjectRef]:
        """The tables below those whose NOT VALID checks a table inherits, where these may be valid."""
        entry = self._tops.get(ref)
        if isinstance(entry, Table):
            if any(is_passed_on(check) and is_unvalidated(check) for check in entry.constraints):
                yield ref
                yield from self._below(ref)
            for parent in entry.parents:
                yield from self._with_its_checks(table_ref(*parent))

    def _below(self, table: ObjectRef) -> Iterator[ObjectRef]:
        for child in self._children.get(table, ()):
            yield child.ref
            yield from self._below(child.ref)

    def _foreign_keys_to(self, ref: ObjectRef, column: str | None = None) -> Iterator[ObjectRef]:
        """Those to the table, or to that column of it."""
        if ref.kind is Kind.TABLE:
            for table, key in self._foreign_keys.get((ref.schema, ref.name), ()):
                if column is None or column in key.referenced_columns:
                    yield constraint_ref(table, key)

    def _keys_of(self, owner: ObjectRef) -> frozenset[ObjectRef]:
        found = self._keys.get(owner)
        if found is None:
            found = self._keys[owner] = frozenset(_keys(self._tops.get(owner)))
        return found

    def needs(self, kept: Set[ObjectRef]) -> set[ObjectRef]:
        """The objects that those kept need directly."""
        found = {on for _, dependent, on in self._owned if dependent in kept}
        for ref in kept:
            found.update(_named_needs(self._tops.get(ref)))
        return found

    def only(self, kept: Set[ObjectRef]) -> Catalog:
        """The catalog with nothing but these."""
        groups: dict[str, list[_Entry]] = {group: [] for group, _ in self.entries}
        for (group, ref), entry in self.entries.items():
            if self.owner_of(ref) in kept:
                groups[group].append(entry)
        dependencies = tuple(
            dependency for dependency, dependent, on in self._owned if dependent in kept and on in kept
        )
        left: dict[str, Any] = {group: tuple(entries) for group, entries in groups.items()}
        return replace(self._catalog, dependencies=dependencies, **left)


def _entries(catalog: Catalog) -> Iterator[tuple[str, ObjectRef, _Entry]]:
    for group in _GROUPS:
        for entry in getattr(catalog, group):
            if ref := getattr(entry, "ref", None):
                yield group, ref, entry


def _parts(entry: _Entry) -> Iterator[ObjectRef]:
    if isinstance(entry, Table | View):
        yield from (part_ref(entry, part) for part in entry.parts)
    if isinstance(entry, DefinedObject):
        yield from (member_ref(entry, member) for member in entry.members)


def _parts_naming(entry: _Entry, column: str) -> Iterator[ObjectRef]:
    """Constraints and indexes that have the column, which PostgreSQL does not record apart from that."""
    if isinstance(entry, Table | View):
        for part in entry.parts:
            named = part.part if isinstance(part, IndexShare) else part
            if isinstance(named, Constraint | Index) and column in named.columns:
                yield part_ref(entry, part)


def _keys(entry: _Entry) -> Iterator[ObjectRef]:
    """The parts that foreign keys of others may need."""
    if isinstance(entry, Table):
        keys: list[Part] = [c for c in entry.constraints if c.kind in _UNIQUE]
        keys += (index for index in entry.indexes if index.unique)
        keys += entry.shares
        yield from (part_ref(entry, part) for part in keys)


def _named_needs(entry: _Entry) -> Iterator[ObjectRef]:
    if schema := getattr(entry, "schema", ""):
        yield ObjectRef(kind=Kind.SCHEMA, schema="", name=schema)
    if isinstance(entry, Sequence) and entry.owned_by:
        yield table_ref(*entry.owned_by[:2])
    if isinstance(entry, Table):
        yield from (table_ref(*parent) for parent in entry.parents)
        for part in entry.parts:
            if isinstance(part, Constraint) and part.references:
                yield table_ref(*part.references)


def _different(sides: tuple[_Side, _Side]) -> list[_Pair]:
    """What the two sides have under one name, where it is not the same; None where it is missing."""
    source, target = sides
    pairs = [(entry, target.entries.get(key)) for key, entry in source.entries.items()]
    pairs += [(None, entry) for key, entry in target.entries.items() if key not in source.entries]
    return [(here, there) for here, there in pairs if here is not there and here != there]


def _disturbed(sides: tuple[_Side, _Side], different: Iterable[_Pair]) -> set[ObjectRef]:
    """What differs and what uses it, through any number of others; wholes and parts."""
    found = {ref for pair in different for ref in _differing(*pair)}
    waiting = list(found)
    while waiting:
        ref = waiting.pop()
        users = {user for side in sides for user in side.users(ref)} - found
        found |= users
        waiting.extend(users)
    return found


def _differing(source: _Entry | None, target: _Entry | None) -> Iterator[ObjectRef]:
    """The object, or of a table that differs in some parts only, these: not all that uses the table hangs on them."""
    if isinstance(source, Table) and isinstance(target, Table) and _bare(source) == _bare(target):
        here, there = _parts_by_ref(source), _parts_by_ref(target)
        yield from (
            ref for ref in here.keys() | there.keys() if _says_otherwise(here.get(ref), there.get(ref))
        )
    else:
        yield from {entry.ref for entry in (source, target) if entry is not None}


def _bare(table: Table) -> Table:
    empty: dict[str, Any] = dict.fromkeys(_PARTS, ())
    return replace(table, **empty)


def _parts_by_ref(table: Table) -> dict[ObjectRef, Part]:
    return {part_ref(table, part): part for part in table.parts}


def _says_otherwise(here: Part | None, there: Part | None) -> bool:
    """No statement moves a column."""
    if here is there:
        return False
    if isinstance(here, Column) and isinstance(there, Column) and here.position != there.position:
        return here != replace(there, position=here.position)
    return here != there
