"""Owners, grants, security labels and default privileges: whatever of them is unusual."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from schemadiff.core.access import (
    DATABASE_OWNER,
    Access,
    DefaultPrivileges,
    Grant,
    InnerComment,
    Label,
    Within,
)
from schemadiff.core.catalog import Kind, ObjectRef, Uncompared
from schemadiff.introspection.acl import deviations
from schemadiff.introspection.addresses import PG_CLASS, Address, Addresses, Reference
from schemadiff.introspection.columns import ColumnAccess
from schemadiff.introspection.fetch import Fetch

_OBJECTS = {
    "r": "tables",
    "S": "sequences",
    "f": "functions",
    "T": "types",
    "n": "schemas",
    "L": "large objects",
}
_NAMED_AT_MOST = 20

_Found: TypeAlias = tuple[tuple[Access, ...], tuple[Uncompared, ...]]


@dataclass(frozen=True, slots=True)
class Roles:
    """Of the server, with its tablespaces; `owner` and `tablespace` are the database's, `user` who reads it."""

    names: tuple[str, ...]
    owner: str
    user: str
    tablespaces: tuple[str, ...]
    tablespace: str


@dataclass(slots=True)
class _Reading:
    """What was found so far: by object of the catalog, and for what is none of it."""

    known: Addresses
    found: dict[Reference, Access] = field(default_factory=dict)
    strangers: defaultdict[str, dict[Address, str]] = field(default_factory=lambda: defaultdict(dict))

    def of(self, address: Address) -> tuple[Reference, Access] | None:
        reference = self.known.find(address)
        if reference is None:
            return None
        present = self.found.get(reference)
        if present is None:
            kind, schema, name, parent = reference
            present = Access(ref=ObjectRef(kind=kind, schema=schema, name=name, parent=parent))
        return reference, present


def read_roles(fetch: Fetch) -> Roles:
    [(names, owner, user, tablespaces, tablespace)] = fetch("roles")
    return Roles(tuple(names), owner, user, tuple(tablespaces), tablespace)


def read_access(fetch: Fetch, known: Addresses, roles: Roles, of_columns: Iterable[ColumnAccess]) -> _Found:
    """Of the catalog's objects, sorted; and by kind of what else there is, under what names."""
    reading = _Reading(known)
    _read_owned(fetch, reading, roles)
    _read_columns(of_columns, reading, roles)
    _read_labels(fetch, reading)
    _read_inner_comments(fetch, reading)
    access = (reading.found[reference] for reference in sorted(reading.found))
    return tuple(access), tuple(_named(fetch, reading))


def read_default_privileges(fetch: Fetch, roles: Roles) -> tuple[DefaultPrivileges, ...]:
    """Sorted by schema and name."""
    found = []
    for schema, role, kind, acl, usual, every in fetch("default_privileges"):
        found.append(
            DefaultPrivileges(
                schema=schema,
                role=DATABASE_OWNER if role == roles.owner else role,
                objects=_OBJECTS.get(kind, kind),
                grants=deviations(tuple(acl), tuple(usual), tuple(every), role, roles.owner),
            )
        )
    return tuple(sorted(found, key=lambda entry: entry.ref))


def _read_owned(fetch: Fetch, reading: _Reading, roles: Roles) -> None:
    for class_id, oid, owner, owned_by, acl, usual, every in fetch("access"):
        grants = deviations(tuple(acl), tuple(usual), tuple(every), owned_by, roles.owner)
        if owner is None and not grants:
            continue
        address = (class_id, oid, 0)
        there = reading.of(address)
        if there is None:
            _note_stranger(reading, address, owner, grants)
        elif class_id == PG_CLASS and there[0][0] is Kind.COLUMN:  # an identity column's sequence
            if grants:
                reading.found[there[0]] = replace(there[1], sequence=grants)
        else:
            reading.found[there[0]] = replace(there[1], owner=owner or DATABASE_OWNER, grants=grants)


def _note_stranger(reading: _Reading, address: Address, owner: str | None, grants: tuple[Grant, ...]) -> None:
    if owner is not None:
        reading.strangers["owner"][address] = f" ({owner})"
    if grants:
        reading.strangers["privileges"][address] = ""


def _read_columns(rows: Iterable[ColumnAccess], reading: _Reading, roles: Roles) -> None:
    for relation, number, owner, acl in rows:
        grants = deviations(tuple(acl), (), (), owner, roles.owner)
        there = reading.of((PG_CLASS, relation, number))
        if there is None:
            reading.strangers["privileges"][(PG_CLASS, relation, number)] = ""
        elif grants:
            reading.found[there[0]] = replace(there[1], grants=grants)


def _read_labels(fetch: Fetch, reading: _Reading) -> None:
    for class_id, oid, column, provider, text in sorted(fetch("security_labels")):
        there = reading.of((class_id, oid, column))
        if there is None:
            reading.strangers["security label"][(class_id, oid, column)] = ""
        else:
            labels = (*there[1].labels, Label(provider=provider, text=text))
            reading.found[there[0]] = replace(there[1], labels=labels)


def _read_inner_comments(fetch: Fetch, reading: _Reading) -> None:
    """Of what is not compared they are named with all other comments."""
    for class_id, oid, column, of, name, text in sorted(fetch("inner_comments")):
        there = reading.of((class_id, oid, column))
        if there is not None:
            comment = InnerComment(of=Within(of), name=name, text=text)
            reading.found[there[0]] = replace(there[1], comments=(*there[1].comments, comment))


def _named(fetch: Fetch, reading: _Reading) -> Iterator[Uncompared]:
    for kind, entries in sorted(reading.strangers.items()):
        addresses = list(entries)
        rows = fetch.within(
            classes=[address[0] for address in addresses],
            objects=[address[1] for address in addresses],
            columns=[address[2] for address in addresses],
        )("access_names")
        names = sorted(
            f"{type_} {identity}{entries[address]}"
            for address, (type_, identity) in zip(addresses, rows, strict=True)
        )
        yield Uncompared(kind=kind, count=len(names), names=tuple(names[:_NAMED_AT_MOST]))
