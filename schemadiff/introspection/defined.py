"""Objects that are a definition and a name, with their members: only the families that the database has any of."""

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any, TypeAlias

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from schemadiff.core.catalog import DefinedObject, Kind, ObjectMember
from schemadiff.core.defined_objects import SECRET, Setting, member_ref
from schemadiff.introspection.addresses import Address, Addresses, Reference, reference
from schemadiff.introspection.fetch import Fetch
from schemadiff.introspection.session import SchemaMoved

# By family: the queries for members of its objects.
_MEMBERS = {
    "text_search": ("text_search_members",),
    "operator_classes": ("operator_family_members",),
    "base_types": ("base_type_arrays",),
    "publications": ("published_tables", "published_schemas"),
}
_UP_TO_14 = {"published_tables": "published_tables_14", "published_schemas": None}

# As in foreign_servers.sql.
_SECRET = re.compile("pass|pwd|secret|token|credential|private|key$", re.IGNORECASE)

Needs: TypeAlias = list[tuple[Reference, Address]]


class DefinedObjects:
    """`needs` is what members depend on beyond pg_depend, as addresses."""

    def __init__(self, fetch: Fetch, known: Addresses) -> None:
        self._known = known
        self.needs: Needs = []
        families = [family for (family,) in fetch("defined_families")]
        members = _members(fetch, families)
        found = [self._object(row, members) for family in families for row in fetch(family)]
        self.all = tuple(sorted(found, key=lambda value: value.ref))

    def _object(self, row: tuple[Any, ...], members: dict[Address, list[Any]]) -> DefinedObject:
        class_id, oid, kind, schema, name, definition, settings, comment = row
        if definition is None:
            raise SchemaMoved
        own = members[(class_id, oid, 0)]
        entries = sorted((entry for entry in own if entry[0] is not None), key=lambda entry: str(entry[0]))
        value = DefinedObject(
            kind=Kind(kind),
            schema=schema,
            name=name,
            definition=definition,
            settings=tuple(sorted(_readable(settings))),
            members=tuple(ObjectMember(name=entry[0], definition=entry[1]) for entry in entries),
            comment=comment,
        )
        self._known.add(reference(value.ref), (class_id, oid, 0))
        self._known.add(reference(value.ref), *((entry[2], entry[3], 0) for entry in own if entry[0] is None))
        for member, entry in zip(value.members, entries, strict=True):
            _, _, member_class, member_oid, need_classes, needs = entry
            ref = reference(member_ref(value, member))
            self._known.add(ref, (member_class, member_oid, 0))
            self.needs += [(ref, (c, o, 0)) for c, o in zip(need_classes, needs, strict=True)]
        return value


def _members(fetch: Fetch, families: list[str]) -> dict[Address, list[Any]]:
    """By the object that they are in."""
    found: defaultdict[Address, list[Any]] = defaultdict(list)
    for family in families:
        for query in _queries(fetch, family):
            for class_id, oid, *entry in fetch(query):
                found[(class_id, oid, 0)].append(entry)
    return found


def _queries(fetch: Fetch, family: str) -> list[str]:
    queries: list[str | None] = [*_MEMBERS.get(family, ())]
    if fetch.connection.info.server_version < 150000:
        queries = [_UP_TO_14.get(str(query), query) for query in queries]
    return [query for query in queries if query]


def _readable(settings: list[tuple[str, str]]) -> Iterator[Setting]:
    """Without the secrets of a connection string."""
    for name, text in settings:
        if name == "connection":
            yield from _connection(text)
        else:
            yield name, text


def _connection(text: str) -> Iterator[Setting]:
    try:
        parameters = conninfo_to_dict(text)
    except psycopg.ProgrammingError:
        yield f"{SECRET}connection", "set"  # what cannot be taken apart may hold anything
        return
    secrets = [name for name in parameters if _SECRET.search(name)]
    plain: dict[str, Any] = {name: value for name, value in parameters.items() if name not in secrets}
    yield "connection", make_conninfo("", **plain) if secrets else text
    yield from ((SECRET + name, "set") for name in secrets)
