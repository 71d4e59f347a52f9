"""A pair of schemas: one made at random, the other by a few changes to it, or at random as well."""

from collections.abc import Callable
from typing import TypeAlias

from tests.generator.choices import Choices
from tests.generator.comments import Comment, new_comment
from tests.generator.functions import (
    Aggregate,
    Function,
    Procedure,
    Sequence,
    alter_function,
    new_function,
    new_sequence,
    over_relation,
)
from tests.generator.pieces import Piece, World
from tests.generator.table_parts import Part, alter_part, keyed, new_part, new_view_part
from tests.generator.tables import Table, alter_table, new_partition, new_table, relations
from tests.generator.types import Composite, Domain, Enum, Range, Schema, alter_type, new_schema, new_type
from tests.generator.views import View, alter_view, new_view

Pair: TypeAlias = tuple[World, World]
Maker: TypeAlias = Callable[[Choices, World], Piece | None]


def make_pair(choices: Choices) -> Pair:
    """Both as they stand: without what has not got what it needs."""
    source = make_world(choices)
    if choices.chance(15):
        return source, make_world(choices)
    target = source
    for _ in range(choices.number(1, 8)):
        target = changed(choices, target).standing()
    return (source, target) if choices.chance(50) else (target, source)


def make_world(choices: Choices) -> World:
    world = World([Schema(schema="", name="public")])
    for _ in range(choices.number(3, 32)):
        world = with_new(choices, world, _MAKERS)
    return world.standing()


def changed(choices: Choices, world: World) -> World:
    """With one piece more, less or other."""
    kind = choices.number(0, 9)
    pieces = [piece for piece in world if piece.key != ("schema", "public")]
    if kind < 3 or not pieces:
        return with_new(choices, world, _MAKERS)
    piece = choices.pick(pieces)
    if kind < 5:
        return world.without(piece.key)
    return altered(choices, world, piece)


def with_new(choices: Choices, world: World, makers: tuple[Maker, ...]) -> World:
    """With one piece more, and a key of its own if that is a table."""
    piece = next((made for _ in range(5) if (made := choices.pick(makers)(choices, world))), None)
    if piece is None:
        return world
    world = world.with_piece(piece)
    key = keyed(choices, world, piece) if isinstance(piece, Table) and choices.chance(60) else None
    return world.with_piece(key) if key else world


def altered(choices: Choices, world: World, piece: Piece) -> World:
    """With the piece as it was, but for one thing."""
    match piece:
        case Table():
            return alter_table(choices, world, piece)
        case View():
            return world.with_piece(alter_view(choices, world, piece))
        case Enum() | Domain() | Composite() | Range():
            return world.with_piece(alter_type(choices, world, piece))
        case Function() | Procedure() | Aggregate() | Sequence():
            return world.with_piece(alter_function(choices, world, piece))
        case Part():
            return world.with_piece(alter_part(choices, world, piece))
        case Comment():
            return world.without(piece.key)
    return world.without(piece.key)


def _new_reader(choices: Choices, world: World) -> Piece | None:
    there = relations(world)
    relation = choices.pick(there) if there else None
    if relation is None or not relation.fields:
        return None
    return over_relation(choices, world, relation, choices.pick(relation.fields))


_MAKERS: tuple[Maker, ...] = (
    *(new_table,) * 5,
    *(new_part,) * 10,
    *(new_view,) * 4,
    *(new_type,) * 3,
    *(new_function,) * 3,
    *(new_partition,) * 2,
    *(new_view_part,) * 2,
    *(new_comment,) * 2,
    _new_reader,
    new_sequence,
    new_schema,
)
