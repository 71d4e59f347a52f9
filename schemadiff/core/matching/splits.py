"""Tables that may have been split in two, or two that may have been merged: proposals in words.

By the columns that moved, fewer of which do where a comment tells of it.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from schemadiff.core.catalog import Catalog, Table
from schemadiff.core.mapping import QualifiedName
from schemadiff.core.matching.table_comments import told_reshaping
from schemadiff.core.matching.words import FORM_WORDS, words_of

_RARE = 3  # columns that more tables have (`id`, `created_at`) say nothing about where a table went
_FEWEST = 2
_SHARE = 0.5
_NAMED = 6

_Key: TypeAlias = frozenset[str]  # what a column's name says


class Reshaping(Enum):
    SPLIT = "split"  # some columns of a source table are in a target table of their own
    MERGED = "merged"  # some columns of a source table are in the target table of another one


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """`source` may have given `columns` to `target`; `kept` is its own counterpart, or whose rows `target` takes."""

    reshaping: Reshaping
    source: QualifiedName
    target: QualifiedName
    kept: QualifiedName
    columns: tuple[str, ...]  # as the table that both sides have calls them
    of: int  # how many columns of its own the new, or the vanished, table has
    fillers: tuple[tuple[str, str], ...] = ()  # source column, target column
    told: str = ""  # by which comment, in words

    @property
    def sentence(self) -> str:
        listed = ", ".join(self.columns[:_NAMED])
        more = f" and {len(self.columns) - _NAMED} more" if len(self.columns) > _NAMED else ""
        told = f", and {self.told}" if self.told else ""
        source, target, kept = (".".join(name) for name in (self.source, self.target, self.kept))
        if self.reshaping is Reshaping.SPLIT:
            return (
                f"{source} may have been split: {target} has {len(self.columns)} of the columns that {kept} lacks "
                f"({listed}{more}), of {self.of} of its own{told}."
            )
        return (
            f"{source} may have been merged into {target}, which takes the rows of {kept}: {len(self.columns)} of its "
            f"{self.of} own columns are there ({listed}{more}) and not in {kept}{told}."
        )


def reshaped(
    source: Catalog,
    target: Catalog,
    tables: Sequence[QualifiedName],
    pairs: Mapping[QualifiedName, QualifiedName],
) -> tuple[Proposal, ...]:
    """Of `tables` of the source; `pairs` says which target table takes the rows of which source table."""
    return (*_split(source, target, tables, pairs), *_merged(source, target, tables, pairs))


def _split(
    source: Catalog,
    target: Catalog,
    tables: Sequence[QualifiedName],
    pairs: Mapping[QualifiedName, QualifiedName],
) -> Iterator[Proposal]:
    wanted = [table for name in tables if name in pairs and (table := source.table(*name))]
    holders, often = _holders(wanted), _often(target)
    for fresh in _unpaired(target, source, set(pairs.values())):
        own = _own(fresh, often)
        for table, columns in _most_shared(own, fresh, holders):
            kept = target.table(*pairs[table.qualified])
            gone = {theirs: name for theirs, name in columns.items() if kept and not _has(kept, name, table)}
            moved = list(dict.fromkeys(gone.values()))
            told = told_reshaping(table, fresh)
            if _is_enough(moved, own, told):
                yield Proposal(
                    told=told,
                    fillers=tuple((name, theirs) for theirs, name in gone.items()),
                    reshaping=Reshaping.SPLIT,
                    source=table.qualified,
                    target=fresh.qualified,
                    kept=pairs[table.qualified],
                    columns=tuple(moved),
                    of=len(own),
                )


def _merged(
    source: Catalog,
    target: Catalog,
    tables: Sequence[QualifiedName],
    pairs: Mapping[QualifiedName, QualifiedName],
) -> Iterator[Proposal]:
    givers = {target_name: name for name, target_name in pairs.items()}
    holders = _holders([table for name in sorted(givers) if (table := target.table(*name))])
    wanted, often = set(tables), _often(source)
    for gone in _unpaired(source, target, set(pairs)):
        own = _own(gone, often)
        for table, columns in _most_shared(own, gone, holders) if gone.qualified in wanted else ():
            other = source.table(*givers[table.qualified])
            new = {here: name for here, name in columns.items() if other and not _has(other, name, table)}
            moved = list(dict.fromkeys(new.values()))
            told = told_reshaping(gone, table)
            if _is_enough(moved, own, told):
                yield Proposal(
                    told=told,
                    fillers=tuple(new.items()),
                    reshaping=Reshaping.MERGED,
                    source=gone.qualified,
                    target=table.qualified,
                    kept=givers[table.qualified],
                    columns=tuple(moved),
                    of=len(own),
                )


def _unpaired(catalog: Catalog, other: Catalog, paired: set[QualifiedName]) -> list[Table]:
    """Tables that nothing is the counterpart of, by name neither."""
    names = {table.name for table in other.tables}
    return [
        table
        for table in catalog.tables
        if table.partition_of is None and table.qualified not in paired and table.name not in names
    ]


def _key_of(column: str, tables: frozenset[str]) -> _Key:
    """`address_street` of clients says what `street` of addresses says."""
    words = frozenset(words_of(column))
    return (words - tables) or words


def _words_of_tables(*tables: Table) -> frozenset[str]:
    return frozenset(word for table in tables for word in words_of(table.name))


def _often(catalog: Catalog) -> frozenset[str]:
    counts = Counter(column.name for table in catalog.tables for column in table.columns)
    return frozenset(name for name, count in counts.items() if count > _RARE)


def _own(table: Table, often: frozenset[str]) -> tuple[str, ...]:
    """The columns that tell the table apart: neither everybody's, nor mere forms, nor keys of others."""
    keys = {name for key in table.foreign_keys for name in key.columns}
    return tuple(
        column.name
        for column in table.columns
        if column.name not in often and column.name not in keys and set(words_of(column.name)) - FORM_WORDS
    )


def _holders(tables: Sequence[Table]) -> dict[str, list[tuple[Table, str]]]:
    """By each word of a column's name the columns that have it, so that not every table is held against every other."""
    found: dict[str, list[tuple[Table, str]]] = {}
    for table in tables:
        for column in table.columns:
            for word in set(words_of(column.name)) - FORM_WORDS:
                found.setdefault(word, []).append((table, column.name))
    return found


def _most_shared(
    own: Sequence[str], fresh: Table, holders: Mapping[str, list[tuple[Table, str]]]
) -> list[tuple[Table, dict[str, str]]]:
    """The table that a comment tells of, else that has most of these columns, each with its own name for it."""
    shared: dict[QualifiedName, tuple[Table, dict[str, str]]] = {}
    for name in own:
        for table, column in {
            (table.qualified, column): (table, column)
            for word in set(words_of(name)) - FORM_WORDS
            for table, column in holders.get(word, ())
        }.values():
            tables = _words_of_tables(table, fresh)
            if _key_of(column, tables) == _key_of(name, tables):
                shared.setdefault(table.qualified, (table, {}))[1].setdefault(name, column)
    ranked = sorted(
        shared.values(),
        key=lambda entry: (not told_reshaping(entry[0], fresh), -len(entry[1]), entry[0].qualified),
    )
    return ranked[:1]


def _has(table: Table, column: str, other: Table) -> bool:
    words = _words_of_tables(table, other)
    return any(_key_of(each.name, words) == _key_of(column, words) for each in table.columns)


def _is_enough(moved: Sequence[str], own: Sequence[str], told: str) -> bool:
    return bool(moved) if told else len(moved) >= _FEWEST and len(moved) >= _SHARE * len(own)
