"""Composite and range types."""

from dataclasses import dataclass

from schemadiff.core.objects import Kind, ObjectRef


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeAttribute:
    name: str
    type: str
    collation: str | None = None  # only where it is not the type's own


@dataclass(frozen=True, slots=True, kw_only=True)
class CompositeType:
    """A row type that no table or view brings along; `attributes` in their order."""

    schema: str
    name: str
    attributes: tuple[TypeAttribute, ...] = ()
    comment: str | None = None

    @property
    def ref(self) -> ObjectRef:
        return ObjectRef(kind=Kind.COMPOSITE, schema=self.schema, name=self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class RangeType:
    """A range type with the multirange type, in the same schema, that comes with it."""

    schema: str
    name: str
    type: str  # of its bounds
    multirange: str
    operator_class: str | None = None  # only where it is not the type's default
    collation: str | None = None  # only where it is not the type's own
    difference: str | None = None  # subtype_diff
    canonical: str | None = None  # a function, which takes the range type itself
    comment: str | None = None

    @property
    def ref(self) -> ObjectRef:
        return ObjectRef(kind=Kind.RANGE, schema=self.schema, name=self.name)
