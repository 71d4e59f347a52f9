"""The recommendation is made of the figures and of nothing else."""

from schemadiff.core.options.option import Measure, OptionName
from schemadiff.core.options.points import Point, points_of
from schemadiff.core.options.weighing import recommend

RECREATE, TRANSFORM, HYBRID = OptionName

QUERY_KEYS = ("queries_same", "queries_changed", "queries_fail", "queries_not_judged")


def measured(
    lost: int | None = None,
    queries: tuple[int, int, int] | None = None,
    *,
    scope: int = 1000,
    **more: int,
) -> tuple[Measure, ...]:
    figures = dict(more)
    if lost is not None:
        figures |= {"values_left_behind": lost, "values_in_scope": scope}
    if queries is not None:
        figures |= dict(zip(QUERY_KEYS, (*queries, 0), strict=True))
    return tuple(
        Measure(key=k, label=k.replace("_", " "), value=v, how="counted") for k, v in figures.items()
    )


def test_the_least_loss_is_recommended_with_its_figures() -> None:
    advice = recommend(
        {
            RECREATE: measured(0, (21, 0, 0)),
            TRANSFORM: measured(300, (0, 1, 20), columns_left_behind=12),
            HYBRID: measured(0, (1, 14, 6)),
        }
    )
    assert advice.option is RECREATE
    assert advice.sentence == (
        "Recreate is recommended: nothing is left behind (0 of 1,000 values); 21 of 21 queries work as before."
    )
    assert (
        "Transform: 300 of 1,000 values in 12 columns are left behind;"
        " of 21 queries 0 work as before, 1 gives another shape, 20 fail." in advice.reasons
    )


def test_values_weigh_more_than_queries_and_the_price_is_said() -> None:
    advice = recommend(
        {
            RECREATE: measured(5, (10, 0, 0)),
            TRANSFORM: measured(4, (0, 0, 10)),
            HYBRID: measured(9, (9, 1, 0)),
        }
    )
    assert advice.option is TRANSFORM
    assert "Recreate is better in queries that fail: 0 against 10." in advice.reasons


def test_nothing_is_recommended_without_figures() -> None:
    advice = recommend({})
    assert advice.option is None
    assert "not measured yet" in advice.sentence
    assert recommend({RECREATE: measured(0, (1, 0, 0))}).option is None


def test_a_figure_that_one_option_lacks_decides_nothing() -> None:
    advice = recommend(
        {RECREATE: measured(5), TRANSFORM: measured(7), HYBRID: measured(3, (0, 0, 9))},
    )
    assert advice.option is HYBRID
    assert any(
        reason.startswith("Not measured yet") and "queries that fail" in reason for reason in advice.reasons
    )


def test_a_tie_is_said_and_not_broken() -> None:
    same = measured(0, (3, 0, 0))
    advice = recommend({RECREATE: same, TRANSFORM: measured(1, (3, 0, 0)), HYBRID: same})
    assert advice.option is None
    assert "recreate and hybrid are equal" in advice.sentence


def test_an_option_without_figures_is_not_weighed() -> None:
    advice = recommend({RECREATE: measured(5, (3, 0, 0)), HYBRID: measured(2, (3, 0, 0))})
    assert advice.option is HYBRID
    assert "Transform: not measured yet." in advice.reasons


def test_blockers_of_the_recommended_option_are_told() -> None:
    measures = {RECREATE: measured(1), TRANSFORM: measured(0), HYBRID: measured(1)}
    advice = recommend(measures, {TRANSFORM: ("3 pairs must be confirmed.",), HYBRID: ("never said",)})
    assert "Before transform can be run: 3 pairs must be confirmed." in advice.reasons
    assert not any("never said" in reason for reason in advice.reasons)


def said(points: tuple[Point, ...]) -> tuple[str, ...]:
    return tuple(point.sentence for point in points)


def test_pros_and_cons_come_from_the_figures() -> None:
    sides = points_of(
        {
            RECREATE: measured(0, (2, 0, 0), statements=40),
            TRANSFORM: measured(7, (0, 1, 1), statements=0),
            HYBRID: measured(0, (1, 1, 0), statements=30),
        }
    )
    assert said(sides[RECREATE].pros) == ("No value is left behind.", "All 2 queries work as before.")
    assert said(sides[RECREATE].cons) == ("statements: 40, more than with any other option.",)
    assert said(sides[TRANSFORM].pros) == ("statements: 0, fewer than with any other option.",)
    assert said(sides[TRANSFORM].cons) == (
        "7 of 1,000 values are left behind.",
        "1 query must be rewritten.",
        "1 query must be looked at: another shape.",
    )
    assert points_of({})[HYBRID].pros == points_of({})[HYBRID].cons == ()


def test_what_a_rehearsal_refused_weighs_before_what_was_counted_without_one() -> None:
    advice = recommend(
        {
            RECREATE: measured(0, (10, 0, 0), rejects=9, rows_rehearsed=100, rows_refused=0),
            TRANSFORM: measured(5, (0, 0, 10), rejects=2, rows_rehearsed=100, rows_refused=1),
            HYBRID: measured(0, (9, 1, 0), rejects=3, rows_rehearsed=100, rows_refused=1),
        }
    )
    assert advice.option is TRANSFORM
    assert advice.sentence.startswith("Transform is recommended: 2 of 100 rows are refused in the rehearsal;")
    assert "Recreate is better in rows refused for a missing value: 0 against 1." in advice.reasons


def test_a_rehearsal_that_not_every_option_had_decides_nothing() -> None:
    advice = recommend(
        {
            RECREATE: measured(0, (10, 0, 0), rejects=9, rows_rehearsed=100, rows_refused=0),
            TRANSFORM: measured(5, (0, 0, 10), rows_refused=1),
            HYBRID: measured(0, (9, 1, 0), rows_refused=1),
        }
    )
    assert advice.option is RECREATE


def test_refusals_and_failures_of_a_rehearsal_are_told() -> None:
    failed = Measure(key="rehearsal_failed", label="Failed", value=1, how="So.", items=("The disk is full.",))
    sides = points_of(
        {RECREATE: measured(rejects=0), TRANSFORM: measured(rejects=151, rows_refused=51), HYBRID: (failed,)}
    )
    assert "No row is refused in the rehearsal." in said(sides[RECREATE].pros)
    assert "151 rows refused in the rehearsal." in said(sides[TRANSFORM].cons)
    assert not any("missing value" in con for con in said(sides[TRANSFORM].cons))
    assert "The rehearsal failed: The disk is full." in said(sides[HYBRID].cons)


def test_calls_weigh_queries_where_they_were_counted() -> None:
    calls = {"calls_same": 900, "calls_changed": 60, "calls_fail": 40}
    figures = {
        RECREATE: measured(0, (10, 0, 0), calls_same=1000, calls_changed=0, calls_fail=0),
        TRANSFORM: measured(0, (2, 3, 5), **calls),
        HYBRID: measured(0, (2, 3, 5)),
    }
    assert (
        "of 10 queries 2 work as before, which is 90% of their calls, 3 give" in recommend(figures).reasons[1]
    )
    assert "5 queries must be rewritten (4% of all calls)." in said(points_of(figures)[TRANSFORM].cons)
    assert "5 queries must be rewritten." in said(points_of(figures)[HYBRID].cons)


def test_a_rehearsal_that_carried_nothing_is_no_advantage() -> None:
    sides = points_of({TRANSFORM: measured(rejects=0, rows_rehearsed=0)})[TRANSFORM]
    assert said(sides.pros) == () and said(sides.cons) == ("The rehearsal carried no row.",)
