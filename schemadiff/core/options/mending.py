"""The next steps of transform: expressions that values need, said from what a rehearsal found."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from schemadiff.core.errors import Refused
from schemadiff.core.fitting import Kind
from schemadiff.core.options.option import Measure


class Mending(Enum):
    """In the order in which one takes them."""

    UNITS_AND_KEYS = "units and keys"  # seconds that become minutes; keys that become others, or have no row
    WORDS = "words"  # what the target's checks and enums do not know
    CLEANING = "cleaning"  # lists cut to their first, the only row that an empty key could mean
    DEFAULTS = "defaults"  # the target's default for what is empty


KINDS = {
    Mending.UNITS_AND_KEYS: frozenset({Kind.OTHER_UNIT, Kind.NO_SUCH_ROW, Kind.OWN_NUMBER, Kind.FOLLOWS}),
    Mending.WORDS: frozenset({Kind.OTHER_WORDS}),
    Mending.CLEANING: frozenset({Kind.TOO_LONG, Kind.ONLY_ROW}),
    Mending.DEFAULTS: frozenset({Kind.EMPTY}),
}
MENDABLE = "columns_to_mend"
"""The figure whose items name a step and a column that it would fill."""

_FIGURES = {
    Mending.UNITS_AND_KEYS: "rejects_between_rows",
    Mending.WORDS: "rejects_unfit",
    Mending.CLEANING: "rejects_unfit",
    Mending.DEFAULTS: "rejects_unfit",
}
_QUESTIONS = {
    Mending.UNITS_AND_KEYS: "take the units that the values call for, let keys follow the rows that they speak of, and "
    "leave those empty whose rows nobody brings?",
    Mending.WORDS: "write words as the target knows them, and leave empty what it does not know?",
    Mending.CLEANING: "take the first of a list that is too long, and where a key is empty the only row that it could "
    "mean?",
    Mending.DEFAULTS: "write the target’s default where a value is missing?",
}
_WHY = {
    "rejects_between_rows": "a row that they refer to is missing, or a key is taken",
    "rejects_unfit": "a type, a check or a NOT NULL does not take the value",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class MendingStep:
    """`columns` are those that would be filled by an expression, as `schema.table.column`."""

    mending: Mending
    sentence: str
    columns: tuple[str, ...]

    @property
    def tables(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(column.rpartition(".")[0] for column in self.columns))


def key_of(mending: Mending) -> str:
    """How it is called on the command line: units-and-keys, words, cleaning, defaults."""
    return mending.value.replace(" ", "-")


def mending_called(word: str) -> Mending:
    """By its word or its key. Raises Refused for an unknown one."""
    try:
        return Mending(word.replace("-", " "))
    except ValueError as error:
        known = ", ".join(map(key_of, Mending))
        raise Refused(f"There is no step {word} of transform: there are {known}.") from error


def item_of(mending: Mending, column: str) -> str:
    """As the figure `MENDABLE` names it."""
    return f"{mending.value}: {column}"


def propose_mending(measures: Sequence[Measure]) -> tuple[MendingStep, ...]:
    """Nothing where nothing was rehearsed, or where no expression is known that would help."""
    return tuple(_steps({measure.key: measure for measure in measures}))


def _steps(figures: Mapping[str, Measure]) -> Iterator[MendingStep]:
    known = figures.get(MENDABLE)
    if known is None:
        return
    for mending in Mending:
        named = (item.partition(": ") for item in known.items)
        columns = tuple(column for step, _, column in named if step == mending.value)
        if columns:
            yield MendingStep(
                mending=mending,
                sentence=f"{_refused(figures, _FIGURES[mending])}: {_QUESTIONS[mending]}",
                columns=columns,
            )


def _refused(figures: Mapping[str, Measure], key: str) -> str:
    refused, carried = figures.get(key), figures.get("rows_rehearsed")
    if refused is None or carried is None or not refused.value:
        return "No row was refused for this, and values would be carried over as something else"
    were = "was" if refused.value == 1 else "were"
    return f"{refused.value:,} of {carried.value:,} rows {were} refused because {_WHY[key]}"
