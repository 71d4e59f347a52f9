"""Where the generator's choices come from: a seed, or hypothesis."""

import random
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import TypeVar

_Any = TypeVar("_Any")


class Choices(ABC):
    """Everything is decided by whole numbers, the smaller the plainer."""

    @abstractmethod
    def number(self, low: int, high: int) -> int:
        """A whole number, both ends included."""

    def pick(self, these: Sequence[_Any]) -> _Any:
        return these[self.number(0, len(these) - 1)]

    def chance(self, percent: int) -> bool:
        return self.number(1, 100) > 100 - percent

    def some(self, these: Sequence[_Any], most: int) -> list[_Any]:
        """At least one of them, in their order, `most` at most."""
        wanted = self.number(1, min(most, len(these)))
        left = list(range(len(these)))
        taken = [left.pop(self.number(0, len(left) - 1)) for _ in range(wanted)]
        return [these[place] for place in sorted(taken)]


class Seeded(Choices):
    """The same for the same seed, on every machine."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def number(self, low: int, high: int) -> int:
        return self._random.randint(low, high)


class Drawn(Choices):
    """From a function that draws a number between two, as hypothesis does it."""

    def __init__(self, draw: Callable[[int, int], int]) -> None:
        self._draw = draw

    def number(self, low: int, high: int) -> int:
        return self._draw(low, high)
