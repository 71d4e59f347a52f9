"""A catalog cut down to some schemas, or with schemas called otherwise."""

import re
from collections.abc import Collection, Mapping
from dataclasses import fields, is_dataclass, replace
from functools import cache
from typing import Any, TypeVar

from schemadiff.core.catalog import (
    Access,
    Catalog,
    CompositeType,
    DefaultPrivileges,
    DefinedObject,
    Domain,
    EnumType,
    Function,
    Kind,
    ObjectMember,
    ObjectRef,
    RangeType,
    Schema,
    Sequence,
    Table,
    View,
)
from schemadiff.core.defined_objects import SCHEMA_MEMBER, SPELLED
from schemadiff.core.errors import Refused
from schemadiff.core.identifiers import quote

_T = TypeVar("_T")
_O = TypeVar(
    "_O",
    Schema,
    EnumType,
    Domain,
    CompositeType,
    RangeType,
    Sequence,
    Table,
    View,
    Function,
    DefinedObject,
    DefaultPrivileges,
    Access,
)

# Fields that hold SQL as PostgreSQL printed it, and those that hold a schema's name first.
SQL = frozenset(
    {"definition", "default", "type", "predicate", "collation", "returns", "arguments"}
    | {"partition_key", "partition_bound", "using", "check", "operator_class", "difference"}
)
QUALIFIED = frozenset({"owned_by", "references", "partition_of", "of_type", "share_of", "function"})
ALL_QUALIFIED = frozenset({"inherits"})

_NAME = r'(?:"(?:[^"]|"")+"|[^\W\d][\w$]*)'
TOKEN = re.compile(
    rf"""(?P<body>\$(?P<tag>\w*)\$.*?\$(?P=tag)\$)     # a function's body is text to PostgreSQL, and stays
       | '(?P<regclass>(?:[^']|'')*)'(?=::regclass)
       | (?P<text>[Ee]?'(?:[^']|'')*')
       | (?<![\w.$"])(?P<schema>{_NAME})\.(?P<name>{_NAME})
       | {_NAME}""",
    re.VERBOSE | re.DOTALL,
)


def only_schemas(catalog: Catalog, names: Collection[str]) -> Catalog:
    """What lies in these schemas. Extensions, publications, servers and other objects of no schema are left out,
    as pg_dump --schema does; what is not compared is still named for the whole database."""

    def within(entries: tuple[_T, ...]) -> tuple[_T, ...]:
        return tuple(entry for entry in entries if getattr(entry, "schema", None) in names)

    return replace(
        catalog,
        schemas=tuple(schema for schema in catalog.schemas if schema.name in names),
        extensions=(),
        enums=within(catalog.enums),
        domains=within(catalog.domains),
        composites=within(catalog.composites),
        ranges=within(catalog.ranges),
        sequences=within(catalog.sequences),
        tables=within(catalog.tables),
        views=within(catalog.views),
        functions=within(catalog.functions),
        defined=within(catalog.defined),
        default_privileges=within(catalog.default_privileges),
        access=tuple(entry for entry in catalog.access if _schema_of(entry.ref) in names),
        dependencies=tuple(
            entry
            for entry in catalog.dependencies
            if entry.dependent.schema in names and entry.on.schema in names
        ),
    )


def rename_schemas(catalog: Catalog, names: Mapping[str, str]) -> Catalog:
    """The catalog as it would be if its schemas had these other names (`{present: other}`).

    The text inside of functions' bodies stays as it is. Raises Refused for a schema that is not there,
    or a name that another schema has.
    """
    _check(catalog, names)
    if not names:
        return catalog
    renamed: Catalog = _Renamer(names, _names_in(catalog, names)).value(catalog)
    return replace(
        renamed,
        schemas=_sorted(renamed.schemas),
        enums=_sorted(renamed.enums),
        domains=_sorted(renamed.domains),
        composites=_sorted(renamed.composites),
        ranges=_sorted(renamed.ranges),
        sequences=_sorted(renamed.sequences),
        tables=_sorted(renamed.tables),
        views=_sorted(renamed.views),
        functions=_sorted(renamed.functions),
        defined=_sorted(renamed.defined),
        default_privileges=_sorted(renamed.default_privileges),
        access=_sorted(renamed.access),
        dependencies=tuple(sorted(renamed.dependencies, key=lambda entry: (entry.dependent, entry.on))),
    )


def _schema_of(ref: ObjectRef) -> str:
    return ref.name if ref.kind is Kind.SCHEMA else ref.schema


