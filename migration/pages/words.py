"""Figures as people read them, with their units."""

from datetime import timedelta

_SIZES = ("bytes", "kB", "MB", "GB", "TB")


def number(value: int) -> str:
    """1,490."""
    return f"{value:,}"


def rate(rows_a_second: float | None) -> str:
    """Rows a second; a dash where none was measured."""
    if rows_a_second is None:
        return "—"
    return f"{round(rows_a_second):,}/s" if rows_a_second >= 1 else "< 1/s"


def size(count: int) -> str:
    """312 kB, 1.2 GB: powers of 1,000."""
    value, unit = float(count), 0
    while value >= 999.5 and unit < len(_SIZES) - 1:
        value, unit = value / 1000, unit + 1
    return f"{value:.1f} {_SIZES[unit]}" if unit and value < 9.95 else f"{value:.0f} {_SIZES[unit]}"


def duration(took: timedelta | None) -> str:
    """0.8 s, 12 s, 3 min 4 s, 2 h 5 min; a dash for none."""
    if took is None:
        return "—"
    seconds = max(took.total_seconds(), 0.0)
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
