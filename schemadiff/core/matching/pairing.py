"""The assignment of rows to columns, one to one, that gains most."""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Matrix: TypeAlias = NDArray[np.float64]


def best_pairs(gain: Matrix) -> list[tuple[int, int]]:
    """Row and column of each pair, by row."""
    # Imported when something is matched: it takes as long as everything else that a command imports.
    from scipy.optimize import linear_sum_assignment

    rows, columns = linear_sum_assignment(gain, maximize=True)
    return list(zip(rows.tolist(), columns.tolist(), strict=True))
