"""How much each term weighs, and from which probability on a pair is accepted or suggested.

`python -m benchmarks.matching_fit` computes the weights and writes them as they stand here;
docs/reference/matching.md says from what, and how well they do on what they were not computed from.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from schemadiff.core.matching.terms import Term


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """`factors` in the order of `Term`; a pair's log-odds are `bias` and the sum of figures times factors."""

    factors: tuple[float, ...]
    bias: float
    accept_from: float  # probabilities
    suggest_from: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Scoring:
    """Two sets: where a table evolved in place a renamed column keeps its place, elsewhere words say more."""

    in_place: Weights
    independent: Weights

    def weights_of(self, in_place: bool) -> Weights:
        return self.in_place if in_place else self.independent


ACCEPT_IN_PLACE, SUGGEST_IN_PLACE = 0.7, 0.45
ACCEPT_INDEPENDENT, SUGGEST_INDEPENDENT = 0.4, 0.15
"""Most columns of a table that evolved in place are not renamed, and most of its unpaired ones were dropped
or added; of two tables written independently most unpaired columns may well correspond."""


def _ordered(factors: Mapping[Term, float]) -> tuple[float, ...]:
    return tuple(factors[term] for term in Term)


_IN_PLACE = {
    Term.KINDRED: 1.76,
    Term.HEAD: 1.24,
    Term.EDIT: 1.93,
    Term.ROLE: 2.17,
    Term.OPPOSITE: -0.01,
    Term.SAME_TYPE: 0.0,
    Term.SAME_FAMILY: 3.31,
    Term.TYPE_CLASH: -2.0,
    Term.NULLS: 1.67,
    Term.DEFAULTS: 3.86,
    Term.SAME_REFERENCE: 1.79,
    Term.REFERENCE_CLASH: -3.59,
    Term.ONLY_OF_SORT: 0.0,
    Term.NEIGHBOURS: 0.0,
    Term.SAME_GAP: 8.01,
    Term.IN_STEP: 4.61,
    Term.AT_THE_END: 4.92,
    Term.IN_STEP_AT_THE_END: 1.45,
}
_IN_PLACE_BIAS = -17.09

_INDEPENDENT = {
    Term.KINDRED: 4.99,
    Term.HEAD: 1.24,
    Term.EDIT: 2.22,
    Term.ROLE: 1.62,
    Term.OPPOSITE: -0.07,
    Term.SAME_TYPE: 1.1,
    Term.SAME_FAMILY: 1.29,
    Term.TYPE_CLASH: 0.0,
    Term.NULLS: 0.81,
    Term.DEFAULTS: 1.5,
    Term.SAME_REFERENCE: 2.24,
    Term.REFERENCE_CLASH: -2.45,
    Term.ONLY_OF_SORT: 0.93,
    Term.NEIGHBOURS: 1.26,
    Term.SAME_GAP: 0.0,
    Term.IN_STEP: 0.0,
    Term.AT_THE_END: 0.0,
    Term.IN_STEP_AT_THE_END: 0.0,
}
_INDEPENDENT_BIAS = -10.62

FITTED = Scoring(
    in_place=Weights(
        factors=_ordered(_IN_PLACE),
        bias=_IN_PLACE_BIAS,
        accept_from=ACCEPT_IN_PLACE,
        suggest_from=SUGGEST_IN_PLACE,
    ),
    independent=Weights(
        factors=_ordered(_INDEPENDENT),
        bias=_INDEPENDENT_BIAS,
        accept_from=ACCEPT_INDEPENDENT,
        suggest_from=SUGGEST_INDEPENDENT,
    ),
)
