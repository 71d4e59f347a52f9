"""Default privileges: what new objects get by them, and how they are changed."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from schemadiff.core.access import DefaultPrivileges, Grant
from schemadiff.core.catalog import Catalog, Kind, ObjectRef, Schema
from schemadiff.core.ddl.access import Roles, change_defaults
from schemadiff.core.ddl.references import access_ref
from schemadiff.core.grant_steps import added_up, every_default_privilege, grant_steps, known_only
from schemadiff.core.missing_roles import MissingRoles
from schemadiff.core.plan import Statement

_WORDS = {
    Kind.TABLE: "tables",
    Kind.VIEW: "tables",
    Kind.SEQUENCE: "sequences",
    Kind.FUNCTION: "functions",
    Kind.ENUM: "types",
    Kind.DOMAIN: "types",
    Kind.COMPOSITE: "types",
    Kind.RANGE: "types",
    Kind.BASE_TYPE: "types",
    Kind.SCHEMA: "schemas",
}


class DefaultsGiven:
    """What new objects are granted by the target's default privileges."""

    def __init__(self, target: Catalog) -> None:
        self._version = target.server_version
        self._entries = {
            (entry.role, entry.objects, entry.schema): entry.grants for entry in target.default_privileges
        }

    def __bool__(self) -> bool:
        return bool(self._entries)

    def of(self, kind: Kind, schema: str, creator: str) -> tuple[Grant, ...]:
        """On an object that this role makes."""
        word = _WORDS.get(kind)
        if word is None:
            return ()
        everywhere = self._entries.get((creator, word, ""), ())
        here = self._entries.get((creator, word, schema), ()) if schema else ()
        return added_up(everywhere, here, every_default_privilege(word, self._version))


def change_default_privileges(
    source: Catalog, target: Catalog, made: frozenset[ObjectRef], missing: MissingRoles
) -> Iterator[Statement]:
    """After everything that is made, so that this starts from what the target has now."""
    wanted = {entry.ref: entry for entry in source.default_privileges}
    present = {entry.ref: entry for entry in target.default_privileges}
    staying = {schema.name for schema in source.schemas}
    roles = Roles(target.owner)
    for ref in sorted(wanted.keys() | present.keys()):
        entry = wanted.get(ref) or present[ref]
        if ref not in wanted and entry.schema and entry.schema not in staying:
            continue  # they go with their schema
        have = present[ref].grants if ref in present else ()
        want = wanted[ref].grants if ref in wanted else ()
        if lacking := missing.among(entry.role):
            missing.lack(lacking[0], "for", ref)
            continue
        known, unknown = known_only(
            _possible(want, ref, missing), every_default_privilege(entry.objects, target.server_version)
        )
        missing.know_not(unknown, ref)
        yield from _changed(entry, have, known, made, roles, target.server_version)


def _possible(wanted: Iterable[Grant], ref: ObjectRef, missing: MissingRoles) -> tuple[Grant, ...]:
    """The grants to roles that are there."""
    found = []
    for grant in wanted:
        lacking = missing.among(grant.grantee)
        for role in lacking:
            missing.lack(role, "for", ref)
        if not lacking:
            found.append(grant)
    return tuple(found)


def _changed(
    entry: DefaultPrivileges,
    have: tuple[Grant, ...],
    want: tuple[Grant, ...],
    made: frozenset[ObjectRef],
    roles: Roles,
    version: int,
) -> Iterator[Statement]:
    every = every_default_privilege(entry.objects, version)
    after = made
    if entry.schema:
        after |= {Schema(name=entry.schema).ref}
    for count, step in enumerate(grant_steps(have, want, every)):
        provided = access_ref(entry.ref, count)
        yield replace(change_defaults(entry, step, roles), requires=after, provides=frozenset({provided}))
        after |= {provided}
