"""What differs between two catalogs.

Limits: the order of columns is not compared, nor the name of an identity column's sequence, nor whether
a materialized view holds rows.
"""

from schemadiff.core.access_pairs import AccessPairs
from schemadiff.core.attributes import TopLevel, attributes_of, changed, describe
from schemadiff.core.catalog import Catalog, DefinedObject, Kind, Table, View
from schemadiff.core.changes import Added, Altered, Diff, ObjectDiff, Removed, Renamed
from schemadiff.core.mapping import Mapping
from schemadiff.core.member_diff import compare_members, members_only_in_source, members_only_in_target
from schemadiff.core.part_diff import compare_parts, parts_only_in_source, parts_only_in_target
from schemadiff.core.renames import Renames
from schemadiff.core.view_text import aligned

_ORDER = {kind: place for place, kind in enumerate(Kind)}


def diff(source: Catalog, target: Catalog, mapping: Mapping | None = None) -> Diff:
    """Every object of both, by kind and name, with its changes from source to target.

    Tables and columns that the mapping's confirmed pairs join are one object; under two names they are
    `Renamed`. Without a mapping no rename is guessed.
    """
    source, target = aligned(source, target)
    renames = Renames(mapping or Mapping(), source, target)
    access = AccessPairs(source.access, target.access)
    unpaired = {entry.ref: entry for entry in target.objects()}
    entries = []
    for entry in source.objects():
        ref = renames.target_of(entry.ref)
        counterpart = unpaired.pop(ref, None) if ref else None
        if counterpart:
            entries.append(_in_both(entry, counterpart, renames, access))
        else:
            entries.append(_only_in_source(entry))
    entries += [_only_in_target(entry) for entry in unpaired.values()]
    return Diff(objects=tuple(sorted(entries, key=_place)))


def _place(entry: ObjectDiff) -> tuple[int, str, str]:
    return _ORDER[entry.ref.kind], entry.ref.schema, entry.ref.name


def _only_in_source(entry: TopLevel) -> ObjectDiff:
    own = Removed(ref=entry.ref, description=describe(entry))
    parts = parts_only_in_source(entry) if isinstance(entry, Table | View) else members_only_in_source(entry)
    return ObjectDiff(ref=entry.ref, own=own, parts=parts)


def _only_in_target(entry: TopLevel) -> ObjectDiff:
    own = Added(ref=entry.ref, description=describe(entry))
    parts = parts_only_in_target(entry) if isinstance(entry, Table | View) else members_only_in_target(entry)
    return ObjectDiff(ref=entry.ref, own=own, parts=parts)


def _in_both(source: TopLevel, target: TopLevel, renames: Renames, access: AccessPairs) -> ObjectDiff:
    own = _own_change(source, target, access)
    if isinstance(source, DefinedObject) and isinstance(target, DefinedObject):
        compared = compare_members(source, target)
        return ObjectDiff(ref=source.ref, own=own, parts=compared.changes, same_parts=compared.same)
    if not isinstance(source, Table | View) or not isinstance(target, Table | View):
        return ObjectDiff(ref=source.ref, own=own)
    pairs = renames.columns_of(source.ref)
    if source == target and not pairs and access.say_nothing_of(source.ref):
        return ObjectDiff(ref=source.ref, same_parts=len(source.parts))  # most of a large schema
    compared = compare_parts(source, target, pairs, access)
    return ObjectDiff(ref=source.ref, own=own, parts=compared.changes, same_parts=compared.same)


def _own_change(source: TopLevel, target: TopLevel, access: AccessPairs) -> Altered | Renamed | None:
    if source == target and access.agree(source.ref, target.ref):
        return None
    left, right = access.attributes(source.ref, target.ref)
    attributes = changed({**attributes_of(source), **left}, {**attributes_of(target), **right})
    if source.ref != target.ref:
        return Renamed(ref=source.ref, target=target.ref, attributes=attributes)
    return Altered(ref=source.ref, attributes=attributes) if attributes else None
