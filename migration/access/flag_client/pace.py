"""When to ask next."""

from collections.abc import Callable

Chance = Callable[[], float]
"""Gives a number from 0 to 1, another each time."""


def after_answer(poll: float, *, lease: float, chance: Chance) -> float:
    """Seconds to the next question: `poll`, as the server says, and so often that one lost answer does not end the
    lease. Up to a tenth less, so that clients that were started together drift apart."""
    pause = min(poll, lease / 2) if lease > 0 else poll
    return pause * (1 - 0.1 * chance())


def after_failure(failures: int, *, poll: float, retry_after: float, chance: Chance) -> float:
    """Twice as long after each failure, up to two polls (a second at least), of which up to a half is left out; but no
    sooner than the server asked for."""
    longest = max(1.0, poll * 2)
    first = max(0.05, poll / 10)
    pause = min(first * 2.0 ** min(failures - 1, 16), longest)
    return max(pause * (1 - 0.5 * chance()), retry_after)
