"""Pairs the fields of two tables one to one: equal names first, then whatever is likely enough."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np

from schemadiff.core.mapping import Certainty
from schemadiff.core.matching.comments import said_by_comments
from schemadiff.core.matching.competition import Matrix, probabilities
from schemadiff.core.matching.fields import Field, FieldList
from schemadiff.core.matching.pairing import best_pairs
from schemadiff.core.matching.places import Places, Surroundings, is_in_place
from schemadiff.core.matching.reasons import reasons_of
from schemadiff.core.matching.scoring import FITTED, Scoring, Weights
from schemadiff.core.matching.terms import reference_terms, table_words, terms_of
from schemadiff.core.matching.values import NOTHING, BothSides

_ROUNDS = 3  # what one round accepts are neighbours for the next
_RIVALS_NAMED = 3
_NEAR = 0.4  # of what is suggested: from there on it is told as nearly
_AHEAD = 1.5  # an accepted pair is so many times as likely as any other of its two fields


class Standing(Enum):
    """How sure the matcher is. Either way a person confirms."""

    EQUAL = "equal"  # both names are equal
    ACCEPTED = "accepted"  # likely, and ahead of every other candidate
    SUGGESTED = "suggested"  # worth a look
    LEFT_OUT = "left out"  # nearly


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldPair:
    """`score` is a probability; `reasons` say in words what spoke for the pair and against it."""

    source: Field
    target: Field
    standing: Standing
    score: float
    reasons: tuple[str, ...]
    certainty: Certainty = Certainty.UNAMBIGUOUS


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


def near_misses(
    source: FieldList,
    target: FieldList,
    tables: Mapping[str, str],
    taken: Mapping[str, str],
    scoring: Scoring = FITTED,
    *,
    values: BothSides = NOTHING,
) -> tuple[FieldPair, ...]:
    """What was not likely enough to be suggested and is not far from it: for each target field that is left the
    likeliest source field, if `taken` (source to target) is paired. In the target's order."""
    return tuple(_Matching(source, target, tables, scoring, values).near(taken))


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
    rivals: tuple[tuple[str, str, float], ...] = ()  # pairs of names nearly as likely

    def certainty(self, accept_from: float) -> Certainty:
        if self.likely < _AHEAD * self.rival:
            return Certainty.AMBIGUOUS
        return Certainty.UNAMBIGUOUS if self.likely >= accept_from else Certainty.NEAR_MISS

    def is_sure(self, accept_from: float) -> bool:
        return self.certainty(accept_from) is Certainty.UNAMBIGUOUS

    def doubts(self, accept_from: float) -> tuple[str, ...]:
        """Why it is not taken for sure, in words."""
        match self.certainty(accept_from):
            case Certainty.AMBIGUOUS:
                others = ", ".join(f"{one} → {other} ({likely:.0%})" for one, other, likely in self.rivals)
                return (f"as likely, or nearly: {others}",)
            case Certainty.NEAR_MISS:
                return (
                    f"but {self.likely:.0%} is less than the {accept_from:.0%} from which it would be sure",
                )
            case Certainty.UNAMBIGUOUS:
                return ()


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

    def near(self, taken: Mapping[str, str]) -> Iterator[FieldPair]:
        weights = self._scoring.weights_of(is_in_place(self._source, self._target))
        lefts, rights, figures, likely = self._likely(taken, weights)
        for column in range(likely.shape[1]) if lefts else ():
            row = int(likely[:, column].argmax())
            if likely[row, column] < _NEAR * weights.suggest_from:
                continue
            found = _Candidate(
                source=lefts[row],
                target=rights[column],
                figures=figures[row][column],
                likely=float(likely[row, column]),
                rival=0.0,
            )
            yield self._named(found, Standing.LEFT_OUT, weights)

    def _assigned(self, paired: Mapping[str, str], weights: Weights) -> list[_Candidate]:
        """The pairs worth suggesting at least, if no more are known than `paired`."""
        lefts, rights, figures, likely = self._likely(paired, weights)
        gain = np.where(likely >= weights.suggest_from, likely, 0.0)
        return [
            _Candidate(
                source=lefts[row],
                target=rights[column],
                figures=figures[row][column],
                likely=float(likely[row, column]),
                rival=_rival(likely, row, column),
                rivals=tuple(
                    (lefts[r].name, rights[c].name, round(float(likely[r, c]), 4))
                    for r, c in _rivals(likely, row, column)
                ),
            )
            for row, column in best_pairs(gain)
            if gain[row, column] > 0
        ]

    def _likely(
        self, paired: Mapping[str, str], weights: Weights
    ) -> tuple[list[Field], list[Field], list[list[tuple[float, ...]]], Matrix]:
        """The fields that are left on either side, the terms of each pair of them, and how likely it is."""
        taken = frozenset(paired.values())
        lefts = [entry for entry in self._source.fields if entry.name not in paired]
        rights = [entry for entry in self._target.fields if entry.name not in taken]
        if not lefts or not rights:
            return [], [], [], np.zeros((0, 0))
        figures = self._figures(paired, lefts, rights)
        odds = np.array(figures) @ np.array(weights.factors) + weights.bias
        odds = odds + self._of_rows(lefts, rights) + _of_comments(lefts, rights)
        return lefts, rights, figures, probabilities(odds)

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
            certainty=candidate.certainty(weights.accept_from),
            reasons=(
                *candidate.doubts(weights.accept_from),
                *self._values.reasons_of(source, target),
                *_reason_of_comments(source, target),
                *reasons_of(source, target, figures, weights.factors, self._tables),
            ),
        )


def _of_comments(lefts: Sequence[Field], rights: Sequence[Field]) -> Matrix:
    if not any(field.comment for field in (*lefts, *rights)):
        return np.zeros((len(lefts), len(rights)))
    return np.array([[said_by_comments(left, right).odds for right in rights] for left in lefts])


def _reason_of_comments(left: Field, right: Field) -> tuple[str, ...]:
    said = said_by_comments(left, right)
    return (said.reason,) if said.odds else ()


def _rivals(likely: Matrix, row: int, column: int) -> list[tuple[int, int]]:
    """The other places of the row and the column that stand in the way of being sure, the likeliest first."""
    places = [
        *((row, other) for other in range(likely.shape[1]) if other != column),
        *((other, column) for other in range(likely.shape[0]) if other != row),
    ]
    near = [place for place in places if likely[row, column] < _AHEAD * likely[place]]
    return sorted(near, key=lambda place: -likely[place])[:_RIVALS_NAMED]


def _rival(likely: Matrix, row: int, column: int) -> float:
    others = np.concatenate([np.delete(likely[row], column), np.delete(likely[:, column], row)])
    return float(others.max(initial=0.0))
