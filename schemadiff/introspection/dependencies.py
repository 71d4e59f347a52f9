"""What depends on what, and what the catalog does not model."""

from schemadiff.core.catalog import Dependency, Kind, ObjectRef, Uncompared
from schemadiff.introspection.addresses import Addresses
from schemadiff.introspection.fetch import Fetch

_PARTS = {Kind.COLUMN, Kind.CONSTRAINT, Kind.INDEX, Kind.TRIGGER}


def read_dependencies(fetch: Fetch, known: Addresses) -> tuple[Dependency, ...]:
    """pg_depend between objects of the catalog, sorted.

    Left out is what names say already: a part's table, an object's schema; and which column owns
    a sequence (`Sequence.owned_by`), which would be a circle with the column's default.
    """
    refs = known.refs
    pairs = set()
    for class_id, object_id, column, on_class, on_id, on_column in fetch("dependencies"):
        dependent, on = refs.get((class_id, object_id, column)), refs.get((on_class, on_id, on_column))
        if dependent is not None and on is not None and not _is_said_by_name(dependent, on):
            pairs.add((dependent, on))
    return tuple(Dependency(dependent=dependent, on=on) for dependent, on in sorted(pairs))


def _is_said_by_name(dependent: ObjectRef, on: ObjectRef) -> bool:
    if dependent == on or dependent.kind is Kind.SEQUENCE:
        return True
    is_owner = not on.parent and (on.schema, on.name) == (dependent.schema, dependent.parent)
    return is_owner and dependent.kind in _PARTS


def read_uncompared(fetch: Fetch) -> tuple[Uncompared, ...]:
    """Objects and properties that pg_dump would write and the catalog does not model, by kind."""
    rows = sorted(fetch("uncompared_objects") + fetch("uncompared_properties"))
    return tuple(Uncompared(kind=kind, count=count, names=tuple(names)) for kind, count, names in rows)
