"""Tables of the source put into the target's catalog, with all that they need: what an option wants to have.

The plan is then the planner's, from the target as it is to the catalog that comes out here.
"""

from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass, replace
from typing import TypeAlias, TypeVar

from schemadiff.core.catalog import (
    Catalog,
    CompositeType,
    Constraint,
    DefinedObject,
    Dependency,
    Domain,
    EnumType,
    Extension,
    Function,
    Kind,
    ObjectRef,
    RangeType,
    Schema,
    Sequence,
    Table,
    UserType,
)
from schemadiff.core.ddl.references import constraint_ref
from schemadiff.core.defined_objects import DEFINED_KINDS
from schemadiff.core.inventory import Inventory
from schemadiff.core.plan import Notice

Needed: TypeAlias = Schema | Extension | UserType | Sequence | Function | DefinedObject
_V = TypeVar(
    "_V",
    Schema,
    Extension,
    EnumType,
    Domain,
    CompositeType,
    RangeType,
    Sequence,
    Function,
    DefinedObject,
    Table,
)

_NEEDED_KINDS = DEFINED_KINDS | {
    Kind.SCHEMA,
    Kind.EXTENSION,
    Kind.ENUM,
    Kind.DOMAIN,
    Kind.COMPOSITE,
    Kind.RANGE,
    Kind.SEQUENCE,
    Kind.FUNCTION,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """`objects` are the source's, sorted; `relations` are tables and views that something needs as well."""

    objects: tuple[Needed, ...]
    relations: tuple[ObjectRef, ...]


def needs_of(source: Inventory, roots: Iterable[ObjectRef]) -> Needs:
    """What must be there for these objects of the source, directly or through others."""
    start = set(roots)
    tables = {_relation(ref) for ref in start}
    seen, waiting = set(start), sorted(start)
    relations: set[ObjectRef] = set()
    while waiting:
        item = source.get(waiting.pop())
        for need in item.needs if item else ():
            if need in seen:
                continue
            seen.add(need)
            if need.kind in _NEEDED_KINDS:
                waiting.append(need)
            elif _relation(need) not in tables:
                relations.add(_relation(need))
    found = (source[ref].value for ref in sorted(seen - start) if ref.kind in _NEEDED_KINDS and ref in source)
    return Needs(
        objects=tuple(value for value in found if isinstance(value, Needed)),
        relations=tuple(sorted(relations)),
    )


def graft(
    target: Catalog,
    source: Catalog,
    tables: Iterable[Table],
    objects: Iterable[Needed],
    taken: Set[ObjectRef],
) -> Catalog:
    """The target with these tables and objects, which take the place of what has their names.

    `taken` is everything that comes from the source, parts of tables included: its dependencies come along.
    """
    extra = tuple(objects)
    merged = replace(
        target,
        schemas=_merge(target.schemas, (o for o in extra if isinstance(o, Schema))),
        extensions=_merge(target.extensions, (o for o in extra if isinstance(o, Extension))),
        enums=_merge(target.enums, (o for o in extra if isinstance(o, EnumType))),
        domains=_merge(target.domains, (o for o in extra if isinstance(o, Domain))),
        composites=_merge(target.composites, (o for o in extra if isinstance(o, CompositeType))),
        ranges=_merge(target.ranges, (o for o in extra if isinstance(o, RangeType))),
        sequences=_merge(target.sequences, (o for o in extra if isinstance(o, Sequence))),
        functions=_merge(target.functions, (o for o in extra if isinstance(o, Function))),
        defined=_merge(target.defined, (o for o in extra if isinstance(o, DefinedObject))),
        tables=_merge(target.tables, tables),
    )
    return replace(merged, dependencies=_dependencies(merged, source, target, taken))


def without_tables(catalog: Catalog, gone: Set[tuple[str, str]]) -> Catalog:
    """The catalog when these tables, with the sequences that they own, are out of sight."""
    tables = tuple(table for table in catalog.tables if table.qualified not in gone)
    sequences = tuple(s for s in catalog.sequences if s.owned_by is None or s.owned_by[:2] not in gone)
    rest = replace(catalog, tables=tables, sequences=sequences)
    return replace(rest, dependencies=_dependencies(rest, rest, rest, frozenset()))


def without_constraints(catalog: Catalog, gone: Set[ObjectRef]) -> Catalog:
    tables = tuple(_without(table, gone) for table in catalog.tables)
    return replace(catalog, tables=tables)


def without_absent_references(
    tables: Iterable[Table], present: Catalog, scope: Set[tuple[str, str]]
) -> tuple[tuple[Table, ...], tuple[Notice, ...]]:
    """The tables less those foreign keys whose referenced table, columns or key there will not be."""
    kept, notices = [], []
    for table in tables:
        lost = [key for key in table.foreign_keys if not _can_refer(key, present, scope)]
        kept.append(_without(table, {constraint_ref(table, key) for key in lost}))
        for key in lost:
            message = (
                f"The foreign key {key.name} of {table.ref.label} refers to {'.'.join(key.references or ())}, "
                "which is not carried over and which the target does not have with such a key: it is left out."
            )
            notices.append(Notice(ref=constraint_ref(table, key), message=message))
    return tuple(kept), tuple(notices)


def has_key(table: Table, columns: tuple[str, ...]) -> bool:
    """Whether a foreign key may refer to these columns."""
    wanted = set(columns)
    keys = (c for c in table.constraints if c.kind.value in ("primary key", "unique"))
    plain = (i for i in table.indexes if i.unique and i.predicate is None)
    return any(set(key.columns) == wanted for key in keys) or any(set(i.columns) == wanted for i in plain)


def parts_of(inventory: Inventory, tables: Iterable[Table]) -> frozenset[ObjectRef]:
    """The tables themselves and everything in them."""
    refs = [table.ref for table in tables]
    return frozenset(refs).union(*({part.ref for part in inventory.parts(ref)} for ref in refs))


def _can_refer(key: Constraint, present: Catalog, scope: Set[tuple[str, str]]) -> bool:
    if key.references is None or key.references in scope:
        return True
    referenced = present.table(*key.references)
    return referenced is not None and has_key(referenced, key.referenced_columns)


def _without(table: Table, gone: Set[ObjectRef]) -> Table:
    kept = tuple(c for c in table.constraints if constraint_ref(table, c) not in gone)
    return table if len(kept) == len(table.constraints) else replace(table, constraints=kept)


def _merge(present: tuple[_V, ...], extra: Iterable[_V]) -> tuple[_V, ...]:
    merged = {value.ref: value for value in present} | {value.ref: value for value in extra}
    return tuple(value for _, value in sorted(merged.items()))


def _dependencies(
    merged: Catalog, source: Catalog, target: Catalog, taken: Set[ObjectRef]
) -> tuple[Dependency, ...]:
    there = set(_refs(merged))
    found = {d for d in source.dependencies if d.dependent in taken}
    found |= {d for d in target.dependencies if d.dependent not in taken}
    both_there = (d for d in found if d.dependent in there and d.on in there)
    return tuple(sorted(both_there, key=lambda d: (d.dependent, d.on)))


def _refs(catalog: Catalog) -> Iterator[ObjectRef]:
    return iter(Inventory(replace(catalog, dependencies=())))


def _relation(ref: ObjectRef) -> ObjectRef:
    """The table of a part; views are taken for tables, which does no harm: they share their names."""
    if not ref.parent:
        return ref
    return ObjectRef(kind=Kind.TABLE, schema=ref.schema, name=ref.parent)
