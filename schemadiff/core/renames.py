"""Which table and column of the target is which of the source, where a person confirmed that names differ."""

from schemadiff.core.catalog import Catalog, Kind, ObjectRef
from schemadiff.core.mapping import ColumnPair, Mapping, TableMapping


class Renames:
    """The confirmed part of a mapping. Pairs that name a table that is not there are ignored."""

    def __init__(self, mapping: Mapping, source: Catalog, target: Catalog) -> None:
        there = {table.qualified for table in source.tables}, {table.qualified for table in target.tables}
        self._tables: dict[ObjectRef, ObjectRef] = {}
        self._columns: dict[ObjectRef, dict[str, str]] = {}
        for entry in mapping.tables:
            if entry.accepted() and entry.source in there[0] and entry.target in there[1]:
                ref = _table_ref(entry.source)
                self._tables[ref] = _table_ref(entry.target)
                self._columns[ref] = _columns(entry)
        self._taken = frozenset(self._tables.values())

    def target_of(self, ref: ObjectRef) -> ObjectRef | None:
        """What the object is called in the target; None if that name is another source table's."""
        if ref in self._tables:
            return self._tables[ref]
        return None if ref in self._taken else ref

    def columns_of(self, ref: ObjectRef) -> dict[str, str]:
        """The table's confirmed pairs: source column to target column, each once on either side."""
        return self._columns.get(ref, {})


def _table_ref(name: tuple[str, str]) -> ObjectRef:
    return ObjectRef(kind=Kind.TABLE, schema=name[0], name=name[1])


def _columns(entry: TableMapping) -> dict[str, str]:
    """Where one column fills several, the one of the same name counts as it, else the first."""
    chosen: dict[str, str] = {}
    for pair in sorted(entry.accepted(), key=_differs_in_name):
        if pair.source is not None and pair.source not in chosen:
            chosen[pair.source] = pair.target
    return chosen


def _differs_in_name(pair: ColumnPair) -> bool:
    return pair.source != pair.target
