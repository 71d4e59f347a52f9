"""What a rehearsal of transform found speaks for steps, and nothing else does."""

import pytest

from schemadiff.core.errors import Refused
from schemadiff.core.fitting.vocabulary import became
from schemadiff.core.options.mending import (
    KINDS,
    MENDABLE,
    Mending,
    item_of,
    key_of,
    mending_called,
    propose_mending,
)
from schemadiff.core.options.option import Measure


def measures(*columns: tuple[Mending, str], **values: int) -> list[Measure]:
    items = tuple(item_of(mending, f"public.t.{column}") for mending, column in columns)
    return [
        *(Measure(key=key, label=key, value=value, how="So.") for key, value in values.items()),
        Measure(key=MENDABLE, label="So", value=len(items), how="So.", items=items),
    ]


def test_each_step_names_the_rows_and_the_columns() -> None:
    columns = ((Mending.UNITS_AND_KEYS, "minutes"), (Mending.UNITS_AND_KEYS, "team_id"))
    (keys,) = propose_mending(
        measures(*columns, rows_rehearsed=1_490, rejects_between_rows=60, rejects_unfit=9)
    )
    assert keys.mending is Mending.UNITS_AND_KEYS
    assert keys.sentence.startswith(
        "60 of 1,490 rows were refused because a row that they refer to is missing"
    )
    assert (keys.columns, keys.tables) == (("public.t.minutes", "public.t.team_id"), ("public.t",))
    (words,) = propose_mending(measures((Mending.WORDS, "a"), rows_rehearsed=9, rejects_unfit=1))
    assert words.sentence.startswith("1 of 9 rows was refused because a type, a check")


def test_what_is_wrong_in_silence_is_a_step_too() -> None:
    (units,) = propose_mending(
        measures((Mending.UNITS_AND_KEYS, "a"), rows_rehearsed=9, rejects_between_rows=0)
    )
    assert units.sentence.startswith("No row was refused for this, and values would be carried over as")


def test_without_a_known_expression_there_is_no_step() -> None:
    assert propose_mending(()) == ()
    assert propose_mending(measures(rows_rehearsed=9, rejects_unfit=5)) == ()


def test_steps_are_called_by_their_words_and_their_keys() -> None:
    assert [mending_called(each.value) for each in Mending] == list(Mending) == list(KINDS)
    assert [mending_called(key_of(each)) for each in Mending] == list(Mending)
    with pytest.raises(
        Refused, match="no step x of transform: there are units-and-keys, words, cleaning, def"
    ):
        mending_called("x")


@pytest.mark.parametrize(
    ("unknown", "known", "used", "expected"),
    [
        (["In Progress"], ["in_progress", "done"], ["done"], {"In Progress": "in_progress"}),
        (["canceled"], ["cancelled", "new", "old"], [], {"canceled": "cancelled"}),
        (["active"], ["open", "closed"], ["closed"], {"active": "open"}),
        (["active"], ["open", "closed"], [], {}),
        (["active", "waiting"], ["open", "closed"], ["closed"], {}),
        (["active", "Closed"], ["open", "closed"], [], {"active": "open", "Closed": "closed"}),
        (["atypical"], ["typical", "odd"], [], {}),
        (["sent"], ["spent", "kept"], [], {}),
    ],
)
def test_a_word_is_only_what_it_can_only_be(
    unknown: list[str], known: list[str], used: list[str], expected: dict[str, str]
) -> None:
    assert became(unknown, known, used) == expected
