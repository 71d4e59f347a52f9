"""What following needs, check by check, with the statement that mends what lacks."""

from dataclasses import dataclass

from migration.core.followable import Check, Followable, Lack
from migration.core.rounds import LIMITS
from migration.pages.flags import Badge
from schemadiff.models import Comparison


@dataclass(frozen=True, slots=True, kw_only=True)
class Mend:
    """`key` is the id of the element with the statement."""

    key: str
    found: str
    side: str
    statement: str
    further: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    words: str
    badge: Badge
    mends: tuple[Mend, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedsPage:
    """`problem` says why it could not be looked at; `limits` what is to be known first."""

    section: str = "runs"
    comparison: Comparison
    title: str
    compares: bool
    limits: str = ""
    verdict: str
    tone: str
    needs: tuple[Need, ...]
    problem: str = ""


def needs_page(comparison: Comparison, found: Followable, *, compares: bool = False) -> NeedsPage:
    count = len(found.lacks)
    mends = f"{count} thing{'' if count == 1 else 's'} to mend first."
    if compares:
        verdict = (
            f"The target cannot be kept near the source yet: {mends}"
            if count
            else "The target can be kept near the source."
        )
    else:
        verdict = f"The source cannot be followed yet: {mends}" if count else "The source can be followed."
    return NeedsPage(
        comparison=comparison,
        title=_title(compares),
        compares=compares,
        limits=LIMITS if compares else "",
        verdict=verdict,
        tone="bad" if count else "ok",
        needs=tuple(_need(check, found) for check in found.checks),
    )


def unseen_page(comparison: Comparison, problem: str, *, compares: bool = False) -> NeedsPage:
    return NeedsPage(
        comparison=comparison,
        title=_title(compares),
        compares=compares,
        verdict="",
        tone="warn",
        needs=(),
        problem=problem,
    )


def _title(compares: bool) -> str:
    return "What comparing needs" if compares else "What following needs"


_HOLDS = Badge(glyph="✓", word="holds", chip="ok")
_LACKS = Badge(glyph="✕", word="to mend", chip="bad")
_SURPRISES = Badge(glyph="▲", word="to know", chip="warn")
_UNSEEN = Badge(glyph="○", word="looked at when the rest holds", chip="neutral")


def _need(check: Check, found: Followable) -> Need:
    mine = tuple(each for each in (*found.lacks, *found.surprises) if each.check is check)
    if check in found.unseen:
        badge = _UNSEEN
    elif not mine:
        badge = _HOLDS
    else:
        badge = _SURPRISES if check is Check.SURPRISES else _LACKS
    return Need(
        words=check.value,
        badge=badge,
        mends=tuple(
            _mend(f"mend-{check.name.lower()}-{number}", each) for number, each in enumerate(mine, 1)
        ),
    )


def _mend(key: str, lack: Lack) -> Mend:
    return Mend(key=key, found=lack.found, side=lack.side, statement=lack.statement, further=lack.further)
