"""The next step of transform: expressions that values need, said from what a rehearsal refused."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from schemadiff.core.errors import Refused
from schemadiff.core.fitting import Kind
from schemadiff.core.options.option import Measure


class Mending(Enum):
    """In the order in which one takes them."""

    UNITS_AND_KEYS = "units and keys"  # seconds that become minutes; keys of rows that will not be there
    WORDS = "words"  # what the target's checks and enums do not know
    CLEANING = "cleaning"  # lists cut to their first, empty values that get the target's default


KINDS = {
    Mending.UNITS_AND_KEYS: frozenset({Kind.OTHER_UNIT, Kind.NO_SUCH_ROW}),
    Mending.WORDS: frozenset({Kind.OTHER_WORDS}),
    Mending.CLEANING: frozenset({Kind.TOO_LONG, Kind.EMPTY}),
}
_FIGURES = {
    Mending.UNITS_AND_KEYS: "rejects_between_rows",
    Mending.WORDS: "rejects_unfit",
    Mending.CLEANING: "rejects_unfit",
}
_QUESTIONS = {
    Mending.UNITS_AND_KEYS: "leave keys empty whose rows nobody brings, and take the units that the values call for?",
    Mending.WORDS: "write words as the target knows them, and leave empty what it does not know?",
    Mending.CLEANING: "take the first of a list that is too long, and the target’s default where a value is missing?",
}
_WHY = {
    "rejects_between_rows": "a row that they refer to is missing, or a key is taken",
    "rejects_unfit": "a type, a check or a NOT NULL does not take the value",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class MendingStep:
    """`tables` are those that had rows refused for this, as `schema.table`."""

    mending: Mending
    sentence: str
    tables: tuple[str, ...]


def mending_called(word: str) -> Mending:
    """Raises Refused for an unknown one."""
    try:
        return Mending(word)
    except ValueError as error:
        known = ", ".join(each.value for each in Mending)
        raise Refused(f"There is no step {word} of transform: there are {known}.") from error


def propose_mending(measures: Sequence[Measure]) -> tuple[MendingStep, ...]:
    """Nothing where nothing was rehearsed, or where no row was refused for what an expression could mend."""
    return tuple(_steps({measure.key: measure for measure in measures}))


def _steps(figures: Mapping[str, Measure]) -> Iterator[MendingStep]:
    for mending in Mending:
        refused = figures.get(_FIGURES[mending])
        if refused is None or not refused.value or "rows_rehearsed" not in figures:
            continue
        were = "was" if refused.value == 1 else "were"
        yield MendingStep(
            mending=mending,
            sentence=f"{refused.value:,} of {figures['rows_rehearsed'].value:,} rows {were} refused because "
            f"{_WHY[refused.key]}: {_QUESTIONS[mending]}",
            tables=tuple(sorted({item.partition(": ")[0] for item in refused.items})),
        )
