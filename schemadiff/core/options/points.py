"""What speaks for an option and against it, what it risks and what it loses: each a sentence made of a figure, and the
key of that figure, whose items are the rows behind it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from schemadiff.core.options.figure_words import (
    Figures,
    by_key,
    calls_working,
    count,
    judged,
    left_behind,
    value,
)
from schemadiff.core.options.option import Measure, OptionName

_EFFORT = ("tables_touched", "columns_touched", "foreign_keys_affected", "statements")
_HAZARD = "hazards_"
_LOST = ("hazards_data_loss", "hazards_rule_dropped", "hazards_index_dropped")


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """`figure` is the key of the measure that it is made of."""

    sentence: str
    figure: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Points:
    """Weightiest first. `risks` may come to nothing; what is `lost` is lost for certain."""

    pros: tuple[Point, ...] = ()
    cons: tuple[Point, ...] = ()
    risks: tuple[Point, ...] = ()
    lost: tuple[Point, ...] = ()


def points_of(measures: Mapping[OptionName, Sequence[Measure]]) -> dict[OptionName, Points]:
    """For each option, derived from its figures and how they stand beside the others'."""
    figures = by_key(measures)
    return {
        name: Points(
            pros=tuple(dict.fromkeys(_pros(name, figures))),
            cons=tuple(dict.fromkeys(_cons(name, figures))),
            risks=tuple(_risks(figures[name])),
            lost=tuple(_lost(figures[name])),
        )
        for name in OptionName
    }


def blocked_by(measures: Iterable[Measure]) -> tuple[str, ...]:
    """What the figures say stands in an option's way: it was tried, and did not come to its end."""
    said = {
        "expressions_failed": "An expression of the mapping fails on rows of the source",
        "rehearsal_failed": "Its rehearsal failed",
    }
    return tuple(
        f"{said[measure.key]}: {' '.join(measure.items)} Mend that and measure again."
        for measure in measures
        if measure.key in said and measure.value
    )


def _pros(name: OptionName, figures: Mapping[OptionName, Figures]) -> Iterator[Point]:
    mine = figures[name]
    if value(mine, "values_left_behind") == 0:
        yield Point(sentence="No value is left behind.", figure="values_left_behind")
    if value(mine, "rejects") == 0 and value(mine, "rows_rehearsed") != 0:
        yield Point(sentence="No row is refused in the rehearsal.", figure="rejects")
    elif "rejects" not in mine and value(mine, "rows_refused") == 0:
        yield Point(sentence="No row lacks a value that it needs.", figure="rows_refused")
    if judged(mine) and value(mine, "queries_same") == judged(mine):
        yield Point(sentence=f"All {judged(mine)} queries work as before.", figure="queries_same")
    for measure in _comparable(mine):
        others = _others(name, figures, measure.key)
        if others and measure.value < min(others):
            sentence = f"{measure.label}: {measure.value:,}, fewer than with any other option."
            yield Point(sentence=sentence, figure=measure.key)


def _cons(name: OptionName, figures: Mapping[OptionName, Figures]) -> Iterator[Point]:
    mine = figures[name]
    if value(mine, "rows_rehearsed") == 0:
        yield Point(sentence="The rehearsal carried no row.", figure="rows_rehearsed")
    if rejects := value(mine, "rejects"):
        yield Point(sentence=f"{count(rejects, 'row')} refused in the rehearsal.", figure="rejects")
    elif refused := value(mine, "rows_refused"):
        sentence = f"{count(refused, 'row')} would be refused for a missing value."
        yield Point(sentence=sentence, figure="rows_refused")
    if value(mine, "values_left_behind"):
        words = left_behind(mine)
        yield Point(sentence=f"{words[0].upper()}{words[1:]}.", figure="values_left_behind")
    if fail := value(mine, "queries_fail"):
        sentence = f"{count(fail, 'query', 'queries')} must be rewritten{_by_use(mine, 'calls_fail')}."
        yield Point(sentence=sentence, figure="queries_fail")
    if changed := value(mine, "queries_changed"):
        words = f"{count(changed, 'query', 'queries')} must be looked at{_by_use(mine, 'calls_changed')}"
        yield Point(sentence=f"{words}: another shape.", figure="queries_changed")
    for key, what in (
        ("rehearsal_failed", "The rehearsal failed"),
        ("expressions_failed", "An expression of the mapping fails"),
    ):
        if value(mine, key):
            yield Point(sentence=f"{what}: {' '.join(mine[key].items)}", figure=key)
    if failed := value(mine, "statements_failed"):
        sentence = f"{count(failed, 'statement')} of the plan failed on scratch."
        yield Point(sentence=sentence, figure="statements_failed")
    for measure in _comparable(mine):
        others = _others(name, figures, measure.key)
        if others and measure.value > max(others):
            sentence = f"{measure.label}: {measure.value:,}, more than with any other option."
            yield Point(sentence=sentence, figure=measure.key)


def _risks(mine: Figures) -> Iterator[Point]:
    for key, measure in mine.items():
        if key.startswith(_HAZARD) and key not in _LOST and measure.value:
            yield Point(sentence=f"{measure.label}: {measure.value:,}.", figure=key)
    if unknown := value(mine, "queries_not_judged"):
        sentence = (
            f"{count(unknown, 'query', 'queries')} could not be judged: nobody knows whether they work."
        )
        yield Point(sentence=sentence, figure="queries_not_judged")


def _lost(mine: Figures) -> Iterator[Point]:
    if columns := value(mine, "columns_left_behind"):
        values = value(mine, "values_left_behind")
        holding = f" with {count(values, 'value')}" if values is not None else ""
        sentence = f"{count(columns, 'column')}{holding} left behind."
        yield Point(sentence=sentence, figure="columns_left_behind")
    if keys := mine.get("foreign_keys_affected"):
        tables = {item.partition(" → ")[0].rpartition(".")[0] for item in keys.items}
        if keys.value:
            sentence = (
                f"{count(keys.value, 'foreign key')} of {count(len(tables), 'table')} taken off: the table "
                "that each refers to is put aside."
            )
            yield Point(sentence=sentence, figure=keys.key)
    for key in _LOST:
        if value(mine, key):
            yield Point(sentence=f"{mine[key].label}: {mine[key].value:,}.", figure=key)


def _by_use(mine: Figures, key: str) -> str:
    """How much of the application's use that is, where calls were counted."""
    if calls_working(mine) is None:
        return ""
    total = sum(value(mine, each) or 0 for each in ("calls_same", "calls_changed", "calls_fail"))
    return f" ({(value(mine, key) or 0) / total:.0%} of all calls)"


def _comparable(figures: Figures) -> Iterator[Measure]:
    """Figures of effort and danger, of which fewer is better."""
    return (measure for key, measure in figures.items() if key in _EFFORT or key.startswith("hazards_"))


def _others(name: OptionName, figures: Mapping[OptionName, Figures], key: str) -> list[int]:
    """The others' values; empty unless all of them are known."""
    others = [value(figures[other], key) for other in OptionName if other is not name]
    return [value for value in others if value is not None] if None not in others else []
