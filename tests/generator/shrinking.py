"""A failing pair with everything taken away that the failure does not need."""

from collections.abc import Callable, Iterator

from tests.generator.pairs import Pair
from tests.generator.pieces import World


def shrunk(pair: Pair, fails: Callable[[Pair], bool]) -> Pair:
    """Repeats the steps that still fail until none does."""
    found: Pair | None = pair
    while found:
        pair = found
        found = next((smaller for smaller in _smaller(pair) if fails(smaller)), None)
    return pair


def _smaller(pair: Pair) -> Iterator[Pair]:
    """Halves first, then piece by piece, then changes undone, then pieces with less in them."""
    one, two = pair
    keys = list(dict.fromkeys([piece.key for piece in (*one, *two)]))
    for size in (len(keys) // 2, len(keys) // 4, len(keys) // 8, 1):
        for start in reversed(range(0, len(keys), size)) if size else ():
            gone = set(keys[start : start + size])
            yield from _fresh(
                pair, World(p for p in one if p.key not in gone), World(p for p in two if p.key not in gone)
            )
    for key in keys:
        yield from _fresh(pair, one.without(key), two)
        yield from _fresh(pair, one, two.without(key))
        if (left := one.get(key)) and (right := two.get(key)) and left != right:
            yield from _fresh(pair, one, two.with_piece(left))
            yield from _fresh(pair, one.with_piece(right), two)
    for key in keys:
        left, right = one.get(key), two.get(key)
        if left and left == right:
            for less in left.smaller():
                yield from _fresh(pair, one.with_piece(less), two.with_piece(less))
        for less in left.smaller() if left else ():
            yield from _fresh(pair, one.with_piece(less), two)
        for less in right.smaller() if right else ():
            yield from _fresh(pair, one, two.with_piece(less))


def _fresh(before: Pair, one: World, two: World) -> Iterator[Pair]:
    """The pair as it stands, if it is another one."""
    pair = one.standing(), two.standing()
    if [world.script() for world in pair] != [world.script() for world in before]:
        yield pair
