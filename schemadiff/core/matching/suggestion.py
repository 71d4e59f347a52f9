"""Two catalogs in, a mapping out: what can be taken over by name, and what a person should look at."""

from collections.abc import Sequence
from dataclasses import replace

from schemadiff.core.catalog import Catalog, Table
from schemadiff.core.columns import Column
from schemadiff.core.mapping import (
    Certainty,
    ColumnPair,
    Mapping,
    PairStatus,
    QualifiedName,
    TableMapping,
    in_parts,
)
from schemadiff.core.matching.assignment import FieldPair, Standing, pair_fields
from schemadiff.core.matching.families import is_same_family
from schemadiff.core.matching.fields import source_fields, target_fields
from schemadiff.core.matching.merges import suggest_merged
from schemadiff.core.matching.parts import suggest_parts
from schemadiff.core.matching.tables import TablePair, TableStanding, pair_tables
from schemadiff.core.matching.values import Profiles

NO_PROFILES = Profiles()


def left_over(
    source: Catalog, target: Catalog, tables: Sequence[QualifiedName]
) -> tuple[tuple[QualifiedName, tuple[Column, ...], QualifiedName, tuple[Column, ...]], ...]:
    """The pairs of tables in which both have columns that the other has no equal name for, with these columns."""
    found = []
    for name, pair in sorted(pair_tables(source, target, tables).items()):
        left, right = source.table(*name), target.table(*pair.target)
        if left and right:
            here = tuple(column for column in left.columns if right.column(column.name) is None)
            there = tuple(column for column in right.columns if left.column(column.name) is None)
            if here and there:
                found.append((name, here, pair.target, there))
    return tuple(found)


def suggest(
    source: Catalog,
    target: Catalog,
    tables: Sequence[QualifiedName],
    profiles: Profiles = NO_PROFILES,
) -> Mapping:
    """Which target columns the source tables' columns could fill.

    In tables of equal names, columns of equal names and the same family of types are confirmed; everything
    else, and every column of a table whose counterpart has another name, is suggested with a probability and
    reasons in words; what `profiles` say of the rows is one of them. What is unlikely is left out, and so are
    tables without a counterpart. A table that seems to have been split has an entry for each of its parts, and
    one that seems to go into the target table of another one an entry for that.
    """
    paired = pair_tables(source, target, tables)
    names = {name[1]: pair.target[1] for name, pair in sorted(paired.items())}
    found = []
    for name, pair in sorted(paired.items()):
        left, right = source.table(*name), target.table(*pair.target)
        if left and right:
            found.append(_table_mapping(left, right, pair, names, profiles))
    mapped = {entry.source: entry for entry in found}
    parts = suggest_parts(source, target, tables, mapped)
    return Mapping(tables=in_parts((*found, *parts, *suggest_merged(source, target, tables, mapped))))


def _table_mapping(
    left: Table, right: Table, tables: TablePair, names: dict[str, str], profiles: Profiles
) -> TableMapping:
    values = profiles.of(left.qualified, right.qualified)
    found = pair_fields(source_fields(left), target_fields(right), names, values=values)
    pairs = tuple(map(_column_pair, found))
    if tables.standing is not TableStanding.EQUAL:
        pairs = tuple(_doubted(pair, tables) for pair in pairs)
    return TableMapping(source=left.qualified, target=right.qualified, pairs=pairs)


def _doubted(pair: ColumnPair, tables: TablePair) -> ColumnPair:
    """No likelier than that the tables belong together at all, which a person confirms with the column."""
    return replace(
        pair,
        status=PairStatus.SUGGESTED,
        score=min(pair.score, tables.likeness),
        certainty=Certainty.AMBIGUOUS if tables.standing is TableStanding.AMBIGUOUS else pair.certainty,
        reasons=(*pair.reasons, *tables.reasons),
    )


def _column_pair(pair: FieldPair) -> ColumnPair:
    fits = pair.standing is Standing.EQUAL and is_same_family(pair.source.type, pair.target.type)
    return ColumnPair(
        source=pair.source.name,
        target=pair.target.name,
        status=PairStatus.CONFIRMED if fits else PairStatus.SUGGESTED,
        certainty=pair.certainty if fits or pair.standing is not Standing.EQUAL else Certainty.NEAR_MISS,
        score=pair.score if fits or pair.standing is not Standing.EQUAL else _SCORE_OF_UNFIT,
        reasons=_reasons(pair, fits),
    )


_SCORE_OF_UNFIT = 0.5  # the names are equal and the types do not fit: either may be right


def _reasons(pair: FieldPair, fits: bool) -> tuple[str, ...]:
    if pair.standing is not Standing.EQUAL:
        return pair.reasons
    if fits:
        return (*pair.reasons, _types(pair))
    return (*pair.reasons, f"but {pair.source.type} must be converted to {pair.target.type}")


def _types(pair: FieldPair) -> str:
    if pair.source.type == pair.target.type:
        return f"both are {pair.source.type}"
    return f"{pair.source.type} and {pair.target.type} hold the same sort of value"
