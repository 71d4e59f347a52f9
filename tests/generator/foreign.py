"""Pairs of schemas in which some tables are foreign ones, of servers with options; a kind apart, as heirs are."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from tests.generator.choices import Choices
from tests.generator.pairs import Pair, make_pair
from tests.generator.pieces import Key, Piece, World
from tests.generator.tables import Table
from tests.generator.views import View

_SERVERS = ("near", "far")
_OPTIONS = ("", " OPTIONS (a '1')", " OPTIONS (a '2', \"B c\" 'it''s')", " OPTIONS (table_name 'x')")


@dataclass(frozen=True, kw_only=True)
class Server(Piece):
    kind = "server"
    options: str = ""

    @property
    def required(self) -> frozenset[Key]:
        return frozenset()

    @property
    def provided(self) -> frozenset[Key]:
        return frozenset({("server", self.name)})

    def script(self) -> str:
        made = f'CREATE SERVER "{self.name}" FOREIGN DATA WRAPPER wrapper{self.options};'
        return f"CREATE FOREIGN DATA WRAPPER wrapper;\n{made}" if self.name == _SERVERS[0] else made


@dataclass(frozen=True, kw_only=True)
class ForeignTable(Table):
    """Has neither keys nor indexes: they ask for a table."""

    server: str = _SERVERS[0]
    fdw_options: str = ""

    @property
    def required(self) -> frozenset[Key]:
        return super().required | {("server", self.server)}

    @property
    def provided(self) -> frozenset[Key]:
        return super().provided - {("is", "table", *self.key)}

    def script(self) -> str:
        lines = ", ".join(column.clause for column in self.columns)
        return f'CREATE FOREIGN TABLE {self.sql_name} ({lines}) SERVER "{self.server}"{self.fdw_options};'

    def smaller(self) -> Iterator[Piece]:
        if self.fdw_options:
            yield replace(self, fdw_options="")


def make_pair_of_foreign(choices: Choices) -> Pair:
    """Mostly the same tables are foreign on both sides."""
    one, other = make_pair(choices)
    chosen = {table.key for table in (*one.of(Table), *other.of(Table)) if choices.chance(50)}
    return _with_foreign(choices, one, chosen), _with_foreign(choices, other, chosen)


def _with_foreign(choices: Choices, world: World, chosen: set[Key]) -> World:
    found = World([Server(schema="", name=name, options=choices.pick(_OPTIONS)) for name in _SERVERS])
    for piece in world:
        if isinstance(piece, View) and piece.materialized:
            continue  # which would be filled from a wrapper that reads nothing
        is_plain = isinstance(piece, Table) and not (piece.strategy or piece.parent or piece.inherits)
        if isinstance(piece, Table) and is_plain and piece.key in chosen and choices.chance(90):
            piece = _foreign(choices, piece)
        found = found.with_piece(piece)
    return found.standing()


def _foreign(choices: Choices, table: Table) -> ForeignTable:
    columns = tuple(replace(column, identity=None, serial=False, extras=()) for column in table.columns)
    return ForeignTable(
        schema=table.schema,
        name=table.name,
        columns=columns,
        server=_SERVERS[0] if choices.chance(80) else _SERVERS[1],
        fdw_options=choices.pick(_OPTIONS),
    )
