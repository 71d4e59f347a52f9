"""What columns' comments say for a pair: that one names the other's column, or that both say the same.

How much each weighs was judged, not computed: too few schemas with comments on both sides are known.
"""

import re
from dataclasses import dataclass

from schemadiff.core.matching.fields import Field

_WORD = re.compile(r"[^\W\d]\w*")
FORMERLY = frozenset(
    (
        "was",
        "were",
        "formerly",
        "former",
        "previously",
        "previous",
        "old",
        "once",
        "renamed",
        "replaces",
        "replaced",
    )
)
_ARTICLES = (
    "a",
    "an",
    "and",
    "or",
    "the",
    "this",
    "that",
    "which",
    "it",
    "its",
    "to",
    "of",
    "in",
    "into",
    "on",
    "at",
)
_AUXILIARIES = ("is", "are", "be", "been", "was", "has", "have", "as", "by", "for", "from", "with")
_TELLS_NOTHING = frozenset((*_ARTICLES, *_AUXILIARIES))
_SHORT = 4  # letters: a shorter word of one piece stands in many comments
_NAMED, _MENTIONED = 3.0, 0.8  # log-odds
_SAME, _ALIKE = 3.0, 1.5
_SHARE = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentSaid:
    """How much, as log-odds, and in words."""

    odds: float
    reason: str


NOTHING_SAID = CommentSaid(odds=0.0, reason="")


def words_in(comment: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(comment)]


def telling_words(comment: str) -> frozenset[str]:
    """Without those that stand in any sentence."""
    return frozenset(words_in(comment)) - _TELLS_NOTHING


def said_by_comments(left: Field, right: Field) -> CommentSaid:
    """The weightiest; comments never speak against a pair."""
    if not left.comment and not right.comment:
        return NOTHING_SAID
    found = [
        *_naming(left.comment or "", right.name),
        *_naming(right.comment or "", left.name),
        *_both(left.comment or "", right.comment or ""),
    ]
    return max(found, key=lambda each: each.odds, default=NOTHING_SAID)


def _naming(comment: str, name: str) -> list[CommentSaid]:
    """Of a name of one piece, `date`, a comment may speak without meaning the column."""
    words = words_in(comment)
    wanted = name.lower()
    if wanted not in words:
        return []
    before = words[: words.index(wanted)][-3:]
    is_told = "_" in wanted.strip("_") or not FORMERLY.isdisjoint(before)
    if not is_told and len(wanted) < _SHORT:
        return []
    odds = _NAMED if is_told else _MENTIONED
    return [CommentSaid(odds=odds, reason=f"a comment speaks of {name}")]


def _both(one: str, other: str) -> list[CommentSaid]:
    mine, theirs = telling_words(one), telling_words(other)
    common = mine & theirs
    if len(common) < 2:
        return []
    if mine == theirs:
        return [CommentSaid(odds=_SAME, reason="their comments say the same")]
    if len(common) / len(mine | theirs) >= _SHARE:
        return [CommentSaid(odds=_ALIKE, reason="their comments are alike")]
    return []
