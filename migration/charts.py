"""The status page's chart as a plotly figure, and the same figures as a table."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate, groupby
from typing import Any

from migration.models import Stage
from migration.status import RunLine


@dataclass(frozen=True, slots=True, kw_only=True)
class StagesDone:
    """How many stages were done at the end of a day."""

    day: date
    done: int
    titles: tuple[str, ...]  # those finished on that day


@dataclass(frozen=True, slots=True, kw_only=True)
class RowsOfRun:
    """A run's rows: verified as equal, written but not (yet) verified, rejected, not carried."""

    name: str
    verified: int
    unverified: int
    rejects: int
    missing: int


def stages_done(stages: Sequence[Stage]) -> tuple[StagesDone, ...]:
    """Stages done over time, one entry a day on which one was finished."""
    dated = [stage for stage in stages if stage.finished_on is not None and stage.state == "done"]
    dated.sort(key=lambda stage: (_day(stage), stage.position))
    days = [(day, tuple(_name(stage) for stage in group)) for day, group in groupby(dated, key=_day)]
    totals = accumulate(len(titles) for _, titles in days)
    return tuple(
        StagesDone(day=day, done=done, titles=titles)
        for (day, titles), done in zip(days, totals, strict=True)
    )


def _day(stage: Stage) -> date:
    assert stage.finished_on is not None
    return stage.finished_on


def _name(stage: Stage) -> str:
    return f"{stage.number} {stage.title}"


def rows_of_runs(runs: Sequence[RunLine]) -> tuple[RowsOfRun, ...]:
    """Every run's rows, the oldest run first."""
    return tuple(_rows_of(line) for line in reversed(runs))


def _rows_of(line: RunLine) -> RowsOfRun:
    fact = line.fact
    return RowsOfRun(
        name=f"#{fact.number} {fact.option}",
        verified=fact.rows_verified,
        unverified=fact.rows_written - fact.rows_verified,
        rejects=fact.rejects,
        missing=max(0, fact.rows_total - fact.rows_written - fact.rejects),
    )


def stages_figure(entries: Sequence[StagesDone], total: int) -> dict[str, Any]:
    """A rising line up to the number of stages. Colours are the style sheet's: charts.js puts them in."""
    return {
        "data": [
            {
                "type": "scatter",
                "mode": "lines+markers",
                "name": "stages done",
                "line": {"shape": "hv"},
                "x": [entry.day.isoformat() for entry in entries],
                "y": [entry.done for entry in entries],
                "text": ["<br>".join(entry.titles) for entry in entries],
                "hovertemplate": "%{y} done on %{x|%d %b %Y}<br>%{text}<extra></extra>",
                "meta": {"tone": "ok"},
            }
        ],
        "layout": {
            "yaxis": {"title": {"text": "stages"}, "range": [0, total + 1], "dtick": max(1, total // 6)},
            "xaxis": {"type": "date", "tickformat": "%d %b"},
            "shapes": [_line_at(total)],
            "showlegend": False,
        },
    }


def _line_at(total: int) -> dict[str, Any]:
    return {
        "type": "line",
        "xref": "paper",
        "x0": 0,
        "x1": 1,
        "y0": total,
        "y1": total,
        "line": {"dash": "dot", "width": 1},
        "label": {"text": f"all {total}", "textposition": "start", "yanchor": "bottom"},
    }


def rows_figure(entries: Sequence[RowsOfRun]) -> dict[str, Any]:
    """One stacked bar a run."""
    names = [entry.name for entry in entries]
    series = (
        ("verified", "ok", [entry.verified for entry in entries]),
        ("not verified", "info", [entry.unverified for entry in entries]),
        ("rejects", "bad", [entry.rejects for entry in entries]),
        ("not carried", "neutral", [entry.missing for entry in entries]),
    )
    return {
        "data": [
            {
                "type": "bar",
                "orientation": "h",
                "name": name,
                "y": names,
                "x": values,
                "hovertemplate": "%{x:,} rows<extra>" + name + "</extra>",
                "meta": {"tone": tone},
            }
            for name, tone, values in series
        ],
        "layout": {
            "barmode": "stack",
            "legend": {"traceorder": "normal"},
            "xaxis": {"title": {"text": "rows"}, "tickformat": ",", "rangemode": "tozero"},
            "yaxis": {"type": "category", "autorange": "reversed"},
        },
    }
