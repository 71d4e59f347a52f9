"""Which words of two texts differ."""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import Enum

_TOKENS = re.compile(r"\w+|\s+|[^\w\s]")
_LONGEST = 2000  # tokens; beyond that the comparison would take longer than it helps
_ALIKE = 0.35  # below this share of common words marking single words only confuses


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """A stretch of text; `differs` where the other side has something else there."""

    text: str
    differs: bool = False


class Side(Enum):
    BOTH = "both"
    SOURCE = "source"
    TARGET = "target"


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A stretch of both texts run together: what both have, or what one of them has there."""

    text: str
    side: Side


def mark_words(source: str, target: str) -> tuple[tuple[Word, ...], tuple[Word, ...]]:
    """Both texts cut into words, those that differ marked. Joined again the words give the texts."""
    left, right = _TOKENS.findall(source), _TOKENS.findall(target)
    if max(len(left), len(right)) > _LONGEST:
        return _whole(source, source != target), _whole(target, source != target)
    matcher = SequenceMatcher(None, left, right, autojunk=False)
    if source != target and _likeness(left, right, matcher) < _ALIKE:
        return _whole(source, True), _whole(target, True)
    of_source: list[Word] = []
    of_target: list[Word] = []
    for tag, a, b, c, d in matcher.get_opcodes():
        _append(of_source, "".join(left[a:b]), tag != "equal")
        _append(of_target, "".join(right[c:d]), tag != "equal")
    return tuple(of_source), tuple(of_target)


def mark_inline(source: str, target: str) -> tuple[Piece, ...]:
    """Both texts as one: where they differ, the source's words and then the target's."""
    sides = mark_words(source, target)
    ours, theirs = list(reversed(sides[0])), list(reversed(sides[1]))
    pieces: list[Piece] = []
    while ours or theirs:
        if ours and ours[-1].differs:
            pieces.append(Piece(text=ours.pop().text, side=Side.SOURCE))
        elif theirs and theirs[-1].differs:
            pieces.append(Piece(text=theirs.pop().text, side=Side.TARGET))
        else:  # both sides are cut at the same places, so that both have this stretch next
            theirs.pop()
            pieces.append(Piece(text=ours.pop().text, side=Side.BOTH))
    return tuple(pieces)


def likeness(source: str, target: str) -> float:
    """The share of words that both texts have in the same order, from 0 to 1; space does not count."""
    left, right = _TOKENS.findall(source), _TOKENS.findall(target)
    if max(len(left), len(right)) > _LONGEST:
        return float(source == target)
    return _likeness(left, right, SequenceMatcher(None, left, right, autojunk=False))


def _likeness(left: list[str], right: list[str], matcher: "SequenceMatcher[str]") -> float:
    """The share of words that both have, from 0 to 1; space does not count."""
    common = sum(
        not word.isspace()
        for block in matcher.get_matching_blocks()
        for word in left[block.a : block.a + block.size]
    )
    words = sum(not word.isspace() for word in (*left, *right))
    return 2 * common / words if words else 1.0


def _whole(text: str, differs: bool) -> tuple[Word, ...]:
    return (Word(text=text, differs=differs),) if text else ()


def _append(words: list[Word], text: str, differs: bool) -> None:
    if text:
        words.append(Word(text=text, differs=differs))
