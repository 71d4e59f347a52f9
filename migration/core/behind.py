"""How far a copy that follows is behind, in a sentence for people who read no WAL positions."""

from datetime import UTC, datetime, timedelta

SILENT = timedelta(seconds=30)
"""Without a word for so long, what was said last says nothing of now."""


def behind(seconds: float | None, *, side: str, at: datetime | None, now: datetime) -> str:
    """`side` is the one that is followed; `at` is when that was said, where it is known."""
    follows = "The copy" if side == "source" else "The former database, kept as the way back,"
    if at is not None and now - at > SILENT:
        known = (
            "how far behind it was is not known" if seconds is None else f"{in_words(seconds)} behind then"
        )
        return f"{follows} was last heard of at {clock(at, now)} UTC, {known}."
    if seconds is None:
        return f"{follows} is catching up; how far behind it is will be known in a moment."
    return f"{follows} is {in_words(seconds)} behind."


def near(as_of: datetime, *, pause: float, now: datetime) -> str:
    """Of a copy that is kept near by comparing: it is as old as its last round's beginning, `pause` seconds is what the
    next one takes at least."""
    age = max((now - as_of).total_seconds(), 0.0)
    return (
        f"The copy is as of {in_words(age)} ago, kept near by comparing. Writes will have to stop for about "
        f"{in_words(pause)} at least when it takes over."
    )


def clock(at: datetime, now: datetime) -> str:
    """In UTC: 09:12:30, with the date where that is not today's."""
    here = at.astimezone(UTC)
    return f"{here:%H:%M:%S}" if here.date() == now.astimezone(UTC).date() else f"{here:%Y-%m-%d %H:%M:%S}"


def in_words(seconds: float) -> str:
    """0.3 s, 12 s, 5 min 3 s, 2 h 5 min."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
