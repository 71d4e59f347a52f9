"""One object of a comparison, both sides next to each other, with what each difference means."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from schemadiff.core.catalog import DefinedObject, Function, Kind, Table, View
from schemadiff.core.changes import Added, Altered, AttributeChange, Change, ObjectDiff, Removed, Renamed
from schemadiff.core.line_diff import Stretch, line_diff
from schemadiff.core.mapping import TableMapping
from schemadiff.core.marks import Mark, mark_of, object_mark
from schemadiff.pages.change_rows import (
    CatalogObject,
    ChangeRow,
    column_rows,
    is_code,
    own_rows,
    part_rows,
)
from schemadiff.pages.comparison_filters import Filters, Layout
from schemadiff.pages.trials import InTheWay
from schemadiff.pages.words import title_of_kind


@dataclass(frozen=True, slots=True, kw_only=True)
class PartSection:
    title: str
    rows: tuple[ChangeRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectPanel:
    """`code` is a definition that differs, line by line; `only` the definition that just one side has."""

    key: str
    label: str
    kind: str
    mark: Mark
    size: str
    sections: tuple[PartSection, ...]  # columns first
    code: tuple[Stretch, ...]
    only: str
    hidden: int  # changes that the filters leave out
    same: int  # parts that do not differ and are not shown
    is_inline: bool
    attribute: str  # the row that was asked for
    is_found: bool  # or none was
    digest: str = ""
    severity: tuple[str, str, str] | None = None  # tone, glyph, word
    reasons: tuple[str, ...] = ()
    in_the_way: InTheWay | None = None  # rows of the target
    is_viewed: bool = False
    position: int = 0  # in the comparison
    query: str = "?"  # the page as it is, with this object
    row_query: str = "?"  # the same with a row, whose anchor follows

    @property
    def rows(self) -> tuple[ChangeRow, ...]:
        return tuple(row for section in self.sections for row in section.rows)


def object_panel(
    entry: ObjectDiff,
    source: CatalogObject | None,
    target: CatalogObject | None,
    mapping: TableMapping | None,
    filters: Filters,
) -> ObjectPanel:
    """The panel of an object; a row that was asked for is shown whatever the filters say."""
    panel = _panel(entry, source, target, mapping, filters)
    if panel.is_found:
        return panel
    everything = replace(filters, marks=frozenset(), show_same=True)
    widened = _panel(entry, source, target, mapping, everything)
    return widened if widened.is_found else panel


def same_entry(value: CatalogObject) -> ObjectDiff:
    """An object that does not differ."""
    return ObjectDiff(ref=value.ref, same_parts=len(value.parts) if isinstance(value, Table | View) else 0)


def _panel(
    entry: ObjectDiff,
    source: CatalogObject | None,
    target: CatalogObject | None,
    mapping: TableMapping | None,
    filters: Filters,
) -> ObjectPanel:
    shown = [change for change in entry.parts if filters.shows(mark_of(change)) or _is_one_sided(entry)]
    columns = tuple(column_rows(entry, shown, source, target, mapping, filters))
    found = [PartSection(title="Columns", rows=columns)] if columns else []
    found += _sections(entry, shown, source, target)
    sections = tuple(_asked_for(section, filters.attribute) for section in found)
    code, only = _definitions(entry, source, target)
    return ObjectPanel(
        key=entry.ref.key,
        label=_label(entry),
        kind=entry.ref.kind.value,
        mark=object_mark(entry),
        size=_size(source, target),
        sections=sections,
        code=code,
        only=only,
        hidden=len(entry.parts) - len(shown),
        same=0 if filters.show_same else entry.same_parts,
        is_inline=filters.layout is Layout.INLINE,
        attribute=filters.attribute,
        is_found=not filters.attribute or any(row.is_wanted for section in sections for row in section.rows),
    )


def _asked_for(section: PartSection, attribute: str) -> PartSection:
    if not attribute:
        return section
    rows = tuple(replace(row, is_wanted=row.anchor == attribute) for row in section.rows)
    return replace(section, rows=rows)


def _label(entry: ObjectDiff) -> str:
    if isinstance(entry.own, Renamed):
        return f"{entry.ref.label} → {entry.own.target.label}"
    return entry.ref.label


def _is_one_sided(entry: ObjectDiff) -> bool:
    return isinstance(entry.own, Added | Removed)


def _size(source: CatalogObject | None, target: CatalogObject | None) -> str:
    for table, side in ((source, "source"), (target, "target")):
        if isinstance(table, Table):
            rows = (
                "rows not estimated yet" if table.estimated_rows < 0 else f"≈ {table.estimated_rows:,} rows"
            )
            return f"{rows} · {_bytes(table.size)} in the {side}"
    return ""


def _bytes(size: float) -> str:
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1024:
            return f"{size:,.0f} {unit}"
        size /= 1024
    return f"{size:,.1f} TB"


def _sections(
    entry: ObjectDiff, shown: list[Change], source: CatalogObject | None, target: CatalogObject | None
) -> Iterator[PartSection]:
    own = tuple(own_rows(entry))
    if own:
        yield PartSection(title=f"The {entry.ref.kind.value} itself", rows=own)
    for kind in dict.fromkeys(change.ref.kind for change in entry.parts):
        if kind is Kind.COLUMN:
            continue
        changes = [change for change in shown if change.ref.kind is kind]
        rows = [row for change in changes for row in part_rows(change, source, target)]
        if rows:
            yield PartSection(title=title_of_kind(kind.value), rows=tuple(rows))


def _definitions(
    entry: ObjectDiff, source: CatalogObject | None, target: CatalogObject | None
) -> tuple[tuple[Stretch, ...], str]:
    """The lines of both where the definition differs, or the one definition there is."""
    for attribute in _own_attributes(entry):
        if is_code(attribute):
            return line_diff(_text(attribute.source), _text(attribute.target)), ""
    if source is not None and target is not None:
        return (), ""
    return (), _definition(source) or _definition(target)


def _own_attributes(entry: ObjectDiff) -> tuple[AttributeChange, ...]:
    return entry.own.attributes if isinstance(entry.own, Altered | Renamed) else ()


def _text(definition: str | None) -> str:
    return (definition or "").strip("\n")


def _definition(one: CatalogObject | None) -> str:
    return _text(one.definition) if isinstance(one, View | Function | DefinedObject) else ""
