"""Two definitions line by line: which lines stand for one another, which words in them differ, what can be folded."""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from schemadiff.core.word_marks import Side, Word, likeness, mark_words

_ALIKE = 0.4  # lines less alike than this are not one line that changed
_MOST_PAIRS = 1600  # within one changed stretch; beyond that its lines are not paired
_PLAIN_BELOW = 4000  # lines; above, lines that occur very often no longer anchor the comparison


@dataclass(frozen=True, slots=True, kw_only=True)
class LinePair:
    """A line of the source beside the target's. None where a side has none; numbers count from 1."""

    source_number: int | None
    target_number: int | None
    source: tuple[Word, ...] = ()
    target: tuple[Word, ...] = ()
    is_same: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Lines in a row; `folded` ones are the same on both sides and far from any change."""

    pairs: tuple[LinePair, ...]
    folded: bool = False

    @property
    def lines(self) -> tuple["InlineLine", ...]:
        """All in one listing: the source's lines before the target's where they differ."""
        if all(pair.is_same for pair in self.pairs):
            return tuple(_inline(pair, Side.BOTH) for pair in self.pairs)
        ours = [_inline(pair, Side.SOURCE) for pair in self.pairs if pair.source_number]
        theirs = [_inline(pair, Side.TARGET) for pair in self.pairs if pair.target_number]
        return (*ours, *theirs)


@dataclass(frozen=True, slots=True, kw_only=True)
class InlineLine:
    """One line of a listing of both texts."""

    side: Side
    source_number: int | None
    target_number: int | None
    words: tuple[Word, ...]


def _inline(pair: LinePair, side: Side) -> InlineLine:
    return InlineLine(
        side=side,
        source_number=None if side is Side.TARGET else pair.source_number,
        target_number=None if side is Side.SOURCE else pair.target_number,
        words=pair.target if side is Side.TARGET else pair.source,
    )


def line_diff(source: str, target: str, *, around: int = 3) -> tuple[Stretch, ...]:
    """The whole of both texts; of unchanged stretches all but `around` lines next to a change are folded."""
    left, right = source.splitlines(), target.splitlines()
    is_long = max(len(left), len(right)) > _PLAIN_BELOW
    matcher = SequenceMatcher(None, left, right, autojunk=is_long)
    stretches: list[Stretch] = []
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag == "equal":
            same = [_same(a + n, c + n, text) for n, text in enumerate(left[a:b])]
            stretches += _folded(same, around, starts=a == 0, ends=b == len(left))
        else:
            stretches.append(Stretch(pairs=tuple(_changed(left[a:b], right[c:d], a, c))))
    return tuple(stretches)


def _same(source: int, target: int, text: str) -> LinePair:
    words = (Word(text=text),)
    return LinePair(
        source_number=source + 1, target_number=target + 1, source=words, target=words, is_same=True
    )


def _folded(same: list[LinePair], around: int, *, starts: bool, ends: bool) -> Iterator[Stretch]:
    head, tail = (0 if starts else around), (0 if ends else around)
    if len(same) - head - tail < 2:
        yield Stretch(pairs=tuple(same))
        return
    middle = len(same) - tail
    if head:
        yield Stretch(pairs=tuple(same[:head]))
    yield Stretch(pairs=tuple(same[head:middle]), folded=True)
    if tail:
        yield Stretch(pairs=tuple(same[middle:]))


def _changed(left: list[str], right: list[str], source: int, target: int) -> Iterator[LinePair]:
    """Lines that are alike beside one another, the others alone, each side in its order."""
    a = b = 0
    for i, j in [*_partners(left, right), (len(left), len(right))]:
        yield from (_alone(text, source + a + n, None) for n, text in enumerate(left[a:i]))
        yield from (_alone(text, None, target + b + n) for n, text in enumerate(right[b:j]))
        if i < len(left):
            marked = mark_words(left[i], right[j])
            yield LinePair(
                source_number=source + i + 1,
                target_number=target + j + 1,
                source=marked[0],
                target=marked[1],
            )
        a, b = i + 1, j + 1


def _alone(text: str, source: int | None, target: int | None) -> LinePair:
    words = (Word(text=text),)
    if source is not None:
        return LinePair(source_number=source + 1, target_number=None, source=words)
    assert target is not None
    return LinePair(source_number=None, target_number=target + 1, target=words)


def _partners(left: list[str], right: list[str]) -> list[tuple[int, int]]:
    """The pairs of lines, in order and without crossing, that are most alike taken together."""
    if not left or not right or len(left) * len(right) > _MOST_PAIRS:
        return []
    scores = [[likeness(one, other) for other in right] for one in left]
    best = [[0.0] * (len(right) + 1) for _ in range(len(left) + 1)]
    for i in range(len(left) - 1, -1, -1):
        for j in range(len(right) - 1, -1, -1):
            paired = scores[i][j] + best[i + 1][j + 1] if scores[i][j] >= _ALIKE else 0.0
            best[i][j] = max(best[i + 1][j], best[i][j + 1], paired)
    return list(_walk(scores, best))


def _walk(scores: list[list[float]], best: list[list[float]]) -> Iterator[tuple[int, int]]:
    i = j = 0
    while i < len(scores) and j < len(scores[0]):
        if scores[i][j] >= _ALIKE and best[i][j] == scores[i][j] + best[i + 1][j + 1]:
            yield i, j
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1
