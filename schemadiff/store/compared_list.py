"""The objects of a comparison filtered, searched and ordered by the database, a page at a time."""

from dataclasses import dataclass
from enum import StrEnum

from django.contrib.auth.models import User
from django.db.models import Case, Count, Exists, F, IntegerField, OuterRef, Q, QuerySet, Value, When

from schemadiff.core.marks import FILTERED, Mark
from schemadiff.core.objects import Kind
from schemadiff.core.severity import Severity
from schemadiff.models import ComparedObject, Comparison, ViewedMark

FIRST_KINDS = (Kind.TABLE, Kind.VIEW, Kind.FUNCTION)
_MARKS = (Mark.CHANGED, Mark.RENAMED, Mark.REMOVED, Mark.ADDED, Mark.SAME)


class Grouping(StrEnum):
    KIND = "kind"
    TABLE = "table"
    SEVERITY = "severity"
    CHANGE = "change"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """`marks` and `severities` empty: any. `same`: identical objects, too."""

    marks: frozenset[Mark] = frozenset()
    severities: frozenset[Severity] = frozenset()
    search: str = ""
    same: bool = False
    hide_viewed: bool = False
    grouping: Grouping = Grouping.KIND


def listed(
    comparison: Comparison, wanted: Wanted, user: User, *, first: int, count: int
) -> list[ComparedObject]:
    """So many from that one on, each with `viewed`: whether the person has looked at it as it is now."""
    rows = _matching(comparison, wanted, user).order_by(*_order(wanted.grouping))
    if wanted.grouping is not Grouping.TABLE:
        rows = rows.defer("entry")  # only this grouping lists what is in an object
    rows = rows.annotate(viewed=_has_viewed(comparison, user))
    return list(rows.defer("words", "reasons", "references")[first : first + count])


def group_counts(comparison: Comparison, wanted: Wanted, user: User) -> dict[str, int]:
    """How many of all pages are in each group, by kind, severity's number or mark; by table only under ``."""
    rows = _matching(comparison, wanted, user).order_by()
    if wanted.grouping is Grouping.TABLE:
        return {"": rows.count()}
    field = _FIELDS[wanted.grouping]
    return {str(value): n for value, n in rows.values_list(field).annotate(n=Count("pk"))}


def viewed_count(comparison: Comparison, user: User) -> int:
    """How many of the objects that differ the person has looked at as they are now."""
    rows = ComparedObject.objects.filter(comparison=comparison, severity__gt=0)
    return rows.filter(_has_viewed(comparison, user)).count()


def hidden_by_sameness(comparison: Comparison, search: str) -> int:
    """How many identical objects the search would find."""
    rows = ComparedObject.objects.filter(comparison=comparison, severity=0)
    return rows.filter(words__contains=search.lower()).count()


def object_and_mark(comparison: Comparison, key: str, user: User) -> tuple[ComparedObject | None, bool]:
    """One object by its key, and whether the person has looked at it as it is now; one query."""
    rows = ComparedObject.objects.filter(comparison=comparison, key=key)
    row = rows.annotate(viewed=_has_viewed(comparison, user)).first()
    return row, row is not None and row.viewed


_FIELDS = {Grouping.KIND: "kind", Grouping.SEVERITY: "severity", Grouping.CHANGE: "mark"}


def _has_viewed(comparison: Comparison, user: User) -> Exists:
    return Exists(
        ViewedMark.objects.filter(
            project=comparison.project_id,
            source_label=comparison.source.label,
            target_label=comparison.target.label,
            user=user,
            object_key=OuterRef("key"),
            digest=OuterRef("digest"),
        )
    )


def _matching(comparison: Comparison, wanted: Wanted, user: User) -> QuerySet[ComparedObject]:
    rows = ComparedObject.objects.filter(comparison=comparison)
    if not wanted.same:
        rows = rows.filter(severity__gt=0)
    if wanted.marks:
        bits = sum(1 << FILTERED.index(mark) for mark in wanted.marks)
        rows = rows.annotate(common=F("marks").bitand(bits)).filter(common__gt=0)
    if wanted.severities:
        rows = rows.filter(severity__in=wanted.severities)
    if wanted.search:
        rows = rows.filter(words__contains=wanted.search.lower())
    return rows.filter(~_has_viewed(comparison, user)) if wanted.hide_viewed else rows


def _order(grouping: Grouping) -> tuple[Case | str, ...]:
    match grouping:
        case Grouping.KIND:
            return (_ranked("kind", [kind.value for kind in FIRST_KINDS]), "position")
        case Grouping.CHANGE:
            return (_ranked("mark", [mark.value for mark in _MARKS]), "position")
        case Grouping.SEVERITY:
            same_last = Case(
                When(severity=0, then=Value(len(Severity) + 1)),
                default=F("severity"),
                output_field=IntegerField(),
            )
            return (same_last, *_order(Grouping.KIND))
        case Grouping.TABLE:
            of_none = Case(When(Q(table=""), then=1), default=0, output_field=IntegerField())
            is_own = Case(When(Q(kind=Kind.TABLE.value), then=0), default=1, output_field=IntegerField())
            return (of_none, "table", is_own, "position")


def _ranked(field: str, values: list[str]) -> Case:
    places = (When(**{field: value}, then=Value(place)) for place, value in enumerate(values))
    return Case(*places, default=Value(len(values)), output_field=IntegerField())
