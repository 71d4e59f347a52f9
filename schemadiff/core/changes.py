"""What differs: one union of changes, read from source to target (`+` only in the target, `−` only in the source)."""

from dataclasses import dataclass
from typing import TypeAlias

from schemadiff.core.catalog import ObjectRef


@dataclass(frozen=True, slots=True, kw_only=True)
class AttributeChange:
    """One attribute of one object. `name` is a word from the catalog: type, default, not null, definition…

    None means that the attribute is absent on that side.
    """

    name: str
    source: str | None
    target: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """The object is only in the target."""

    ref: ObjectRef
    description: str  # the object in one line: `varchar(20) not null`


@dataclass(frozen=True, slots=True, kw_only=True)
class Removed:
    """The object is only in the source."""

    ref: ObjectRef
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Altered:
    """The object is in both and differs in these attributes, sorted by name."""

    ref: ObjectRef
    attributes: tuple[AttributeChange, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Renamed:
    """A person confirmed (in the mapping) that these are one object under two names."""

    ref: ObjectRef  # as the source has it
    target: ObjectRef
    attributes: tuple[AttributeChange, ...] = ()


Change: TypeAlias = Added | Removed | Altered | Renamed


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectDiff:
    """A top-level object and every change in it. No changes: the object is the same on both sides.

    `own` is the object's own change if it has one (a table that is only in the target has its columns
    and the rest as `Added` in `parts`, so that a page can show them); `parts` are the changes of its
    columns, constraints, indexes and triggers, in that order, columns by position. `same_parts` counts
    the parts that do not differ. `target` is what the target calls it, where that is not `ref`: it or its schema
    is renamed.
    """

    ref: ObjectRef
    own: Added | Removed | Altered | Renamed | None = None
    parts: tuple[Change, ...] = ()
    same_parts: int = 0
    target: ObjectRef | None = None

    @property
    def is_same(self) -> bool:
        return self.own is None and not self.parts

    @property
    def changes(self) -> tuple[Change, ...]:
        return ((self.own,) if self.own else ()) + self.parts


@dataclass(frozen=True, slots=True, kw_only=True)
class Diff:
    """Every top-level object of both catalogs, by kind and name, with its changes."""

    objects: tuple[ObjectDiff, ...] = ()

    @property
    def is_empty(self) -> bool:
        return all(entry.is_same for entry in self.objects)

    @property
    def different(self) -> tuple[ObjectDiff, ...]:
        return tuple(entry for entry in self.objects if not entry.is_same)
