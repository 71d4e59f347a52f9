"""A catalog cut down to some schemas, or with schemas called otherwise."""

import re
from collections.abc import Collection, Mapping
from dataclasses import fields, is_dataclass, replace
from functools import cache
from typing import Any, TypeVar

from schemadiff.core.access import PUBLIC
from schemadiff.core.catalog import (
    Access,
    Catalog,
    CompositeType,
    Constraint,
    DefaultPrivileges,
    DefinedObject,
    Domain,
    EnumType,
    Function,
    Index,
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
    | {"partition_key", "partition_bound", "using", "check", "operator_class", "difference", "canonical"}
)
QUALIFIED = frozenset({"owned_by", "references", "partition_of", "of_type", "share_of", "function"})
ALL_QUALIFIED = frozenset({"inherits"})

# Where no table can have an alias: whatever stands before a dot is a schema.
_WITHOUT_ALIASES = frozenset({"type", "returns", "arguments", "collation", "operator_class", "difference"})

_BODY = re.compile(r"^(?=AS |BEGIN ATOMIC|RETURN )", re.MULTILINE)
_SEARCH_PATH = re.compile(r"^( SET search_path TO )(.*)$", re.MULTILINE)
_MOST_NAMES = 20
STANDARD_COMMENT = "standard public schema"  # initdb's, on the schema public
_BODIES = re.compile(r"\$(\w*)\$.*?\$\1\$", re.DOTALL)
_QUOTED = re.compile(r"'((?:[^']|'')*)'")

