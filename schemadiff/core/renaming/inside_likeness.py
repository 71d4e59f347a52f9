"""Which label of an enum, or attribute of a composite type, may be which, where both sides have the type."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from schemadiff.core.catalog import Catalog, CompositeType, EnumType, ObjectRef
from schemadiff.core.ddl.references import attribute_ref, enum_label_ref
from schemadiff.core.renaming.inside_types import is_of_tables
from schemadiff.core.renaming.likeness import Likeness, attributes_alike, labels_alike

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Alike:
    """One of the source's, one of the target's, both of the type `of`."""

    of: EnumType | CompositeType
    source: ObjectRef
    target: ObjectRef
    likeness: Likeness


def inside_alike(source: Catalog, target: Catalog) -> Iterator[Alike]:
    """Every pair of a label or attribute that only the source's type has and one that only the target's has. Types of
    which there are tables are left out."""
    enums = {enum.ref: enum for enum in target.enums}
    for enum in source.enums:
        present = enums.get(enum.ref)
        if present and present.labels != enum.labels:
            for label, other, same_place, alone in _pairs(enum.labels, present.labels, str):
                like = labels_alike(label, other, at_the_same_place=same_place, alone=alone)
                yield Alike(present, enum_label_ref(enum, label), enum_label_ref(present, other), like)
    composites = {composite.ref: composite for composite in target.composites}
    for wanted in source.composites:
        found = composites.get(wanted.ref)
        if found and found.attributes != wanted.attributes and not is_of_tables(found, target):
            for a, b, same_place, alone in _pairs(
                wanted.attributes, found.attributes, lambda each: each.name
            ):
                like = attributes_alike(a, b, at_the_same_place=same_place, alone=alone)
                yield Alike(found, attribute_ref(wanted, a.name), attribute_ref(found, b.name), like)


def _pairs(
    wanted: Sequence[_T], present: Sequence[_T], name: Callable[[_T], str]
) -> Iterator[tuple[_T, _T, bool, bool]]:
    """With whether they stand at the same place, and whether they are the only ones that come and go."""
    names = {name(each) for each in wanted}, {name(each) for each in present}
    come = [(place, each) for place, each in enumerate(wanted) if name(each) not in names[1]]
    go = [(place, each) for place, each in enumerate(present) if name(each) not in names[0]]
    for place, one in come:
        for other_place, other in go:
            same_place = place == other_place and len(wanted) == len(present)
            yield one, other, same_place, len(come) == len(go) == 1
