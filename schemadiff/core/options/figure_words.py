"""Figures by their keys, and words made of them."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from schemadiff.core.options.option import Measure, OptionName

QUERIES = ("queries_same", "queries_changed", "queries_fail", "queries_not_judged")
CALLS = ("calls_same", "calls_changed", "calls_fail")

Figures: TypeAlias = Mapping[str, Measure]


def by_key(measures: Mapping[OptionName, Sequence[Measure]]) -> dict[OptionName, Figures]:
    return {name: {measure.key: measure for measure in measures.get(name, ())} for name in OptionName}


def value(figures: Figures, key: str) -> int | None:
    measure = figures.get(key)
    return None if measure is None else measure.value


def judged(figures: Figures) -> int:
    return sum(value(figures, key) or 0 for key in QUERIES[:3])


def calls_working(figures: Figures) -> float | None:
    """The share of the judged queries' calls whose query works as before; None where no call was counted."""
    counts = [value(figures, key) for key in CALLS]
    known = [each for each in counts if each is not None]
    total = sum(known)
    return known[0] / total if total and len(known) == len(CALLS) else None


def left_behind(figures: Figures) -> str:
    lost, every = figures.get("values_left_behind"), figures.get("values_in_scope")
    if lost is None:
        return "values left behind are not measured yet"
    total = f" of {every.value:,}" if every else ""
    if lost.value == 0:
        return f"nothing is left behind (0{total} values)"
    columns = figures.get("columns_left_behind")
    where = f" in {count(columns.value, 'column')}" if columns else ""
    return f"{lost.value:,}{total} values{where} are left behind"


def count(number: int, one: str, many: str = "") -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"
