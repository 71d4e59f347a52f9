"""Labels of enums and attributes of composite types that are called otherwise: renamed where they are.

PostgreSQL keeps a label by its number: values, defaults, indexes, checks, views and bounds of partitions have the
other one by the renaming itself. Bodies of functions that are text do not.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, is_dataclass, replace
from typing import Any, TypeAlias

from schemadiff.core.access import Access, Within
from schemadiff.core.catalog import Catalog, CompositeType, EnumType, Kind, ObjectRef, Table
from schemadiff.core.ddl.references import sql_name, table_ref
from schemadiff.core.ddl.renames import rename_attribute, rename_label
from schemadiff.core.ddl.tables import is_in_partition_key
from schemadiff.core.errors import Refused
from schemadiff.core.identifiers import shortened
from schemadiff.core.plan import Statement
from schemadiff.core.renaming.called import field_names
from schemadiff.core.renaming.confirmed import Rename
from schemadiff.core.schema_scope import SQL, plain

Swaps: TypeAlias = Mapping[str, str]
"""The names of one type's labels or attributes, each with the one that it gets."""

KINDS = (Kind.LABEL, Kind.ATTRIBUTE)

_ASIDE = "__aside"
_TEXT = r"'(?:[^']|'')*'"  # a definition has no E'…'
_QUOTED = '"(?:[^"]|"")+"'
_SELECTED = re.compile(r'(?<=\)\.)("(?:[^"]|"")+"|[^\W\d][\w$]*)')
_ELEMENT = re.compile(r'"((?:[^"\\]|\\.)*)"|([^,{}]+)')


@dataclass(frozen=True, slots=True)
class _Changes:
    labels: dict[ObjectRef, dict[str, str]]
    attributes: dict[ObjectRef, dict[str, str]]


def rename_inside(
    wanted: Iterable[Rename], catalog: Catalog, source: Catalog
) -> tuple[list[Statement], Catalog]:
    """The statements, and the catalog after them. The types have the source's names already; of a type that is not
    there nothing is renamed. Raises Refused for an attribute that tables of the type have as a column."""
    changes = _changes(wanted, catalog)
    statements = [
        *(
            rename_label(enum, name, other)
            for enum in catalog.enums
            for name, other, _ in in_steps(changes.labels.get(enum.ref, {}), enum.labels)
        ),
        *(
            rename_attribute(composite, name, other)
            for composite in catalog.composites
            for name, other, _ in in_steps(
                changes.attributes.get(composite.ref, {}), (a.name for a in composite.attributes)
            )
        ),
    ]
    return statements, _renamed(catalog, source, changes) if statements else catalog


def in_steps(names: Swaps, there: Iterable[str]) -> Iterator[tuple[str, str, str]]:
    """What is free first; of names that are exchanged one is another for a moment. Each with the name at the moment,
    the next one and the last one."""
    waiting, taken = dict(names), set(there)
    while waiting:
        free = next((name for name, other in waiting.items() if other not in taken), None)
        name = next(iter(waiting)) if free is None else free
        other = waiting.pop(name)
        step = shortened(name, _ASIDE) if free is None else other
        if free is None:
            waiting[step] = other
        taken = (taken - {name}) | {step}
        yield name, step, other


def _changes(wanted: Iterable[Rename], catalog: Catalog) -> _Changes:
    found = _Changes({}, {})
    enums = {enum.ref: enum for enum in catalog.enums}
    composites = {composite.ref: composite for composite in catalog.composites}
    for rename in wanted:
        one, other = rename.source, rename.target
        if one.name == other.name or one.kind not in KINDS or one.kind is not other.kind:
            continue
        kind = Kind.ENUM if one.kind is Kind.LABEL else Kind.COMPOSITE
        type_ = ObjectRef(kind=kind, schema=one.schema, name=one.parent)
        if kind is Kind.ENUM and type_ in enums and other.name in enums[type_].labels:
            found.labels.setdefault(type_, {})[other.name] = one.name
        elif type_ in composites and other.name in _names(composites[type_]):
            _refuse_of_tables(composites[type_], other.name, catalog)
            found.attributes.setdefault(type_, {})[other.name] = one.name
    for type_, names in (*found.labels.items(), *found.attributes.items()):
        there = enums[type_].labels if type_ in enums else _names(composites[type_])
        _refuse_taken(type_, names, there)
    return found


