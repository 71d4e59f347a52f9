"""Two catalogs in, a mapping out: what can be taken over by name, and what a person should look at."""

from collections.abc import Sequence
from dataclasses import replace

from schemadiff.core.catalog import Catalog, Table
from schemadiff.core.mapping import ColumnPair, Mapping, PairStatus, QualifiedName, TableMapping
from schemadiff.core.matching.assignment import FieldPair, Standing, pair_fields
from schemadiff.core.matching.families import is_same_family
from schemadiff.core.matching.fields import source_fields, target_fields
from schemadiff.core.matching.tables import TablePair, TableStanding, pair_tables


def suggest(source: Catalog, target: Catalog, tables: Sequence[QualifiedName]) -> Mapping:
    """Which target columns the source tables' columns could fill.

    In tables of equal names, columns of equal names and the same family of types are confirmed; everything
    else, and every column of a table whose counterpart has another name, is suggested with a probability and
    reasons in words. What is unlikely is left out, and so are tables without a counterpart.
    """
    paired = pair_tables(source, target, tables)
    names = {name[1]: pair.target[1] for name, pair in sorted(paired.items())}
    found = []
    for name, pair in sorted(paired.items()):
        left, right = source.table(*name), target.table(*pair.target)
        if left and right:
            found.append(_table_mapping(left, right, pair, names))
    return Mapping(tables=tuple(found))


def _table_mapping(left: Table, right: Table, tables: TablePair, names: dict[str, str]) -> TableMapping:
    pairs = tuple(
        _column_pair(pair) for pair in pair_fields(source_fields(left), target_fields(right), names)
    )
    if tables.standing is not TableStanding.EQUAL:
        pairs = tuple(_doubted(pair, tables) for pair in pairs)
    return TableMapping(source=left.qualified, target=right.qualified, pairs=pairs)


def _doubted(pair: ColumnPair, tables: TablePair) -> ColumnPair:
    """No likelier than that the tables belong together at all, which a person confirms with the column."""
    return replace(
        pair,
        status=PairStatus.SUGGESTED,
        score=min(pair.score, tables.likeness),
        reasons=(*pair.reasons, *tables.reasons),
    )


def _column_pair(pair: FieldPair) -> ColumnPair:
    fits = pair.standing is Standing.EQUAL and is_same_family(pair.source.type, pair.target.type)
    return ColumnPair(
        source=pair.source.name,
        target=pair.target.name,
        status=PairStatus.CONFIRMED if fits else PairStatus.SUGGESTED,
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
