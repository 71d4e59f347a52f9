"""The rows of an object's changes: a column, a constraint, an attribute each, source and target next to each other."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from schemadiff.core.attributes import TopLevel, describe
from schemadiff.core.catalog import Column, Kind, ObjectRef, Part, Table, View
from schemadiff.core.changes import Added, Altered, AttributeChange, Change, ObjectDiff, Removed, Renamed
from schemadiff.core.ddl.references import part_ref
from schemadiff.core.defined_objects import DEFINED_KINDS
from schemadiff.core.effects import effect_of_column, effect_of_part
from schemadiff.core.mapping import TableMapping
from schemadiff.core.marks import Mark, mark_of
from schemadiff.core.word_marks import Piece, Side, Word, mark_inline, mark_words
from schemadiff.pages.anchors import anchor_of, as_anchor
from schemadiff.pages.comparison_filters import Filters

CatalogObject: TypeAlias = TopLevel
_ABSENT = "—"
_WITH_CODE = DEFINED_KINDS | {
    Kind.TABLE,
    Kind.VIEW,
    Kind.FUNCTION,
}  # one side's definition is shown whole, not as a row


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRow:
    """A line of a table of changes. `anchor` makes it addressable; `name` is `mail → email` for a rename.

    `inline` is both sides in one text. A row that was asked for by its anchor `is_wanted`.
    """

    mark: Mark
    anchor: str
    name: str
    source: tuple[Word, ...]
    target: tuple[Word, ...]
    inline: tuple[Piece, ...] = ()
    effects: tuple[str, ...] = ()
    suggestion: str = ""  # what the mapping proposes and nobody has confirmed
    is_wanted: bool = False
    threads: int = 0  # comments on it that nobody has resolved


def column_rows(
    entry: ObjectDiff,
    shown: list[Change],
    source: CatalogObject | None,
    target: CatalogObject | None,
    mapping: TableMapping | None,
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
                    mark=Mark.SAME,
                    anchor=f"column-{as_anchor(name)}",
                    name=name,
                    source=words,
                    target=words,
                    inline=(Piece(text=describe(column), side=Side.BOTH),),
                )


def _columns(owner: CatalogObject | None) -> dict[str, Column]:
    return {column.name: column for column in owner.columns} if isinstance(owner, Table | View) else {}


def _suggestions(source: CatalogObject | None, mapping: TableMapping | None) -> dict[str, str]:
    """For a source or target column what the mapping proposes for it: both ends of each open pair."""
    if mapping is None or not isinstance(source, Table):
        return {}
    open_pairs = [pair for pair in mapping.unconfirmed() if pair.source]
    found = {f"target {pair.target}": f"From {pair.source}? ({pair.score:.2f})" for pair in open_pairs}
    return found | {f"source {pair.source}": f"To {pair.target}? ({pair.score:.2f})" for pair in open_pairs}


def _column_row(
    change: Change, of_source: dict[str, Column], of_target: dict[str, Column], suggested: dict[str, str]
) -> ChangeRow:
    target_name = change.target.name if isinstance(change, Renamed) else change.ref.name
    name = change.ref.name if target_name == change.ref.name else f"{change.ref.name} → {target_name}"
    source = None if isinstance(change, Added) else of_source.get(change.ref.name)
    target = None if isinstance(change, Removed) else of_target.get(target_name)
    texts = _column_texts(source, target)
    words = _sides(*texts)
    side = "target" if isinstance(change, Added) else "source"
    return ChangeRow(
        mark=mark_of(change),
        anchor=anchor_of(change.ref),
        name=name,
        source=words[0],
        target=words[1],
        inline=_inline(*texts),
        effects=effect_of_column(source, target),
        suggestion=suggested.get(f"{side} {change.ref.name}", "") if source is None or target is None else "",
    )


def _column_texts(source: Column | None, target: Column | None) -> tuple[str | None, str | None]:
    """Both columns in one line each; comments are said only where they differ."""
    texts = tuple(describe(column) if column else None for column in (source, target))
    if source is None or target is None or source.comment == target.comment:
        return texts[0], texts[1]
    return f"{texts[0]} comment “{source.comment or ''}”", f"{texts[1]} comment “{target.comment or ''}”"


def own_rows(entry: ObjectDiff) -> Iterator[ChangeRow]:
    """What differs in the object itself."""
    anchor, kind = anchor_of(entry.ref), entry.ref.kind
    match entry.own:
        case Altered(attributes=attributes) | Renamed(attributes=attributes):
            for one in attributes:
                if not is_code(one):
                    yield _row(entry.own, f"{anchor}-{as_anchor(one.name)}", one.name, one.source, one.target)
        case Added(description=description) if kind not in _WITH_CODE:
            yield _row(entry.own, anchor, kind.value, None, description)
        case Removed(description=description) if kind not in _WITH_CODE:
            yield _row(entry.own, anchor, kind.value, description, None)


def is_code(attribute: AttributeChange) -> bool:
    """Whether it is shown line by line rather than in a row."""
    texts = attribute.source, attribute.target
    return attribute.name == "definition" and all(texts) and any("\n" in (text or "") for text in texts)


def part_rows(
    change: Change, source: CatalogObject | None, target: CatalogObject | None
) -> Iterator[ChangeRow]:
    part = _part(target if isinstance(change, Added) else source, change.ref)
    effect = effect_of_part(change, part)
    anchor, name = anchor_of(change.ref), change.ref.name
    match change:
        case Added(description=description):
            yield _row(change, anchor, name, None, description, effect)
        case Removed(description=description):
            yield _row(change, anchor, name, description, None, effect)
        case Renamed(attributes=()):
            other = change.target.name
            yield _row(change, anchor, f"{name} → {other}", name, other, effect)
        case Altered(attributes=attributes) | Renamed(attributes=attributes):
            for place, one in enumerate(attributes):
                row = anchor if place == 0 else f"{anchor}-{as_anchor(one.name)}"
                label = name if one.name == "definition" else f"{name}: {one.name}"
                yield _row(change, row, label, one.source, one.target, effect)


def _row(
    change: Change, anchor: str, name: str, source: str | None, target: str | None, effect: str = ""
) -> ChangeRow:
    words = _sides(source, target)
    return ChangeRow(
        mark=mark_of(change),
        anchor=anchor,
        name=name,
        source=words[0],
        target=words[1],
        inline=_inline(source, target),
        effects=(effect,) if effect else (),
    )


def _part(owner: CatalogObject | None, ref: ObjectRef) -> Part | None:
    if not isinstance(owner, Table | View):
        return None
    same = (ref.kind, ref.name)
    refs = ((part_ref(owner, part), part) for part in owner.parts)
    return next((part for own, part in refs if (own.kind, own.name) == same), None)


def _sides(source: str | None, target: str | None) -> tuple[tuple[Word, ...], tuple[Word, ...]]:
    if source is None or target is None:
        return _plain(source or _ABSENT), _plain(target or _ABSENT)
    return mark_words(source, target)


def _inline(source: str | None, target: str | None) -> tuple[Piece, ...]:
    if source is None or target is None:
        side = Side.TARGET if source is None else Side.SOURCE
        return (Piece(text=source or target or _ABSENT, side=side),)
    return mark_inline(source, target)


def _plain(text: str) -> tuple[Word, ...]:
    return (Word(text=text),)
