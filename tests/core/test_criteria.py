"""Options weighed: scores, the share of weightings won, and the weight at which another would win."""

import pytest

from schemadiff.core.options.criteria import Criterion, centroid_weights, measured_criteria, weigh
from schemadiff.core.options.effort import estimates
from schemadiff.core.options.option import Measure, OptionName

R, T, H = OptionName.RECREATE, OptionName.TRANSFORM, OptionName.HYBRID


def criterion(name: str, weight: float, r: float, t: float, h: float = 0) -> Criterion:
    return Criterion(key=name, name=name, weight=weight, cells={R: r, T: t, H: h})


def test_scores_and_the_turning_point() -> None:
    """Recreate has 1 and 0, transform 0 and 1: the weight at which they are equal is a half."""
    found = weigh([criterion("speed", 75, 1, 0), criterion("market", 25, 0, 1)])
    assert found is not None
    assert found.scores == {R: 0.75, T: 0.25, H: 0}
    assert found.winner is R
    assert [(turn.criterion, round(turn.at, 6), turn.winner, turn.above) for turn in found.turns] == [
        ("speed", 0.5, T, False),
        ("market", 0.5, T, True),
    ]
    assert "If “market” weighed more than 50 % of the whole (now 25 %), transform would win." in [
        turn.sentence for turn in found.turns
    ]


def test_the_turning_point_is_where_the_winner_changes() -> None:
    criteria = [
        criterion("a", 40, 0.9, 0.2, 0.5),
        criterion("b", 30, 0.3, 0.8, 0.6),
        criterion("c", 30, 0.5, 0.4, 0.7),
    ]
    found = weigh(criteria)
    assert found is not None
    assert found.turns
    for turn in found.turns:
        place = next(number for number, each in enumerate(criteria) if each.name == turn.criterion)
        for step, winner in ((0.01, turn.winner), (-0.01, found.winner)):
            at = turn.at + (step if turn.above else -step)
            others = sum(each.weight for number, each in enumerate(criteria) if number != place)
            moved = [
                Criterion(
                    key=each.key,
                    name=each.name,
                    cells=each.cells,
                    weight=at * 100 if number == place else each.weight * (1 - at) * 100 / others,
                )
                for number, each in enumerate(criteria)
            ]
            again = weigh(moved)
            assert again is not None
            assert again.winner is winner


def test_an_option_that_is_best_in_everything_wins_always() -> None:
    found = weigh([criterion("a", 50, 1, 0.5), criterion("b", 50, 1, 0.9)])
    assert found is not None
    assert found.shares == {R: 1, T: 0, H: 0}
    assert found.turns == ()
    assert found.sentence.endswith("No change of a single criterion’s weight would change that.")


def test_two_alike_share_the_weightings_and_nobody_wins() -> None:
    found = weigh([criterion("a", 50, 1, 1)])
    assert found is not None
    assert found.winner is None
    assert found.shares[R] == pytest.approx(found.shares[T]) == pytest.approx(0.5)
    assert "a person has to choose" in found.sentence


def test_half_of_the_weightings_of_two_opposed_criteria() -> None:
    found = weigh([criterion("a", 90, 1, 0), criterion("b", 10, 0, 1)])
    assert found is not None
    assert 0.47 < found.shares[R] < 0.53


@pytest.mark.parametrize(
    "criteria", [[], [criterion("a", 0, 1, 0)], [Criterion(key="a", name="a", weight=1, cells={})]]
)
def test_nothing_to_weigh(criteria: list[Criterion]) -> None:
    assert weigh(criteria) is None


def test_weights_from_an_order() -> None:
    assert [round(weight, 1) for weight in centroid_weights([1, 2, 3])] == [61.1, 27.8, 11.1]
    assert [round(weight, 1) for weight in centroid_weights([2, 1, 1])] == [11.1, 44.4, 44.4]
    assert sum(centroid_weights([5, 5, 1, 9])) == pytest.approx(100)


def test_what_the_figures_say_by_themselves() -> None:
    def measures(**values: int) -> tuple[Measure, ...]:
        return tuple(Measure(key=key, label="", value=value, how="") for key, value in values.items())

    measured = {
        R: measures(
            values_in_scope=100, values_left_behind=0, queries_same=4, queries_changed=0, queries_fail=0
        ),
        T: measures(
            values_in_scope=100,
            values_left_behind=25,
            queries_same=0,
            queries_changed=2,
            queries_fail=2,
            statements=50,
        ),
    }
    found = {key: cells for key, _, _, cells in measured_criteria(measured, estimates(measured, {}, 0))}
    assert found["values_kept"] == {R: 1, T: 0.75}
    assert found["code_compatibility"] == {R: 1, T: 0.25}
    assert found["effort"] == {R: 1, T: 0}
    assert "rows_carried" not in found  # nothing was rehearsed


def test_code_compatibility_goes_by_calls_where_every_option_has_them() -> None:
    queries = {"queries_same": 2, "queries_changed": 2, "queries_fail": 6}
    calls = {"calls_same": 90, "calls_changed": 4, "calls_fail": 6}

    def compatibility(*options: dict[str, int]) -> dict[OptionName, float]:
        measures = {
            name: [Measure(key=key, label=key, value=value, how="Counted.") for key, value in each.items()]
            for name, each in zip(OptionName, options, strict=False)
        }
        criteria = measured_criteria(measures, estimates(measures, {}, 0.3))
        return next(cells for key, _, _, cells in criteria if key == "code_compatibility")

    assert compatibility(queries | calls, queries | calls) == {R: 0.92, T: 0.92}
    assert compatibility(queries | calls, queries) == {R: 0.3, T: 0.3}
