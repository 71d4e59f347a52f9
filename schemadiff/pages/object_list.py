"""The list of objects on the diff page: filtered, searched, grouped, never more than a page of it."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import groupby

from schemadiff.core.catalog import Catalog, Kind, Table, View
from schemadiff.core.changes import Diff, ObjectDiff
from schemadiff.pages.comparison_filters import (
    FILTERED,
    Filters,
    Grouping,
    Mark,
    counted_changes,
    mark_of,
    object_mark,
)

PAGE_SIZE = 100

_TITLES = {
    Kind.SCHEMA: "Schemas",
    Kind.EXTENSION: "Extensions",
    Kind.ENUM: "Enums",
    Kind.DOMAIN: "Domains",
    Kind.COMPOSITE: "Composite types",
    Kind.RANGE: "Range types",
    Kind.SEQUENCE: "Sequences",
    Kind.TABLE: "Tables",
    Kind.VIEW: "Views",
    Kind.FUNCTION: "Functions",
}
_KIND_ORDER = (
    Kind.TABLE,
    Kind.VIEW,
    Kind.FUNCTION,
    Kind.ENUM,
    Kind.DOMAIN,
    Kind.COMPOSITE,
    Kind.RANGE,
    Kind.SEQUENCE,
    Kind.EXTENSION,
    Kind.SCHEMA,
)
_MARK_ORDER = (Mark.CHANGED, Mark.RENAMED, Mark.REMOVED, Mark.ADDED, Mark.SAME)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedObject:
    key: str
    name: str  # without `public.`
    mark: Mark
    changes: int
    query: str  # the page with this object chosen
    is_chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    title: str
    total: int  # of all pages
    entries: tuple[ListedObject, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterChip:
    mark: Mark
    count: int
    is_on: bool
    query: str  # the page with this filter turned over


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One way to show the page, as a link."""

    label: str
    query: str
    is_on: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterBar:
    """The filters with the addresses that turn each of them over and leave the rest."""

    chips: tuple[FilterChip, ...]
    identical: Choice
    groupings: tuple[Choice, ...]


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


def filter_bar(diff: Diff, filters: Filters) -> FilterBar:
    """The filters as they stand, with how many changes of each kind there are, whatever is filtered."""
    turned = replace(filters, show_same=not filters.show_same, page=1)
    return FilterBar(
        chips=_chips(diff, filters),
        identical=Choice(label="Hide identical", query=turned.query(), is_on=not filters.show_same),
        groupings=tuple(
            Choice(
                label=grouping.value,
                query=replace(filters, grouping=grouping, page=1).query(),
                is_on=filters.grouping is grouping,
            )
            for grouping in Grouping
        ),
    )


def _chips(diff: Diff, filters: Filters) -> tuple[FilterChip, ...]:
    counts = Counter(mark_of(change) for entry in diff.objects for change in counted_changes(entry))
    plain = replace(filters, object="")
    return tuple(
        FilterChip(
            mark=mark, count=counts[mark], is_on=mark in filters.marks, query=plain.toggled(mark).query()
        )
        for mark in FILTERED
    )


def object_list(diff: Diff, source: Catalog, target: Catalog, filters: Filters) -> ObjectList:
    """The objects that are asked for, one page of them."""
    found = [entry for entry in _matching(diff.objects, source, target, filters) if filters.wants(entry)]
    found.sort(key=lambda entry: (_rank(entry, filters), entry.ref))
    first = (filters.page - 1) * PAGE_SIZE
    last = first + PAGE_SIZE
    left = max(0, len(found) - last)
    totals = Counter(_title(entry, filters) for entry in found)
    return ObjectList(
        groups=tuple(
            Group(
                title=title, total=totals[title], entries=tuple(_listed(entry, filters) for entry in entries)
            )
            for title, entries in groupby(found[first:last], key=lambda entry: _title(entry, filters))
        ),
        matching=len(found),
        left=left,
        more=replace(filters, page=filters.page + 1).query() if left else "",
        empty="" if found else _why_empty(diff, source, target, filters),
    )


def _matching(
    entries: Iterable[ObjectDiff], source: Catalog, target: Catalog, filters: Filters
) -> Iterable[ObjectDiff]:
    """Those whose name, or whose column's, contains what is searched for."""
    needle = filters.search.lower()
    if not needle:
        return entries
    columns = _columns(source) + _columns(target)
    names = {key for key, name in columns if needle in name.lower()}
    return [
        entry
        for entry in entries
        if needle in entry.ref.label.lower()
        or entry.ref.key in names
        or any(needle in change.ref.name.lower() for change in entry.parts)
    ]


def _columns(catalog: Catalog) -> list[tuple[str, str]]:
    owners: tuple[Table | View, ...] = (*catalog.tables, *catalog.views)
    return [(owner.ref.key, column.name) for owner in owners for column in owner.columns]


def _rank(entry: ObjectDiff, filters: Filters) -> int:
    if filters.grouping is Grouping.CHANGE:
        return _MARK_ORDER.index(object_mark(entry))
    return _KIND_ORDER.index(entry.ref.kind)


def _title(entry: ObjectDiff, filters: Filters) -> str:
    if filters.grouping is Grouping.CHANGE:
        return object_mark(entry).word.capitalize()
    return _TITLES[entry.ref.kind]


def _listed(entry: ObjectDiff, filters: Filters) -> ListedObject:
    return ListedObject(
        key=entry.ref.key,
        name=entry.ref.label.removeprefix("public."),
        mark=object_mark(entry),
        changes=len(counted_changes(entry)),
        query=replace(filters, object=entry.ref.key, page=1).query(),
        is_chosen=entry.ref.key == filters.object,
    )


def _why_empty(diff: Diff, source: Catalog, target: Catalog, filters: Filters) -> str:
    if diff.is_empty and not filters.search:
        return "Nothing differs: both schemas are the same."
    if filters.search:
        hidden = sum(entry.is_same for entry in _matching(diff.objects, source, target, filters))
        if hidden and not filters.show_same:
            noun = "object that is" if hidden == 1 else "objects that are"
            return (
                f"Nothing that differs is called “{filters.search}”. Turn “Hide identical” off: "
                f"{hidden:,} {noun} the same on both sides and called so."
            )
        return f"No object or column is called “{filters.search}”. A part of the name is enough."
    return "Nothing differs in this way. Take a filter off to see the rest."
