"""The list of objects on the diff page: filtered, searched, grouped, never more than a page of it."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import groupby

from django.contrib.auth.models import User

from schemadiff.core.changes import Renamed
from schemadiff.core.marks import Mark, counted_changes, mark_of
from schemadiff.core.severity import Severity
from schemadiff.models import ComparedObject, Comparison
from schemadiff.pages.anchors import anchor_of
from schemadiff.pages.comparison_filters import Filters
from schemadiff.pages.words import title_of_kind
from schemadiff.store.compared import Summary, entry_of
from schemadiff.store.compared_list import Grouping, group_counts, hidden_by_sameness, listed
from schemadiff.store.reviews import open_threads

PAGE_SIZE = 100
_PARTS_SHOWN = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedPart:
    """A change within an object, as a link to its row."""

    mark: Mark
    name: str
    query: str
    anchor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedObject:
    key: str
    name: str  # without `public.`
    mark: Mark
    changes: int
    severity: Severity | None
    query: str  # the page with this object chosen
    is_chosen: bool
    is_viewed: bool
    position: int
    threads: int = 0  # comments that nobody has resolved
    parts: tuple[ListedPart, ...] = ()
    more_parts: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """`total` is of all pages; None where it is not counted."""

    title: str
    total: int | None
    entries: tuple[ListedObject, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectList:
    """`more` is the query of the next page, empty on the last. `empty` says why nothing is listed."""

    groups: tuple[Group, ...]
    matching: int
    left: int  # entries on later pages
    more: str
    empty: str

    @property
    def first(self) -> str:
        """What to show when nothing is chosen: something on both sides, if there is any."""
        entries = [entry for group in self.groups for entry in group.entries]
        changed = [entry for entry in entries if entry.mark in (Mark.CHANGED, Mark.RENAMED)]
        return next((entry.key for entry in changed + entries), "")

    def choosing(self, key: str) -> "ObjectList":
        """The same list with that object chosen."""
        groups = (
            replace(group, entries=tuple(replace(e, is_chosen=e.key == key) for e in group.entries))
            for group in self.groups
        )
        return replace(self, groups=tuple(groups))


def object_list(comparison: Comparison, summary: Summary, filters: Filters, user: User) -> ObjectList:
    """One page of what the filters leave, by group."""
    first = (filters.page - 1) * PAGE_SIZE
    wanted = filters.wanted()
    counts = group_counts(comparison, wanted, user)
    rows = listed(comparison, wanted, user, first=first, count=PAGE_SIZE)
    found = sum(counts.values())
    threads = open_threads(comparison, [row.key for row in rows])
    left = max(0, found - first - PAGE_SIZE)
    return ObjectList(
        groups=tuple(
            _group(group, list(entries), counts, threads, filters)
            for group, entries in groupby(rows, key=lambda row: _group_of(row, filters))
        ),
        matching=found,
        left=left,
        more=replace(filters, page=filters.page + 1).query() if left else "",
        empty="" if found else _why_empty(comparison, summary, filters),
    )


def _group_of(row: ComparedObject, filters: Filters) -> str:
    match filters.grouping:
        case Grouping.KIND:
            return row.kind
        case Grouping.CHANGE:
            return row.mark
        case Grouping.SEVERITY:
            return str(row.severity)
        case Grouping.TABLE:
            return "tables" if row.table else ""


def _group(
    group: str,
    rows: list[ComparedObject],
    counts: dict[str, int],
    threads: Counter[str],
    filters: Filters,
) -> Group:
    return Group(
        title=_title(group, filters.grouping),
        total=counts.get(group) if filters.grouping is not Grouping.TABLE else None,
        entries=tuple(_listed(row, threads[row.key], filters) for row in rows),
    )


def _title(group: str, grouping: Grouping) -> str:
    match grouping:
        case Grouping.KIND:
            return title_of_kind(group)
        case Grouping.CHANGE:
            return Mark(group).word.capitalize()
        case Grouping.SEVERITY:
            return Severity(int(group)).word.capitalize() if int(group) else "Same"
        case Grouping.TABLE:
            return "Table by table" if group else "Of no table"


def _listed(row: ComparedObject, threads: int, filters: Filters) -> ListedObject:
    parts = tuple(_parts(row, filters)) if filters.grouping is Grouping.TABLE else ()
    return ListedObject(
        key=row.key,
        name=row.label.removeprefix("public."),
        mark=Mark(row.mark),
        changes=row.changes,
        severity=Severity(row.severity) if row.severity else None,
        query=filters.at_object(row.key).query(),
        is_chosen=row.key == filters.object,
        is_viewed=getattr(row, "viewed", False),
        position=row.position,
        threads=threads,
        parts=parts[:_PARTS_SHOWN],
        more_parts=max(0, len(parts) - _PARTS_SHOWN),
    )


def _parts(row: ComparedObject, filters: Filters) -> Iterator[ListedPart]:
    """What differs inside a table; an object on one side only is one change."""
    entry = entry_of(row)
    for change in counted_changes(entry) if entry else ():
        if change is not (entry.own if entry else None) and filters.shows(mark_of(change)):
            anchor = anchor_of(change.ref)
            name = change.target.name if isinstance(change, Renamed) else change.ref.name
            query = filters.at_object(row.key, anchor).query()
            yield ListedPart(mark=mark_of(change), name=name, query=query, anchor=anchor)


def _why_empty(comparison: Comparison, summary: Summary, filters: Filters) -> str:
    if not summary.differ and not filters.search:
        return "Nothing differs: both schemas are the same."
    if filters.search:
        hidden = 0 if filters.show_same else hidden_by_sameness(comparison, filters.search)
        if hidden:
            noun = "object that is" if hidden == 1 else "objects that are"
            return (
                f"Nothing that differs is called “{filters.search}”. Turn “Hide identical” off: "
                f"{hidden:,} {noun} the same on both sides and called so."
            )
        return f"No object or column is called “{filters.search}”. A part of the name is enough."
    if filters.hide_viewed and not filters.marks and not filters.severities:
        return "Everything that differs has been viewed. Turn “Hide viewed” off to see it again."
    return "Nothing differs in this way. Take a filter off to see the rest."
