"""Which tables the mapping page lists: those of the scope, and the parts of those that are split."""

from collections.abc import Iterable

from schemadiff.core.catalog import Catalog, Table
from schemadiff.core.mapping import ColumnPair, Mapping, PairStatus, QualifiedName, TableMapping, in_parts
from schemadiff.core.matching.splits import reshaped as find_reshaped
from schemadiff.core.options.option import Scope
from schemadiff.models import Pair


def by_name(scope: Scope, pairs: Iterable[Pair]) -> dict[QualifiedName, list[Pair]]:
    """Each source table's pairs, and after it those of its parts, by the names that the mapping has for them."""
    groups: dict[tuple[QualifiedName, QualifiedName], list[Pair]] = {}
    for pair in pairs:
        tables = (pair.source_schema, pair.source_table), (pair.target_schema, pair.target_table)
        groups.setdefault(tables, []).append(pair)
    found: dict[QualifiedName, list[Pair]] = {}
    entries = in_parts(TableMapping(source=source, target=target) for source, target in groups)
    for source in dict.fromkeys((*scope.tables, *(entry.source for entry in entries))):
        found[source] = []
        found |= {each.name: groups[each.source, each.target] for each in entries if each.source == source}
    return found


def reshaped(source: Catalog, target: Catalog, by_table: dict[QualifiedName, list[Pair]]) -> tuple[str, ...]:
    """Those that nobody has mapped: the matcher itself maps a split only where it knows by which key."""
    pairs = {
        name: (rows[0].target_schema, rows[0].target_table) if rows else name
        for name, rows in by_table.items()
        if rows or target.table(*name)
    }
    return tuple(each.sentence for each in find_reshaped(source, target, tuple(by_table), pairs))


def source_of(name: QualifiedName, rows: list[Pair]) -> QualifiedName:
    return (rows[0].source_schema, rows[0].source_table) if rows else name


def target_of(name: QualifiedName, rows: list[Pair], target: Catalog) -> Table | None:
    if rows:
        return target.table(rows[0].target_schema, rows[0].target_table)
    return target.table(*name)


def is_split(source: QualifiedName, by_table: dict[QualifiedName, list[Pair]]) -> bool:
    """Do its rows go into several target tables?"""
    return sum(bool(rows) and source_of(name, rows) == source for name, rows in by_table.items()) > 1


def beside(name: QualifiedName, by_table: dict[QualifiedName, list[Pair]]) -> tuple[str, ...]:
    """The other source tables whose rows go into the same target table."""
    mapping, entry = _entries(name, by_table)
    return tuple(".".join(each.name) for each in mapping.beside(entry)) if entry else ()


def is_added(name: QualifiedName, by_table: dict[QualifiedName, list[Pair]]) -> bool:
    """Does the mapping take it for one that goes where another one goes?"""
    mapping, entry = _entries(name, by_table)
    return entry is not None and mapping.is_added(entry)


def _entries(
    name: QualifiedName, by_table: dict[QualifiedName, list[Pair]]
) -> tuple[Mapping, TableMapping | None]:
    tables = tuple(
        TableMapping(
            source=source_of(each, rows),
            target=(rows[0].target_schema, rows[0].target_table),
            pairs=tuple(ColumnPair(target=row.target_column, status=PairStatus(row.status)) for row in rows),
        )
        for each, rows in by_table.items()
        if rows
    )
    place = [each for each, rows in by_table.items() if rows]
    return Mapping(tables=tables), tables[place.index(name)] if name in place else None
