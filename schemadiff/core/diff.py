"""What differs between two catalogs.

Limits: the order of columns is not compared (`left_as_is` says it), nor the name of an identity column's
sequence, nor whether a materialized view holds rows.
"""

from dataclasses import replace

from schemadiff.core.access_pairs import AccessPairs
from schemadiff.core.attributes import TopLevel, attributes_of, changed, describe
from schemadiff.core.catalog import Catalog, DefinedObject, Kind, ObjectRef, Table, View
from schemadiff.core.changes import Added, Altered, Diff, ObjectDiff, Removed, Renamed
from schemadiff.core.mapping import Mapping
from schemadiff.core.member_diff import compare_members, members_only_in_source, members_only_in_target
from schemadiff.core.part_diff import Beside, compare_parts, parts_only_in_source, parts_only_in_target
from schemadiff.core.renaming import follow_extensions, rename
from schemadiff.core.view_text import aligned

_ORDER = {kind: place for place, kind in enumerate(Kind)}


def diff(source: Catalog, target: Catalog, mapping: Mapping | None = None) -> Diff:
    """Every object of both, by kind and name, with its changes from source to target.

    What the mapping confirms to be one object is compared as one; under two names it is `Renamed`, and what names
    it is not changed by that. Without a mapping no rename is guessed. An extension that moves to another schema changes
    nothing that uses its types and operators.
    """
    source, target = aligned(source, target)
    renamed = rename(source, target, mapping or Mapping())
    renamed = replace(renamed, catalog=follow_extensions(source, renamed.catalog))
    beside = Beside(past=renamed, access=AccessPairs(source.access, renamed.catalog.access))
    present = {entry.ref: entry for entry in target.objects()}
    unpaired = {entry.ref: entry for entry in renamed.catalog.objects()}
    entries = []
    for entry in source.objects():
        ref = entry.ref
        counterpart = unpaired.pop(ref, None)
        if counterpart is None:
            entries.append(_only_in_source(entry))
        elif isinstance(entry, Table | View) and _is_same(ref, entry, counterpart, beside):
            entries.append(ObjectDiff(ref=ref, same_parts=len(entry.parts)))  # most of a large schema
        else:
            entries.append(_in_both(entry, counterpart, beside))
    for ref, entry in unpaired.items():
        if ref not in renamed.made:
            entries.append(_only_in_target(present.get(renamed.was(ref), entry)))
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


def _is_same(ref: ObjectRef, source: Table | View, target: TopLevel, beside: Beside) -> bool:
    """With all its parts, where nothing is renamed."""
    return source == target and not beside.past.origins and beside.access.say_nothing_of(ref)


def _in_both(source: TopLevel, target: TopLevel, beside: Beside) -> ObjectDiff:
    was = beside.past.was(target.ref)
    own = _own_change(source, target, beside)
    other = None if was == source.ref else was
    if isinstance(source, DefinedObject) and isinstance(target, DefinedObject):
        members = compare_members(source, target)
        return ObjectDiff(
            ref=source.ref, own=own, parts=members.changes, same_parts=members.same, target=other
        )
    if not isinstance(source, Table | View) or not isinstance(target, Table | View):
        return ObjectDiff(ref=source.ref, own=own, target=other)
    compared = compare_parts(source, target, beside)
    return ObjectDiff(ref=source.ref, own=own, parts=compared.changes, same_parts=compared.same, target=other)


def _own_change(source: TopLevel, target: TopLevel, beside: Beside) -> Altered | Renamed | None:
    origin = beside.past.origins.get(target.ref)
    if origin is None and source == target and beside.access.agree(source.ref, target.ref):
        return None
    left, right = beside.access.attributes(source.ref, target.ref)
    attributes = changed({**attributes_of(source), **left}, {**attributes_of(target), **right})
    if origin is not None:
        return Renamed(ref=source.ref, target=origin, attributes=attributes)
    return Altered(ref=source.ref, attributes=attributes) if attributes else None
