"""Computes the matcher's weights from cases with the truth.

    python -m benchmarks.matching_fit CASES.json

Prints both sets for `schemadiff/core/matching/scoring.py`. The likelihood of the true pairing among all
one-to-one pairings is made greatest, with a penalty on great weights; no weight may speak for what it should
speak against. CASES.json are tables that evolved; `matching_independent.json` beside this file holds tables
of different applications that do the same job. The example is in neither.
"""

import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from scipy.optimize import minimize

from benchmarks.matching_examples import AT_PLACES, BIAS, TERMS, Example, examples_of
from schemadiff.core.matching.competition import Matrix, log_total, settled, shares, weights_of
from schemadiff.core.matching.scoring import (
    ACCEPT_IN_PLACE,
    ACCEPT_INDEPENDENT,
    SUGGEST_IN_PLACE,
    SUGGEST_INDEPENDENT,
    Scoring,
    Weights,
)
from schemadiff.core.matching.terms import Term

INDEPENDENT_CASES = Path(__file__).with_name("matching_independent.json")

Case: TypeAlias = dict[str, Any]

_AGAINST = frozenset({Term.OPPOSITE, Term.TYPE_CLASH, Term.REFERENCE_CLASH})
_PENALTY_IN_PLACE = 0.03
_PENALTY_INDEPENDENT = 0.1
_PENALTY_OF_BIAS = 0.01  # as a share of the others'
_LESS_FOR_MANY = 0.8  # a repository with n cases counts as n to the power of one minus this
_NAMES_ONLY_SHARE = 0.3  # how much evolved tables count where places do not
_SIZES = (3, 6, 12, 25, 1000)


def fit(evolved: Sequence[Case], independent: Sequence[Case]) -> Scoring:
    """The independent set is drawn towards the other one, which more cases stand behind."""
    examples = list(_weighed(evolved))
    in_place = _fitted([e for e in examples if e.in_place], _PENALTY_IN_PLACE, np.zeros(TERMS + 2))
    names_only = [e.names_only(_NAMES_ONLY_SHARE) for e in examples]
    others = [e.without_gaps() for case in independent for e in examples_of(case, 1.0)]
    towards = np.array([0.0 if k in AT_PLACES or k >= TERMS else in_place[k] for k in range(TERMS + 2)])
    apart = _fitted(names_only + others, _PENALTY_INDEPENDENT, towards)
    apart[list(AT_PLACES)] = 0.0
    return Scoring(
        in_place=_weights(in_place, ACCEPT_IN_PLACE, SUGGEST_IN_PLACE),
        independent=_weights(apart, ACCEPT_INDEPENDENT, SUGGEST_INDEPENDENT),
    )


def read_cases(path: Path) -> list[Case]:
    cases: list[Case] = json.loads(path.read_text(encoding="utf-8"))["cases"]
    return cases


def _weighed(cases: Sequence[Case]) -> Iterator[Example]:
    counts = Counter(case["repo"] for case in cases)
    scale = len(cases) / sum(count ** (1 - _LESS_FOR_MANY) for count in counts.values())
    for case in cases:
        yield from examples_of(case, scale * counts[case["repo"]] ** -_LESS_FOR_MANY)


def _weights(found: Matrix, accept_from: float, suggest_from: float) -> Weights:
    return Weights(
        factors=tuple(round(float(each), 2) + 0.0 for each in found[:TERMS]),
        bias=round(float(found[BIAS]), 2),
        accept_from=accept_from,
        suggest_from=suggest_from,
    )


@dataclass(slots=True)
class _Batch:
    """Examples of similar size side by side, filled up with fields that pair with nothing."""

    figures: Matrix
    truth: Matrix
    there: Matrix
    weights: Matrix
    left: Matrix
    right: Matrix

    def loss(self, guess: Matrix) -> tuple[float, Matrix]:
        """How unlikely the truth is, and in which direction it gets more unlikely."""
        odds = self.figures @ guess
        weights = weights_of(odds) * self.there
        self.left, self.right = settled(weights, self.left, self.right)
        total = log_total(weights, self.left, self.right)
        likely = shares(weights, self.left, self.right)
        loss = float((self.weights * (total - (self.truth * odds).sum(axis=(1, 2)))).sum())
        surplus = self.weights[:, None, None] * (likely - self.truth) * self.there
        return loss, np.tensordot(surplus, self.figures, axes=3)


def _fitted(examples: Sequence[Example], penalty: float, towards: Matrix) -> Matrix:
    batches = _batches(examples)
    penalties = penalty * np.array([1.0] * TERMS + [_PENALTY_OF_BIAS] * 2)

    def loss(guess: Matrix) -> tuple[float, Matrix]:
        losses, slopes = zip(*(batch.loss(guess) for batch in batches), strict=True)
        away = guess - towards
        return sum(losses) + float(penalties @ away**2), sum(slopes) + 2 * penalties * away

    bounds = [(None, 0.0) if term in _AGAINST else (0.0, None) for term in Term] + [(None, None)] * 2
    start = np.array([0.0] * TERMS + [-5.0] * 2)
    result = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 300})
    found: Matrix = result.x
    return found


def _batches(examples: Iterable[Example]) -> list[_Batch]:
    by_size: dict[int, list[Example]] = defaultdict(list)
    for example in examples:
        by_size[next(size for size in _SIZES if max(example.truth.shape) <= size)].append(example)
    return [_batch(group) for _, group in sorted(by_size.items())]


def _batch(group: Sequence[Example]) -> _Batch:
    rows, columns = (max(example.truth.shape[axis] for example in group) for axis in (0, 1))
    shape = (len(group), rows, columns)
    figures, truth, there = np.zeros((*shape, TERMS + 2)), np.zeros(shape), np.zeros(shape)
    for number, example in enumerate(group):
        high, wide = example.truth.shape
        figures[number, :high, :wide] = example.figures
        truth[number, :high, :wide] = example.truth
        there[number, :high, :wide] = 1.0
    weights = np.array([example.weight for example in group])
    return _Batch(figures, truth, there, weights, np.ones(shape), np.ones(shape))


def _listed(name: str, weights: Weights) -> str:
    lines = [f"    Term.{term.name}: {factor}," for term, factor in zip(Term, weights.factors, strict=True)]
    return "\n".join((f"{name} = {{", *lines, "}", f"{name}_BIAS = {weights.bias}"))


def main(arguments: list[str]) -> int:
    if len(arguments) != 1:
        print("Usage: python -m benchmarks.matching_fit CASES.json", file=sys.stderr)
        return 1
    scoring = fit(read_cases(Path(arguments[0])), read_cases(INDEPENDENT_CASES))
    print(_listed("_IN_PLACE", scoring.in_place))
    print(_listed("_INDEPENDENT", scoring.independent))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
