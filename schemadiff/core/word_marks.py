"""Which words of two texts differ, and which lines of two definitions."""

import re
from collections.abc import Iterator
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


class LineKind(Enum):
    SAME = "same"
    SOURCE = "source"  # only the source has it
    TARGET = "target"  # only the target has it
    SKIPPED = "skipped"  # stands for unchanged lines left out; its text says how many


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    kind: LineKind
    words: tuple[Word, ...]


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


def mark_lines(source: str, target: str, *, around: int = 3) -> tuple[Line, ...]:
    """One listing of both texts: the source's lines before the target's where they differ.

    Of unchanged stretches only `around` lines next to a change are kept.
    """
    left, right = source.splitlines(), target.splitlines()
    lines: list[Line] = []
    for tag, a, b, c, d in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        if tag == "equal":
            lines.extend(_unchanged(left[a:b], around, starts=a == 0, ends=b == len(left)))
        elif tag == "replace" and b - a == d - c:
            lines.extend(_replaced(left[a:b], right[c:d]))
        else:
            lines.extend(Line(kind=LineKind.SOURCE, words=_whole(text, False)) for text in left[a:b])
            lines.extend(Line(kind=LineKind.TARGET, words=_whole(text, False)) for text in right[c:d])
    return tuple(lines)


def _likeness(left: list[str], right: list[str], matcher: "SequenceMatcher[str]") -> float:
    """The share of words that both have, from 0 to 1; space does not count."""
    common = sum(
        not word.isspace()
        for block in matcher.get_matching_blocks()
        for word in left[block.a : block.a + block.size]
    )
    words = sum(not word.isspace() for word in (*left, *right))
    return 2 * common / words if words else 1.0


def _replaced(left: list[str], right: list[str]) -> Iterator[Line]:
    pairs = [mark_words(before, after) for before, after in zip(left, right, strict=True)]
    yield from (Line(kind=LineKind.SOURCE, words=words) for words, _ in pairs)
    yield from (Line(kind=LineKind.TARGET, words=words) for _, words in pairs)


def _unchanged(texts: list[str], around: int, *, starts: bool, ends: bool) -> Iterator[Line]:
    head, tail = (0 if starts else around), (0 if ends else around)
    skipped = len(texts) - head - tail
    if skipped < 2:
        head, skipped = len(texts), 0
    yield from (Line(kind=LineKind.SAME, words=_whole(text, False)) for text in texts[:head])
    if skipped:
        yield Line(kind=LineKind.SKIPPED, words=_whole(f"{skipped} unchanged lines", False))
        yield from (Line(kind=LineKind.SAME, words=_whole(text, False)) for text in texts[head + skipped :])


def _whole(text: str, differs: bool) -> tuple[Word, ...]:
    return (Word(text=text, differs=differs),) if text else ()


def _append(words: list[Word], text: str, differs: bool) -> None:
    if text:
        words.append(Word(text=text, differs=differs))
