"""What the diff page is asked to show, kept in its address so that every view of it has a permalink."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any
from urllib.parse import urlencode

from schemadiff.core.marks import FILTERED, Mark
from schemadiff.core.severity import Severity
from schemadiff.store.compared_list import Grouping, Wanted

SEVERITIES = {severity.word.replace(" ", "-"): severity for severity in Severity}


class Layout(StrEnum):
    """How a change is shown: source beside target, or both in one text."""

    SIDE = "side"
    INLINE = "inline"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """`marks` and `severities` empty: all of them. `page` counts from 1. `attribute` is a row's anchor."""

    marks: frozenset[Mark] = frozenset()
    severities: frozenset[Severity] = frozenset()
    search: str = ""
    show_same: bool = False
    hide_viewed: bool = False
    show_hidden: bool = False  # what ignore rules hide, beside the list
    grouping: Grouping = Grouping.KIND
    layout: Layout = Layout.SIDE
    object: str = ""
    attribute: str = ""
    page: int = 1

    @classmethod
    def of(cls, query: Mapping[str, Any]) -> "Filters":
        """From an address; what cannot be understood is left at its default."""
        asked = str(query.get("show", "")).split(",")
        grave = str(query.get("severity", "")).split(",")
        grouping, page = str(query.get("group", "")), str(query.get("page", ""))
        return cls(
            marks=frozenset(mark for mark in FILTERED if mark.value in asked),
            severities=frozenset(severity for word, severity in SEVERITIES.items() if word in grave),
            search=str(query.get("q", "")).replace("\0", "")[:200].strip(),
            show_same=query.get("same") == "1",
            hide_viewed=query.get("viewed") == "hide",
            show_hidden=query.get("hidden") == "1",
            grouping=Grouping(grouping) if grouping in tuple(Grouping) else Grouping.KIND,
            layout=Layout.INLINE if query.get("view") == Layout.INLINE.value else Layout.SIDE,
            object=str(query.get("object", "")).replace("\0", ""),
            attribute=str(query.get("attribute", "")),
            page=max(1, int(page)) if page.isdecimal() and len(page) < 7 else 1,
        )

    @property
    def words(self) -> dict[str, str]:
        """As an address says them, defaults left out."""
        words = {
            "show": ",".join(mark.value for mark in FILTERED if mark in self.marks),
            "severity": ",".join(word for word, one in SEVERITIES.items() if one in self.severities),
            "q": self.search,
            "same": "1" if self.show_same else "",
            "viewed": "hide" if self.hide_viewed else "",
            "hidden": "1" if self.show_hidden else "",
            "group": self.grouping.value if self.grouping is not Grouping.KIND else "",
            "view": self.layout.value if self.layout is not Layout.SIDE else "",
            "object": self.object,
            "attribute": self.attribute,
            "page": str(self.page) if self.page > 1 else "",
        }
        return {name: value for name, value in words.items() if value}

    def query(self) -> str:
        """Back into an address: `?show=add,rem&q=phone`, or just `?`."""
        return "?" + urlencode(self.words)

    @property
    def kept(self) -> dict[str, str]:
        """What a new search keeps of them."""
        return {name: value for name, value in self.words.items() if name in _KEPT_BY_SEARCH}

    @property
    def narrows(self) -> bool:
        """Whether something that differs may be left out."""
        return bool(self.marks or self.severities or self.search or self.hide_viewed)

    def at_object(self, key: str, attribute: str = "") -> "Filters":
        """The same list with this object open."""
        return replace(self, object=key, attribute=attribute, page=1)

    def plain(self) -> "Filters":
        """The same list from its start, with nothing chosen."""
        return replace(self, object="", attribute="", page=1)

    def shows(self, mark: Mark) -> bool:
        """Whether a change of this kind is wanted."""
        return mark in self.marks if self.marks else True

    def wanted(self) -> Wanted:
        """What the rows are asked for."""
        return Wanted(
            marks=self.marks,
            severities=self.severities,
            search=self.search,
            same=self.show_same and not self.marks and not self.severities,
            hide_viewed=self.hide_viewed,
            grouping=self.grouping,
        )


_KEPT_BY_SEARCH = ("show", "severity", "same", "viewed", "hidden", "group", "view")
