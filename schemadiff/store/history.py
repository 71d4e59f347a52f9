"""Comparisons of the same two sides through time, and what differs in one and not in another."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from schemadiff.models import ComparedObject, Comparison


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """An object that differs in a comparison; `digest` says how."""

    key: str
    label: str
    kind: str
    mark: str
    changes: int
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What became of the differences from one comparison to a later one, each by the objects' order."""

    begun: tuple[Difference, ...]  # differ only in the later one
    gone: tuple[Difference, ...]  # differed only in the earlier one
    other: tuple[Difference, ...]  # differ in both, not in the same way; as the later one has them
    same: int


def comparisons_of_sides(comparison: Comparison, count: int) -> list[Comparison]:
    """Those of the same two sides, the newest first, this one among them; one query."""
    rows = Comparison.objects.filter(
        project=comparison.project_id,
        source__label=comparison.source.label,
        target__label=comparison.target.label,
    )
    rows = rows.select_related("project", "source", "target", "created_by").order_by("-number")
    rows = rows.defer("source__catalog", "target__catalog", "tables", "protected")
    return list(rows[:count])


def differences_of(comparisons: Iterable[Comparison]) -> dict[int, dict[str, Difference]]:
    """What differs in each, by the comparison's id and the object's key; one query for all."""
    found: defaultdict[int, dict[str, Difference]] = defaultdict(dict)
    rows = ComparedObject.objects.filter(comparison__in=[one.pk for one in comparisons], severity__gt=0)
    names = ("comparison_id", "key", "label", "kind", "mark", "changes", "digest")
    for comparison, key, label, kind, mark, changes, digest in rows.order_by("position").values_list(*names):
        found[comparison][key] = Difference(
            key=key, label=label, kind=kind, mark=mark, changes=changes, digest=digest
        )
    return found


def turn(earlier: dict[str, Difference], later: dict[str, Difference]) -> Turn:
    """From one to the other."""
    both = [one for key, one in later.items() if key in earlier]
    other = tuple(one for one in both if earlier[one.key].digest != one.digest)
    return Turn(
        begun=tuple(one for key, one in later.items() if key not in earlier),
        gone=tuple(one for key, one in earlier.items() if key not in later),
        other=other,
        same=len(both) - len(other),
    )
