"""How weights are computed from cases: what speaks for a pair in the cases speaks for it in the weights."""

from typing import Any

import pytest

from benchmarks.matching_examples import examples_of
from benchmarks.matching_fit import INDEPENDENT_CASES, fit, read_cases
from schemadiff.core.matching import match_cases
from schemadiff.core.matching.cases import agreement, false_alarms
from schemadiff.core.matching.scoring import Scoring
from schemadiff.core.matching.terms import Term


def columns(*entries: str) -> list[dict[str, Any]]:
    return [dict(zip(("name", "type"), entry.split(":"), strict=True)) for entry in entries]


def case(name: str, old: str, new: str, *renames: tuple[str, str]) -> dict[str, Any]:
    return {
        "id": name,
        "repo": name,
        "old_table": "things",
        "new_table": "things",
        "old": columns(*old.split()),
        "new": columns(*new.split()),
        "renames": [list(pair) for pair in renames],
    }


EVOLVED = [
    case(
        "1",
        "id:int a:text b:text zip:text c:text",
        "id:int a:text b:text postcode:text c:text",
        ("zip", "postcode"),
    ),
    case("2", "id:int colour:text c:text", "id:int color:text c:text size:text", ("colour", "color")),
    case("3", "id:int a:text gone:text c:text", "id:int a:text c:text came:text"),
    case("4", "id:int a:text weight:int c:text", "id:int a:text c:text website:text"),
    case("5", "id:int mail:text c:text", "id:int email:text c:text", ("mail", "email")),
]


@pytest.fixture(scope="module")
def scoring() -> Scoring:
    return fit(EVOLVED, read_cases(INDEPENDENT_CASES))


def test_weights_from_cases_tell_their_renames_and_raise_no_false_alarm(scoring: Scoring) -> None:
    result = match_cases({"cases": EVOLVED}, lambda _: scoring)
    assert agreement({"cases": EVOLVED}, result, ("accepted",)).f1 == 1.0
    assert false_alarms({"cases": EVOLVED}, result, ("accepted", "suggested")) == (0, 2)


def test_no_weight_speaks_for_what_it_should_speak_against(scoring: Scoring) -> None:
    for weights in (scoring.in_place, scoring.independent):
        factors = dict(zip(Term, weights.factors, strict=True))
        assert factors[Term.TYPE_CLASH] <= 0 <= factors[Term.KINDRED]
        assert weights.bias < 0
    assert scoring.independent.factors[list(Term).index(Term.SAME_GAP)] == 0


@pytest.mark.parametrize(("renames", "rounds"), [(1, 1), (2, 3)])
def test_each_round_of_the_matcher_is_an_example(renames: int, rounds: int) -> None:
    pairs = [("colour", "color"), ("mail", "email")][:renames]
    made = case("x", "id:int colour:text mail:text n:int", "id:int color:text email:text n:int", *pairs)
    examples = list(examples_of(made, 3.0))
    assert len(examples) == rounds
    assert sum(example.weight for example in examples) == pytest.approx(3.0)
    assert examples[0].truth.sum() == renames
