"""Probabilities of pairs that compete, against all pairings counted out."""

from itertools import permutations

import numpy as np
import pytest

from schemadiff.core.matching.competition import log_total, probabilities, settled, weights_of


def counted(weights: list[list[float]]) -> tuple[float, list[list[float]]]:
    """The summed weight of all pairings, and the share of it in which each pair is."""
    rows, columns = len(weights), len(weights[0])
    total, shares = 0.0, [[0.0] * columns for _ in range(rows)]
    free = [None] * rows
    for chosen in set(permutations([*range(columns), *free], rows)):
        pairs = [(row, column) for row, column in enumerate(chosen) if column is not None]
        weight = float(np.prod([weights[row][column] for row, column in pairs]))
        total += weight
        for row, column in pairs:
            shares[row][column] += weight
    return total, [[share / total for share in row] for row in shares]


def test_a_single_pair_has_its_own_odds() -> None:
    assert probabilities(np.array([[0.0]]))[0, 0] == pytest.approx(0.5)


def test_without_a_circle_the_probabilities_are_exact() -> None:
    odds = np.array([[2.0, 0.5, -1.0]])
    weights = weights_of(odds)
    total, shares = counted(weights.tolist())
    assert probabilities(odds).tolist() == [pytest.approx(row) for row in shares]
    messages = settled(weights, np.ones_like(weights), np.ones_like(weights))
    assert log_total(weights, *messages) == pytest.approx(np.log(total))


def test_with_circles_they_are_close() -> None:
    odds = np.array([[3.0, 1.0], [0.5, 2.0], [-2.0, 1.5]])
    _, shares = counted(weights_of(odds).tolist())
    assert np.abs(probabilities(odds) - np.array(shares)).max() < 0.05


def test_rivals_take_from_one_another() -> None:
    alone, rivalled = probabilities(np.array([[2.0]])), probabilities(np.array([[2.0, 2.0]]))
    assert rivalled[0, 0] < 0.5 < alone[0, 0]


def test_certainty_does_not_overflow() -> None:
    sure = probabilities(np.array([[900.0, -900.0], [900.0, 900.0]]))
    assert np.isfinite(sure).all()
    assert sure[0, 0] > 0.9 and sure[1, 1] > 0.9


def test_several_tables_at_once_are_as_each_by_itself() -> None:
    one, other = np.array([[1.0, 2.0], [0.0, 1.0]]), np.array([[0.3, -1.0], [2.0, 2.0]])
    both = probabilities(np.stack([one, other]))
    assert np.allclose(both[0], probabilities(one), atol=1e-5)
    assert np.allclose(both[1], probabilities(other), atol=1e-5)
