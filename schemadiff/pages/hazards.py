"""The page that explains the hazards, and where on it each is."""

from dataclasses import dataclass

from django.urls import reverse

from schemadiff.core.hazard_texts import EXPLANATIONS, Explanation


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A stretch of a sentence; what stood between backticks is code."""

    text: str
    is_code: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    code: str
    means: str
    statements: tuple[Piece, ...]
    what: tuple[Piece, ...]
    why: tuple[Piece, ...]
    instead: tuple[Piece, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HazardsPage:
    entries: tuple[Entry, ...]


def hazards_page() -> HazardsPage:
    return HazardsPage(entries=tuple(_entry(explanation) for explanation in EXPLANATIONS))


def explained_at(code: str) -> str:
    """The address of a hazard's explanation."""
    return f"{reverse('schemadiff:hazards')}#{code}"


def _entry(explanation: Explanation) -> Entry:
    return Entry(
        code=explanation.code,
        means=explanation.means,
        statements=_pieces(explanation.statements),
        what=_pieces(explanation.what),
        why=_pieces(explanation.why),
        instead=_pieces(explanation.instead),
    )


def _pieces(text: str) -> tuple[Piece, ...]:
    parts = text.replace("*", "").split("`")
    return tuple(Piece(text=part, is_code=place % 2 == 1) for place, part in enumerate(parts) if part)
