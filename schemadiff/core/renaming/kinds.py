"""Types whose names the source gives to something of another kind: an enum becomes a domain, a row type a table.
PostgreSQL gives no relation a type's name either, be it a sequence, which has no type.

What still holds values of such a type keeps its name from its successor, so it goes aside first; what held its
values is converted then, and in the end it is dropped.
"""

from collections.abc import Iterator

from schemadiff.core.catalog import Catalog, Kind, ObjectRef
from schemadiff.core.identifiers import shortened
from schemadiff.core.renaming.confirmed import Rename

_SUFFIX = "__replaced"
_TYPES = frozenset({Kind.ENUM, Kind.DOMAIN, Kind.COMPOSITE, Kind.RANGE})
_NAMED_LIKE_TYPES = _TYPES | {Kind.BASE_TYPE, Kind.TABLE, Kind.VIEW, Kind.SEQUENCE}
_HOLDERS = _TYPES | {Kind.COLUMN}


def of_other_kinds(source: Catalog, target: Catalog) -> tuple[Rename, ...]:
    """`target` as it is once the confirmed renames are carried out."""
    wanted = {entry.ref for entry in source.objects() if entry.ref.kind in _NAMED_LIKE_TYPES}
    names = {(ref.schema, ref.name) for ref in wanted}
    clashing = {ref for ref in _types(target) if ref not in wanted and (ref.schema, ref.name) in names}
    if not clashing:
        return ()
    held = {entry.on for entry in target.dependencies if entry.dependent.kind in _HOLDERS}
    return tuple(
        Rename(source=ref._replace(name=shortened(ref.name, _SUFFIX)), target=ref)
        for ref in sorted(clashing & held)
    )


def _types(catalog: Catalog) -> Iterator[ObjectRef]:
    return (entry.ref for entry in catalog.objects() if entry.ref.kind in _TYPES)