def _sorted(entries: tuple[_O, ...]) -> tuple[_O, ...]:
    return tuple(sorted(entries, key=lambda entry: entry.ref))


def _check(catalog: Catalog, names: Mapping[str, str]) -> None:
    present = [schema.name for schema in catalog.schemas]
    for name, other in names.items():
        if name not in present:
            raise Refused(f"The source has no schema {name}; it has {', '.join(present) or 'none'}.")
        if other in present and other not in names:
            raise Refused(
                f"Schema {name} cannot be compared as {other}: the source has a schema {other} itself."
            )
    if len(set(names.values())) < len(names):
        raise Refused("Two schemas cannot be compared as one.")


def _names_in(catalog: Catalog, schemas: Collection[str]) -> frozenset[tuple[str, str]]:
    """What can follow `schema.`: so that a table's alias of the schema's name is not taken for it."""
    found = {(entry.ref.schema, entry.name) for entry in catalog.objects() if entry.ref.schema in schemas}
    owners: tuple[Table | View, ...] = (*catalog.tables, *catalog.views)
    for owner in owners:
        found |= {(owner.schema, index.name) for index in owner.indexes}
    found |= {(range_.schema, range_.multirange) for range_ in catalog.ranges if range_.schema in schemas}
    for table in catalog.tables:
        found |= {(statistics.schema, statistics.name) for statistics in table.statistics}
    return frozenset(found)


class _Renamer:
    """Walks through values and replaces schemas' names wherever they stand."""

    def __init__(self, names: Mapping[str, str], known: Collection[tuple[str, str]]) -> None:
        self._names = names
        self._known = known

    def value(self, value: Any) -> Any:
        match value:
            case tuple():
                return tuple(self.value(item) for item in value)
            case ObjectRef(kind=Kind.SCHEMA, name=name):
                return replace(value, name=self._name(name))
            case ObjectRef(kind=Kind.FUNCTION):
                return replace(value, schema=self._name(value.schema), name=self._sql(value.name))
            case ObjectRef(kind=kind) | DefinedObject(kind=kind) if kind in SPELLED:
                renamed = replace(value, name=self._sql(value.name))
                return self._fields(renamed)
            case ObjectRef(kind=Kind.MEMBER):
                return replace(
                    value,
                    schema=self._name(value.schema),
                    parent=self._sql(value.parent),
                    name=self._member(value.name),
                )
            case ObjectMember():
                return replace(
                    value, name=self._member(value.name), definition=self._member(value.definition)
                )
            case Schema():
                return replace(value, name=self._name(value.name))
            case _ if is_dataclass(value) and not isinstance(value, type):
                return self._fields(value)
            case _:
                return value

    def _fields(self, value: Any) -> Any:
        kind: Any = type(value)
        changes = {name: self._field(name, getattr(value, name)) for name in _field_names(kind)}
        return replace(value, **changes)

    def _field(self, name: str, value: Any) -> Any:
        if value is None:
            return None
        if name == "schema":
            return self._name(value)
        if name in QUALIFIED:
            return (self._name(value[0]), *value[1:])
        if name in ALL_QUALIFIED:
            return tuple((self._name(schema), *rest) for schema, *rest in value)
        if name in SQL:
            return self._sql(value)
        if name == "settings":
            return tuple((setting, self._sql(text)) for setting, text in value)
        return self.value(value)

    def _member(self, text: str) -> str:
        if text.startswith(SCHEMA_MEMBER):
            return SCHEMA_MEMBER + quote(self._name(plain(text.removeprefix(SCHEMA_MEMBER))))
        return self._sql(text)

    def _name(self, name: str) -> str:
        return self._names.get(name, name)

    def _sql(self, text: str) -> str:
        return TOKEN.sub(self._token, text)

    def _token(self, found: re.Match[str]) -> str:
        if found["schema"]:
            return self._qualified(found["schema"], found["name"])
        if found["regclass"]:
            return f"'{self._sql(found['regclass'])}'"
        return found[0]

    def _qualified(self, schema: str, name: str) -> str:
        pair = plain(schema), plain(name)
        if pair not in self._known:
            return f"{schema}.{name}"
        return f"{quote(self._name(pair[0]))}.{name}"


@cache
def _field_names(kind: Any) -> tuple[str, ...]:
    return tuple(entry.name for entry in fields(kind))


def plain(name: str) -> str:
    return name[1:-1].replace('""', '"') if name.startswith('"') else name
