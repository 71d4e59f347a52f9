"""Which object of the target is which of the source, where a person confirmed that their names differ."""

from collections.abc import Iterator
from dataclasses import dataclass

from schemadiff.core.catalog import Catalog, CompositeType, EnumType, Kind, ObjectRef, Table, View
from schemadiff.core.ddl.references import attribute_ref, column_ref, enum_label_ref, part_ref
from schemadiff.core.mapping import ColumnPair, Mapping, PairStatus, TableMapping


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Rename:
    """The target's object `target` is the source's `source`."""

    source: ObjectRef
    target: ObjectRef


def confirmed(mapping: Mapping, source: Catalog, target: Catalog) -> tuple[Rename, ...]:
    """Sorted; each object at most once on either side. What names an object that is not there is ignored:
    a script that was made by the same mapping may have been applied already."""
    there = _refs(source), _refs(target)
    pairs: dict[ObjectRef, ObjectRef] = {}
    taken: set[ObjectRef] = set()
    for rename in (*_of_objects(mapping), *_of_tables(mapping)):
        known = rename.source in there[0] and rename.target in there[1]
        if known and rename.source not in pairs and rename.target not in taken:
            pairs[rename.source] = rename.target
            taken.add(rename.target)
    return tuple(sorted(Rename(source=one, target=other) for one, other in pairs.items()))


def _refs(catalog: Catalog) -> set[ObjectRef]:
    found: set[ObjectRef] = set()
    for entry in catalog.objects():
        found.add(entry.ref)
        if isinstance(entry, Table | View):
            found |= {part_ref(entry, part) for part in entry.parts}
        elif isinstance(entry, EnumType):
            found |= {enum_label_ref(entry, label) for label in entry.labels}
        elif isinstance(entry, CompositeType):
            found |= {attribute_ref(entry, attribute.name) for attribute in entry.attributes}
    return found


def _of_objects(mapping: Mapping) -> Iterator[Rename]:
    for entry in mapping.renames:
        if entry.status is PairStatus.CONFIRMED:
            yield Rename(source=entry.source, target=entry.target)


def _of_tables(mapping: Mapping) -> Iterator[Rename]:
    for entry in mapping.tables:
        if not entry.accepted() or entry.part:  # what a table gave to another one is no other name of it
            continue
        if mapping.is_added(entry):  # nor is a table that takes its rows and those of another one
            continue
        one, other = _table_ref(entry.source), _table_ref(entry.target)
        yield Rename(source=one, target=other)
        for name, counterpart in _columns(entry).items():
            yield Rename(source=_column(one, name), target=_column(other, counterpart))


def _table_ref(name: tuple[str, str]) -> ObjectRef:
    return ObjectRef(kind=Kind.TABLE, schema=name[0], name=name[1])


def _column(table: ObjectRef, name: str) -> ObjectRef:
    return column_ref(Table(schema=table.schema, name=table.name), name)


def _columns(entry: TableMapping) -> dict[str, str]:
    """Where one column fills several, the one of the same name counts as it, else the first."""
    chosen: dict[str, str] = {}
    for pair in sorted(entry.accepted(), key=_differs_in_name):
        if pair.source is not None and pair.source not in chosen:
            chosen[pair.source] = pair.target
    return chosen


def _differs_in_name(pair: ColumnPair) -> bool:
    return pair.source != pair.target
