"""A catalog as it is once objects are called otherwise: every name, every reference, every qualified name in SQL."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any, TypeAlias

from schemadiff.core.catalog import (
    Catalog,
    Constraint,
    DefinedObject,
    Function,
    Kind,
    ObjectRef,
    Part,
    RangeType,
    Schema,
    Sequence,
    Table,
    Trigger,
    View,
)
from schemadiff.core.ddl.references import part_ref
from schemadiff.core.defined_objects import SCHEMA_MEMBER, SPELLED, ObjectMember
from schemadiff.core.identifiers import column_list, qualified, quote
from schemadiff.core.schema_scope import ALL_QUALIFIED, QUALIFIED, SQL, TOKEN, plain

Pair: TypeAlias = tuple[str, str]

_PARTS = ("constraints", "indexes", "shares", "triggers", "rules", "policies", "statistics")


class Names:
    """What objects of `catalog` are called at last: `names` by their references, `schemas` by their names."""

    def __init__(self, catalog: Catalog, names: dict[ObjectRef, ObjectRef], schemas: dict[str, str]) -> None:
        self._schemas = schemas
        self._parts = {ref: other.name for ref, other in names.items() if ref.parent}
        self._wholes = {entry.ref: self._whole(entry, names) for entry in catalog.objects()}
        self._relations = dict(self._in_sql(catalog, names))
        self._routines = self._agreed(catalog)

    def schema(self, name: str) -> str:
        return self._schemas.get(name, name)

    def place(self, ref: ObjectRef) -> Pair:
        """Schema and bare name of a top-level object."""
        return self._wholes.get(ref, (self.schema(ref.schema), ref.name))

    def part(self, ref: ObjectRef) -> str:
        return self._parts.get(ref, ref.name)

    def index_of(self, table: Pair, index: Pair) -> Pair:
        """Of an index, constraint or share of that table."""
        for kind in (Kind.INDEX, Kind.CONSTRAINT):
            ref = ObjectRef(kind=kind, schema=table[0], parent=table[1], name=index[1])
            if ref in self._parts:
                return self.schema(index[0]), self._parts[ref]
        return self.schema(index[0]), index[1]

    def relation(self, schema: str, name: str) -> Pair:
        """Of what views and tables refer to by its name, types among it."""
        return self._relations.get((schema, name), (self.schema(schema), name))

    def is_known(self, schema: str, name: str) -> bool:
        return (schema, name) in self._relations or (schema, name) in self._routines

    def in_sql(self, schema: str, name: str, is_called: bool) -> Pair | None:
        """None where that is no name of an object, or it cannot be told of which."""
        first, second = self._relations, self._routines
        if is_called and (schema, name) in self._routines:
            first, second = second, first
        return first.get((schema, name)) or second.get((schema, name))

    def _whole(self, entry: Any, names: dict[ObjectRef, ObjectRef]) -> Pair:
        other = names.get(entry.ref)
        if other is None:
            return self.schema(entry.ref.schema), entry.name
        bare = other.name
        if isinstance(entry, Function):
            bare = bare.removesuffix(f"({entry.arguments})")
        return self.schema(other.schema), bare

    def _in_sql(self, catalog: Catalog, names: dict[ObjectRef, ObjectRef]) -> Iterable[tuple[Pair, Pair]]:
        for entry in catalog.objects():
            if isinstance(entry, Schema | Function) or not entry.ref.schema or entry.ref.kind in SPELLED:
                continue
            yield (entry.ref.schema, entry.name), self._wholes[entry.ref]
            if isinstance(entry, RangeType):
                multirange = entry.ref._replace(name=entry.multirange)
                other = names.get(multirange, multirange)
                place = self._wholes[entry.ref][0], other.name
                yield (entry.schema, entry.multirange), place
        for table in catalog.every_table:
            for statistics in table.statistics:
                name = self.part(part_ref(table, statistics))
                yield (statistics.schema, statistics.name), (self.schema(statistics.schema), name)
        owners: tuple[Table | View, ...] = (*catalog.every_table, *catalog.views)
        for owner in owners:
            for index in owner.indexes:
                place = (self._wholes[owner.ref][0], self.part(part_ref(owner, index)))
                yield (owner.schema, index.name), place

    def _agreed(self, catalog: Catalog) -> dict[Pair, Pair]:
        """Functions by their bare names, where all of that name are called the same at last."""
        found: dict[Pair, set[Pair]] = {}
        for function in catalog.functions:
            found.setdefault((function.schema, function.name), set()).add(self._wholes[function.ref])
        return {name: next(iter(places)) for name, places in found.items() if len(places) == 1}


def call_otherwise(catalog: Catalog, names: Names) -> Catalog:
    """Sorted as a catalog is. Bodies of functions stay as they are, and so do columns' names inside of expressions."""
    return _Walker(names).catalog(catalog)