def _names(composite: CompositeType) -> tuple[str, ...]:
    return tuple(attribute.name for attribute in composite.attributes)


def is_of_tables(composite: CompositeType, catalog: Catalog) -> bool:
    """Whether there are tables of the type, whose columns would be renamed with its attributes."""
    return any(table.of_type == (composite.schema, composite.name) for table in catalog.tables)


def _refuse_of_tables(composite: CompositeType, name: str, catalog: Catalog) -> None:
    if is_of_tables(composite, catalog):
        raise Refused(
            f"The attribute {name} of {composite.ref.label} cannot be renamed by a mapping, for there are tables of"
            " that type, which have it as a column. Take it out of the mapping's renames."
        )


def _refuse_taken(type_: ObjectRef, names: Swaps, there: Iterable[str]) -> None:
    for name, other in names.items():
        if other in there and other not in names:
            raise Refused(
                f"{name} of {type_.label} cannot be renamed to {other}, which the target's type has as well."
                " Take it out of the mapping's renames, or rename that one, too."
            )


def _renamed(catalog: Catalog, source: Catalog, changes: _Changes) -> Catalog:
    texts = _Texts(catalog, changes.labels)
    changed: dict[str, Any] = {
        name: texts.rewritten(value)
        for name in field_names(Catalog)
        if isinstance(value := getattr(catalog, name), tuple) and name != "access"
    }
    enums = tuple(_with_labels(enum, changes.labels.get(enum.ref, {})) for enum in catalog.enums)
    composites = tuple(
        _with_attributes(composite, changes.attributes.get(composite.ref, {}))
        for composite in changed["composites"]
    )
    access = tuple(_with_comments(entry, changes.attributes.get(entry.ref, {})) for entry in catalog.access)
    after = replace(catalog, **{**changed, "enums": enums, "composites": composites, "access": access})
    pairs = {pair for names in changes.attributes.values() for pair in names.items()}
    return _adopted(after, source, pairs) if pairs else after


def _with_labels(enum: EnumType, names: Swaps) -> EnumType:
    return replace(enum, labels=tuple(names.get(label, label) for label in enum.labels)) if names else enum


def _with_attributes(composite: CompositeType, names: Swaps) -> CompositeType:
    attributes = (replace(a, name=names.get(a.name, a.name)) for a in composite.attributes)
    return replace(composite, attributes=tuple(attributes)) if names else composite


def _with_comments(entry: Access, names: Swaps) -> Access:
    if not names:
        return entry
    comments = (
        replace(c, name=names.get(c.name, c.name)) if c.of is Within.ATTRIBUTE else c for c in entry.comments
    )
    return replace(entry, comments=tuple(comments))


