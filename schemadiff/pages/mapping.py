"""The mapping page: one table's columns, what fills each, and what nobody has looked at yet."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from schemadiff.core.catalog import Catalog, Column, Table
from schemadiff.core.mapping import PairStatus, QualifiedName
from schemadiff.core.matching import FieldPair, near_misses, source_fields, target_fields
from schemadiff.core.matching.learnt import learnt_since
from schemadiff.core.options.option import Scope
from schemadiff.core.sql_guard import columns_of
from schemadiff.evidence.previews import Preview, PreviewRow
from schemadiff.mapping_review import BY_A_PERSON, FROM_A_FILE
from schemadiff.models import Comparison, Pair
from schemadiff.pages import mapping_tables
from schemadiff.pages.mapping_bulk import DOUBTS, Bulk, bulk_of

_PREVIEWED = 20
_STATUS = {
    PairStatus.CONFIRMED: ("✓", "confirmed", "chip-ok", "row-same"),
    PairStatus.SUGGESTED: ("?", "suggested", "chip-warn", "row-chg"),
    PairStatus.REJECTED: ("✕", "rejected", "chip-neutral", "row-same"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TableEntry:
    """A table of the scope in the list on the left. `target` is None where the target has no such table."""

    key: str
    label: str
    target: str | None
    confirmed: int
    suggested: int
    is_current: bool
    has_focus: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PairRow:
    """`decided` says by whom and when; it is empty where the names alone decided, or nobody yet.

    `focus` names what the keyboard is on when the row appears: `confirm`, `change` or nothing.
    """

    pk: int
    position: int  # of the target column in its table
    source: str
    source_type: str
    expression: str
    inverse: str
    target: str
    target_type: str
    glyph: str
    word: str
    chip: str
    row_class: str
    percent: int | None  # None: nothing suggested the pair, a person said it
    reasons: str
    decided: str
    is_suggested: bool
    is_confirmed: bool
    is_rejected: bool
    doubt: str = ""  # of a suggestion that waits: ambiguous, near miss
    focus: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LooseColumn:
    """A column without a pair. `needs_value`: the target demands a value and has no default; `near` is a source column
    that was nearly suggested."""

    name: str
    type: str
    needs_value: bool
    near: str = ""
    percent: int = 0
    reasons: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TablePanel:
    key: str
    source: str
    target: str
    where: str  # which rows; empty: all of them
    is_part: bool  # another target table takes of the source table, too, and comes first
    is_split: bool  # another target table takes of the source table, too
    beside: tuple[str, ...]  # other source tables whose rows the target table takes
    is_added: bool  # one of them comes first
    rows: tuple[PairRow, ...]
    unfilled: tuple[LooseColumn, ...]
    left_behind: tuple[LooseColumn, ...]
    bulk: tuple[Bulk, ...]

    @property
    def suggested(self) -> int:
        return sum(row.is_suggested for row in self.rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingPage:
    """`said` is what just happened, for those who hear the page."""

    comparison: Comparison
    entries: tuple[TableEntry, ...]
    panel: TablePanel | None
    confirmed: int
    suggested: int
    rejected: int
    bulk: tuple[Bulk, ...]
    reshaped: tuple[str, ...]  # tables that may have been split or merged, in sentences
    learnt: str  # what the matcher has learnt since the suggestions were made; empty where nothing
    said: str = ""
    is_done_focused: bool = False
    section: str = "comparisons"


@dataclass(frozen=True, slots=True, kw_only=True)
class EditPage:
    """What fills one target column, to be changed."""

    comparison: Comparison
    table: str
    column: str
    type: str
    is_required: bool  # it must not be null and has no default
    source_columns: tuple[tuple[str, str], ...]
    now: PairRow | None
    section: str = "comparisons"


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewPanel:
    """Of the rows tried those with a problem first; `rows` are at most as many as one likes to look at."""

    key: str
    columns: tuple[str, ...]
    rows: tuple[PreviewRow, ...]
    tried: int
    refused: int
    problems: tuple[str, ...]
    untried: str  # why the target's checks and keys were not tried
    left: tuple[str, ...]  # rules beyond the column that could not be tried, each with why


def mapping_page(
    comparison: Comparison,
    source: Catalog,
    target: Catalog,
    scope: Scope,
    pairs: Iterable[Pair],
    chosen: str,
) -> MappingPage:
    """Everything the page shows, from the two catalogs and the comparison's pairs (all tables' pairs, once)."""
    by_table = mapping_tables.by_name(scope, pairs)
    current = _chosen(by_table, chosen)
    entries = tuple(_entry(name, rows, target, name == current) for name, rows in by_table.items())
    return MappingPage(
        comparison=comparison,
        entries=entries,
        panel=_panel(current, by_table, source, target) if current else None,
        confirmed=sum(entry.confirmed for entry in entries),
        suggested=sum(entry.suggested for entry in entries),
        rejected=sum(_is(row, PairStatus.REJECTED) for rows in by_table.values() for row in rows),
        bulk=bulk_of(row for rows in by_table.values() for row in rows),
        reshaped=mapping_tables.reshaped(source, target, by_table),
        learnt=learnt_since(comparison.matched_by),
    )


def at_first_suggestion(page: MappingPage) -> MappingPage:
    """The page as it comes when a table was chosen: the keyboard is on the first suggestion."""
    rows = page.panel.rows if page.panel else ()
    first = next((row for row in rows if row.is_suggested), None)
    return _focused(page, first.pk, "confirm") if first else page


def after_decision(page: MappingPage, pk: int, *, was_suggested: bool) -> MappingPage:
    """The page as it comes back when a pair was decided.

    The keyboard goes to the next suggestion of the table, else to the next table with suggestions, else to the
    way on; after a second thought about a pair it stays there.
    """
    rows = page.panel.rows if page.panel else ()
    decided = next((row for row in rows if row.pk == pk), None)
    if page.panel is None or decided is None:
        return page
    page = replace(page, said=_said(decided, page.panel))
    if not was_suggested:
        return _focused(page, pk, "change")
    waiting = [row for row in rows if row.is_suggested]
    if not waiting:
        return _at_next_table(page)
    below = (row for row in waiting if row.position > decided.position)
    return _focused(page, next(below, waiting[0]).pk, "confirm")


def edit_page(
    comparison: Comparison, table: str, source: Table, column: Column, now: PairRow | None
) -> EditPage:
    return EditPage(
        comparison=comparison,
        table=table,
        column=column.name,
        type=column.type,
        is_required=_needs_value(column),
        source_columns=tuple((each.name, each.type) for each in source.columns),
        now=now,
    )


def preview_panel(found: Preview) -> PreviewPanel:
    first = sorted(found.rows, key=lambda row: row.problem is None)
    return PreviewPanel(
        key=", ".join(found.key) or "row",
        columns=found.columns,
        rows=tuple(first[:_PREVIEWED]),
        tried=len(found.rows),
        refused=sum(row.problem is not None for row in found.rows),
        problems=found.problems,
        untried=found.untried,
        left=found.left,
    )


def _said(row: PairRow, panel: TablePanel) -> str:
    table = panel.source.rpartition(".")[2]
    return f"{row.target} is {row.word}. {panel.suggested or 'None'} left to look at in {table}."


def _focused(page: MappingPage, pk: int, focus: str) -> MappingPage:
    if page.panel is None:
        return page
    rows = tuple(replace(row, focus=focus) if row.pk == pk else row for row in page.panel.rows)
    return replace(page, panel=replace(page.panel, rows=rows))


def _at_next_table(page: MappingPage) -> MappingPage:
    """The next in the list, and round again from its top."""
    here = next((place for place, entry in enumerate(page.entries) if entry.is_current), 0)
    in_turn = (*page.entries[here:], *page.entries[:here])
    following = next((entry for entry in in_turn if entry.suggested), None)
    if following is None:
        return replace(page, is_done_focused=True)
    entries = tuple(replace(entry, has_focus=entry is following) for entry in page.entries)
    return replace(page, entries=entries)


def _chosen(by_table: dict[QualifiedName, list[Pair]], chosen: str) -> QualifiedName | None:
    named = next((name for name in by_table if ".".join(name) == chosen), None)
    if named:
        return named
    waiting = (name for name, rows in by_table.items() if any(_is(row, PairStatus.SUGGESTED) for row in rows))
    return next(waiting, next(iter(by_table), None))


def _entry(name: QualifiedName, rows: list[Pair], target: Catalog, is_current: bool) -> TableEntry:
    taker = mapping_tables.target_of(name, rows, target)
    return TableEntry(
        key=".".join(name),
        label=name[1] if name[0] == "public" else ".".join(name),
        target=".".join(taker.qualified) if taker else None,
        confirmed=sum(_is(row, PairStatus.CONFIRMED) for row in rows),
        suggested=sum(_is(row, PairStatus.SUGGESTED) for row in rows),
        is_current=is_current,
    )


def _panel(
    name: QualifiedName, by_table: dict[QualifiedName, list[Pair]], source: Catalog, target: Catalog
) -> TablePanel | None:
    rows = by_table[name]
    giver = source.table(*mapping_tables.source_of(name, rows))
    taker = mapping_tables.target_of(name, rows, target)
    if giver is None or taker is None:
        return None
    standing = [row for row in rows if not _is(row, PairStatus.REJECTED)]
    used = {name for row in _of_source(giver, by_table) for name in _columns_used(row)}
    filled = {row.target_column for row in standing}
    return TablePanel(
        key=".".join(name),
        source=".".join(giver.qualified),
        target=".".join(taker.qualified),
        where=rows[0].row_condition if rows else "",
        is_part=name != giver.qualified,
        is_split=mapping_tables.is_split(giver.qualified, by_table),
        beside=mapping_tables.beside(name, by_table),
        is_added=mapping_tables.is_added(name, by_table),
        rows=tuple(_row(row, giver, taker) for row in _in_order(rows, taker)),
        unfilled=_with_near_misses(
            [_loose(c) for c in taker.columns if c.name not in filled and not c.generated],
            _near(giver, taker, by_table, rows),
        ),
        left_behind=tuple(_loose(c) for c in giver.columns if c.name not in used and not c.generated),
        bulk=bulk_of(rows),
    )


def _of_source(giver: Table, by_table: dict[QualifiedName, list[Pair]]) -> Iterable[Pair]:
    """What takes of a source table in any of its parts, but for what was rejected."""
    every = (row for rows in by_table.values() for row in rows if not _is(row, PairStatus.REJECTED))
    return (row for row in every if (row.source_schema, row.source_table) == giver.qualified)


def _near(
    giver: Table, taker: Table, by_table: dict[QualifiedName, list[Pair]], rows: list[Pair]
) -> dict[str, FieldPair]:
    """By target column; without what a person said no to."""
    tables = {name[1]: pairs[0].target_table for name, pairs in by_table.items() if pairs}
    refused = {(r.source_column, r.target_column) for r in rows if _is(r, PairStatus.REJECTED)}
    taken = {r.source_column: r.target_column for r in rows if r.source_column}
    found = near_misses(source_fields(giver), target_fields(taker), tables, taken)
    return {pair.target.name: pair for pair in found if (pair.source.name, pair.target.name) not in refused}


def _with_near_misses(columns: list[LooseColumn], near: dict[str, FieldPair]) -> tuple[LooseColumn, ...]:
    return tuple(
        replace(
            column,
            near=pair.source.name,
            percent=round(pair.score * 100),
            reasons="; ".join(pair.reasons),
        )
        if (pair := near.get(column.name))
        else column
        for column in columns
    )


def _columns_used(row: Pair) -> Iterable[str]:
    return columns_of(row.expression) if row.expression else (row.source_column,)


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
        position=to_column.position if to_column else 0,
        source=row.source_column,
        source_type=from_column.type if from_column else "",
        expression=row.expression,
        inverse=row.inverse,
        target=row.target_column,
        target_type=to_column.type if to_column else "no longer there",
        glyph=glyph,
        word=word,
        chip=chip,
        row_class=row_class,
        percent=None if _unscored(row) else round(row.score * 100),
        reasons="; ".join(row.reasons),
        decided=_decided(row),
        doubt=row.certainty if status is PairStatus.SUGGESTED and row.certainty in DOUBTS else "",
        is_suggested=status is PairStatus.SUGGESTED,
        is_confirmed=status is PairStatus.CONFIRMED,
        is_rejected=status is PairStatus.REJECTED,
    )


def _unscored(row: Pair) -> bool:
    return row.reasons in ([BY_A_PERSON], [FROM_A_FILE])


def _decided(row: Pair) -> str:
    if row.decided_at is None:
        return ""
    name = row.decided_by.get_username() if row.decided_by else "somebody whose account was removed"
    return f"{name}, {row.decided_at:%Y-%m-%d %H:%M} UTC"


def _loose(column: Column) -> LooseColumn:
    return LooseColumn(name=column.name, type=column.type, needs_value=_needs_value(column))


def _needs_value(column: Column) -> bool:
    return column.not_null and column.default is None and column.identity is None and not column.generated


def _is(row: Pair, status: PairStatus) -> bool:
    return row.status == status.value
