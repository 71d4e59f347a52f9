"""Which tables the mapping page lists: those of the scope, and the parts of those that are split."""

from collections.abc import Iterable

from schemadiff.core.catalog import Catalog, Table
from schemadiff.core.mapping import QualifiedName, TableMapping, in_parts
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
