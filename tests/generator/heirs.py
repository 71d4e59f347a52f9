"""Pairs of schemas with plain inheritance: children with columns of their own, of one parent or two, and theirs.

A kind of pairs apart, so that the seeds of the others stay what they are. A table neither joins a parent nor leaves
one here: what it inherits would be its own as well afterwards, which no plan takes back.
"""

from dataclasses import replace

from tests.generator.choices import Choices
from tests.generator.comments import new_comment
from tests.generator.functions import new_function
from tests.generator.names import fresh_name
from tests.generator.pairs import Maker, Pair, altered, with_new
from tests.generator.pieces import Key, Piece, World
from tests.generator.table_parts import new_part
from tests.generator.tables import Column, Table, alter_table, new_column, new_table, with_settings
from tests.generator.types import Schema, choose_schema, new_type
from tests.generator.views import new_view


def make_pair_of_heirs(choices: Choices) -> Pair:
    """Both as they stand; the one comes of the other by a few changes."""
    source = _make_world(choices)
    target = source
    for _ in range(choices.number(1, 6)):
        after = _changed(choices, target).standing()
        target = target if _joins_or_leaves(source, after) else after
    return (source, target) if choices.chance(50) else (target, source)


def _joins_or_leaves(one: World, other: World) -> bool:
    """Whether a table of both has other parents in one: its name may have been free for another."""
    parents = {table.key: table.inherits for table in one.of(Table)}
    return any(parents.get(table.key, table.inherits) != table.inherits for table in other.of(Table))


def _make_world(choices: Choices) -> World:
    world = World([Schema(schema="", name="public")])
    for _ in range(choices.number(4, 20)):
        world = with_new(choices, world, _MAKERS)
    return world.standing()


def _changed(choices: Choices, world: World) -> World:
    kind = choices.number(0, 9)
    pieces = [piece for piece in world if piece.key != ("schema", "public")]
    if kind < 2 or not pieces:
        return with_new(choices, world, _MAKERS)
    tables = world.of(Table)
    piece: Piece = choices.pick(tables) if tables and choices.chance(50) else choices.pick(pieces)
    if kind < 4:
        return world.without(piece.key)
    if not isinstance(piece, Table):
        return altered(choices, world, piece)
    changed = _altered_heir(choices, world, piece) if piece.inherits else alter_table(choices, world, piece)
    return _handed_down(changed, piece.key)


def new_heir(choices: Choices, world: World) -> Piece | None:
    """Of tables that are neither partitioned nor partitions."""
    parents = [table for table in world.of(Table) if not table.strategy and not table.parent]
    if not parents:
        return None
    first = choices.pick(parents)
    others = [table for table in parents if _goes_with(table, first)]
    both = [first, choices.pick(others)] if others and choices.chance(25) else [first]
    keys = tuple(table.key for table in both)
    schema, name = choose_schema(choices, world), fresh_name(choices, world)
    columns = _of_parents(world, keys)
    table = Table(schema=schema, name=name, columns=columns, inherits=keys, inherited=len(columns))
    for _ in range(choices.number(0, 2)):
        table = _with_own(choices, world, table)
    return with_settings(choices, table)


def _goes_with(table: Table, first: Table) -> bool:
    """Whether a child of both would not have to choose between two columns of one name."""
    names = {column.name for column in first.columns}
    return table.key != first.key and not any(column.name in names for column in table.columns)


def _with_own(choices: Choices, world: World, table: Table) -> Table:
    """A column whose name no other table's can be: what it has by itself it does not come to inherit."""
    made = new_column(choices, world, table.schema, table.name, table.columns)
    taken = {column.name for column in table.columns}
    name = next(name for n in range(99) if (name := f"{table.name[:9]} {n}") not in taken)
    return replace(table, columns=(*table.columns, replace(made, name=name)))


def _altered_heir(choices: Choices, world: World, table: Table) -> World:
    own = range(table.inherited, len(table.columns))
    match choices.number(0, 3):
        case 0 | 1:
            return world.with_piece(_with_own(choices, world, table))
        case 2 if own:
            place = choices.pick(own)
            left = (*table.columns[:place], *table.columns[place + 1 :])
            return world.with_piece(replace(table, columns=left))
        case _:
            return world.with_piece(with_settings(choices, table))


def _handed_down(world: World, parent: Key) -> World:
    """The parent's columns as they are now in its children, and theirs."""
    for heir in world.of(Table):
        if parent in heir.inherits:
            columns = _of_parents(world, heir.inherits)
            own = heir.columns[heir.inherited :]
            changed = replace(heir, columns=(*columns, *own), inherited=len(columns))
            world = _handed_down(world.with_piece(changed), changed.key)
    return world


def _of_parents(world: World, parents: tuple[Key, ...]) -> tuple[Column, ...]:
    """Neither what numbers them nor what is said of their storage is handed down."""
    tables = (world.get(parent) for parent in parents)
    columns = (column for table in tables if isinstance(table, Table) for column in table.columns)
    return tuple({column.name: _plain(column) for column in columns}.values())


def _plain(column: Column) -> Column:
    return replace(column, identity=None, serial=False, extras=())


_MAKERS: tuple[Maker, ...] = (
    *(new_table,) * 3,
    *(new_heir,) * 5,
    *(new_part,) * 8,
    *(new_view,) * 2,
    new_type,
    new_function,
    new_comment,
)
