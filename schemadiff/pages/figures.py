"""Figures in a table: a row for each, a cell for each option, and in every cell how it was measured."""

from collections.abc import Mapping as Dictionary
from collections.abc import Sequence
from dataclasses import dataclass

from schemadiff.core.options.option import SCRATCH_VERSION, Measure, OptionName

HEADLINES = (
    "queries_same",
    "queries_changed",
    "queries_fail",
    "rejects",
    "rows_refused",
    "downtime_ms",
    "values_left_behind",
    "columns_left_behind",
    "statements",
)
"""What a card shows, in this order; the table begins with them."""

_BEST_AT_ZERO = {
    "queries_changed": "warn",
    "queries_fail": "bad",
    "queries_not_judged": "warn",
    "queries_need_key": "warn",
    "rehearsal_failed": "bad",
    "rejects": "bad",
    "rejects_between_rows": "bad",
    "rejects_unfilled": "bad",
    "rejects_unfit": "bad",
    "rows_refused": "bad",
    "values_left_behind": "bad",
    "columns_left_behind": "warn",
    "statements_failed": "bad",
}
_GLYPHS = {"ok": "✓", "warn": "▲", "bad": "✕", "": ""}


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A measure as it is shown. `tone` is ok, warn, bad, or empty for a figure that is neither good nor bad."""

    key: str
    label: str
    value: int
    how: str
    items: tuple[str, ...]
    tone: str
    glyph: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """None as the figure: not measured, or not a figure of this option."""

    option: OptionName
    figure: Figure | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureRow:
    key: str
    label: str
    cells: tuple[Cell, ...]


def headlines(measures: Sequence[Measure]) -> tuple[Figure, ...]:
    """An option's most telling figures, those that are known."""
    by_key = {measure.key: measure for measure in measures}
    return tuple(_figure(by_key[key]) for key in HEADLINES if key in by_key)


def headline_rows(measures: Dictionary[OptionName, Sequence[Measure]]) -> tuple[FigureRow, ...]:
    """The most telling figures of all options."""
    return tuple(row for row in figure_rows(measures) if row.key in HEADLINES)


def figure_rows(measures: Dictionary[OptionName, Sequence[Measure]]) -> tuple[FigureRow, ...]:
    """A row for each figure that any option has: the headlines, then in the order that the options name them."""
    labels = {m.key: m.label for name in OptionName for m in measures.get(name, ())}
    first = [key for key in HEADLINES if key in labels]
    keys = [*first, *(key for key in labels if key not in first)]
    by_option = {name: {m.key: m for m in found} for name, found in measures.items()}
    return tuple(
        FigureRow(
            key=key,
            label=labels[key],
            cells=tuple(_cell(name, by_option.get(name, {}).get(key)) for name in OptionName),
        )
        for key in keys
    )


def scratch_server(measures: Dictionary[OptionName, Sequence[Measure]]) -> str:
    """Which server the scratch databases were on, as a sentence; empty where nothing says it."""
    said = (m.how for found in measures.values() for m in found if m.key == SCRATCH_VERSION)
    return next(said, "")


def _cell(option: OptionName, measure: Measure | None) -> Cell:
    return Cell(option=option, figure=_figure(measure) if measure else None)


def _figure(measure: Measure) -> Figure:
    tone = _tone(measure)
    return Figure(
        key=measure.key,
        label=measure.label,
        value=measure.value,
        how=measure.how,
        items=measure.items,
        tone=tone,
        glyph=_GLYPHS[tone],
    )


def _tone(measure: Measure) -> str:
    otherwise = _BEST_AT_ZERO.get(measure.key, "")
    return "ok" if otherwise and measure.value == 0 else otherwise
