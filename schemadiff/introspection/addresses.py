"""Which object of the catalog PostgreSQL means by an address (class, object, column)."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TypeAlias

from schemadiff.core.catalog import Kind, ObjectRef

Address: TypeAlias = tuple[int, int, int]  # as in pg_depend: classid, objid, objsubid
Reference: TypeAlias = tuple[
    Kind, str, str, str
]  # an ObjectRef's fields; there are too many to make objects of

# The catalogs' own OIDs (pg_class.dat, the same in every version).
PG_TYPE = 1247
PG_PROC = 1255
PG_CLASS = 1259
PG_ATTRDEF = 2604
PG_CONSTRAINT = 2606
PG_NAMESPACE = 2615
PG_REWRITE = 2618
PG_TRIGGER = 2620
PG_NAMESPACE = 2615
PG_EXTENSION = 3079
PG_POLICY = 3256
PG_STATISTIC_EXT = 3381


@dataclass(slots=True)
class Addresses:
    """Filled while the catalog is read; several addresses may mean one object (a table, its row type)."""

    refs: dict[Address, Reference] = field(default_factory=dict)
    relations: dict[int, ObjectRef] = field(default_factory=dict)
    column_names: defaultdict[int, dict[int, str]] = field(default_factory=lambda: defaultdict(dict))

    def add(self, reference: Reference, *addresses: Address) -> None:
        for address in addresses:
            if address[1]:
                self.refs[address] = reference

    def find(self, address: Address) -> Reference | None:
        """A relation's columns are many, and are put together when they are asked for."""
        if (found := self.refs.get(address)) is not None:
            return found
        catalog, relation, number = address
        name = self.column_names[relation].get(number) if catalog == PG_CLASS and number else None
        return part_of(self.relations[relation], Kind.COLUMN, name) if name is not None else None

    def columns(self, relation: int, numbers: list[int] | None) -> tuple[str, ...]:
        """Names in that order; expressions (0), system and unknown columns are left out."""
        names = self.column_names[relation]
        return tuple([names[number] for number in numbers or () if number in names])


def reference(ref: ObjectRef) -> Reference:
    return (ref.kind, ref.schema, ref.name, ref.parent)


def part_of(owner: ObjectRef, kind: Kind, name: str) -> Reference:
    """The reference of a table's or view's part."""
    return (kind, owner.schema, name, owner.name)
