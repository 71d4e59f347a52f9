"""What rows say of a pair of columns: for it, against it, or nothing."""

import pytest

from schemadiff.core.matching import Field, FieldList, Standing, pair_fields
from schemadiff.core.matching.values import NOTHING, BothSides, ValueProfile

TEXT, COUNT, DAY = (Field(name="x", type=kind) for kind in ("text", "integer", "date"))


def profile(
    rows: int = 100,
    nulls: int = 0,
    distinct: int = 50,
    low: float | None = None,
    high: float | None = None,
    forms: tuple[tuple[str, float], ...] = (),
    sketch: tuple[int, ...] = (),
) -> ValueProfile:
    return ValueProfile(
        rows=rows, nulls=nulls, distinct=distinct, low=low, high=high, forms=forms, sketch=sketch
    )


def both(one: ValueProfile, other: ValueProfile) -> BothSides:
    return BothSides(source={"x": one}, target={"x": other})


PHONES = profile(distinct=98, forms=(("+9 9", 0.9), ("9", 0.1)))
NAMES = profile(distinct=98, forms=(("a a", 0.7), ("a", 0.3)))
SAME = profile(sketch=tuple(range(64)))
HALF = profile(sketch=tuple(range(32, 96)))
FEW = profile(distinct=4, sketch=tuple(range(4)))


@pytest.mark.parametrize(
    ("sides", "field", "least", "most", "reason"),
    [
        (both(SAME, SAME), TEXT, 4, 4, "100% of the values are the same"),
        (both(SAME, HALF), TEXT, 3, 4, "50% of the values are the same"),
        (both(SAME, profile(sketch=tuple(range(200, 264)))), TEXT, 0, 0, ""),
        (both(FEW, FEW), TEXT, 0, 0, ""),
        (both(PHONES, PHONES), TEXT, 1, 2, "their values are written alike"),
        (both(PHONES, NAMES), TEXT, -2, -1, "but their values are written differently"),
        (
            both(profile(nulls=50), profile(nulls=48)),
            TEXT,
            0.4,
            0.6,
            "as many rows have no value (50% and 48%)",
        ),
        (
            both(profile(nulls=75), profile()),
            TEXT,
            -1,
            -0.5,
            "but 75% of the rows have no value here, 0% there",
        ),
        (both(profile(distinct=100), profile(distinct=2)), TEXT, -1, -1, "but only one of them has a value"),
        (both(profile(low=1, high=9), profile(low=0, high=9)), COUNT, 0.5, 1, "in the same range"),
        (both(profile(low=1, high=9), profile(low=60, high=99)), DAY, -1, -0.5, "in different ranges"),
        (both(profile(rows=19, sketch=(1, 2, 3, 4, 5)), SAME), TEXT, 0, 0, ""),
        (NOTHING, TEXT, 0, 0, ""),
    ],
)
def test_what_the_rows_say(sides: BothSides, field: Field, least: float, most: float, reason: str) -> None:
    assert least <= sides.odds_of(field, field) <= most
    reasons = sides.reasons_of(field, field)
    assert any(reason in each for each in reasons) if reason else not reasons


def test_rows_are_bounded_and_speak_for_a_pair_before_they_speak_against_it() -> None:
    against = profile(nulls=70, distinct=30, forms=(("9", 1.0),))
    worst = both(against, profile(distinct=2, forms=(("a", 1.0),)))
    assert worst.odds_of(TEXT, TEXT) == -3
    mixed = both(profile(nulls=70, sketch=tuple(range(64))), SAME)
    assert [reason.startswith("but") for reason in mixed.reasons_of(TEXT, TEXT)] == [False, True]


def test_equal_values_tell_two_columns_apart_that_names_cannot() -> None:
    source = FieldList(
        table="t", fields=(Field(name="contact_one", type="text"), Field(name="contact_two", type="text"))
    )
    target = FieldList(
        table="t", fields=(Field(name="contact_b", type="text"), Field(name="contact_a", type="text"))
    )
    low, high = (profile(distinct=90, sketch=tuple(range(start, start + 64))) for start in (0, 500))
    known = BothSides(
        source={"contact_one": low, "contact_two": high}, target={"contact_a": low, "contact_b": high}
    )
    by_name = {pair.source.name: pair.target.name for pair in pair_fields(source, target, {})}
    assert by_name == {"contact_one": "contact_b", "contact_two": "contact_a"}
    found = {pair.source.name: pair for pair in pair_fields(source, target, {}, values=known)}
    assert (found["contact_one"].target.name, found["contact_two"].target.name) == ("contact_a", "contact_b")
    assert all(pair.standing is Standing.ACCEPTED for pair in found.values())
    assert found["contact_one"].reasons[0] == "100% of the values are the same"