def called(ref: ObjectRef, names: Names) -> ObjectRef:
    """What the object or part is called at last."""
    return _Walker(names).ref(ref)


@dataclass(frozen=True, slots=True)
class _Walker:
    names: Names

    def catalog(self, catalog: Catalog) -> Catalog:
        changes: dict[str, Any] = {}
        for name in field_names(Catalog):
            value = getattr(catalog, name)
            if isinstance(value, tuple):
                changes[name] = _sorted(self.value(value))
        return replace(catalog, **changes)

    def value(self, value: Any, owner: Table | View | None = None) -> Any:
        match value:
            case ObjectRef():
                return self.ref(value)
            case tuple():
                return tuple(self.value(item, owner) for item in value)
            case Schema():
                return replace(value, name=self.names.schema(value.name))
            case DefinedObject():
                return self._defined_object(value)
            case ObjectMember():
                return replace(
                    value, name=self._member(value.name), definition=self._member(value.definition)
                )
            case _ if owner is not None and isinstance(value, Part):
                return self._part(value, owner)
            case _ if is_dataclass(value) and not isinstance(value, type):
                return self._whole(value)
            case _:
                return value

    def _defined_object(self, value: DefinedObject) -> DefinedObject:
        schema, name = self.names.place(value.ref)
        return replace(
            value,
            schema=schema,
            name=self._sql(name) if value.kind in SPELLED else name,
            definition=self._sql(value.definition),
            settings=tuple((setting, self._sql(text)) for setting, text in value.settings),
            members=self.value(value.members),
        )

    def _member(self, text: str) -> str:
        if text.startswith(SCHEMA_MEMBER):
            return SCHEMA_MEMBER + quote(self.names.schema(plain(text.removeprefix(SCHEMA_MEMBER))))
        return self._sql(text)

    def _whole(self, value: Any) -> Any:
        owner = value if isinstance(value, Table | View) else None
        changes = {name: self._field(name, getattr(value, name), owner) for name in field_names(value)}
        if _has_place(value) and "name" in changes:
            changes["schema"], changes["name"] = self.names.place(value.ref)
        if owner is not None:
            changes |= {name: _by_name(changes[name]) for name in _PARTS if name in changes}
        if isinstance(value, Function):
            changes["definition"] = self._defined(value, changes["schema"], changes["name"])
        if isinstance(value, RangeType):
            changes["multirange"] = self.names.relation(value.schema, value.multirange)[1]
        if isinstance(value, Sequence) and value.owned_by:
            changes["owned_by"] = self._owner(value.owned_by)
        return replace(value, **changes)

    def _part(self, value: Any, owner: Table | View) -> Any:
        changes = {name: self._field(name, getattr(value, name), owner) for name in field_names(value)}
        changes["name"] = self.names.part(part_ref(owner, value))
        if isinstance(value, Constraint):
            changes |= self._constraint(value, owner)
        elif hasattr(value, "columns"):
            changes["columns"] = self._columns(owner.ref, value.columns)
        elif isinstance(value, Trigger):
            schema, signature = value.function
            changes["function"] = self._signature(schema, signature)
        return replace(value, **changes)

    def _constraint(self, value: Constraint, owner: Table | View) -> dict[str, Any]:
        columns = self._columns(owner.ref, value.columns)
        if value.references is None:
            return {"columns": columns}
        other = ObjectRef(kind=Kind.TABLE, schema=value.references[0], name=value.references[1])
        referenced = self._columns(other, value.referenced_columns)
        present = _heading(value.columns, value.references, value.referenced_columns)
        wanted = _heading(columns, self.names.place(other), referenced)
        definition = self._sql(value.definition)
        if value.definition.startswith(present):
            definition = wanted + value.definition.removeprefix(present)
        return {
            "columns": columns,
            "referenced_columns": referenced,
            "references": self.names.place(other),
            "definition": definition,
        }

    def _columns(self, owner: ObjectRef, names: tuple[str, ...]) -> tuple[str, ...]:
        def column(name: str) -> ObjectRef:
            return ObjectRef(kind=Kind.COLUMN, schema=owner.schema, parent=owner.name, name=name)

        return tuple(self.names.part(column(name)) for name in names)

    def _owner(self, column: tuple[str, str, str]) -> tuple[str, str, str]:
        schema, table, name = column
        owner = ObjectRef(kind=Kind.TABLE, schema=schema, name=table)
        (column_name,) = self._columns(owner, (name,))
        return (*self.names.place(owner), column_name)

    def ref(self, ref: ObjectRef) -> ObjectRef:
        if ref.kind is Kind.SCHEMA:
            return ref._replace(name=self.names.schema(ref.name))
        if ref.kind is Kind.MEMBER:
            schema = self.names.schema(ref.schema)
            return ref._replace(schema=schema, parent=self._sql(ref.parent), name=self._member(ref.name))
        if ref.kind in SPELLED:
            return ref._replace(schema=self.names.schema(ref.schema), name=self._sql(ref.name))
        if ref.parent:
            schema, parent = self.names.relation(ref.schema, ref.parent)
            return ref._replace(schema=schema, parent=parent, name=self.names.part(ref))
        if ref.kind is Kind.FUNCTION:
            schema, name = self._signature(ref.schema, ref.name)
            return ref._replace(schema=schema, name=name)
        schema, name = self.names.place(ref)
        return ref._replace(schema=schema, name=name)

    def _signature(self, schema: str, signature: str) -> Pair:
        ref = ObjectRef(kind=Kind.FUNCTION, schema=schema, name=signature)
        place = self.names.place(ref)
        if place[1] == signature:
            return place[0], self._sql(signature)  # of a function that is not there
        arguments = signature[signature.index("(", len(_bare(signature))) :]
        return place[0], place[1] + self._sql(arguments)

    def _defined(self, function: Function, schema: str, name: str) -> str:
        """The first qualified name is the function's own, of whatever name others are."""
        own, other = qualified(function.schema, function.name), qualified(schema, name)
        before, found, after = function.definition.partition(own)
        return before + other + self._sql(after) if found else self._sql(function.definition)

    def _field(self, name: str, value: Any, owner: Table | View | None) -> Any:
        if value is None:
            return None
        if name == "schema":
            return self.names.schema(value)
        if name == "share_of" and isinstance(owner, Table) and owner.partition_of:
            return self.names.index_of(owner.partition_of, value)
        if name in QUALIFIED and len(value) > 1:
            return (*self.names.relation(value[0], value[1]), *value[2:])
        if name in ALL_QUALIFIED:
            return tuple(self.names.relation(*place) for place in value)
        if name in SQL and isinstance(value, str):
            return self._sql(value)
        return self.value(value, owner)

    def _sql(self, text: str) -> str:
        return TOKEN.sub(self._token, text)

    def _token(self, found: re.Match[str]) -> str:
        if found["regclass"]:
            return f"'{self._sql(found['regclass'])}'"
        if not found["schema"]:
            return found[0]
        is_called = found.string[found.end() : found.end() + 1] == "("
        is_called = is_called and not found.string[: found.start()].endswith("REFERENCES ")
        place = self.names.in_sql(plain(found["schema"]), plain(found["name"]), is_called)
        return found[0] if place is None else qualified(*place)


def _heading(columns: tuple[str, ...], table: Pair, referenced: tuple[str, ...]) -> str:
    """How pg_get_constraintdef() begins a foreign key."""
    return f"FOREIGN KEY ({column_list(columns)}) REFERENCES {qualified(*table)}({column_list(referenced)})"


def _bare(signature: str) -> str:
    return signature.partition("(")[0]


def _has_place(value: Any) -> bool:
    """Whether its schema is part of its name, as an extension's is not."""
    return bool(getattr(getattr(value, "ref", None), "schema", ""))


def _by_name(parts: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(sorted(parts, key=lambda part: part.name))


def _sorted(entries: tuple[Any, ...]) -> tuple[Any, ...]:
    if all(hasattr(entry, "dependent") for entry in entries):
        return tuple(sorted(entries, key=lambda entry: (entry.dependent, entry.on)))
    if all(hasattr(entry, "ref") for entry in entries):
        return tuple(sorted(entries, key=lambda entry: entry.ref))
    return entries


def field_names(value: Any) -> tuple[str, ...]:
    """Of a dataclass or one of its instances."""
    return tuple(entry.name for entry in fields(value))
