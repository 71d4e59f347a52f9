"""The mapping page: one table's columns, what fills each, and what nobody has looked at yet."""

from collections.abc import Iterable
from dataclasses import dataclass

from schemadiff.core.catalog import Catalog, Column, Table
from schemadiff.core.mapping import PairStatus, QualifiedName
from schemadiff.core.options.option import Scope
from schemadiff.models import Comparison, Pair

CONFIRM_FROM = 0.4  # the score from which suggestions are offered for confirming all at once

_STATUS = {
    PairStatus.CONFIRMED: ("✓", "confirmed", "chip-ok", "row-same"),
    PairStatus.SUGGESTED: ("?", "suggested", "chip-warn", "row-chg"),
    PairStatus.REJECTED: ("✕", "rejected", "chip-neutral", "row-same"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TableEntry:
    """A table of the scope in the list on the left."""

    key: str
    label: str
    target: str | None  # None: the target has no such table
    confirmed: int
    suggested: int
    is_current: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PairRow:
    pk: int
    source: str
    source_type: str
    expression: str
    target: str
    target_type: str
    glyph: str
    word: str
    chip: str
    row_class: str
    percent: int
    reasons: tuple[str, ...]
    is_suggested: bool
    is_confirmed: bool
    is_rejected: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LooseColumn:
    """A column without a pair. `needs_value`: the target demands a value and has no default."""

    name: str
    type: str
    needs_value: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TablePanel:
    key: str
    source: str
    target: str
    rows: tuple[PairRow, ...]
    unfilled: tuple[LooseColumn, ...]
    left_behind: tuple[LooseColumn, ...]
    source_columns: tuple[tuple[str, str], ...]
    bulk_count: int
    rows_changed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingPage:
    comparison: Comparison
    entries: tuple[TableEntry, ...]
    panel: TablePanel | None
    confirmed: int
    suggested: int
    bulk_count: int
    threshold: int = int(CONFIRM_FROM * 100)
    section: str = "comparisons"


def mapping_page(
    comparison: Comparison,
    source: Catalog,
    target: Catalog,
    scope: Scope,
    pairs: Iterable[Pair],
    chosen: str,
) -> MappingPage:
    """Everything the page shows, from the two catalogs and the comparison's pairs (all tables' pairs, once)."""
    by_table: dict[QualifiedName, list[Pair]] = {name: [] for name in scope.tables}
    for pair in pairs:
        by_table.setdefault((pair.source_schema, pair.source_table), []).append(pair)
    current = _chosen(by_table, chosen)
    entries = tuple(_entry(name, rows, target, name == current) for name, rows in by_table.items())
    return MappingPage(
        comparison=comparison,
        entries=entries,
        panel=_panel(current, by_table[current], source, target) if current else None,
        confirmed=sum(entry.confirmed for entry in entries),
        suggested=sum(entry.suggested for entry in entries),
        bulk_count=sum(_bulk_count(rows) for rows in by_table.values()),
    )


def _chosen(by_table: dict[QualifiedName, list[Pair]], chosen: str) -> QualifiedName | None:
    named = next((name for name in by_table if ".".join(name) == chosen), None)
    if named:
        return named
    waiting = (name for name, rows in by_table.items() if any(_is(row, PairStatus.SUGGESTED) for row in rows))
    return next(waiting, next(iter(by_table), None))


def _entry(name: QualifiedName, rows: list[Pair], target: Catalog, is_current: bool) -> TableEntry:
    taker = _target_of(name, rows, target)
    return TableEntry(
        key=".".join(name),
        label=name[1] if name[0] == "public" else ".".join(name),
        target=".".join(taker.qualified) if taker else None,
        confirmed=sum(_is(row, PairStatus.CONFIRMED) for row in rows),
        suggested=sum(_is(row, PairStatus.SUGGESTED) for row in rows),
        is_current=is_current,
    )


def _panel(name: QualifiedName, rows: list[Pair], source: Catalog, target: Catalog) -> TablePanel | None:
    giver, taker = source.table(*name), _target_of(name, rows, target)
    if giver is None or taker is None:
        return None
    used = {row.source_column for row in rows if not _is(row, PairStatus.REJECTED)}
    filled = {row.target_column for row in rows}
    return TablePanel(
        key=".".join(name),
        source=".".join(giver.qualified),
        target=".".join(taker.qualified),
        rows=tuple(_row(row, giver, taker) for row in _in_order(rows, taker)),
        unfilled=tuple(_loose(c) for c in taker.columns if c.name not in filled and not c.generated),
        left_behind=tuple(_loose(c) for c in giver.columns if c.name not in used),
        source_columns=tuple((column.name, column.type) for column in giver.columns),
        bulk_count=_bulk_count(rows),
    )


def _target_of(name: QualifiedName, rows: list[Pair], target: Catalog) -> Table | None:
    if rows:
        return target.table(rows[0].target_schema, rows[0].target_table)
    return target.table(*name)


def _in_order(rows: list[Pair], taker: Table) -> list[Pair]:
    """What waits for a person first, then as the target's columns stand."""
    position = {column.name: column.position for column in taker.columns}
    return sorted(
        rows,
        key=lambda row: (not _is(row, PairStatus.SUGGESTED), position.get(row.target_column, 0)),
    )


def _row(row: Pair, giver: Table, taker: Table) -> PairRow:
    status = PairStatus(row.status)
    glyph, word, chip, row_class = _STATUS[status]
    from_column, to_column = giver.column(row.source_column), taker.column(row.target_column)
    return PairRow(
        pk=row.pk,
        source=row.source_column,
        source_type=from_column.type if from_column else "",
        expression=row.expression,
        target=row.target_column,
        target_type=to_column.type if to_column else "no longer there",
        glyph=glyph,
        word=word,
        chip=chip,
        row_class=row_class,
        percent=round(row.score * 100),
        reasons=tuple(row.reasons),
        is_suggested=status is PairStatus.SUGGESTED,
        is_confirmed=status is PairStatus.CONFIRMED,
        is_rejected=status is PairStatus.REJECTED,
    )


def _loose(column: Column) -> LooseColumn:
    needs_value = column.not_null and column.default is None and column.identity is None
    return LooseColumn(name=column.name, type=column.type, needs_value=needs_value)


def _bulk_count(rows: list[Pair]) -> int:
    return sum(_is(row, PairStatus.SUGGESTED) and row.score >= CONFIRM_FROM for row in rows)


def _is(row: Pair, status: PairStatus) -> bool:
    return row.status == status.value
