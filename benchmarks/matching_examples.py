"""What the matcher's weights are computed from: the figures of all candidate pairs of a case, and the truth."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np

from schemadiff.core.matching.cases import fields_of
from schemadiff.core.matching.competition import Matrix
from schemadiff.core.matching.fields import FieldList
from schemadiff.core.matching.places import Places, Surroundings, is_in_place
from schemadiff.core.matching.terms import Term, reference_terms, table_words, terms_of

Case: TypeAlias = dict[str, Any]
Pairs: TypeAlias = list[tuple[str, str]]

TERMS = len(Term)
BIAS = TERMS
"""The place of the figure that is always 1; the one after it is 1 instead where only names are looked at."""

_ORDER = list(Term)
AT_PLACES = tuple(
    _ORDER.index(term) for term in (Term.SAME_GAP, Term.IN_STEP, Term.AT_THE_END, Term.IN_STEP_AT_THE_END)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A row for each unpaired source field, a column for each unpaired target field."""

    figures: Matrix
    truth: Matrix
    weight: float
    in_place: bool

    def names_only(self, share: float) -> "Example":
        """As if nothing were known of places, with a bias of its own, counting `share` as much."""
        figures = self.without_gaps().figures
        figures[:, :, _ORDER.index(Term.NEIGHBOURS)] = 0.0
        figures[:, :, BIAS], figures[:, :, BIAS + 1] = 0.0, 1.0
        return replace(self, figures=figures, weight=self.weight * share)

    def without_gaps(self) -> "Example":
        figures = self.figures.copy()
        figures[:, :, list(AT_PLACES)] = 0.0
        return replace(self, figures=figures)


def examples_of(case: Case, weight: float) -> Iterator[Example]:
    """The case with no rename known yet, and with all but one of them known, as in the matcher's rounds."""
    source, target = fields_of(case)
    names = {entry.name for entry in target.fields}
    equal = [(entry.name, entry.name) for entry in source.fields if entry.name in names]
    renames = [(left, right) for left, right in case["renames"] if left not in names]
    rounds = [equal]
    if len(renames) > 1:
        rounds.extend(equal + [other for other in renames if other != each] for each in renames)
    for known in rounds:
        example = _example(source, target, known, renames, weight / len(rounds))
        if example:
            yield example


def _example(
    source: FieldList, target: FieldList, known: Pairs, renames: Pairs, weight: float
) -> Example | None:
    paired = dict(known)
    taken = set(paired.values())
    lefts = [entry for entry in source.fields if entry.name not in paired]
    rights = [entry for entry in target.fields if entry.name not in taken]
    if not lefts or not rights:
        return None
    places = Places(Surroundings(source=source, target=target, paired=paired))
    words, tables = table_words(source, target), {source.table: target.table}
    figures = [
        [
            (
                *terms_of(left, right, words),
                *reference_terms(left, right, tables),
                *places.terms_of(left, right),
                1.0,
                0.0,
            )
            for right in rights
        ]
        for left in lefts
    ]
    truth = [[float((left.name, right.name) in renames) for right in rights] for left in lefts]
    return Example(
        figures=np.array(figures),
        truth=np.array(truth),
        weight=weight,
        in_place=is_in_place(source, target),
    )
