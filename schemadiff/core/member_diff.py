"""What differs in the members of one object: a publication's tables, a configuration's kinds of token."""

from schemadiff.core.attributes import TopLevel, attributes_of, changed, describe
from schemadiff.core.catalog import DefinedObject
from schemadiff.core.changes import Added, Altered, Change, Removed
from schemadiff.core.defined_objects import member_ref
from schemadiff.core.part_diff import ComparedParts


def members_only_in_source(entry: TopLevel) -> tuple[Change, ...]:
    if not isinstance(entry, DefinedObject):
        return ()
    return tuple(Removed(ref=member_ref(entry, m), description=describe(m)) for m in entry.members)


def members_only_in_target(entry: TopLevel) -> tuple[Change, ...]:
    if not isinstance(entry, DefinedObject):
        return ()
    return tuple(Added(ref=member_ref(entry, m), description=describe(m)) for m in entry.members)


def compare_members(source: DefinedObject, target: DefinedObject) -> ComparedParts:
    """By name: the source's in their order, then the target's own."""
    unpaired = {member.name: member for member in target.members}
    changes: list[Change] = []
    for member in source.members:
        counterpart = unpaired.pop(member.name, None)
        if counterpart is None:
            changes.append(Removed(ref=member_ref(source, member), description=describe(member)))
        elif member != counterpart:
            attributes = changed(attributes_of(member), attributes_of(counterpart))
            changes.append(Altered(ref=member_ref(source, member), attributes=attributes))
    same = len(source.members) - len(changes)
    changes += (Added(ref=member_ref(target, m), description=describe(m)) for m in unpaired.values())
    return ComparedParts(changes=tuple(changes), same=same)
