"""How likely each pair is once all candidates compete, each field for one partner or none.

The marginals of the distribution over all one-to-one pairings (monomers and dimers), in which a pairing's
weight is the product of its pairs' odds; by belief propagation, which settles for this distribution.
All arrays may have leading dimensions: several pairs of tables at once.
"""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Matrix: TypeAlias = NDArray[np.float64]

_ROUNDS = 60
_SETTLED = 1e-7
_LEAST, _GREATEST = -30.0, 20.0  # log-odds beyond which nothing changes but the arithmetic


def probabilities(odds: Matrix) -> Matrix:
    """`odds` are log-odds, a row for each source field and a column for each target field."""
    weights = weights_of(odds)
    return shares(weights, *settled(weights, np.ones_like(weights), np.ones_like(weights)))


def weights_of(odds: Matrix) -> Matrix:
    weights: Matrix = np.exp(np.clip(odds, _LEAST, _GREATEST))
    return weights


def settled(weights: Matrix, left: Matrix, right: Matrix) -> tuple[Matrix, Matrix]:
    """For each pair how likely its source field, and its target field, would be free without it.

    `left` and `right` are where to start from: ones, or what a similar distribution settled on.
    """
    for _ in range(_ROUNDS):
        newer_left = _free_without(weights * right, axis=-1)
        newer_right = _free_without(weights * newer_left, axis=-2)
        moved = max(np.abs(newer_left - left).max(), np.abs(newer_right - right).max())
        left, right = newer_left, newer_right
        if moved < _SETTLED:
            break
    return left, right


def shares(weights: Matrix, left: Matrix, right: Matrix) -> Matrix:
    """The probability of each pair."""
    both = weights * left * right
    result: Matrix = both / (1 + both)
    return result


def log_total(weights: Matrix, left: Matrix, right: Matrix) -> Matrix:
    """The logarithm of the summed weights of all pairings, as Bethe's free energy gives it."""
    sources = np.log1p((weights * right).sum(axis=-1)).sum(axis=-1)
    targets = np.log1p((weights * left).sum(axis=-2)).sum(axis=-1)
    result: Matrix = sources + targets - np.log1p(weights * left * right).sum(axis=(-2, -1))
    return result


def _free_without(claims: Matrix, axis: int) -> Matrix:
    others = np.maximum(claims.sum(axis=axis, keepdims=True) - claims, 0.0)
    free: Matrix = 1 / (1 + others)
    return free
