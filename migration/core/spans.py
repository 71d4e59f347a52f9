"""Lengths of time in short words, as pages show them: 2 s, 5 min, 3 h, 12 d."""

from datetime import timedelta

_UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))


def span(length: timedelta) -> str:
    """The length in its greatest whole unit; a negative one (clocks disagree) is `0 s`."""
    seconds = max(0, int(length.total_seconds()))
    for size, unit in _UNITS:
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return "0 s"
