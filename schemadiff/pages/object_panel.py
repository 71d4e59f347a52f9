"""One object of a comparison, both sides next to each other, with what each difference means."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from schemadiff.core.attributes import describe
from schemadiff.core.catalog import (
    Catalog,
    Column,
    Function,
    Kind,
    ObjectRef,
    Part,
    Table,
    View,
)
from schemadiff.core.changes import Added, Altered, Change, Diff, ObjectDiff, Removed, Renamed
from schemadiff.core.ddl.references import part_ref
from schemadiff.core.effects import effect_of_column, effect_of_part
from schemadiff.core.mapping import Mapping
from schemadiff.core.word_marks import Line, Word, mark_lines, mark_words
from schemadiff.pages.comparison_filters import Filters, Mark, mark_of, object_mark

CatalogObject = Table | View | Function
Owner = Table | View
_SECTIONS = {
    Kind.CONSTRAINT: "Constraints",
    Kind.INDEX: "Indexes",
    Kind.TRIGGER: "Triggers",
    Kind.RULE: "Rules",
    Kind.POLICY: "Policies",
    Kind.STATISTICS: "Statistics objects",
}
_ABSENT = "—"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRow:
    """A line of a table of changes. `anchor` makes it addressable; `name` is `mail → email` for a rename."""

    mark: Mark
    anchor: str
    name: str
    source: tuple[Word, ...]
    target: tuple[Word, ...]
    effects: tuple[str, ...] = ()
    suggestion: str = ""  # what the mapping proposes and nobody has confirmed


@dataclass(frozen=True, slots=True, kw_only=True)
class PartSection:
    title: str
    rows: tuple[ChangeRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectPanel:
    """`lines` is the listing of a definition that differs; `only` the definition that just one side has."""

    key: str
    label: str
    kind: str
    mark: Mark
    size: str
    columns: tuple[ChangeRow, ...]
    sections: tuple[PartSection, ...]
    lines: tuple[Line, ...]
    only: str
    hidden: int  # changes that the filters leave out
    same: int  # parts that do not differ and are not shown


def object_panel(
    diff: Diff, source: Catalog, target: Catalog, mapping: Mapping, filters: Filters, key: str
) -> ObjectPanel | None:
    """The panel of the object with this key; None where there is none."""
    entry = next((entry for entry in diff.objects if entry.ref.key == key), None)
    if entry is None:
        return None
    on_source = _find(source, entry.ref)
    on_target = _find(target, entry.own.target if isinstance(entry.own, Renamed) else entry.ref)
    shown = [change for change in entry.parts if filters.shows(mark_of(change)) or _is_one_sided(entry)]
    columns = tuple(_column_rows(entry, shown, on_source, on_target, mapping, filters))
    lines, only = _definitions(entry, on_source, on_target)
    return ObjectPanel(
        key=key,
        label=_label(entry),
        kind=entry.ref.kind.value,
        mark=object_mark(entry),
        size=_size(on_source, on_target),
        columns=columns,
        sections=tuple(_sections(entry, shown, on_source, on_target)),
        lines=lines,
        only=only,
        hidden=len(entry.parts) - len(shown),
        same=0 if filters.show_same else entry.same_parts,
    )


def _label(entry: ObjectDiff) -> str:
    if isinstance(entry.own, Renamed):
        return f"{entry.ref.label} → {entry.own.target.label}"
    return entry.ref.label


def _is_one_sided(entry: ObjectDiff) -> bool:
    return isinstance(entry.own, Added | Removed)


def _find(catalog: Catalog, ref: ObjectRef) -> CatalogObject | None:
    families: dict[Kind, Iterable[CatalogObject]] = {
        Kind.TABLE: catalog.tables,
        Kind.VIEW: catalog.views,
        Kind.FUNCTION: catalog.functions,
    }
    return next((one for one in families.get(ref.kind, ()) if one.ref == ref), None)


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


def _column_rows(
    entry: ObjectDiff,
    shown: list[Change],
    source: CatalogObject | None,
    target: CatalogObject | None,
    mapping: Mapping,
    filters: Filters,
) -> Iterator[ChangeRow]:
    of_source, of_target = _columns(source), _columns(target)
    suggested = _suggestions(source, mapping)
    for change in shown:
        if change.ref.kind is Kind.COLUMN:
            yield _column_row(change, of_source, of_target, suggested)
    if filters.show_same and not filters.marks:
        differing = {change.ref.name for change in entry.parts if change.ref.kind is Kind.COLUMN}
        for name, column in of_source.items():
            if name not in differing and name in of_target:
                words = _plain(describe(column))
                yield ChangeRow(
                    mark=Mark.SAME, anchor=f"column-{name}", name=name, source=words, target=words
                )


def _columns(owner: CatalogObject | None) -> dict[str, Column]:
    return {column.name: column for column in owner.columns} if isinstance(owner, Table | View) else {}


def _suggestions(source: CatalogObject | None, mapping: Mapping) -> dict[str, str]:
    """For a source or target column what the mapping proposes for it: both ends of each open pair."""
    if not isinstance(source, Table):
        return {}
    table = mapping.for_source(source.qualified)
    open_pairs = [pair for pair in table.unconfirmed() if pair.source] if table else []
    found = {f"target {pair.target}": f"From {pair.source}? ({pair.score:.2f})" for pair in open_pairs}
    return found | {f"source {pair.source}": f"To {pair.target}? ({pair.score:.2f})" for pair in open_pairs}


def _column_row(
    change: Change, of_source: dict[str, Column], of_target: dict[str, Column], suggested: dict[str, str]
) -> ChangeRow:
    target_name = change.target.name if isinstance(change, Renamed) else change.ref.name
    name = change.ref.name if target_name == change.ref.name else f"{change.ref.name} → {target_name}"
    source = None if isinstance(change, Added) else of_source.get(change.ref.name)
    target = None if isinstance(change, Removed) else of_target.get(target_name)
    words = _sides(*_column_texts(source, target))
    side = "target" if isinstance(change, Added) else "source"
    return ChangeRow(
        mark=mark_of(change),
        anchor=_anchor(change.ref),
        name=name,
        source=words[0],
        target=words[1],
        effects=effect_of_column(source, target),
        suggestion=suggested.get(f"{side} {change.ref.name}", "") if source is None or target is None else "",
    )


def _column_texts(source: Column | None, target: Column | None) -> tuple[str | None, str | None]:
    """Both columns in one line each; comments are said only where they differ."""
    texts = tuple(describe(column) if column else None for column in (source, target))
    if source is None or target is None or source.comment == target.comment:
        return texts[0], texts[1]
    return f"{texts[0]} comment “{source.comment or ''}”", f"{texts[1]} comment “{target.comment or ''}”"


def _sections(
    entry: ObjectDiff, shown: list[Change], source: CatalogObject | None, target: CatalogObject | None
) -> Iterator[PartSection]:
    own = tuple(_own_rows(entry))
    if own:
        yield PartSection(title=f"The {entry.ref.kind.value} itself", rows=own)
    for kind, title in _SECTIONS.items():
        changes = [change for change in shown if change.ref.kind is kind]
        rows = [row for change in changes for row in _part_rows(change, source, target)]
        if rows:
            yield PartSection(title=title, rows=tuple(rows))


def _own_rows(entry: ObjectDiff) -> Iterator[ChangeRow]:
    match entry.own:
        case Altered(attributes=attributes) | Renamed(attributes=attributes):
            for attribute in attributes:
                if attribute.name != "definition" or entry.ref.kind not in (Kind.FUNCTION, Kind.VIEW):
                    yield _row(entry.own, attribute.name, attribute.source, attribute.target)
        case Added(description=description) if entry.ref.kind not in (Kind.TABLE, Kind.VIEW, Kind.FUNCTION):
            yield _row(entry.own, entry.ref.kind.value, None, description)
        case Removed(description=description) if entry.ref.kind not in (Kind.TABLE, Kind.VIEW, Kind.FUNCTION):
            yield _row(entry.own, entry.ref.kind.value, description, None)


def _part_rows(
    change: Change, source: CatalogObject | None, target: CatalogObject | None
) -> Iterator[ChangeRow]:
    part = _part(target if isinstance(change, Added) else source, change.ref)
    effect = effect_of_part(change, part)
    match change:
        case Added(description=description):
            yield _row(change, change.ref.name, None, description, effect)
        case Removed(description=description):
            yield _row(change, change.ref.name, description, None, effect)
        case Renamed(attributes=()):
            yield _row(
                change,
                f"{change.ref.name} → {change.target.name}",
                change.ref.name,
                change.target.name,
                effect,
            )
        case Altered(attributes=attributes) | Renamed(attributes=attributes):
            for attribute in attributes:
                name = change.ref.name if len(attributes) == 1 else f"{change.ref.name}: {attribute.name}"
                yield _row(change, name, attribute.source, attribute.target, effect)


def _row(change: Change, name: str, source: str | None, target: str | None, effect: str = "") -> ChangeRow:
    words = _sides(source, target)
    return ChangeRow(
        mark=mark_of(change),
        anchor=f"{_anchor(change.ref)}-{_word(name)}",
        name=name,
        source=words[0],
        target=words[1],
        effects=(effect,) if effect else (),
    )


def _part(owner: CatalogObject | None, ref: ObjectRef) -> Part | None:
    if not isinstance(owner, Table | View):
        return None
    same = (ref.kind, ref.name)
    refs = ((part_ref(owner, part), part) for part in owner.parts)
    return next((part for own, part in refs if (own.kind, own.name) == same), None)


def _definitions(
    entry: ObjectDiff, source: CatalogObject | None, target: CatalogObject | None
) -> tuple[tuple[Line, ...], str]:
    """The listing where both sides have a definition and they differ, or the one definition there is."""
    before, after = _definition(source), _definition(target)
    if before and after:
        return (mark_lines(before, after) if before != after else ()), ""
    return (), before or after


def _definition(one: CatalogObject | None) -> str:
    return one.definition.strip("\n") if isinstance(one, View | Function) else ""


def _sides(source: str | None, target: str | None) -> tuple[tuple[Word, ...], tuple[Word, ...]]:
    if source is None or target is None:
        return _plain(source or _ABSENT), _plain(target or _ABSENT)
    return mark_words(source, target)


def _plain(text: str) -> tuple[Word, ...]:
    return (Word(text=text),)


def _anchor(ref: ObjectRef) -> str:
    return f"{_word(ref.kind.value)}-{_word(ref.name)}"


def _word(text: str) -> str:
    return re.sub(r"\s+", "-", text)