class _Texts:
    """Expressions as PostgreSQL prints them once labels are called otherwise: `'label'::schema.type`."""

    def __init__(self, catalog: Catalog, labels: Mapping[ObjectRef, Swaps]) -> None:
        self._tables = {table.ref: table for table in catalog.tables}
        self._names = {sql_name(enum): labels[enum.ref] for enum in catalog.enums if enum.ref in labels}
        types = "|".join(map(re.escape, sorted(self._names, key=len, reverse=True)))
        body = r"\$(?P<tag>\w*)\$.*?\$(?P=tag)\$"  # is text to PostgreSQL, and stays
        cast = rf'(?P<text>{_TEXT})::(?P<type>{types})(?P<array>\[\])?(?![\w"$])'
        self._cast = re.compile(rf"{body}|{cast}|{_TEXT}|{_QUOTED}" if types else r"(?!)", re.DOTALL)

    def rewritten(self, value: Any) -> Any:
        if isinstance(value, tuple) and not hasattr(value, "_fields"):
            return tuple(map(self.rewritten, value))
        if not is_dataclass(value) or isinstance(value, type) or not self._names:
            return value
        changes: dict[str, Any] = {}
        for name in field_names(value):
            one = getattr(value, name)
            if isinstance(one, str) and name in SQL:
                changes[name] = self._cast.sub(self._renamed, one)
            elif isinstance(one, tuple):
                changes[name] = self.rewritten(one)
        if isinstance(value, Table) and value.partition_bound and value.partition_of:
            changes["partition_bound"] = self._bound(value.partition_of, value.partition_bound)
        changes = {name: new for name, new in changes.items() if new != getattr(value, name)}
        return replace(value, **changes) if changes else value

    def _renamed(self, found: re.Match[str]) -> str:
        if not found["type"]:
            return found[0]
        names, text = self._names[found["type"]], _unquoted(found["text"])
        new = _elements(text, names) if found["array"] else names.get(text, text)
        return f"{_printed(new)}::{found['type']}{found['array'] or ''}"

    def _bound(self, parent: tuple[str, str], bound: str) -> str:
        """Its values stand without their types: they are those of the parent's key."""
        table = self._tables.get(table_ref(*parent))
        keys = [c for c in table.columns if is_in_partition_key(table, c.name)] if table else []
        names = self._names.get(keys[0].type) if len(keys) == 1 else None
        if not names:
            return bound

        def renamed(found: re.Match[str]) -> str:
            text = _unquoted(found[0])
            return _printed(names.get(text, text))

        return re.sub(_TEXT, renamed, bound)


def _unquoted(text: str) -> str:
    return text[1:-1].replace("''", "'")


def _printed(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _elements(array: str, names: Swaps) -> str:
    def renamed(found: re.Match[str]) -> str:
        is_quoted = found[1] is not None
        label = re.sub(r"\\(.)", r"\1", found[1]) if is_quoted else found[2]
        return _element(names[label]) if label in names else found[0]

    return _ELEMENT.sub(renamed, array)


def _element(label: str) -> str:
    """As array_out() writes it."""
    if label and label.upper() != "NULL" and not re.search(r'[{}",\\\s]', label):
        return label
    return '"' + re.sub(r'(["\\])', r"\\\1", label) + '"'


def _adopted(catalog: Catalog, source: Catalog, pairs: Set[tuple[str, str]]) -> Catalog:
    """With the source's texts wherever they differ in the names of attributes only."""
    wanted = {entry.ref: entry for entry in source.objects()}
    changes: dict[str, Any] = {}
    for name in field_names(Catalog):
        value = getattr(catalog, name)
        if isinstance(value, tuple) and all(hasattr(entry, "ref") for entry in value):
            changes[name] = tuple(_as_in(wanted.get(entry.ref), entry, pairs) for entry in value)
    return replace(catalog, **changes)


def _as_in(wanted: Any, value: Any, pairs: Set[tuple[str, str]]) -> Any:
    if (
        type(value) is not type(wanted)
        or not is_dataclass(value)
        or isinstance(value, type)
        or value == wanted
    ):
        return value
    changes: dict[str, Any] = {}
    for name in field_names(value):
        one, other = getattr(value, name), getattr(wanted, name)
        if isinstance(one, str) and isinstance(other, str):
            if name in SQL and one != other and _select_alike(one, other, pairs):
                changes[name] = other
        elif isinstance(one, tuple) and isinstance(other, tuple) and one != other:
            by_name = {getattr(part, "name", None): part for part in other}
            changes[name] = tuple(
                _as_in(by_name.get(getattr(part, "name", None)), part, pairs) for part in one
            )
    return replace(value, **changes) if changes else value


def _select_alike(text: str, wanted: str, pairs: Set[tuple[str, str]]) -> bool:
    """An attribute stands after a bracket: `(column).attribute`."""
    left, right = _SELECTED.split(text), _SELECTED.split(wanted)
    return len(left) == len(right) and all(
        one == other or (place % 2 == 1 and (plain(one), plain(other)) in pairs)
        for place, (one, other) in enumerate(zip(left, right, strict=True))
    )
