"""A source table whose rows may have gone into the target table of another one: a mapping to be confirmed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from schemadiff.core.catalog import Catalog, Table
from schemadiff.core.columns import Column
from schemadiff.core.mapping import Certainty, ColumnPair, PairStatus, QualifiedName, TableMapping
from schemadiff.core.matching.families import is_same_family
from schemadiff.core.matching.table_comments import told_reshaping
from schemadiff.core.matching.words import FORM_WORDS, words_of

# Set by hand: a guess all the same.
_LIKELIEST = 0.75
_SHARE = 0.75  # of its columns have to have somewhere to go
_FEWEST = 2  # columns of its own among them, where its name or the target's comment speaks for it
_FEWEST_OF_OTHER_NAME = 5
_NAMED = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class _Merge:
    """What `gone` would fill of the target table that takes the rows of `kept.source`."""

    gone: Table
    kept: TableMapping
    fillers: dict[str, str]  # source column by the target's
    reasons: tuple[str, ...]

    @property
    def likeness(self) -> float:
        return len(self.fillers) / len(_carried(self.gone))


def suggest_merged(
    source: Catalog,
    target: Catalog,
    tables: Sequence[QualifiedName],
    mapped: Mapping[QualifiedName, TableMapping],
) -> tuple[TableMapping, ...]:
    """Entries for those of `tables` that have no counterpart and are built like one that has: `mapped` says which has.

    Every pair is suggested, and none taken for sure. Where two target tables fit equally well nothing is said.
    """
    unpaired = [
        table
        for name in sorted(set(tables) - mapped.keys())
        if (table := source.table(*name)) is not None and table.partition_of is None
    ]
    names = {table.name for table in target.tables}
    found = []
    for gone in unpaired:
        if gone.name in names or not gone.columns:
            continue
        fitting = sorted(_merges(gone, source, target, mapped), key=_rank)
        if fitting and (len(fitting) == 1 or _rank(fitting[0]) < _rank(fitting[1])):
            found.append(_entry(fitting[0], target))
    return tuple(found)


def _rank(merge: _Merge) -> tuple[float, int]:
    return (-merge.likeness, -len(merge.fillers))


def _merges(
    gone: Table, source: Catalog, target: Catalog, mapped: Mapping[QualifiedName, TableMapping]
) -> Iterator[_Merge]:
    for _, kept in sorted(mapped.items()):
        giver, taker = source.table(*kept.source), target.table(*kept.target)
        if giver is None or taker is None or kept.part:
            continue
        fillers = _fillers(gone, giver, taker, kept)
        if not _is_whole(gone, taker, fillers):
            continue
        called = tuple(_by_name(gone, giver, taker))
        own = [name for name in fillers.values() if set(words_of(name)) - FORM_WORDS]
        if len(own) >= (_FEWEST if called else _FEWEST_OF_OTHER_NAME):
            yield _Merge(
                gone=gone, kept=kept, fillers=fillers, reasons=(_built_alike(gone, giver, own), *called)
            )


def _fillers(gone: Table, giver: Table, taker: Table, kept: TableMapping) -> dict[str, str]:
    """The way that the columns of the other table go, for those that this one has too; else by equal names."""
    ways = {
        pair.target: pair.source
        for pair in kept.pairs
        if pair.source and pair.expression is None and pair.status is not PairStatus.REJECTED
    }
    found: dict[str, str] = {}
    for column in taker.columns:
        name = ways.get(column.name, column.name)
        own = gone.column(name)
        model = giver.column(name) or column
        if own is not None and not column.generated and is_same_family(own.type, model.type):
            found[column.name] = name
    return found


def _is_whole(gone: Table, taker: Table, fillers: Mapping[str, str]) -> bool:
    """Does the target get its key, and most of what there is?"""
    key = taker.primary_key
    return (
        key is not None
        and set(key.columns) <= fillers.keys()
        and gone.primary_key is not None
        and len(set(fillers.values())) >= _SHARE * len(_carried(gone))
    )


def _carried(table: Table) -> list[Column]:
    return [column for column in table.columns if not column.generated]


def _built_alike(gone: Table, giver: Table, own: Sequence[str]) -> str:
    listed = ", ".join(own[:_NAMED])
    more = f" and {len(own) - _NAMED} more" if len(own) > _NAMED else ""
    return f"{'.'.join(gone.qualified)} is built like {'.'.join(giver.qualified)} ({listed}{more})"


def _by_name(gone: Table, giver: Table, taker: Table) -> Iterator[str]:
    """What the names and the comments say."""
    words = set(words_of(gone.name)) - FORM_WORDS
    others = set(words_of(giver.name)) | set(words_of(taker.name))
    if shared := sorted(words & others):
        yield f"both names say {', '.join(shared)}"
    for table in (taker, giver):
        if told := told_reshaping(gone, table):
            yield told
            return


def _entry(merge: _Merge, target: Catalog) -> TableMapping:
    taker = target.table(*merge.kept.target)
    assert taker is not None
    return TableMapping(
        source=merge.gone.qualified,
        target=taker.qualified,
        pairs=tuple(
            ColumnPair(
                source=merge.fillers[column.name],
                target=column.name,
                score=_LIKELIEST * merge.likeness,
                certainty=Certainty.NEAR_MISS,
                reasons=merge.reasons,
            )
            for column in taker.columns
            if column.name in merge.fillers
        ),
    )
