"""Which target table takes a source table's rows: by equal name, then by how alike names and columns are and by what
comments say."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import JaroWinkler
from rapidfuzz.process import cdist
from scipy.sparse import csr_array

from schemadiff.core.catalog import Catalog, Table
from schemadiff.core.mapping import QualifiedName
from schemadiff.core.matching.pairing import best_pairs
from schemadiff.core.matching.table_comments import Said, likelier, said_of_becoming
from schemadiff.core.matching.words import groups_of, words_of

_PAIR_FROM = 0.45
_NAME_SHARE = 0.5
_SPELLED_ALIKE = 0.9
_AS_LIKE = 0.9  # from this share of the chosen one's likeness on another table is a rival
_MOST_LIKE = 0.99  # of tables of different names
_RIVALS_NAMED = 2

Matrix: TypeAlias = NDArray[np.float64]


class TableStanding(Enum):
    """How sure it is that a table's rows go there."""

    EQUAL = "equal"  # the names are equal
    UNAMBIGUOUS = "unambiguous"  # another name, and clearly more alike than any other table
    AMBIGUOUS = "ambiguous"  # another name, and another table is nearly as like


@dataclass(frozen=True, slots=True, kw_only=True)
class TablePair:
    """`likeness` goes from 0 to 1; `reasons` say in words why a table of another name was chosen."""

    source: QualifiedName
    target: QualifiedName
    standing: TableStanding
    likeness: float = 1.0
    reasons: tuple[str, ...] = ()


def pair_tables(
    source: Catalog, target: Catalog, tables: Sequence[QualifiedName]
) -> dict[QualifiedName, TablePair]:
    """Those of `tables` that have a counterpart, with it. One to one; partitions go with their parents."""
    wanted = [table for name in tables if (table := source.table(*name))]
    free = {table.qualified: table for table in target.tables if table.partition_of is None}
    paired = {
        name: TablePair(source=name, target=other, standing=TableStanding.EQUAL)
        for name, other in _equal_names(wanted, source, free).items()
    }
    for pair in paired.values():
        free.pop(pair.target, None)
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
) -> dict[QualifiedName, TablePair]:
    if not wanted or not candidates:
        return {}
    alike = _NAME_SHARE * _names(wanted, candidates) + (1 - _NAME_SHARE) * _columns(
        wanted, candidates, rarity
    )
    said = said_of_becoming(wanted, candidates)
    standing = alike.copy()  # what a comment names goes before every likeness
    for place, each in said.items():
        alike[place] = likelier(float(alike[place]), each)
        standing[place] = alike[place] + each.is_told
    gain = np.where(alike >= _PAIR_FROM, standing, 0.0)
    return {
        wanted[row].qualified: TablePair(
            source=wanted[row].qualified,
            target=candidates[column].qualified,
            standing=TableStanding.AMBIGUOUS if rivals else TableStanding.UNAMBIGUOUS,
            likeness=round(min(float(alike[row, column]), _MOST_LIKE), 4),
            reasons=_reasons(wanted[row], candidates[column], rivals, said.get((row, column))),
        )
        for row, column in best_pairs(gain)
        if gain[row, column] > 0
        for rivals in [_rivals(wanted, candidates, standing, row, column)]
    }


def _rivals(
    wanted: Sequence[Table], candidates: Sequence[Table], standing: Matrix, row: int, column: int
) -> list[Table]:
    """The tables of either side that would fit about as well."""
    likeness = float(standing[row, column])
    return [
        *(candidates[place] for place in _as_like(standing[row], column, likeness)),
        *(wanted[place] for place in _as_like(standing[:, column], row, likeness)),
    ]


def _as_like(alike: Matrix, chosen: int, likeness: float) -> list[int]:
    return [place for place in np.flatnonzero(alike >= _AS_LIKE * likeness).tolist() if place != chosen]


def _reasons(giver: Table, taker: Table, rivals: Sequence[Table], said: Said | None) -> tuple[str, ...]:
    names = {column.name for column in giver.columns}
    shared = sum(column.name in names for column in taker.columns)
    most = max(len(giver.columns), len(taker.columns))
    found = [f"that {giver.name} became {taker.name} is a guess: {shared} of {most} columns have equal names"]
    if said is not None:
        found.append(said.reason)
    if rivals:
        listed = " and ".join(table.name for table in rivals[:_RIVALS_NAMED])
        found.append(f"{listed} would fit about as well")
    return tuple(found)


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
