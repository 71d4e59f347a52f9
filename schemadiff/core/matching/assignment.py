"""Pairs the fields of two tables one to one: equal names first, then whatever is likely enough."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np
from scipy.optimize import linear_sum_assignment

from schemadiff.core.matching.fields import Field, FieldList
from schemadiff.core.matching.reasons import reasons_of
from schemadiff.core.matching.scoring import (
    ACCEPT_FROM,
    IN_PLACE,
    INDEPENDENT,
    MARGIN,
    SUGGEST_FROM,
    as_log_odds,
    log_odds,
    probability,
)
from schemadiff.core.matching.terms import Places, Surroundings, reference_terms, terms_of

_ROUNDS = 3  # what one round accepts are neighbours for the next


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


def pair_fields(source: FieldList, target: FieldList, tables: Mapping[str, str]) -> tuple[FieldPair, ...]:
    """The pairs in the source's order. `tables` maps source tables to target tables, for foreign keys."""
    by_name = {entry.name: entry for entry in target.fields}
    pairs = [_pair_of_equals(entry, by_name[entry.name]) for entry in source.fields if entry.name in by_name]
    equal = {pair.source.name: pair.target.name for pair in pairs}
    pairs.extend(_Matching(source, target, tables).pairs(equal))
    order = {entry.name: place for place, entry in enumerate(source.fields)}
    return tuple(sorted(pairs, key=lambda pair: order[pair.source.name]))


def _pair_of_equals(left: Field, right: Field) -> FieldPair:
    return FieldPair(
        source=left, target=right, standing=Standing.EQUAL, score=1.0, reasons=("the names are equal",)
    )


@dataclass(frozen=True, slots=True)
class _Candidate:
    source: Field
    target: Field
    figures: tuple[float, ...]
    odds: float
    lead: float  # over the better one of both fields' other candidates


class _Matching:
    """One pair of tables: the terms that do not change between rounds are worked out once."""

    def __init__(self, source: FieldList, target: FieldList, tables: Mapping[str, str]) -> None:
        self._source, self._target, self._tables = source, target, tables
        self._static: dict[tuple[str, str], tuple[float, ...]] = {}

    def pairs(self, equal: Mapping[str, str]) -> list[FieldPair]:
        paired, accepted, rest = dict(equal), list[FieldPair](), list[_Candidate]()
        around = Surroundings(source=self._source, target=self._target, paired=paired)
        weights = IN_PLACE if around.in_place else INDEPENDENT
        for _ in range(_ROUNDS):
            likely, rest = self._round(
                Surroundings(source=self._source, target=self._target, paired=paired), weights
            )
            accepted.extend(
                _named(candidate, Standing.ACCEPTED, weights, self._tables) for candidate in likely
            )
            paired |= {candidate.source.name: candidate.target.name for candidate in likely}
            if not likely:
                break
        return accepted + [_named(candidate, Standing.SUGGESTED, weights, self._tables) for candidate in rest]

    def _round(
        self, around: Surroundings, weights: tuple[tuple[float, ...], float]
    ) -> tuple[list[_Candidate], list[_Candidate]]:
        """What to accept now, and what to suggest if nothing more can be accepted."""
        likely, rest = list[_Candidate](), list[_Candidate]()
        for candidate in self._assigned(around, weights):
            sure = probability(candidate.odds) >= ACCEPT_FROM and candidate.lead >= MARGIN
            (likely if sure else rest).append(candidate)
        return likely, rest

    def _assigned(self, around: Surroundings, weights: tuple[tuple[float, ...], float]) -> list[_Candidate]:
        taken = frozenset(around.paired.values())
        lefts = [entry for entry in self._source.fields if entry.name not in around.paired]
        rights = [entry for entry in self._target.fields if entry.name not in taken]
        if not lefts or not rights:
            return []
        figures = self._figures(around, lefts, rights)
        odds = np.array([[log_odds(each, weights) for each in row] for row in figures])
        # Clipped, so that a pair below the point of abstention gains nothing by being assigned.
        gain = np.maximum(odds, as_log_odds(SUGGEST_FROM)) - as_log_odds(SUGGEST_FROM)
        rows, columns = linear_sum_assignment(gain, maximize=True)
        return [
            _Candidate(
                lefts[row], rights[column], figures[row][column], odds[row, column], _lead(odds, row, column)
            )
            for row, column in zip(rows.tolist(), columns.tolist(), strict=True)
            if gain[row, column] > 0
        ]

    def _figures(
        self, around: Surroundings, lefts: Sequence[Field], rights: Sequence[Field]
    ) -> list[list[tuple[float, ...]]]:
        places, words = Places(around), around.table_words
        return [
            [self._static_terms(left, right, words) + places.terms_of(left, right) for right in rights]
            for left in lefts
        ]

    def _static_terms(self, left: Field, right: Field, words: frozenset[str]) -> tuple[float, ...]:
        key = (left.name, right.name)
        if key not in self._static:
            self._static[key] = terms_of(left, right, words) + reference_terms(left, right, self._tables)
        return self._static[key]


def _lead(odds: np.ndarray, row: int, column: int) -> float:
    others = np.concatenate([np.delete(odds[row], column), np.delete(odds[:, column], row)])
    return float(odds[row, column] - others.max()) if others.size else float("inf")


def _named(
    candidate: _Candidate,
    standing: Standing,
    weights: tuple[tuple[float, ...], float],
    tables: Mapping[str, str],
) -> FieldPair:
    return FieldPair(
        source=candidate.source,
        target=candidate.target,
        standing=standing,
        score=round(probability(candidate.odds), 4),
        reasons=reasons_of(candidate.source, candidate.target, candidate.figures, weights[0], tables),
    )
