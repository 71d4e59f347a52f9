"""What depends on what, and what the catalog does not model."""

from collections import defaultdict
from functools import cache

from schemadiff.core.catalog import Dependency, Kind, ObjectRef, Uncompared
from schemadiff.introspection.addresses import Addresses, Reference
from schemadiff.introspection.defined import Needs
from schemadiff.introspection.fetch import Fetch

_OWNERS = (Kind.TABLE, Kind.VIEW)


def read_dependencies(fetch: Fetch, known: Addresses, needs: Needs) -> tuple[Dependency, ...]:
    """pg_depend between objects of the catalog, and `needs` that it does not record, sorted.

    Left out is what names say already: a part's table, an object's schema; and which column owns
    a sequence (`Sequence.owned_by`), which would be a circle with the column's default.
    """
    found: defaultdict[Reference, set[Reference]] = defaultdict(set)
    for row in fetch("dependencies"):
        dependent, on = known.find(row[:3]), known.find(row[3:])
        if dependent is not None and on is not None and not _is_said_by_name(dependent, on):
            found[dependent].add(on)
    for dependent, address in needs:
        if (on := known.find(address)) is not None:
            found[dependent].add(on)
    ref = cache(_object_ref)
    return tuple(
        [
            Dependency(dependent=ref(dependent), on=ref(on))
            for dependent in sorted(found)
            for on in sorted(found[dependent])
        ]
    )


def _is_said_by_name(dependent: Reference, on: Reference) -> bool:
    if dependent == on or dependent[0] is Kind.SEQUENCE:
        return True
    _, schema, _, parent = dependent
    return on[0] in _OWNERS and parent == on[2] and schema == on[1]


def _object_ref(reference: Reference) -> ObjectRef:
    kind, schema, name, parent = reference
    return ObjectRef(kind=kind, schema=schema, name=name, parent=parent)


def read_uncompared(fetch: Fetch, found: tuple[Uncompared, ...]) -> tuple[Uncompared, ...]:
    """Objects and properties that pg_dump would write and the catalog does not model, by kind; `found` is what
    was noticed already."""
    rows = sorted(
        fetch("uncompared_objects") + fetch("uncompared_properties") + fetch("uncompared_of_others")
    )
    counted = [Uncompared(kind=kind, count=count, names=tuple(names)) for kind, count, names in rows]
    return tuple(sorted((*counted, *found), key=lambda entry: entry.kind))
