"""What the diff page is asked to show, kept in its address so that every view of it has a permalink."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any
from urllib.parse import urlencode

from schemadiff.core.changes import Added, Altered, Change, ObjectDiff, Removed, Renamed


class Mark(StrEnum):
    """The state of an object or a part of it, as chips, rows and glyphs name it."""

    ADDED = "add"
    REMOVED = "rem"
    CHANGED = "chg"
    RENAMED = "ren"
    SAME = "same"

    @property
    def glyph(self) -> str:
        return _WORDS[self][0]

    @property
    def word(self) -> str:
        return _WORDS[self][1]

    @property
    def row_word(self) -> str:
        """As a line between source and target says it."""
        return _WORDS[self][2]


_WORDS: dict[Mark, tuple[str, str, str]] = {
    Mark.ADDED: ("+", "added", "target only"),
    Mark.REMOVED: ("−", "removed", "source only"),
    Mark.CHANGED: ("~", "changed", "changed"),
    Mark.RENAMED: ("↷", "renamed", "renamed"),
    Mark.SAME: ("=", "same", "same"),
}
FILTERED = (Mark.ADDED, Mark.REMOVED, Mark.CHANGED, Mark.RENAMED)


class Grouping(StrEnum):
    KIND = "kind"
    CHANGE = "change"


def mark_of(change: Change) -> Mark:
    match change:
        case Added():
            return Mark.ADDED
        case Removed():
            return Mark.REMOVED
        case Altered():
            return Mark.CHANGED
        case Renamed():
            return Mark.RENAMED


def object_mark(entry: ObjectDiff) -> Mark:
    if entry.is_same:
        return Mark.SAME
    return mark_of(entry.own) if entry.own is not None else Mark.CHANGED


def counted_changes(entry: ObjectDiff) -> tuple[Change, ...]:
    """An object that only one side has is one change, however many columns it has."""
    if isinstance(entry.own, Added | Removed):
        return (entry.own,)
    return entry.changes


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """`marks` empty: every kind of change. `page` counts from 1."""

    marks: frozenset[Mark] = frozenset()
    search: str = ""
    show_same: bool = False
    grouping: Grouping = Grouping.KIND
    object: str = ""
    page: int = 1

    @classmethod
    def of(cls, query: Mapping[str, Any]) -> "Filters":
        """From an address; what cannot be understood is left at its default."""
        asked = str(query.get("show", "")).split(",")
        grouping, page = str(query.get("group", "")), str(query.get("page", ""))
        return cls(
            marks=frozenset(mark for mark in FILTERED if mark.value in asked),
            search=str(query.get("q", ""))[:200].strip(),
            show_same=query.get("same") == "1",
            grouping=Grouping(grouping) if grouping in tuple(Grouping) else Grouping.KIND,
            object=str(query.get("object", "")),
            page=max(1, int(page)) if page.isdecimal() and len(page) < 7 else 1,
        )

    @property
    def shown(self) -> str:
        """The chosen marks as an address says them: `add,rem`."""
        return ",".join(mark.value for mark in FILTERED if mark in self.marks)

    def query(self) -> str:
        """Back into an address, defaults left out: `?show=add,rem&q=phone`, or just `?`."""
        words = {
            "show": self.shown,
            "q": self.search,
            "same": "1" if self.show_same else "",
            "group": self.grouping.value if self.grouping is not Grouping.KIND else "",
            "object": self.object,
            "page": str(self.page) if self.page > 1 else "",
        }
        return "?" + urlencode({name: value for name, value in words.items() if value})

    def toggled(self, mark: Mark) -> "Filters":
        return replace(self, marks=self.marks ^ {mark}, page=1)

    def shows(self, mark: Mark) -> bool:
        """Whether a change of this kind is wanted."""
        return mark in self.marks if self.marks else True

    def wants(self, entry: ObjectDiff) -> bool:
        """Whether the object has a change that is wanted."""
        if entry.is_same:
            return self.show_same and not self.marks
        return not self.marks or any(mark_of(change) in self.marks for change in counted_changes(entry))
