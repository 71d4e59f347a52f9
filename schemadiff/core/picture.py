"""Tables and their foreign keys as a picture: which are drawn, where each box lies, and how the lines run.

Layers after Sugiyama: who is referred to lies to the left of who refers to it, and within a column everybody
lies near whom it is joined with. The same tables always give the same picture.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from schemadiff.core.marks import Mark
from schemadiff.core.picture_layers import layers_of
from schemadiff.core.picture_lines import HEIGHT, Rectangle, path_between

MOST = 60  # boxes; more can no longer be read

_LETTER, _PADDING = 7.6, 44  # px; of a box's width
_GAP, _BETWEEN = 12, 76
_EDGE = 12  # px around everything
_BESIDE = 36  # px between boxes in a row: a table that refers to itself has its line there
_IN_A_ROW = 5  # boxes of tables that no drawn key joins with another
_PASSES = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A table. `weight` says who is drawn first where not all can be: the greater, the rather."""

    key: str
    label: str
    mark: Mark
    changes: int = 0
    weight: int = 0

    @property
    def is_touched(self) -> bool:
        return self.mark is not Mark.SAME


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """A foreign key `name` of the table `start` that refers to the table `end`."""

    name: str
    start: str
    end: str
    mark: Mark


@dataclass(frozen=True, slots=True, kw_only=True)
class Box(Rectangle):
    node: Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """`path` is an SVG path's `d`; it ends where the referred table's box begins."""

    edge: Edge
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """`left_out` are tables that differ and are not drawn, `neighbours_left_out` those joined with drawn ones."""

    boxes: tuple[Box, ...]
    curves: tuple[Curve, ...]
    width: float
    height: float
    left_out: int
    neighbours_left_out: int


def draw(nodes: Iterable[Node], edges: Iterable[Edge]) -> Picture:
    """The tables that differ and those that keys join with them; at most MOST."""
    every = {node.key: node for node in nodes}
    joined = [edge for edge in edges if edge.start in every and edge.end in every]
    touched = sorted((node for node in every.values() if node.is_touched), key=_rank)
    beside = _neighbours(every, joined, {node.key for node in touched})
    chosen = [*touched, *beside][:MOST]
    drawn = len(chosen) - min(len(chosen), len(touched))
    return _laid_out(
        chosen, joined, left_out=max(0, len(touched) - MOST), neighbours_left_out=len(beside) - drawn
    )


def draw_around(key: str, nodes: Iterable[Node], edges: Iterable[Edge]) -> Picture:
    """One table and those that keys join with it, whether they differ or not."""
    every = {node.key: node for node in nodes}
    joined = [edge for edge in edges if edge.start in every and edge.end in every]
    beside = _neighbours(every, joined, {key})
    chosen = [*([every[key]] if key in every else []), *beside][:MOST]
    return _laid_out(chosen, joined, left_out=0, neighbours_left_out=1 + len(beside) - len(chosen))


def _rank(node: Node) -> tuple[int, str]:
    return -node.weight, node.label


def _neighbours(every: dict[str, Node], edges: list[Edge], around: set[str]) -> list[Node]:
    """Those that a key joins with one of the tables, the most joined first."""
    counts: defaultdict[str, int] = defaultdict(int)
    for edge in edges:
        for one, other in ((edge.start, edge.end), (edge.end, edge.start)):
            if one in around and other not in around:
                counts[other] += 1
    return [every[key] for key in sorted(counts, key=lambda key: (-counts[key], every[key].label))]


def _laid_out(chosen: list[Node], edges: list[Edge], *, left_out: int, neighbours_left_out: int) -> Picture:
    keys = {node.key for node in chosen}
    drawn = sorted(
        (edge for edge in edges if edge.start in keys and edge.end in keys),
        key=lambda edge: (edge.start, edge.end, edge.name),
    )
    labels = {node.key: node for node in sorted(chosen, key=lambda node: node.label)}
    joined = {key for edge in drawn if edge.start != edge.end for key in (edge.start, edge.end)}
    pairs = [(edge.start, edge.end) for edge in drawn]
    columns = layers_of([key for key in labels if key in joined], pairs)
    boxes = _in_columns(labels, columns, pairs)
    boxes |= _in_rows([node for node in labels.values() if node.key not in joined], boxes)
    standing = [[boxes[key] for key in column] for column in columns]
    return Picture(
        boxes=tuple(boxes[key] for key in labels),
        curves=tuple(
            Curve(edge=edge, path=path_between(boxes[edge.start], boxes[edge.end], standing))
            for edge in drawn
        ),
        width=max((box.right for box in boxes.values()), default=0) + 3 * _EDGE,
        height=max((box.y + box.height for box in boxes.values()), default=0) + _EDGE,
        left_out=left_out,
        neighbours_left_out=neighbours_left_out,
    )


def _width(node: Node) -> float:
    return round(len(node.label) * _LETTER + _PADDING, 1)


def _in_columns(
    nodes: dict[str, Node], columns: list[list[str]], pairs: list[tuple[str, str]]
) -> dict[str, Box]:
    """A column for each layer, everybody as near to its neighbours as the order allows."""
    places = _heights(columns, pairs)
    boxes: dict[str, Box] = {}
    x = float(_EDGE)
    for column in columns:
        width = max(_width(nodes[key]) for key in column)
        for key in column:
            boxes[key] = Box(node=nodes[key], x=x, y=places[key], width=width)
        x += width + _BETWEEN
    return boxes


def _heights(columns: list[list[str]], pairs: list[tuple[str, str]]) -> dict[str, float]:
    neighbours: defaultdict[str, list[str]] = defaultdict(list)
    for start, end in pairs:
        neighbours[start].append(end)
        neighbours[end].append(start)
    step = HEIGHT + _GAP
    places = {key: float(number * step) for column in columns for number, key in enumerate(column)}
    for number in range(_PASSES):
        for column in columns if number % 2 else reversed(columns):
            _pull(column, places, neighbours, step)
    lowest = min(places.values(), default=0.0)
    return {key: round(place - lowest + _EDGE, 1) for key, place in places.items()}


def _pull(column: list[str], places: dict[str, float], neighbours: dict[str, list[str]], step: int) -> None:
    """Move a column's boxes towards the middle of their neighbours, in their order and without overlap."""
    wanted = [sum(places[one] for one in neighbours[key]) / len(neighbours[key]) for key in column]
    placed: list[float] = []
    for place in wanted:
        placed.append(max(place, placed[-1] + step) if placed else place)
    shift = sum(a - b for a, b in zip(wanted, placed, strict=True)) / len(column)
    places.update({key: place + shift for key, place in zip(column, placed, strict=True)})


def _in_rows(nodes: list[Node], above: dict[str, Box]) -> dict[str, Box]:
    """Tables that nothing joins with another, below the others."""
    top = max((box.y + box.height for box in above.values()), default=-2 * _GAP) + 3 * _GAP
    width = max((_width(node) for node in nodes), default=0)
    found = {}
    for number, node in enumerate(nodes):
        row, place = divmod(number, _IN_A_ROW)
        x, y = _EDGE + place * (width + _BESIDE), top + row * (HEIGHT + _GAP)
        found[node.key] = Box(node=node, x=round(x, 1), y=round(y, 1), width=width)
    return found
