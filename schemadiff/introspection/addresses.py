"""Which object of the catalog PostgreSQL means by an address (class, object, column)."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, TypeAlias, TypeVar

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


_NO_NAMES: dict[int, str] = {}

_Row = TypeVar("_Row")
_Later: TypeAlias = tuple[Mapping[int, Any], Callable[[Any], Reference]]


@dataclass(slots=True)
class Addresses:
    """Filled while the catalog is read; several addresses may mean one object (a table, its row type)."""

    refs: dict[Address, Reference] = field(default_factory=dict)
    later: defaultdict[int, list[_Later]] = field(default_factory=lambda: defaultdict(list))
    relations: dict[int, ObjectRef] = field(default_factory=dict)
    column_names: dict[int, dict[int, str]] = field(default_factory=dict)
    # Of relations whose columns have their types' collations.
    column_types: dict[int, dict[int, str]] = field(default_factory=dict)

    def add(self, reference: Reference, *addresses: Address) -> None:
        for address in addresses:
            if address[1]:
                self.refs[address] = reference

    def add_later(self, catalog: int, rows: Mapping[int, _Row], named: Callable[[_Row], Reference]) -> None:
        """Objects of that system catalog by OID, which are many: one is named when it is asked for."""
        self.later[catalog].append((rows, named))

    def find(self, address: Address) -> Reference | None:
        """What the address means; None for what is no object of the catalog."""
        if (found := self.refs.get(address)) is not None:
            return found
        catalog, oid, number = address
        if number:
            name = self.names_of(oid).get(number) if catalog == PG_CLASS else None
            return part_of(self.relations[oid], Kind.COLUMN, name) if name is not None else None
        for rows, named in self.later[catalog]:
            if (row := rows.get(oid)) is not None:
                found = self.refs[address] = named(row)
                return found
        return None

    def names_of(self, relation: int) -> dict[int, str]:
        """The names of its columns by number; the same object for relations that have the same columns."""
        return self.column_names.get(relation, _NO_NAMES)

    def columns(self, relation: int, numbers: tuple[int, ...]) -> tuple[str, ...]:
        """Names in that order; expressions (0), system and unknown columns are left out."""
        names = self.names_of(relation)
        return tuple([names[number] for number in numbers if number in names])


def reference(ref: ObjectRef) -> Reference:
    return (ref.kind, ref.schema, ref.name, ref.parent)


def part_of(owner: ObjectRef, kind: Kind, name: str) -> Reference:
    """The reference of a table's or view's part."""
    return (kind, owner.schema, name, owner.name)


@lru_cache(maxsize=4096)
def numbers(array: str | None) -> tuple[int, ...]:
    """Of an array as PostgreSQL writes it: most of them have few numbers, and many the same; NULL is an empty one."""
    return tuple([int(number) for number in array[1:-1].split(",") if number]) if array else ()
