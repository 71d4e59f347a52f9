"""A catalog without some objects, and without whatever needs them."""

from collections.abc import Iterable, Set
from dataclasses import fields, replace
from typing import Any

from schemadiff.core.catalog import Catalog, Kind, ObjectRef
from schemadiff.core.inventory import Inventory

_GROUPS = tuple(entry.name for entry in fields(Catalog) if str(entry.type).startswith("tuple"))
_OWNERS = (Kind.TABLE, Kind.VIEW)


def without(catalog: Catalog, refs: Iterable[ObjectRef]) -> Catalog:
    """A table goes as a whole, be it for one of its columns."""
    gone = _with_users(Inventory(catalog), refs)
    left: dict[str, Any] = {
        group: tuple(entry for entry in getattr(catalog, group) if not _is_gone(entry, gone))
        for group in _GROUPS
        if group != "dependencies"
    }
    dependencies = tuple(
        each
        for each in catalog.dependencies
        if not any(_is_gone_ref(ref, gone) for ref in (each.dependent, each.on))
    )
    return replace(catalog, **left, dependencies=dependencies)


def _with_users(inventory: Inventory, refs: Iterable[ObjectRef]) -> frozenset[ObjectRef]:
    gone: set[ObjectRef] = set()
    waiting = list(refs)
    while waiting:
        ref = waiting.pop()
        if ref in gone:
            continue
        gone.add(ref)
        item = inventory.get(ref)
        if item and item.owner:
            waiting.append(item.owner.ref)
        waiting.extend(inventory.users(ref))
        waiting.extend(user for part in inventory.parts(ref) for user in inventory.users(part.ref))
    return frozenset(gone)


def _is_gone(entry: Any, gone: Set[ObjectRef]) -> bool:
    ref = getattr(entry, "ref", None)
    return ref is not None and _is_gone_ref(ref, gone)


def _is_gone_ref(ref: ObjectRef, gone: Set[ObjectRef]) -> bool:
    if not ref.parent:
        return ref in gone
    return any(ObjectRef(kind=kind, schema=ref.schema, name=ref.parent) in gone for kind in _OWNERS)
