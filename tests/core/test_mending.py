"""What a rehearsal of transform refused speaks for steps, and nothing else does."""

import pytest

from schemadiff.core.errors import Refused
from schemadiff.core.options.mending import KINDS, Mending, mending_called, propose_mending
from schemadiff.core.options.option import Measure


def measures(**values: int) -> list[Measure]:
    return [
        Measure(key=key, label=key, value=value, how="So.", items=(f"public.t: {value} because",))
        for key, value in values.items()
    ]


def test_each_step_names_the_rows_and_the_tables() -> None:
    (keys,) = propose_mending(measures(rows_rehearsed=1_490, rejects_between_rows=60, rejects_unfit=0))
    assert keys.mending is Mending.UNITS_AND_KEYS
    assert keys.sentence.startswith(
        "60 of 1,490 rows were refused because a row that they refer to is missing"
    )
    assert keys.tables == ("public.t",)
    words, cleaning = propose_mending(measures(rows_rehearsed=9, rejects_between_rows=0, rejects_unfit=1))
    assert (words.mending, cleaning.mending) == (Mending.WORDS, Mending.CLEANING)
    assert words.sentence.startswith("1 of 9 rows was refused because a type, a check")


def test_without_a_rehearsal_there_is_no_step() -> None:
    assert propose_mending(()) == ()
    assert propose_mending(measures(rejects_unfit=5)) == ()


def test_steps_are_called_by_their_words() -> None:
    assert [mending_called(each.value) for each in Mending] == list(Mending) == list(KINDS)
    with pytest.raises(Refused, match="no step x of transform: there are units and keys, words, cleaning"):
        mending_called("x")
