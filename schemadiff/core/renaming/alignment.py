"""Whether a definition differs from the source's in nothing but names that PostgreSQL writes anew by itself.

An expression that reads a renamed column, a view's `relation.column`, an index's own name: PostgreSQL prints them
by the names of the day. Where a text differs in such names only, the source's text is what will be printed. Anything
that could mean another thing is left as it is: then the object is made anew from the source's definition, which is
right as well.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from functools import cached_property
from typing import Any, TypeAlias

from schemadiff.core.catalog import Catalog, Function, Kind, ObjectRef, Part, Rule, Table, View
from schemadiff.core.ddl.references import part_ref
from schemadiff.core.renaming.called import field_names
from schemadiff.core.schema_scope import SQL, plain

Swaps: TypeAlias = frozenset[tuple[str, str]]
"""Names of the target, each with the name that it gets."""

_NAME = r'(?:"(?:[^"]|"")+"|[^\W\d][\w$]*)'
_TOKEN = re.compile(rf"\$(?P<tag>\w*)\$.*?\$(?P=tag)\$|[Ee]?'(?:[^']|'')*'|{_NAME}|\s+|.", re.DOTALL)
_IS_NAME = re.compile(rf"{_NAME}\Z")
_QUERY = re.compile(r"\b(SELECT|USING|WITH)\b")


def differs_in_names_only(text: str, wanted: str, swaps: Swaps) -> bool:
    """Token by token; every name that is not the same has to be one of `swaps`."""
    left, right = _tokens(text), _tokens(wanted)
    if len(left) != len(right):
        return False
    return all(
        one == other or (_is_name(one) and _is_name(other) and (plain(one), plain(other)) in swaps)
        for one, other in zip(left, right, strict=True)
    )


class Aligner:
    """For a target whose objects have got the source's names already; `origins` says what those that got another name
    were called at first, by their names in `catalog`."""

    def __init__(self, catalog: Catalog, source: Catalog, origins: dict[ObjectRef, ObjectRef]) -> None:
        self._catalog, self._source, self._origins = catalog, source, origins

    def catalog(self) -> Catalog:
        """With the source's texts wherever they differ in renamed things only."""
        wanted = {entry.ref: entry for entry in self._source.objects()}
        changes: dict[str, Any] = {}
        for name in field_names(Catalog):
            value = getattr(self._catalog, name)
            if isinstance(value, tuple) and all(hasattr(entry, "ref") for entry in value):
                changes[name] = tuple(self._whole(entry, wanted.get(entry.ref)) for entry in value)
        return replace(self._catalog, **changes)

    def part_as(self, owner: Table | View, part: Part, wanted: Part) -> Part:
        """The part as it would be if it had the name of `wanted`, a part of its own kind."""
        ref = part_ref(owner, part)
        found: Part = self._value(part, wanted, owner, ref, frozenset({(part.name, wanted.name)}))
        return replace(found, name=wanted.name)

    def _whole(self, entry: Any, wanted: Any) -> Any:
        if wanted is None or entry == wanted or type(entry) is not type(wanted):
            return entry
        return self._value(entry, wanted, entry if isinstance(entry, Table | View) else None, entry.ref)

    def _value(
        self,
        value: Any,
        wanted: Any,
        owner: Table | View | None,
        ref: ObjectRef,
        also: Swaps = frozenset(),
    ) -> Any:
        changes: dict[str, Any] = {}
        for name in field_names(value):
            one, other = getattr(value, name), getattr(wanted, name)
            if one == other:
                continue
            if isinstance(one, str) and isinstance(other, str) and name in SQL:
                if differs_in_names_only(one, other, also | self._swaps(value, owner, ref, one)):
                    changes[name] = other
            elif isinstance(one, tuple) and isinstance(other, tuple) and owner is not None:
                changes[name] = self._parts(one, other, owner)
        return replace(value, **changes)

    def _parts(self, parts: tuple[Any, ...], wanted: tuple[Any, ...], owner: Table | View) -> tuple[Any, ...]:
        by_name = {part.name: part for part in wanted if isinstance(part, Part)}
        return tuple(
            self._value(part, by_name[part.name], owner, part_ref(owner, part))
            if isinstance(part, Part) and part.name in by_name
            else part
            for part in parts
        )

    def _swaps(self, value: Any, owner: Table | View | None, ref: ObjectRef, text: str) -> Swaps:
        used = self._used.get(ref, set()) | ({(owner.schema, owner.name)} if owner is not None else set())
        found = self._own(ref)
        for place in used:
            relation = self._relations.get(place)
            if relation is not None:
                found |= self._own(relation.ref)
        if not isinstance(value, View | Rule | Function) or len(_QUERY.findall(text)) < 2:
            found |= self._of_columns(used)
        return frozenset(found)

    def _own(self, ref: ObjectRef) -> set[tuple[str, str]]:
        origin = self._origins.get(ref)
        return {(_bare(origin), _bare(ref))} if origin else set()

    def _of_columns(self, used: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
        """Those that cannot be meant of another relation in the same text."""
        found: set[tuple[str, str]] = set()
        every = [place for place in used if place in self._relations]
        for place in every:
            for pair in self._columns.get(place, ()):
                if all(pair in self._columns.get(other, ()) or self._lacks(other, pair) for other in every):
                    found.add(pair)
        return found

    def _lacks(self, place: tuple[str, str], pair: tuple[str, str]) -> bool:
        return not any(column.name in pair for column in self._relations[place].columns)

    @cached_property
    def _relations(self) -> dict[tuple[str, str], Table | View]:
        owners: tuple[Table | View, ...] = (*self._catalog.every_table, *self._catalog.views)
        return {(owner.schema, owner.name): owner for owner in owners}

    @cached_property
    def _columns(self) -> dict[tuple[str, str], set[tuple[str, str]]]:
        found: defaultdict[tuple[str, str], set[tuple[str, str]]] = defaultdict(set)
        for ref, origin in self._origins.items():
            if ref.kind is Kind.COLUMN:
                found[(ref.schema, ref.parent)].add((origin.name, ref.name))
        return found

    @cached_property
    def _used(self) -> dict[ObjectRef, set[tuple[str, str]]]:
        """Also of what reads a whole relation's parts: its schema and its relation's name."""
        found: defaultdict[ObjectRef, set[tuple[str, str]]] = defaultdict(set)
        for entry in self._catalog.dependencies:
            found[entry.dependent].add((entry.on.schema, entry.on.parent or entry.on.name))
        return found


def _bare(ref: ObjectRef) -> str:
    return ref.name.partition("(")[0] if ref.kind is Kind.FUNCTION else ref.name


def _tokens(text: str) -> list[str]:
    return [found[0] for found in _TOKEN.finditer(text) if not found[0].isspace()]


def _is_name(token: str) -> bool:
    return _IS_NAME.match(token) is not None
