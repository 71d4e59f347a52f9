"""Which object of the target is which of the source, where a person confirmed that names differ."""

from schemadiff.core.catalog import Catalog, Kind, ObjectRef
from schemadiff.core.mapping import Mapping
from schemadiff.core.renaming import confirmed


class Renames:
    """The confirmed part of a mapping. What names an object that is not there is ignored."""

    def __init__(self, mapping: Mapping, source: Catalog, target: Catalog) -> None:
        found = confirmed(mapping, source, target) if mapping != Mapping() else ()
        self._objects = {entry.source: entry.target for entry in found if not entry.source.parent}
        self._schemas = {
            entry.source.name: entry.target.name for entry in found if entry.source.kind is Kind.SCHEMA
        }
        self._columns: dict[ObjectRef, dict[str, str]] = {}
        for entry in found:
            if entry.source.kind is Kind.COLUMN:
                owner = ObjectRef(kind=Kind.TABLE, schema=entry.source.schema, name=entry.source.parent)
                self._columns.setdefault(owner, {})[entry.source.name] = entry.target.name
        self._taken = frozenset(self._objects.values())

    def target_of(self, ref: ObjectRef) -> ObjectRef | None:
        """What the object is called in the target; None if that name is another source object's."""
        if ref in self._objects:
            return self._objects[ref]
        moved = ref._replace(schema=self._schemas.get(ref.schema, ref.schema))
        return None if moved in self._taken else moved

    def columns_of(self, ref: ObjectRef) -> dict[str, str]:
        """The table's confirmed pairs: source column to target column, each once on either side."""
        return self._columns.get(ref, {})
