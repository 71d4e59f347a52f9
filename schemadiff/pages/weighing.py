"""The page on which the options are estimated and weighed."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.forms import BoundField

from schemadiff.core.options.effort import TASKS, Estimate, seconds_of_machine
from schemadiff.core.options.option import Measure, OptionName
from schemadiff.forms.weighing import WeighingForm
from schemadiff.models import Comparison
from schemadiff.weighing import Weighing

DAY = 8
"""Hours of work in a day."""

_TONES = {OptionName.RECREATE: "ok", OptionName.TRANSFORM: "info", OptionName.HYBRID: "source"}


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskRow:
    label: str
    figure: str
    fields: tuple[BoundField, ...]  # low, likely, high
    pieces: tuple[int | None, ...]  # of each option


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """`field` of a judged cell; a measured one has its percentage alone."""

    percent: int
    field: BoundField | None
    said: str  # by whom and when


@dataclass(frozen=True, slots=True, kw_only=True)
class CriterionRow:
    name: str
    figure: str
    weight: BoundField
    share: int  # of the whole weight, percent
    rank: BoundField
    cells: tuple[Cell, ...]
    remove: BoundField | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionLine:
    """What follows for one option. Hours in words; `score` and `share` are percents, None where nothing is weighed."""

    option: str
    is_winner: bool
    score: int | None
    share: int | None
    likely: str
    safe: str
    guess: str
    verdict: str  # how the guess stands to the estimate
    machine: str
    machine_figure: str  # the figure that says how it was measured
    downtime: str  # empty where it was not rehearsed


@dataclass(frozen=True, slots=True, kw_only=True)
class WeighingPage:
    comparison: Comparison
    options: tuple[str, ...]
    lines: tuple[OptionLine, ...]
    sentence: str
    open_work: str
    turns: tuple[str, ...]
    tasks: tuple[TaskRow, ...]
    criteria: tuple[CriterionRow, ...]
    guesses: tuple[tuple[str, BoundField, BoundField], ...]
    chart: dict[str, Any]
    is_measured: bool
    updated_by: str
    updated_at: datetime | None
    form: WeighingForm
    section: str = "comparisons"


def weighing_page(comparison: Comparison, found: Weighing, form: WeighingForm) -> WeighingPage:
    names = tuple(name for name in OptionName if name in found.efforts)
    return WeighingPage(
        comparison=comparison,
        options=tuple(name.value for name in names),
        lines=tuple(_line(found, name) for name in names),
        sentence=found.weighed.sentence if found.weighed else "",
        open_work=found.open_work,
        turns=tuple(turn.sentence for turn in found.weighed.turns) if found.weighed else (),
        tasks=tuple(_tasks(found, names, form)),
        criteria=tuple(_criteria(found, names, form)),
        guesses=tuple(
            (name.value, form[f"g_{name.value}_from"], form[f"g_{name.value}_to"]) for name in OptionName
        ),
        chart=_chart(found),
        is_measured=bool(names),
        updated_by=found.assumptions.updated_by,
        updated_at=found.assumptions.updated_at,
        form=form,
    )


def hours(value: float) -> str:
    """`40 min`, `2.5 h`, `6 days`: as exact as an estimate may be."""
    if value < 1:
        return f"{round(value * 60):d} min"
    if value < 2 * DAY:
        return f"{value:.1f} h".replace(".0 h", " h")
    return f"{value / DAY:.1f} days".replace(".0 days", " days")


def _line(found: Weighing, name: OptionName) -> OptionLine:
    effort, weighed = found.efforts[name], found.weighed
    guess = found.assumptions.guesses.get(name)
    return OptionLine(
        option=name.value,
        is_winner=weighed is not None and weighed.winner is name,
        score=round(100 * weighed.scores[name]) if weighed and name in weighed.scores else None,
        share=round(100 * weighed.shares[name]) if weighed and name in weighed.shares else None,
        likely=hours(effort.p50),
        safe=hours(effort.p80),
        guess=f"{hours(guess[0])} to {hours(guess[1])}" if guess else "",
        verdict=_verdict(effort, guess) if guess else "",
        machine=_machine(found.measures[name]),
        machine_figure=_machine_figure(found.measures[name]),
        downtime=duration(found.standing_still[name]) if name in found.standing_still else "",
    )


def _verdict(effort: Estimate, guess: tuple[float, float]) -> str:
    low, high = guess
    if effort.p80 < low:
        return "less than was guessed"
    if effort.p10 > high:
        return "more than was guessed"
    return "as was guessed"


def _machine(measures: tuple[Measure, ...]) -> str:
    """From the rehearsal: how long all rows take, and between what four times in five."""
    by_key = {measure.key: measure for measure in measures}
    if "rehearsal_ms" not in by_key:
        return ""
    found = seconds_of_machine(by_key)
    if found.least is None or found.most is None:
        return f"{duration(found.seconds)}, its spread is not known"
    return f"{duration(found.seconds)}; {duration(found.least)} to {duration(found.most)} four times in five"


def _machine_figure(measures: tuple[Measure, ...]) -> str:
    """The most telling one that there is."""
    keys = {measure.key for measure in measures}
    return next((key for key in ("machine_most_ms", "machine_ms") if key in keys), "rehearsal_ms")


def duration(seconds: float) -> str:
    """`4.0 s`, `12 min`, `2.5 h`."""
    if seconds < 90:
        return f"{seconds:.1f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def _tasks(found: Weighing, names: tuple[OptionName, ...], form: WeighingForm) -> Iterator[TaskRow]:
    for task in TASKS:
        pieces = tuple(found.efforts[name].pieces[task.key] for name in names)
        if any(pieces) or not names:
            yield TaskRow(
                label=task.label,
                figure=task.figure,
                fields=tuple(form[f"m_{task.key}_{point}"] for point in ("low", "likely", "high")),
                pieces=pieces,
            )


def _criteria(found: Weighing, names: tuple[OptionName, ...], form: WeighingForm) -> Iterator[CriterionRow]:
    places = {criterion.key: place for place, criterion in enumerate(form.current.criteria)}
    whole = sum(criterion.weight for criterion in found.criteria) or 1
    judged = {each.key: each for each in found.assumptions.criteria}
    for criterion in found.criteria:
        place = places.get(criterion.key)
        if place is None:
            continue
        yield CriterionRow(
            name=criterion.name,
            figure=criterion.figure,
            weight=form[f"w_{place}"],
            share=round(100 * criterion.weight / whole),
            rank=form[f"r_{place}"],
            cells=tuple(
                Cell(
                    percent=round(100 * criterion.cells[name]),
                    field=None if criterion.is_measured else form[f"c_{place}_{name.value}"],
                    said="" if criterion.is_measured else _said(judged[criterion.key].cells.get(name)),
                )
                for name in names
            ),
            remove=None if criterion.is_measured else form[f"x_{place}"],
        )


def _said(cell: Any) -> str:
    if cell is None or not cell.by:
        return ""
    return f"{cell.by}, {cell.at:%d %b %Y}" if cell.at else cell.by


def _chart(found: Weighing) -> dict[str, Any]:
    """The share of all weightings that each option wins, as one bar."""
    shares = found.weighed.shares if found.weighed else {}
    return {
        "data": [
            {
                "type": "bar",
                "orientation": "h",
                "name": name.value,
                "y": [""],
                "x": [round(100 * share, 1)],
                "text": [f"{name.value} {share:.0%}"],
                "textposition": "inside",
                "insidetextanchor": "middle",
                "hovertemplate": "%{x} %<extra>" + name.value + "</extra>",
                "meta": {"tone": _TONES[name]},
            }
            for name, share in shares.items()
            if share
        ],
        "layout": {
            "barmode": "stack",
            "height": 110,
            "showlegend": False,
            "xaxis": {"range": [0, 100], "ticksuffix": " %"},
            "yaxis": {"visible": False},
        },
    }
