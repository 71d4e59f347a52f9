"""Which tables are drawn, and that what is drawn can be read: no box on another, always the same picture."""

from itertools import combinations

from schemadiff.core.marks import Mark
from schemadiff.core.picture import MOST, Box, Edge, Node, Picture, draw, draw_around
from schemadiff.core.picture_layers import layers_of
from schemadiff.core.picture_lines import Rectangle, path_between


def node(name: str, mark: Mark = Mark.CHANGED, weight: int = 0) -> Node:
    return Node(key=f"table:public.{name}", label=name, mark=mark, weight=weight)


def edge(start: str, end: str) -> Edge:
    keys = f"table:public.{start}", f"table:public.{end}"
    return Edge(name=f"{start}_{end}_fkey", start=keys[0], end=keys[1], mark=Mark.SAME)


def box_of(picture: Picture, name: str) -> Box:
    return next(box for box in picture.boxes if box.node.label == name)


def overlap(one: Box, other: Box) -> bool:
    across = one.x < other.right and other.x < one.right
    return across and one.y < other.y + other.height and other.y < one.y + one.height


def many(count: int) -> tuple[list[Node], list[Edge]]:
    nodes = [node(f"t{number:03}", weight=number) for number in range(count)]
    edges = [edge(f"t{number:03}", f"t{number // 2:03}") for number in range(1, count)]
    return nodes, [*edges, *(edge(f"t{number:03}", f"t{number - 1:03}") for number in range(1, count, 3))]


def test_who_is_referred_to_lies_to_the_left() -> None:
    names = ("orders", "clients", "items")
    picture = draw(map(node, names), [edge("orders", "clients"), edge("items", "orders")])
    places = [box_of(picture, name).x for name in ("clients", "orders", "items")]
    assert places == sorted(set(places))


def test_no_box_lies_on_another_and_all_lie_in_the_picture() -> None:
    picture = draw(*many(MOST))
    assert len(picture.boxes) == MOST
    assert not [pair for pair in combinations(picture.boxes, 2) if overlap(*pair)]
    assert min(box.x for box in picture.boxes) > 0 < min(box.y for box in picture.boxes)
    assert max(box.right for box in picture.boxes) < picture.width
    assert max(box.y + box.height for box in picture.boxes) <= picture.height


def test_the_same_tables_give_the_same_picture_in_whatever_order_they_come() -> None:
    nodes, edges = many(30)
    assert draw(nodes, edges) == draw(reversed(nodes), reversed(edges))


def test_neighbours_that_are_the_same_are_drawn_and_others_are_not() -> None:
    nodes = [node("orders"), node("clients", Mark.SAME), node("apart", Mark.SAME)]
    picture = draw(nodes, [edge("orders", "clients")])
    assert [box.node.label for box in picture.boxes] == ["clients", "orders"]


def test_where_not_all_can_be_drawn_the_weightiest_are_and_the_rest_is_counted() -> None:
    nodes, edges = many(100)
    picture = draw([*nodes, node("beside", Mark.SAME)], [*edges, edge("beside", "t099")])
    assert (len(picture.boxes), picture.left_out, picture.neighbours_left_out) == (MOST, 40, 1)
    assert {box.node.label for box in picture.boxes} == {f"t{number:03}" for number in range(40, 100)}


def test_around_one_table_only_its_neighbours_are_drawn() -> None:
    nodes, edges = many(10)
    picture = draw_around("table:public.t004", nodes, edges)
    assert {box.node.label for box in picture.boxes} == {"t002", "t003", "t004", "t008", "t009"}


def test_circles_and_self_references_end() -> None:
    names = ("a", "b", "c")
    keys = [edge("a", "b"), edge("b", "c"), edge("c", "a"), edge("a", "a")]
    picture = draw(map(node, names), keys)
    assert len(picture.curves) == 4
    assert len({curve.path for curve in picture.curves}) == 4


def test_a_key_to_a_table_that_is_not_there_is_not_drawn() -> None:
    picture = draw([node("a")], [edge("a", "nowhere")])
    assert (len(picture.boxes), picture.curves) == (1, ())


def test_a_column_that_would_be_too_tall_is_several() -> None:
    keys = ["hub", *(f"k{number:02}" for number in range(40))]
    columns = layers_of(keys, [(key, "hub") for key in keys[1:]])
    assert columns[0] == ["hub"]
    assert max(map(len, columns)) <= 16
    assert sorted(key for column in columns for key in column) == sorted(keys)


def test_a_long_chain_of_references_is_followed_to_its_end() -> None:
    keys = [f"k{number:04}" for number in range(2000)]
    columns = layers_of(keys, list(zip(keys[1:], keys[:-1], strict=True)))
    assert [column[0] for column in columns] == keys


def test_nothing_to_draw() -> None:
    assert draw([node("a", Mark.SAME)], []).boxes == ()


def test_a_line_passes_a_column_between_its_boxes() -> None:
    near, far = Rectangle(x=400, y=40, width=80), Rectangle(x=0, y=40, width=80)
    column = [Rectangle(x=200, y=y, width=80) for y in (0, 40, 80)]
    path = path_between(near, far, [[far], column, [near]])
    assert "280 34" in path and "200 34" in path  # 34 is the middle of the gap from 28 to 40
    assert path.endswith("81 54")
    assert "34" not in path_between(near, far, [[far], [near]])
