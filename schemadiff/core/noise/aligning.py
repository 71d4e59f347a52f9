"""The source with the target's value wherever a rule ignores an attribute."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import fields, replace
from typing import Any, TypeVar

from schemadiff.core.attributes import attributes_of
from schemadiff.core.catalog import (
    Catalog,
    Column,
    Constraint,
    Dependency,
    Domain,
    Index,
    ObjectRef,
    Part,
    Table,
    View,
)
from schemadiff.core.ddl.references import part_ref, table_ref
from schemadiff.core.mapping import Mapping
from schemadiff.core.noise.access_rules import with_ignored_access
from schemadiff.core.noise.attributes import (
    COLUMN_ORDER,
    CONSTRAINT_NAME,
    INDEX_NAME,
    taken_over,
    with_target_constraint_names,
)
from schemadiff.core.noise.rules import Rules
from schemadiff.core.renames import Renames

_Named = TypeVar("_Named", Constraint, Index)


def with_ignored_attributes(source: Catalog, target: Catalog, rules: Rules, mapping: Mapping) -> Catalog:
    """Objects that both have, under one name or as the mapping pairs them, agree in what the rules ignore."""
    if not rules.for_attributes:
        return source
    return _Aligning(source, target, rules, mapping).catalog()


class _Aligning:
    def __init__(self, source: Catalog, target: Catalog, rules: Rules, mapping: Mapping) -> None:
        self._source, self._whole_target = source, target
        self._target = {entry.ref: entry for entry in target.objects()}
        self._rules = rules.for_attributes
        self._renames = Renames(mapping, source, target)
        self._renamed: dict[ObjectRef, ObjectRef] = {}

    def catalog(self) -> Catalog:
        changes: dict[str, Any] = {
            entry.name: tuple(map(self._object, value))
            for entry in fields(self._source)
            if isinstance(value := getattr(self._source, entry.name), tuple)
            and value
            and hasattr(value[0], "ref")
            and entry.name != "access"
        }
        changes["access"] = with_ignored_access(
            self._source, self._whole_target, self._words, self._counterpart
        )
        return replace(self._source, **changes, dependencies=tuple(self._dependencies()))

    def _counterpart(self, ref: ObjectRef) -> ObjectRef | None:
        if not ref.parent:
            return self._renames.target_of(ref)
        table = table_ref(ref.schema, ref.parent)
        there = self._renames.target_of(table)
        name = self._renames.columns_of(table).get(ref.name, ref.name)
        return ref._replace(schema=there.schema, parent=there.name, name=name) if there else None

    def _object(self, source: Any) -> Any:
        counterpart = self._renames.target_of(source.ref)
        target: Any = self._target.get(counterpart) if counterpart else None
        if target is None:
            return source
        words = self._words(source.ref)
        changes = taken_over(source, target, words)
        if isinstance(source, Table | View):
            changes |= self._parts(source, target)
        if isinstance(source, Table) and COLUMN_ORDER in words:
            columns = changes.get("columns", source.columns)
            changes["columns"] = _in_order_of(columns, target.columns, self._renames.columns_of(source.ref))
        if isinstance(source, Domain) and CONSTRAINT_NAME in words:
            source = with_target_constraint_names(source, target)
        return replace(source, **changes) if changes else source

    def _words(self, ref: ObjectRef) -> frozenset[str]:
        return frozenset(word for rule in self._rules if rule.covers(ref) for word in rule.attributes)

    def _parts(self, source: Table | View, target: Table | View) -> dict[str, Any]:
        found: dict[str, Any] = {}
        columns = self._renames.columns_of(source.ref)
        for name in _part_fields(source):
            parts = getattr(source, name)
            others = {part.name: part for part in getattr(target, name)}
            if name == "constraints":
                parts = self._as_called(source, parts, others, CONSTRAINT_NAME)
            elif name == "indexes":
                parts = self._as_called(source, parts, others, INDEX_NAME)
            pairs = columns if name == "columns" else {}
            aligned = tuple(
                self._part(source, part, others.get(pairs.get(part.name, part.name))) for part in parts
            )
            if aligned != getattr(source, name):
                found[name] = aligned
        return found

    def _part(self, owner: Table | View, part: Part, counterpart: Part | None) -> Part:
        if counterpart is None or part == counterpart:
            return part
        changes = taken_over(part, counterpart, self._words(part_ref(owner, part)))
        return replace(part, **changes) if changes else part

    def _as_called(
        self, owner: Table | View, parts: tuple[_Named, ...], others: dict[str, _Named], word: str
    ) -> tuple[_Named, ...]:
        """Those that are the same but for their names under the target's names, as a comparison pairs them."""
        mine = {part.name for part in parts}
        free: defaultdict[str | None, list[_Named]] = defaultdict(list)
        for other in reversed([other for name, other in others.items() if name not in mine]):
            free[attributes_of(other)["definition"]].append(other)
        if not free:
            return parts
        found = []
        for part in parts:
            alike = [] if part.name in others else free[attributes_of(part)["definition"]]
            ignored = alike and word in self._words(part_ref(owner, part))
            found.append(self._called(owner, part, alike.pop()) if ignored else part)
        return tuple(sorted(found, key=lambda part: part.name))

    def _called(self, owner: Table | View, part: _Named, other: _Named) -> _Named:
        self._renamed[part_ref(owner, part)] = part_ref(owner, other)
        if isinstance(part, Index) and isinstance(other, Index):
            return replace(part, name=other.name, definition=other.definition)
        return replace(part, name=other.name)

    def _dependencies(self) -> Iterable[Dependency]:
        if not self._renamed:
            return self._source.dependencies
        return sorted(
            map(self._dependency, self._source.dependencies), key=lambda one: (one.dependent, one.on)
        )

    def _dependency(self, found: Dependency) -> Dependency:
        dependent, on = (self._renamed.get(ref, ref) for ref in (found.dependent, found.on))
        return (
            found
            if (dependent, on) == (found.dependent, found.on)
            else Dependency(dependent=dependent, on=on)
        )


def _part_fields(owner: Table | View) -> Iterator[str]:
    for entry in fields(owner):
        value = getattr(owner, entry.name)
        if isinstance(value, tuple) and value and isinstance(value[0], Part):
            yield entry.name


def _in_order_of(
    columns: tuple[Column, ...], others: tuple[Column, ...], pairs: dict[str, str]
) -> tuple[Column, ...]:
    """The columns that both have take the target's order among themselves; the rest stay where they are."""
    places = {column.name: place for place, column in enumerate(others)}
    common = [column for column in columns if pairs.get(column.name, column.name) in places]
    ordered = iter(sorted(common, key=lambda column: places[pairs.get(column.name, column.name)]))
    names = {column.name for column in common}
    found = (next(ordered) if column.name in names else column for column in columns)
    return tuple(replace(column, position=place) for place, column in enumerate(found, 1))
