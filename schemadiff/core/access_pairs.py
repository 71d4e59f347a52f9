"""The access to the same object in two catalogs, looked up when they are compared."""

from collections.abc import Iterable

from schemadiff.core.access import Access, access_attributes
from schemadiff.core.attributes import Attributes
from schemadiff.core.objects import ObjectRef


class AccessPairs:
    """Whatever is not listed is as usual."""

    def __init__(self, source: Iterable[Access], target: Iterable[Access]) -> None:
        self._source = {access.ref: access for access in source}
        self._target = {access.ref: access for access in target}

        listed = (*self._source, *self._target)
        self._relations = {(ref.schema, ref.parent or ref.name) for ref in listed}

    def say_nothing_of(self, relation: ObjectRef) -> bool:
        """Whether neither side lists anything of it or of its parts."""
        return (relation.schema, relation.name) not in self._relations

    def agree(self, source: ObjectRef, target: ObjectRef) -> bool:
        left, right = self.attributes(source, target)
        return left == right

    def attributes(self, source: ObjectRef, target: ObjectRef) -> tuple[Attributes, Attributes]:
        """On either side; the object may have another name there."""
        one, other = self._source.get(source), self._target.get(target)
        if one is None and other is None:
            return {}, {}
        both = access_attributes(one), access_attributes(other)
        names = both[0].keys() | both[1].keys()
        left, right = ({name: side.get(name) for name in names} for side in both)
        return left, right
