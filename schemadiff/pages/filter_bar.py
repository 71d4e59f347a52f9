"""The filters of the diff page as links: each turns one thing over and leaves the rest."""

from dataclasses import dataclass, replace

from schemadiff.core.marks import FILTERED, Mark
from schemadiff.core.severity import Severity
from schemadiff.pages.comparison_filters import Filters, Layout
from schemadiff.store.compared import Summary
from schemadiff.store.compared_list import Grouping

_TONES = {
    Severity.DATA_LOSS: ("bad", "✕"),
    Severity.BREAKING: ("warn", "▲"),
    Severity.HAZARD: ("info", "●"),
    Severity.NOTICE: ("neutral", "·"),
}
_LAYOUTS = {Layout.SIDE: "side by side", Layout.INLINE: "inline"}


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterChip:
    """`tone` is the class of its colour; `query` the page with this filter turned over."""

    tone: str
    glyph: str
    word: str
    count: int
    is_on: bool
    query: str


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
    severities: tuple[FilterChip, ...]
    switches: tuple[Choice, ...]
    groupings: tuple[Choice, ...]
    layouts: tuple[Choice, ...]
    kept: tuple[tuple[str, str], ...]  # what a new search keeps, as names and values


def filter_bar(summary: Summary, filters: Filters) -> FilterBar:
    """The filters as they stand, with how much there is of each, whatever is filtered."""
    plain = filters.plain()
    turned = replace(filters, show_same=not filters.show_same, page=1)
    hidden = replace(filters, hide_viewed=not filters.hide_viewed, page=1)
    return FilterBar(
        chips=tuple(_mark_chip(mark, summary, plain) for mark in FILTERED),
        severities=tuple(_severity_chip(one, summary, plain) for one in Severity),
        switches=(
            Choice(label="Hide identical", query=turned.query(), is_on=not filters.show_same),
            Choice(label="Hide viewed", query=hidden.query(), is_on=filters.hide_viewed),
        ),
        groupings=tuple(
            Choice(
                label=grouping.value,
                query=replace(filters, grouping=grouping, page=1).query(),
                is_on=filters.grouping is grouping,
            )
            for grouping in Grouping
        ),
        layouts=tuple(
            Choice(label=word, query=replace(filters, layout=layout).query(), is_on=filters.layout is layout)
            for layout, word in _LAYOUTS.items()
        ),
        kept=tuple(filters.kept.items()),
    )


def severity_chip(severity: Severity) -> tuple[str, str, str]:
    """Its tone, glyph and word."""
    return (*_TONES[severity], severity.word)


def _mark_chip(mark: Mark, summary: Summary, filters: Filters) -> FilterChip:
    return FilterChip(
        tone=mark.value,
        glyph=mark.glyph,
        word=mark.word.capitalize(),
        count=summary.changes.get(mark.value, 0),
        is_on=mark in filters.marks,
        query=replace(filters, marks=filters.marks ^ {mark}).query(),
    )


def _severity_chip(severity: Severity, summary: Summary, filters: Filters) -> FilterChip:
    tone, glyph, word = severity_chip(severity)
    return FilterChip(
        tone=tone,
        glyph=glyph,
        word=word.capitalize(),
        count=summary.severities.get(severity.name, 0),
        is_on=severity in filters.severities,
        query=replace(filters, severities=filters.severities ^ {severity}).query(),
    )
