"""A comparison's suggestions made anew, beside what was decided."""

from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q

from schemadiff.core.mapping import Mapping, PairStatus, QualifiedName
from schemadiff.core.matching.again import beside
from schemadiff.core.matching.learnt import VERSION
from schemadiff.models import Comparison, Pair
from schemadiff.store.evidence import forget_measures
from schemadiff.store.mappings import add_pairs, mapping_of

_WAITING = Q(status=PairStatus.SUGGESTED.value, decided_at__isnull=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rematched:
    """How many pairs are suggested that were not before, and how many are no longer."""

    new: int
    gone: int


def rematch(comparison: Comparison, suggested: Mapping) -> Rematched:
    """Give way to these suggestions what nobody has decided; what is confirmed, rejected or reopened stays.

    What was measured on the old mapping is void if anything changed.
    """
    with transaction.atomic():
        Comparison.objects.select_for_update(of=("self",)).only("pk").get(pk=comparison.pk)
        before = _pairs(mapping_of(comparison))
        Pair.objects.filter(_WAITING, comparison=comparison).delete()
        kept = mapping_of(comparison)
        add_pairs(comparison, beside(kept, suggested))
        Comparison.objects.filter(pk=comparison.pk).update(matched_by=VERSION)
        after = _pairs(mapping_of(comparison))
        if before != after:
            forget_measures(comparison)
    return Rematched(new=len(after - before), gone=len(before - after))


def _pairs(mapping: Mapping) -> set[tuple[QualifiedName, QualifiedName, str | None, str]]:
    return {
        (entry.source, entry.target, pair.source, pair.target)
        for entry in mapping.tables
        for pair in entry.pairs
    }
