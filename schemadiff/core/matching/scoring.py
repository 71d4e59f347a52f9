"""How much each term weighs, and the probability that comes of it.

The weights are those of a logistic regression over the pairs of differing names in real histories of tables
(`benchmarks/matching.py` measures them on any file of such cases). Two sets: where one table evolved from the
other in place, a renamed column keeps its place; where two schemas were written independently, places say
little and words more.
"""

import math

from schemadiff.core.matching.terms import Term

ACCEPT_FROM = 0.4  # a probability
SUGGEST_FROM = 0.15
MARGIN = 0.5  # how far ahead of the runner-up an accepted pair must be, in log-odds

_IN_PLACE = {
    Term.SHARED: 2.3,
    Term.SYNONYMS: 2.1,
    Term.HEAD: 0.3,
    Term.EDIT: 1.2,
    Term.INSIDE: 0.35,
    Term.OPPOSITE: -1.2,
    Term.SAME_TYPE: 0.55,
    Term.SAME_FAMILY: 0.35,
    Term.TYPE_CLASH: -2.4,
    Term.TELLING_TYPE: -0.3,
    Term.FLAGS: 3.75,
    Term.SAME_REFERENCE: 1.7,
    Term.REFERENCE_CLASH: -2.3,
    Term.NEIGHBOURS: 5.0,
    Term.SAME_GAP: 2.05,
    Term.ALONE: 0.75,
}
_IN_PLACE_BIAS = -10.4

_INDEPENDENT = {
    Term.SHARED: 0.35,
    Term.SYNONYMS: 4.45,
    Term.HEAD: 0.15,
    Term.EDIT: 0.85,
    Term.INSIDE: 0.75,
    Term.OPPOSITE: -1.35,
    Term.SAME_TYPE: 0.8,
    Term.SAME_FAMILY: 0.3,
    Term.TYPE_CLASH: -2.2,
    Term.TELLING_TYPE: -0.7,
    Term.FLAGS: 3.25,
    Term.SAME_REFERENCE: 2.4,
    Term.REFERENCE_CLASH: -0.65,
    Term.NEIGHBOURS: 2.05,
    Term.SAME_GAP: 0.0,
    Term.ALONE: 0.0,
}
_INDEPENDENT_BIAS = -7.85

IN_PLACE = (tuple(_IN_PLACE[term] for term in Term), _IN_PLACE_BIAS)
INDEPENDENT = (tuple(_INDEPENDENT[term] for term in Term), _INDEPENDENT_BIAS)


def log_odds(figures: tuple[float, ...], weights: tuple[tuple[float, ...], float]) -> float:
    """`figures` in the order of `Term`."""
    factors, bias = weights
    return bias + sum(figure * factor for figure, factor in zip(figures, factors, strict=True))


def probability(odds: float) -> float:
    return 1 / (1 + math.exp(-odds))


def as_log_odds(share: float) -> float:
    return math.log(share / (1 - share))
