"""What has changed of that on which the decision in force rests, each with a link to the difference."""

from dataclasses import dataclass

from django.urls import reverse

from schemadiff.models import Decision
from schemadiff.store import Moved, Movement, movements


@dataclass(frozen=True, slots=True, kw_only=True)
class MovedLine:
    sentence: str
    url: str
    label: str  # of the link


@dataclass(frozen=True, slots=True, kw_only=True)
class MovedBanner:
    """`lines` is never empty. Who may not see schemas has no use for the links."""

    pk: int
    option: str
    lines: tuple[MovedLine, ...]
    is_serious: bool


def moved_banner(decision: Decision | None, slug: str) -> MovedBanner | None:
    """None where there is no decision, or nothing has moved."""
    found = movements(decision) if decision else ()
    if decision is None or not found:
        return None
    return MovedBanner(
        pk=decision.pk,
        option=decision.option,
        lines=tuple(_line(each, slug, decision.comparison.number) for each in found),
        is_serious=any(each.is_serious for each in found),
    )


def _line(moved: Movement, slug: str, number: int) -> MovedLine:
    match moved.what:
        case Moved.SOURCE | Moved.TARGET if moved.later is not None:
            since = reverse("schemadiff:comparison_since", args=[slug, moved.later])
            url, label = f"{since}?with={number}", f"What has changed since #{number}"
        case Moved.SOURCE | Moved.TARGET:
            url, label = reverse("schemadiff:comparison_new", args=[slug]), "Compare again"
        case Moved.MAPPING:
            url, label = reverse("schemadiff:mapping", args=[slug, number]), "The mapping now"
        case Moved.SCOPE:
            url, label = reverse("schemadiff:comparison_scope", args=[slug, number]), "The tables now"
        case Moved.CHOICES:
            url, label = reverse("schemadiff:options", args=[slug, number]), "The options now"
        case Moved.QUERIES:
            url, label = reverse("schemadiff:queries", args=[slug]), "The queries now"
    return MovedLine(sentence=moved.sentence, url=url, label=label)