_NAME = r'(?:"(?:[^"]|"")+"|[^\W\d][\w$]*)'
TOKEN = re.compile(
    rf"""(?P<body>\$(?P<tag>\w*)\$.*?\$(?P=tag)\$)     # a function's body is text to PostgreSQL, and stays
       | '(?P<regclass>(?:[^']|'')*)'(?=::reg[a-z]+)
       | (?P<text>[Ee]?'(?:[^']|'')*')
       | (?<![\w.$"])(?P<schema>{_NAME})\.(?P<name>{_NAME}|(?!\*[^-+*/<>=~!@\#%^&|`?])[-+*/<>=~!@\#%^&|`?]+)
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
        foreign_tables=within(catalog.foreign_tables),
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

    The text inside of functions' bodies stays as it is (`unwritten_bodies` says whose name a schema), their search_path
    does not. Raises Refused for a schema that is not there, or a name that another schema has.
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
        foreign_tables=_sorted(renamed.foreign_tables),
        views=_sorted(renamed.views),
        functions=_sorted(renamed.functions),
        defined=_sorted(renamed.defined),
        default_privileges=_sorted(renamed.default_privileges),
        access=_sorted(tuple(_without_publics_own(entry, set(names.values())) for entry in renamed.access)),
        dependencies=tuple(sorted(renamed.dependencies, key=lambda entry: (entry.dependent, entry.on))),
    )


def _schema_of(ref: ObjectRef) -> str:
    return ref.name if ref.kind is Kind.SCHEMA else ref.schema


def _sorted(entries: tuple[_O, ...]) -> tuple[_O, ...]:
    return tuple(sorted(entries, key=lambda entry: entry.ref))


def unwritten_bodies(catalog: Catalog, names: Collection[str]) -> tuple[ObjectRef, ...]:
    """Functions whose body, a text to PostgreSQL, names one of these schemas: `rename_schemas` leaves it as it is."""
    if not names:
        return ()
    wanted = "|".join(sorted(re.escape(spelling) for name in names for spelling in {name, quote(name)}))
    mention = re.compile(rf"(?<![\w.$])(?:{wanted})\s*\.")
    return tuple(
        function.ref
        for function in catalog.functions
        if any(mention.search(body[0]) for body in _BODIES.finditer(function.definition))
    )


def bodies_note(catalog: Catalog, names: Collection[str]) -> str:
    """A sentence about `unwritten_bodies`; empty if there are none."""
    found = [ref.label for ref in unwritten_bodies(catalog, names)]
    if not found:
        return ""
    more = f" and {len(found) - _MOST_NAMES} more" if len(found) > _MOST_NAMES else ""
    return (
        f"Bodies of functions are texts, in which no schema's name is changed; these name"
        f" {', '.join(sorted(names))}: {', '.join(found[:_MOST_NAMES])}{more}."
    )


def _without_publics_own(access: Access, renamed: Collection[str]) -> Access:
    """That everybody may use the schema public is usual for it alone; a schema of another name says nothing of that."""
    if access.ref.kind is not Kind.SCHEMA or access.ref.name not in renamed:
        return access
    grants = tuple(grant for grant in access.grants if not (grant.grantee == PUBLIC and grant.revoked))
    return replace(access, grants=grants)


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
    spelled = (value for value in catalog.defined if value.kind in SPELLED and value.schema in schemas)
    found |= {(value.schema, plain(re.split(r"\(| USING ", value.name)[0])) for value in spelled}
    owners: tuple[Table | View, ...] = (*catalog.every_table, *catalog.views)
    for owner in owners:
        found |= {(owner.schema, index.name) for index in owner.indexes}
        found |= {(statistics.schema, statistics.name) for statistics in owner.statistics}
    found |= {(range_.schema, range_.multirange) for range_ in catalog.ranges if range_.schema in schemas}
    return frozenset(found)


class _Renamer:
    """Walks through values and replaces schemas' names wherever they stand."""

    def __init__(self, names: Mapping[str, str], known: Collection[tuple[str, str]]) -> None:
        self._names = names
        self._known = known

    def value(self, value: Any) -> Any:
        match value:
            case ObjectRef():
                return self._ref(value)
            case tuple():
                return tuple(self.value(item) for item in value)
            case DefinedObject(kind=kind) if kind in SPELLED:
                return self._spelled(value)
            case ObjectMember():
                return replace(
                    value, name=self._member(value.name), definition=self._member(value.definition)
                )
            case Schema():
                return _with_usual_comment(replace(value, name=self._name(value.name)), value)
            case Function(definition=definition):
                return replace(self._fields(value), definition=self._routine(definition))
            case DefinedObject(definition=definition) | Index(definition=definition):
                return replace(self._fields(value), definition=self._without_aliases(definition))
            case Constraint(definition=definition):
                return replace(self._fields(value), definition=self._without_aliases(definition))
            case _ if is_dataclass(value) and not isinstance(value, type):
                return self._fields(value)
            case _:
                return value

    def _ref(self, value: ObjectRef) -> ObjectRef:
        match value.kind:
            case Kind.SCHEMA:
                return value._replace(name=self._name(value.name))
            case Kind.MEMBER:
                return value._replace(
                    schema=self._name(value.schema),
                    parent=self._sql(value.parent),
                    name=self._member(value.name),
                )
            case kind if kind is Kind.FUNCTION or kind in SPELLED:
                return value._replace(schema=self._name(value.schema), name=self._without_aliases(value.name))
            case _:
                return value._replace(schema=self._name(value.schema))

    def _spelled(self, value: DefinedObject) -> Any:
        """Its name is SQL itself: `===(public.money, integer)`."""
        renamed = self._fields(replace(value, name=self._without_aliases(value.name)))
        return replace(renamed, definition=self._without_aliases(value.definition))

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
        if name in _WITHOUT_ALIASES and isinstance(value, str):
            return self._without_aliases(value)
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

    def _routine(self, definition: str) -> str:
        """Up to its body there are only types, defaults and settings; the search_path is where the body finds names."""
        place = found.start() if (found := _BODY.search(definition)) else len(definition)
        head = _SEARCH_PATH.sub(self._search_path, self._without_aliases(definition[:place]))
        return head + self._sql(definition[place:])

    def _search_path(self, found: re.Match[str]) -> str:
        return found[1] + _QUOTED.sub(lambda name: f"'{self._name(name[1])}'", found[2])

    def _sql(self, text: str) -> str:
        return TOKEN.sub(self._token, text)

    def _without_aliases(self, text: str) -> str:
        return TOKEN.sub(self._token_without_aliases, text)

    def _token(self, found: re.Match[str]) -> str:
        """After `::` there is a type, before `(` a function, and no operator is in a table: else it may be an alias."""
        if found["schema"]:
            schema, name = plain(found["schema"]), plain(found["name"])
            is_schema = found.string.endswith("::", 0, found.start()) or found.string.startswith(
                "(", found.end()
            )
            if is_schema or not (name[0].isalnum() or name[0] == "_") or (schema, name) in self._known:
                return self._qualified(found)
            return found[0]
        return self._token_without_aliases(found)

    def _token_without_aliases(self, found: re.Match[str]) -> str:
        if found["schema"]:
            return self._qualified(found)
        if found["regclass"]:
            return f"'{self._without_aliases(found['regclass'])}'"
        return found[0]

    def _qualified(self, found: re.Match[str]) -> str:
        name = plain(found["schema"])
        return f"{quote(self._names[name])}.{found['name']}" if name in self._names else found[0]


def _with_usual_comment(renamed: Schema, present: Schema) -> Schema:
    """What initdb says of the schema public is not said of one of another name."""
    if present.name == "public" != renamed.name and present.comment == STANDARD_COMMENT:
        return replace(renamed, comment=None)
    if renamed.name == "public" != present.name and present.comment is None:
        return replace(renamed, comment=STANDARD_COMMENT)
    return renamed


@cache
def _field_names(kind: Any) -> tuple[str, ...]:
    return tuple(entry.name for entry in fields(kind))


def plain(name: str) -> str:
    return name[1:-1].replace('""', '"') if name.startswith('"') else name
