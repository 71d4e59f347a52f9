"""The page of a comparison's picture: the tables that differ, their foreign keys, and the same as a table."""

from collections import defaultdict
from dataclasses import dataclass
from urllib.parse import urlencode

from schemadiff.compared import summary_of
from schemadiff.core.catalog import Kind
from schemadiff.core.marks import Mark
from schemadiff.core.picture import MOST, Edge, Node, Picture, draw, draw_around
from schemadiff.models import ComparedObject, Comparison
from schemadiff.store.compared import tables_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A foreign key as the table beneath the picture says it."""

    name: str
    other: str
    mark: Mark


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A drawn table: `query` opens it on the diff page, `around` draws what lies around it."""

    node: Node
    query: str
    around: str
    refers: tuple[Key, ...]
    referred: tuple[Key, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PicturePage:
    comparison: Comparison
    picture: Picture
    rows: tuple[Row, ...]
    sentence: str
    around: str  # the label of the table in the middle, if one was asked for
    most: int = MOST
    section: str = "comparisons"


def picture_page(comparison: Comparison, around: str) -> PicturePage:
    """`around` is a table's key; without it the tables that differ are drawn."""
    summary_of(comparison)
    tables = tables_of(comparison)
    nodes, edges = [_node(table) for table in tables], _edges(tables)
    labels = {node.key: node.label for node in nodes}
    picture = draw_around(around, nodes, edges) if around in labels else draw(nodes, edges)
    return PicturePage(
        comparison=comparison,
        picture=picture,
        rows=_rows(picture, edges, labels),
        sentence=_sentence(picture),
        around=labels.get(around, ""),
    )


def _node(table: ComparedObject) -> Node:
    return Node(
        key=table.key,
        label=table.label.removeprefix("public."),
        mark=Mark(table.mark),
        changes=table.changes,
        weight=(5 - table.severity) * 1_000_000 + table.changes if table.severity else 0,
    )


def _edges(tables: list[ComparedObject]) -> list[Edge]:
    """A key that the target has on a renamed table leads to the table under its name in the source."""
    renamed = {
        f"{Kind.TABLE.value}:{table.target_label}": table.key for table in tables if table.target_label
    }
    found = {
        (table.key, renamed.get(to, to), name): Edge(
            name=name, start=table.key, end=renamed.get(to, to), mark=Mark(mark)
        )
        for table in tables
        for name, to, mark in table.references
    }
    return list(found.values())


def _rows(picture: Picture, edges: list[Edge], labels: dict[str, str]) -> tuple[Row, ...]:
    refers: defaultdict[str, list[Key]] = defaultdict(list)
    referred: defaultdict[str, list[Key]] = defaultdict(list)
    for edge in edges:
        refers[edge.start].append(Key(name=edge.name, other=labels.get(edge.end, edge.end), mark=edge.mark))
        if edge.start in labels:
            referred[edge.end].append(Key(name=edge.name, other=labels[edge.start], mark=edge.mark))
    return tuple(
        Row(
            node=box.node,
            query="?" + urlencode({"object": box.node.key}),
            around="?" + urlencode({"around": box.node.key}),
            refers=tuple(refers[box.node.key]),
            referred=tuple(referred[box.node.key]),
        )
        for box in picture.boxes
    )


def _sentence(picture: Picture) -> str:
    """What is drawn, and what is not."""
    touched = sum(box.node.is_touched for box in picture.boxes)
    beside = len(picture.boxes) - touched
    parts = [f"{touched:,} table{'' if touched == 1 else 's'} that differ{'s' if touched == 1 else ''}"]
    if beside:
        parts.append(f"{beside:,} that foreign keys join with them and that are the same")
    said = f"{' and '.join(parts)}."
    if picture.left_out:
        said += (
            f" {picture.left_out:,} more that differ are left out: beyond {MOST} boxes nothing can be read."
        )
    if picture.neighbours_left_out:
        plural = "" if picture.neighbours_left_out == 1 else "s"
        said += f" {picture.neighbours_left_out:,} more neighbour{plural} left out."
    return said
