"""How the line of a foreign key runs from one box of a picture to another: between the boxes, not behind them."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

HEIGHT = 28  # px, of every box
_BESIDE = 9  # px above the topmost and below the lowest box of a column


@dataclass(frozen=True, slots=True, kw_only=True)
class Rectangle:
    """Where a box lies."""

    x: float
    y: float
    width: float
    height: float = HEIGHT

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def middle(self) -> float:
        return self.y + self.height / 2

    @property
    def text_x(self) -> float:
        return round(self.x + 10, 1)

    @property
    def text_y(self) -> float:
        """The baseline of its name."""
        return round(self.middle + 4.5, 1)


def path_between(start: Rectangle, end: Rectangle, columns: Sequence[Sequence[Rectangle]]) -> str:
    """An SVG path's `d`, from the near side of `start` to that of `end`.

    Where columns of other boxes lie between the two, it passes each of them through the gap that is nearest.
    """
    if end.right <= start.x:
        passed = [column for column in reversed(columns) if _lies_between(column, end.right, start.x)]
        points = [(start.x, start.middle)]
        for column in passed:
            height = _gap(column, start, end)
            points += [(max(box.right for box in column), height), (column[0].x, height)]
        return _through([*points, (end.right + 1, end.middle)])
    if end.x >= start.right:
        passed = [column for column in columns if _lies_between(column, start.right, end.x)]
        points = [(start.right, start.middle)]
        for column in passed:
            height = _gap(column, start, end)
            points += [(column[0].x, height), (max(box.right for box in column), height)]
        return _through([*points, (end.x - 1, end.middle)])
    return _beside(start, end)


def _lies_between(column: Sequence[Rectangle], left: float, right: float) -> bool:
    return bool(column) and column[0].x > left and max(box.right for box in column) < right


def _gap(column: Sequence[Rectangle], start: Rectangle, end: Rectangle) -> float:
    """The height of the free place in a column that is nearest to the straight line."""
    share = (column[0].x - start.x) / (end.x - start.x)
    wanted = start.middle + share * (end.middle - start.middle)
    boxes = sorted(column, key=lambda box: box.y)
    free = [(one.y + one.height + other.y) / 2 for one, other in pairwise(boxes)]
    free += [boxes[0].y - _BESIDE, boxes[-1].y + boxes[-1].height + _BESIDE]
    return min(free, key=lambda height: (abs(height - wanted), height))


def _through(points: Sequence[tuple[float, float]]) -> str:
    """A smooth line, level at every point."""
    parts = [f"M{points[0][0]:g} {points[0][1]:g}"]
    for (x, y), (to_x, to_y) in pairwise(points):
        bend = (to_x - x) / 2
        parts.append(f"C{x + bend:g} {y:g} {to_x - bend:g} {to_y:g} {to_x:g} {to_y:g}")
    return " ".join(parts)


def _beside(start: Rectangle, end: Rectangle) -> str:
    """Around the right of both, where they stand in one column or are one."""
    out = max(start.right, end.right) + 26
    top, bottom = (start.middle - 7, end.middle + 7) if start == end else (start.middle, end.middle)
    return f"M{start.right:g} {top:g} C{out:g} {top:g} {out:g} {bottom:g} {end.right + 1:g} {bottom:g}"
