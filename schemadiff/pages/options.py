"""The three ways out side by side: each figure, how it was measured, and what they recommend."""

from collections.abc import Mapping as Dictionary
from dataclasses import dataclass
from datetime import datetime

from schemadiff.core.options.option import Measure, Option, OptionName, Scope
from schemadiff.core.options.weighing import Advice, ProsAndCons
from schemadiff.models import Comparison

TITLES = {
    OptionName.RECREATE: "Recreate the target’s tables",
    OptionName.TRANSFORM: "Transform the rows on the way",
    OptionName.HYBRID: "Hybrid: add what is missing",
}
ABOUT = {
    OptionName.RECREATE: "The target’s tables are parked and made anew as the source has them. "
    "The application’s queries keep working.",
    OptionName.TRANSFORM: "The target keeps its schema and every row is mapped on the way. "
    "The application’s queries are rewritten.",
    OptionName.HYBRID: "The target keeps its schema and gets what is missing by name. "
    "Rows are copied by equal names.",
}
_HEADLINES = (
    "queries_same",
    "queries_changed",
    "queries_fail",
    "columns_left_behind",
    "values_left_behind",
    "statements",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    option: OptionName
    number: int
    title: str
    about: str
    headlines: tuple[Measure, ...]
    pros: tuple[str, ...]
    cons: tuple[str, ...]
    blockers: tuple[str, ...]
    refusal: str  # why the option cannot be worked out at all; empty if it can
    is_recommended: bool
    is_decided: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """None as the measure: not measured, or not a figure of this option."""

    option: OptionName
    measure: Measure | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    key: str
    label: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionsPage:
    comparison: Comparison
    scope: Scope
    cards: tuple[Card, ...]
    rows: tuple[Row, ...]
    advice: str
    reasons: tuple[str, ...]
    is_measured: bool
    measured_at: datetime | None
    query_count: int
    section: str = "comparisons"


def options_page(
    comparison: Comparison,
    scope: Scope,
    options: Dictionary[OptionName, Option | str],
    measures: Dictionary[OptionName, tuple[Measure, ...]],
    advice: Advice,
    sides: Dictionary[OptionName, ProsAndCons],
    *,
    decided: str | None,
    measured_at: datetime | None,
    query_count: int,
) -> OptionsPage:
    """`options` holds a sentence in place of an option that cannot be worked out."""
    return OptionsPage(
        comparison=comparison,
        scope=scope,
        cards=tuple(
            _card(
                number,
                name,
                options[name],
                measures.get(name, ()),
                sides.get(name, ProsAndCons()),
                is_recommended=advice.option is name,
                is_decided=decided == name.value,
            )
            for number, name in enumerate(OptionName, 1)
        ),
        rows=_rows(measures),
        advice=advice.sentence,
        reasons=advice.reasons,
        is_measured=bool(measures),
        measured_at=measured_at,
        query_count=query_count,
    )


def _card(
    number: int,
    name: OptionName,
    option: Option | str,
    measures: tuple[Measure, ...],
    sides: ProsAndCons,
    *,
    is_recommended: bool,
    is_decided: bool,
) -> Card:
    by_key = {measure.key: measure for measure in measures}
    return Card(
        option=name,
        number=number,
        title=TITLES[name],
        about=ABOUT[name],
        headlines=tuple(by_key[key] for key in _HEADLINES if key in by_key),
        pros=sides.pros,
        cons=sides.cons,
        blockers=() if isinstance(option, str) else option.blockers,
        refusal=option if isinstance(option, str) else "",
        is_recommended=is_recommended,
        is_decided=is_decided,
    )


def _rows(measures: Dictionary[OptionName, tuple[Measure, ...]]) -> tuple[Row, ...]:
    """A row for each figure that any option has, in the order in which the options name them."""
    labels = {m.key: m.label for name in OptionName for m in measures.get(name, ())}
    by_option = {name: {m.key: m for m in found} for name, found in measures.items()}
    return tuple(
        Row(
            key=key,
            label=label,
            cells=tuple(Cell(option=name, measure=by_option.get(name, {}).get(key)) for name in OptionName),
        )
        for key, label in labels.items()
    )
