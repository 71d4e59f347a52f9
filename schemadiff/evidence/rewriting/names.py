"""What became of a source's tables and columns, by the names that a query uses."""

from collections.abc import Mapping as Dictionary
from dataclasses import dataclass, field

from schemadiff.core.catalog import Catalog
from schemadiff.core.mapping import ColumnPair, Mapping, PairStatus, QualifiedName, TableMapping


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownTable:
    """A table of the source; `target` is None where nothing takes its rows."""

    source: QualifiedName
    columns: tuple[str, ...]
    target: QualifiedName | None
    pairs: Dictionary[str, ColumnPair]  # by source column


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """`kept` are tables that the mapping is not about and that the target has by the same name."""

    tables: Dictionary[QualifiedName, KnownTable]
    path: tuple[str, ...]
    kept: frozenset[QualifiedName] = field(default=frozenset())

    @classmethod
    def of(cls, source: Catalog, target: Catalog, mapping: Mapping, search_path: str) -> "Names":
        theirs = {table.qualified for table in target.tables}
        by_source = {entry.source: entry for entry in mapping.tables if not entry.part}
        known, kept = {}, set()
        for table in source.tables:
            entry = by_source.get(table.qualified)
            if entry is None and table.qualified in theirs:
                kept.add(table.qualified)
                continue
            known[table.qualified] = KnownTable(
                source=table.qualified,
                columns=tuple(column.name for column in table.columns),
                target=entry.target if entry else None,
                pairs=_pairs(entry) if entry else {},
            )
        return cls(tables=known, path=_schemas(search_path), kept=frozenset(kept))

    def find(self, schema: str, name: str) -> KnownTable | None:
        """The table that a query means by this name; None where the mapping says nothing about it."""
        for place in (schema,) if schema else self.path:
            if (place, name) in self.kept:
                return None
            if (place, name) in self.tables:
                return self.tables[place, name]
        return None


def _pairs(entry: TableMapping) -> dict[str, ColumnPair]:
    """Of several target columns that one source column fills, a confirmed one, without an expression, comes first."""
    found: dict[str, ColumnPair] = {}
    for pair in sorted(entry.pairs, key=_worth):
        if pair.source is not None and pair.status is not PairStatus.REJECTED:
            found.setdefault(pair.source, pair)
    return found


def _worth(pair: ColumnPair) -> tuple[bool, bool]:
    return pair.status is not PairStatus.CONFIRMED, pair.expression is not None


def _schemas(search_path: str) -> tuple[str, ...]:
    parts = (part.strip().strip('"') for part in search_path.split(","))
    return tuple(part for part in parts if part and part != "$user")
