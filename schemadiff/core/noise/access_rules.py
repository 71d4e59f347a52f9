"""Owners, grants and security labels that rules ignore: the source has the target's."""

from collections.abc import Callable
from dataclasses import replace

from schemadiff.core.access import Access
from schemadiff.core.catalog import Catalog, ObjectRef


def with_ignored_access(
    source: Catalog,
    target: Catalog,
    words_of: Callable[[ObjectRef], frozenset[str]],
    counterpart: Callable[[ObjectRef], ObjectRef | None],
) -> tuple[Access, ...]:
    """The source's access; `words_of` says what is ignored of an object, `counterpart` what it is in the target."""
    mine = {access.ref: access for access in source.access}
    others = {access.ref: access for access in target.access}
    found = []
    for ref in sorted(mine.keys() | others.keys()):
        own = mine.get(ref, Access(ref=ref))
        there = counterpart(ref)
        if there is not None:
            own = _taken_over(own, others.get(there, Access(ref=ref)), words_of(ref))
        if own != Access(ref=ref):
            found.append(own)
    return tuple(found)


def _taken_over(own: Access, other: Access, words: frozenset[str]) -> Access:
    if "owner" in words:
        own = replace(own, owner=other.owner)
    if "grants" in words:
        own = replace(own, grants=other.grants, sequence=other.sequence)
    if "security labels" in words:
        own = replace(own, labels=other.labels)
    if "comment" in words:
        own = replace(own, comments=other.comments)
    return own
