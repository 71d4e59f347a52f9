"""What has a name in a database, and with what else it shares the room for names."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from schemadiff.core.attributes import TopLevel
from schemadiff.core.catalog import (
    Catalog,
    Column,
    Constraint,
    ConstraintKind,
    Function,
    Kind,
    ObjectRef,
    Part,
    RangeType,
    Schema,
    StatisticsObject,
    Table,
    View,
)
from schemadiff.core.ddl.references import part_ref

Place: TypeAlias = tuple[str, ...]
"""One name in one room: two things cannot have the same."""

_WITH_INDEX = (ConstraintKind.PRIMARY_KEY, ConstraintKind.UNIQUE, ConstraintKind.EXCLUSION)
_RELATIONS = (Kind.TABLE, Kind.VIEW, Kind.SEQUENCE, Kind.COMPOSITE)
_TYPES = (Kind.TABLE, Kind.VIEW, Kind.COMPOSITE, Kind.ENUM, Kind.DOMAIN, Kind.RANGE)


@dataclass(slots=True, kw_only=True, eq=False)
class Thing:
    """One object with the name that it has at the moment. `ref` is what it was called at first."""

    ref: ObjectRef
    value: TopLevel | Part
    schema: str
    name: str
    parent: "Thing | None" = None
    follows: list["Thing"] = field(default_factory=list)  # what moves to another schema along with it
    below: list["Thing"] = field(
        default_factory=list
    )  # a column's or check's namesakes in partitions and children
    is_bound: bool = False  # follows another, and goes nowhere by itself
    multirange: str = ""  # of a range type
    first: tuple[str, str] = ("", "")

    def __post_init__(self) -> None:
        self.first = (self.schema, self.name)
        if isinstance(self.value, RangeType):
            self.multirange = self.value.multirange

    def places(self, schema: str, name: str) -> Iterator[Place]:
        """Where it would stand under that name."""
        kind = self.ref.kind
        if kind in _RELATIONS or kind is Kind.INDEX:
            yield ("relation", schema, name)
        if kind in _TYPES:
            yield ("type", schema, name)
        if isinstance(self.value, Function):
            yield ("function", schema, name, self.value.arguments)
        elif kind is Kind.STATISTICS or (self.parent is None and kind not in (*_RELATIONS, *_TYPES)):
            yield (kind.value, schema, name)
        elif self.parent is not None and kind is not Kind.INDEX:
            yield (kind.value, self.parent.ref.key, name)
        if isinstance(self.value, Constraint) and self.value.kind in _WITH_INDEX:
            yield ("relation", schema, name)


def things_of(catalog: Catalog) -> dict[ObjectRef, Thing]:
    """Everything but schemas, by its first name."""
    found: dict[ObjectRef, Thing] = {}
    for value in catalog.objects():
        if isinstance(value, Schema):
            continue
        whole = Thing(ref=value.ref, value=value, schema=value.ref.schema, name=value.name)
        found[value.ref] = whole
        if isinstance(value, Table | View):
            for part in _parts(value, whole):
                found[part.ref] = part
    _bind_sequences(catalog, found)
    _bind_partitions(catalog, found)
    return found


def _parts(owner: Table | View, whole: Thing) -> Iterator[Thing]:
    for value in owner.parts:
        stays = isinstance(value, StatisticsObject)  # which has a schema of its own
        schema = value.schema if isinstance(value, StatisticsObject) else whole.schema
        thing = Thing(ref=part_ref(owner, value), value=value, schema=schema, name=value.name, parent=whole)
        if not stays:
            whole.follows.append(thing)
        yield thing


def _bind_sequences(catalog: Catalog, found: dict[ObjectRef, Thing]) -> None:
    """A serial column's sequence goes where its table goes."""
    for sequence in catalog.sequences:
        if sequence.owned_by:
            owner = found.get(
                ObjectRef(kind=Kind.TABLE, schema=sequence.owned_by[0], name=sequence.owned_by[1])
            )
            if owner is not None:
                found[sequence.ref].is_bound = True
                owner.follows.append(found[sequence.ref])


def _bind_partitions(catalog: Catalog, found: dict[ObjectRef, Thing]) -> None:
    """A column or check that is a parent's is called as the parent's is."""
    for table in catalog.every_table:
        inherited = (constraint for constraint in table.constraints if constraint.inherited)
        bound: tuple[Column | Constraint, ...] = (*table.columns, *inherited) if table.parents else ()
        refs = [part_ref(table, part) for part in bound]
        for schema, name in table.parents:
            for own in refs:
                above = own._replace(schema=schema, parent=name)
                if above in found:
                    found[own].is_bound = True
                    found[above].below.append(found[own])
