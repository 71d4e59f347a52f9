"""Which target table takes a source table's rows: by equal name, then by how alike names and columns are."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from rapidfuzz.distance import JaroWinkler
from scipy.optimize import linear_sum_assignment

from schemadiff.core.catalog import Catalog, Table
from schemadiff.core.mapping import QualifiedName
from schemadiff.core.matching.words import are_synonyms, words_of

_PAIR_FROM = 0.45
_NAME_SHARE = 0.5


def pair_tables(
    source: Catalog, target: Catalog, tables: Sequence[QualifiedName]
) -> dict[QualifiedName, QualifiedName]:
    """Those of `tables` that have a counterpart, with it. One to one; partitions go with their parents."""
    wanted = [table for name in tables if (table := source.table(*name))]
    free = {table.qualified: table for table in target.tables if table.partition_of is None}
    paired = _equal_names(wanted, source, free)
    for name in paired.values():
        free.pop(name, None)
    rest = [table for table in wanted if table.qualified not in paired]
    candidates = _never_equal(free, source)
    return paired | _alike(rest, candidates, _rarities((*source.tables, *target.tables)))


def _equal_names(
    wanted: Sequence[Table], source: Catalog, free: Mapping[QualifiedName, Table]
) -> dict[QualifiedName, QualifiedName]:
    """The same schema and name, else the same name in a schema where it is the only one."""
    paired = {table.qualified: table.qualified for table in wanted if table.qualified in free}
    sources = Counter(table.name for table in source.tables if table.partition_of is None)
    targets = Counter(name for _, name in free)
    for table in wanted:
        if table.qualified not in paired and sources[table.name] == targets[table.name] == 1:
            paired[table.qualified] = next(name for name in free if name[1] == table.name)
    return paired


def _never_equal(free: Mapping[QualifiedName, Table], source: Catalog) -> list[Table]:
    """Target tables that no source table, in the scope or not, has the name of."""
    names = {table.name for table in source.tables}
    return [table for _, table in sorted(free.items()) if table.name not in names]


def _alike(
    wanted: Sequence[Table], candidates: Sequence[Table], rarity: Mapping[str, float]
) -> dict[QualifiedName, QualifiedName]:
    if not wanted or not candidates:
        return {}
    alike = np.array([[_likeness(one, other, rarity) for other in candidates] for one in wanted])
    gain = np.where(alike >= _PAIR_FROM, alike, 0.0)
    rows, columns = linear_sum_assignment(gain, maximize=True)
    return {
        wanted[row].qualified: candidates[column].qualified
        for row, column in zip(rows.tolist(), columns.tolist(), strict=True)
        if gain[row, column] > 0
    }


def _likeness(one: Table, other: Table, rarity: Mapping[str, float]) -> float:
    """Half from the names, half from the columns that both have, the rare ones counting most."""
    left, right = {c.name for c in one.columns}, {c.name for c in other.columns}
    every = sum(rarity[name] for name in left | right)
    columns = sum(rarity[name] for name in left & right) / every if every else 0.0
    return _NAME_SHARE * _name_likeness(one.name, other.name) + (1 - _NAME_SHARE) * columns


def _name_likeness(one: str, other: str) -> float:
    left, right = words_of(one), words_of(other)
    known = sum(word in right or any(are_synonyms(word, each) for each in right) for word in left)
    back = sum(word in left or any(are_synonyms(word, each) for each in left) for word in right)
    words = (known + back) / (len(left) + len(right)) if left or right else 0.0
    spelled = JaroWinkler.similarity(one.lower(), other.lower())
    return max(words, spelled if spelled >= 0.9 else 0.0)


def _rarities(tables: Iterable[Table]) -> dict[str, float]:
    """A column that every table has (`id`) says nothing about which table it is."""
    every = list(tables)
    counts = Counter(column.name for table in every for column in table.columns)
    return {name: math.log(1 + len(every) / count) for name, count in counts.items()}
