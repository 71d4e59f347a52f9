"""The charts of the monitoring page as plotly figures, each with the same values as a table."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """One line of a chart. `tone` is a colour of charts.js, `dash` a word of plotly.

    Between two points that are further apart than `gap` nothing is drawn.
    """

    name: str
    tone: str
    points: tuple[tuple[datetime, float], ...]
    dash: str = "solid"
    gap: timedelta = timedelta.max


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A flag was flipped."""

    at: datetime
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TableRow:
    at: datetime
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """`missing` says how to get values, where there are none."""

    key: str
    title: str
    unit: str
    figure: dict[str, Any]
    columns: tuple[str, ...]
    rows: tuple[TableRow, ...]
    missing: str

    @property
    def script(self) -> str:
        """The id of the element that holds the figure."""
        return f"figure-{self.key}"

    @property
    def label(self) -> str:
        return f"{self.title}, {self.unit}"


def chart(
    key: str,
    title: str,
    unit: str,
    curves: Sequence[Curve],
    *,
    thresholds: Sequence[tuple[float, str]] = (),
    marks: Sequence[Mark] = (),
    between: tuple[datetime, datetime],
    missing: str,
) -> Chart:
    """A chart of these curves between two moments, with lines at its thresholds and at each mark."""
    shown = [curve for curve in curves if curve.points]
    return Chart(
        key=key,
        title=title,
        unit=unit,
        figure={
            "data": [_trace(curve, unit) for curve in shown],
            "layout": _layout(unit, thresholds, marks, between, several=len(shown) > 1),
        },
        columns=tuple(curve.name for curve in shown),
        rows=_rows(shown),
        missing="" if shown else missing,
    )


def number(value: float) -> str:
    """As people read it: three digits that count, thousands apart."""
    if value == int(value) and abs(value) < 1e15:
        return f"{int(value):,}"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _trace(curve: Curve, unit: str) -> dict[str, Any]:
    points = _with_gaps(curve)
    return {
        "type": "scatter",
        "mode": "lines" if len(curve.points) > 1 else "markers",
        "name": curve.name,
        "line": {"dash": curve.dash, "width": 1.5},
        "x": [at.isoformat() for at, _ in points],
        "y": [None if value is None else float(f"{value:.5g}") for _, value in points],
        "hovertemplate": f"%{{y:.4~g}} {unit} at %{{x|%H:%M:%S}}<extra>{curve.name}</extra>",
        "meta": {"tone": curve.tone},
    }


def _with_gaps(curve: Curve) -> list[tuple[datetime, float | None]]:
    """A point without a value ends a line."""
    made: list[tuple[datetime, float | None]] = []
    for at, value in curve.points:
        if made and at - made[-1][0] > curve.gap:
            made.append((made[-1][0] + curve.gap / 2, None))
        made.append((at, value))
    return made


def _layout(
    unit: str,
    thresholds: Sequence[tuple[float, str]],
    marks: Sequence[Mark],
    between: tuple[datetime, datetime],
    *,
    several: bool,
) -> dict[str, Any]:
    return {
        "xaxis": {"type": "date", "range": [moment.isoformat() for moment in between]},
        "yaxis": {"title": {"text": unit}, "rangemode": "tozero", "exponentformat": "none"},
        "showlegend": several,
        "shapes": [
            *(_threshold(value, label) for value, label in thresholds),
            *(_mark(mark) for mark in marks),
        ],
    }


def _threshold(value: float, label: str) -> dict[str, Any]:
    return {
        "type": "line",
        "name": "threshold",
        "xref": "paper",
        "x0": 0,
        "x1": 1,
        "y0": value,
        "y1": value,
        "line": {"dash": "dot", "width": 1},
        "label": {"text": label, "textposition": "start", "yanchor": "bottom", "font": {"size": 11}},
    }


def _mark(mark: Mark) -> dict[str, Any]:
    at = mark.at.isoformat()
    return {
        "type": "line",
        "name": "flip",
        "yref": "paper",
        "x0": at,
        "x1": at,
        "y0": 0,
        "y1": 1,
        "line": {"width": 1},
        "label": {
            "text": mark.label,
            "textposition": "end",
            "textangle": 0,
            "xanchor": "right",
            "yanchor": "top",
            "font": {"size": 11},
        },
    }


def _rows(curves: Sequence[Curve]) -> tuple[TableRow, ...]:
    """The newest first; a dash where a curve has no value at that moment."""
    values = [dict(curve.points) for curve in curves]
    moments = sorted({at for points in values for at in points}, reverse=True)
    return tuple(
        TableRow(at=at, cells=tuple(number(points[at]) if at in points else "—" for points in values))
        for at in moments
    )
