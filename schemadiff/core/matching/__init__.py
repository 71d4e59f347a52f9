"""Which column became which: named terms, a score, an assignment one to one, and reasons in words."""

from schemadiff.core.matching.assignment import FieldPair, Standing, near_misses, pair_fields
from schemadiff.core.matching.cases import match_cases
from schemadiff.core.matching.fields import Field, FieldList, source_fields, target_fields
from schemadiff.core.matching.suggestion import left_over, suggest
from schemadiff.core.matching.values import Profiles

__all__ = [
    "Field",
    "FieldList",
    "FieldPair",
    "Profiles",
    "Standing",
    "left_over",
    "match_cases",
    "near_misses",
    "pair_fields",
    "source_fields",
    "suggest",
    "target_fields",
]
