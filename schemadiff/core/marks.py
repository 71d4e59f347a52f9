"""The state of an object or of a part of it, as every page shows it: a glyph and a word for each."""

from enum import StrEnum

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
