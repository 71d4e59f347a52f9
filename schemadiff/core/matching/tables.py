"""Which target table takes a source table's rows: by equal name, then by how alike names and columns are."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import JaroWinkler
from rapidfuzz.process import cdist
from scipy.optimize import linear_sum_assignment
from scipy.sparse import csr_array

from schemadiff.core.catalog import Catalog, Table
from schemadiff.core.mapping import QualifiedName
from schemadiff.core.matching.words import groups_of, words_of

_PAIR_FROM = 0.45
_NAME_SHARE = 0.5
_SPELLED_ALIKE = 0.9

Matrix: TypeAlias = NDArray[np.float64]


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
    alike = _NAME_SHARE * _names(wanted, candidates) + (1 - _NAME_SHARE) * _columns(
        wanted, candidates, rarity
    )
    gain = np.where(alike >= _PAIR_FROM, alike, 0.0)
    rows, columns = linear_sum_assignment(gain, maximize=True)
    return {
        wanted[row].qualified: candidates[column].qualified
        for row, column in zip(rows.tolist(), columns.tolist(), strict=True)
        if gain[row, column] > 0
    }


def _columns(wanted: Sequence[Table], candidates: Sequence[Table], rarity: Mapping[str, float]) -> Matrix:
    """The share of columns that both have, the rare ones counting most; a row for each wanted table."""
    place = {name: number for number, name in enumerate(sorted(rarity))}
    weights = np.array([rarity[name] for name in sorted(rarity)])
    left = _incidence([[place[c.name] for c in table.columns] for table in wanted], len(place))
    right = _incidence([[place[c.name] for c in table.columns] for table in candidates], len(place))
    shared = left.multiply(weights).tocsr().dot(right.T).toarray()
    every = (left @ weights)[:, None] + (right @ weights)[None, :] - shared
    share: Matrix = np.divide(shared, every, out=np.zeros_like(shared), where=every > 0)
    return share


def _names(wanted: Sequence[Table], candidates: Sequence[Table]) -> Matrix:
    """The share of words found in the other name, synonyms counted, or how alike it is spelled if that is more."""
    words = sorted({word for table in (*wanted, *candidates) for word in words_of(table.name)})
    place = {word: number for number, word in enumerate(words)}
    same = _incidence(_same_meaning(words), len(words))
    left = _incidence([[place[word] for word in words_of(table.name)] for table in wanted], len(words))
    right = _incidence([[place[word] for word in words_of(table.name)] for table in candidates], len(words))
    known = left.dot((right.dot(same) > 0).astype(float).T).toarray()
    back = (left.dot(same) > 0).astype(float).dot(right.T).toarray()
    every = left.sum(axis=1)[:, None] + right.sum(axis=1)[None, :]
    found = np.divide(known + back, every, out=np.zeros_like(known), where=every > 0)
    spelled = cdist(
        [table.name.lower() for table in wanted],
        [table.name.lower() for table in candidates],
        scorer=JaroWinkler.similarity,
        score_cutoff=_SPELLED_ALIKE,
    )
    likeness: Matrix = np.maximum(found, spelled)
    return likeness


def _incidence(rows: Sequence[Sequence[int]], width: int) -> csr_array:
    """A row for each list, with ones at its places."""
    distinct = [sorted(set(row)) for row in rows]
    starts = np.cumsum([0, *(len(row) for row in distinct)])
    places = np.array([place for row in distinct for place in row], dtype=np.int64)
    return csr_array((np.ones(len(places)), places, starts), shape=(len(rows), width))


def _same_meaning(words: Sequence[str]) -> list[list[int]]:
    """For each word the places of itself and its synonyms."""
    places: dict[int, list[int]] = {}
    for place, word in enumerate(words):
        for group in groups_of(word):
            places.setdefault(group, []).append(place)
    return [
        [place, *(other for group in groups_of(word) for other in places[group])]
        for place, word in enumerate(words)
    ]


def _rarities(tables: Iterable[Table]) -> dict[str, float]:
    """A column that every table has (`id`) says nothing about which table it is."""
    every = list(tables)
    counts = Counter(column.name for table in every for column in table.columns)
    return {name: math.log(1 + len(every) / count) for name, count in counts.items()}
