"""Pairs the fields of two tables one to one: equal names first, then whatever is likely enough."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np
from scipy.optimize import linear_sum_assignment

from schemadiff.core.matching.competition import Matrix, probabilities
from schemadiff.core.matching.fields import Field, FieldList
from schemadiff.core.matching.places import Places, Surroundings, is_in_place
from schemadiff.core.matching.reasons import reasons_of
from schemadiff.core.matching.scoring import FITTED, Scoring, Weights
from schemadiff.core.matching.terms import reference_terms, table_words, terms_of
from schemadiff.core.matching.values import NOTHING, BothSides

_ROUNDS = 3  # what one round accepts are neighbours for the next
_AHEAD = 1.5  # an accepted pair is so many times as likely as any other of its two fields


class Standing(Enum):
    """How sure the matcher is. Either way a person confirms."""

    EQUAL = "equal"  # both names are equal
    ACCEPTED = "accepted"  # likely, and ahead of every other candidate
    SUGGESTED = "suggested"  # worth a look


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldPair:
    """`score` is a probability; `reasons` say in words what spoke for the pair and against it."""

    source: Field
    target: Field
    standing: Standing
    score: float
    reasons: tuple[str, ...]


def pair_fields(
    source: FieldList,
    target: FieldList,
    tables: Mapping[str, str],
    scoring: Scoring = FITTED,
    *,
    values: BothSides = NOTHING,
) -> tuple[FieldPair, ...]:
    """The pairs in the source's order. `tables` maps source tables to target tables, for foreign keys; `values`
    says what is known of the rows."""
    by_name = {entry.name: entry for entry in target.fields}
    pairs = [_pair_of_equals(entry, by_name[entry.name]) for entry in source.fields if entry.name in by_name]
    equal = {pair.source.name: pair.target.name for pair in pairs}
    pairs.extend(_Matching(source, target, tables, scoring, values).pairs(equal))
    order = {entry.name: place for place, entry in enumerate(source.fields)}
    return tuple(sorted(pairs, key=lambda pair: order[pair.source.name]))


def _pair_of_equals(left: Field, right: Field) -> FieldPair:
    return FieldPair(
        source=left, target=right, standing=Standing.EQUAL, score=1.0, reasons=("the names are equal",)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Candidate:
    source: Field
    target: Field
    figures: tuple[float, ...]
    likely: float
    rival: float  # how likely the best other candidate of either field is

    def is_sure(self, accept_from: float) -> bool:
        return self.likely >= max(accept_from, _AHEAD * self.rival)


class _Matching:
    """One pair of tables: the terms that do not change between rounds are worked out once."""

    def __init__(
        self,
        source: FieldList,
        target: FieldList,
        tables: Mapping[str, str],
        scoring: Scoring,
        values: BothSides,
    ) -> None:
        self._source, self._target, self._tables = source, target, tables
        self._scoring, self._values = scoring, values
        self._words = table_words(source, target)
        self._static: dict[tuple[str, str], tuple[float, ...]] = {}

    def pairs(self, equal: Mapping[str, str]) -> list[FieldPair]:
        paired, accepted, rest = dict(equal), list[FieldPair](), list[_Candidate]()
        weights = self._scoring.weights_of(is_in_place(self._source, self._target))
        for _ in range(_ROUNDS):
            candidates = self._assigned(paired, weights)
            sure = [each for each in candidates if each.is_sure(weights.accept_from)]
            rest = [each for each in candidates if not each.is_sure(weights.accept_from)]
            accepted.extend(self._named(each, Standing.ACCEPTED, weights) for each in sure)
            paired |= {each.source.name: each.target.name for each in sure}
            if not sure:
                break
        return accepted + [self._named(each, Standing.SUGGESTED, weights) for each in rest]

    def _assigned(self, paired: Mapping[str, str], weights: Weights) -> list[_Candidate]:
        """The pairs worth suggesting at least, if no more are known than `paired`."""
        taken = frozenset(paired.values())
        lefts = [entry for entry in self._source.fields if entry.name not in paired]
        rights = [entry for entry in self._target.fields if entry.name not in taken]
        if not lefts or not rights:
            return []
        figures = self._figures(paired, lefts, rights)
        odds = np.array(figures) @ np.array(weights.factors) + weights.bias
        likely = probabilities(odds + self._of_rows(lefts, rights))
        gain = np.where(likely >= weights.suggest_from, likely, 0.0)
        rows, columns = linear_sum_assignment(gain, maximize=True)
        return [
            _Candidate(
                source=lefts[row],
                target=rights[column],
                figures=figures[row][column],
                likely=float(likely[row, column]),
                rival=_rival(likely, row, column),
            )
            for row, column in zip(rows.tolist(), columns.tolist(), strict=True)
            if gain[row, column] > 0
        ]

    def _of_rows(self, lefts: Sequence[Field], rights: Sequence[Field]) -> Matrix:
        if not self._values.source or not self._values.target:
            return np.zeros((len(lefts), len(rights)))
        return np.array([[self._values.odds_of(left, right) for right in rights] for left in lefts])

    def _figures(
        self, paired: Mapping[str, str], lefts: Sequence[Field], rights: Sequence[Field]
    ) -> list[list[tuple[float, ...]]]:
        places = Places(Surroundings(source=self._source, target=self._target, paired=paired))
        return [
            [self._static_terms(left, right) + places.terms_of(left, right) for right in rights]
            for left in lefts
        ]

    def _static_terms(self, left: Field, right: Field) -> tuple[float, ...]:
        key = (left.name, right.name)
        if key not in self._static:
            names_and_types = terms_of(left, right, self._words)
            self._static[key] = names_and_types + reference_terms(left, right, self._tables)
        return self._static[key]

    def _named(self, candidate: _Candidate, standing: Standing, weights: Weights) -> FieldPair:
        source, target, figures = candidate.source, candidate.target, candidate.figures
        return FieldPair(
            source=source,
            target=target,
            standing=standing,
            score=round(candidate.likely, 4),
            reasons=(
                *self._values.reasons_of(source, target),
                *reasons_of(source, target, figures, weights.factors, self._tables),
            ),
        )


def _rival(likely: Matrix, row: int, column: int) -> float:
    others = np.concatenate([np.delete(likely[row], column), np.delete(likely[:, column], row)])
    return float(others.max(initial=0.0))
