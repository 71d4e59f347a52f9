"""How long a run will take, from what was measured before."""

from migration.core.time_ahead import Span, copy_span, whole_span

CLIENTS, ORDERS, NOTES = (("public", name) for name in ("clients", "orders", "notes"))
ROWS = {CLIENTS: 1_000, ORDERS: 4_000}


def test_each_table_goes_by_its_own_rates() -> None:
    rates = {CLIENTS: (100.0, 200.0), ORDERS: (1_000.0,)}
    assert copy_span(ROWS, rates, streams=1) == Span(least=9.0, most=14.0)
    assert copy_span(ROWS, rates, streams=2) == Span(least=4.5, most=14.0)


def test_a_table_that_was_never_carried_is_taken_as_any_other() -> None:
    span = copy_span({NOTES: 1_000}, {CLIENTS: (100.0, 200.0), ORDERS: (1_000.0,)}, streams=1)
    assert span == Span(least=1.0, most=10.0)


def test_of_few_measurements_the_range_is_from_half_to_twice() -> None:
    assert copy_span({CLIENTS: 1_000}, {CLIENTS: (100.0,)}, streams=1) == Span(least=5.0, most=20.0)
    assert whole_span(1_000, (0.01,)) == Span(least=5.0, most=20.0)


def test_a_limit_holds_it_back() -> None:
    rates = {CLIENTS: (100.0, 200.0, 400.0)}
    assert copy_span({CLIENTS: 1_000}, rates, streams=1, rows_per_second=10) == Span(least=100.0, most=100.0)


def test_without_a_measurement_there_is_no_figure() -> None:
    assert copy_span(ROWS, {}, streams=1) is None
    assert whole_span(1_000, ()) is None
