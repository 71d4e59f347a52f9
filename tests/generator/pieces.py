"""Pieces of a schema, each with what it needs and provides, and the world that they make up."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar, TypeAlias, TypeVar

Key: TypeAlias = tuple[str, ...]
"""A kind and names: ("table", "public", "t"), ("column", "public", "t", "a", "int")."""


def quoted(name: str) -> str:
    """Always in quotes: independent of when the project thinks that a name needs them."""
    return '"' + name.replace('"', '""') + '"'


def dotted(schema: str, name: str) -> str:
    return f"{quoted(schema)}.{quoted(name)}"


@dataclass(frozen=True)
class Expression:
    """SQL of which is known what kind of value it gives and what it needs."""

    sql: str
    family: str
    needs: frozenset[Key] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Piece(ABC):
    """One object, made by one script."""

    kind: ClassVar[str]
    schema: str
    name: str
    needs: frozenset[Key] = frozenset()

    @property
    def key(self) -> Key:
        return (self.kind, self.schema, self.name)

    @property
    def sql_name(self) -> str:
        return dotted(self.schema, self.name)

    @property
    def required(self) -> frozenset[Key]:
        """What has to be there before it."""
        return self.needs | {("schema", self.schema)}

    @property
    def provided(self) -> frozenset[Key]:
        return frozenset({self.key})

    @abstractmethod
    def script(self) -> str:
        """The statements that make it, each with its semicolon."""

    def smaller(self) -> Iterator["Piece"]:
        """The same piece with a little less in it, to find out what a failure is about."""
        yield from ()


_Piece = TypeVar("_Piece", bound=Piece)


class World:
    """Pieces by key. Read only: what changes it makes another one."""

    def __init__(self, pieces: Iterable[Piece] = ()) -> None:
        self._pieces = {piece.key: piece for piece in pieces}

    def __iter__(self) -> Iterator[Piece]:
        return iter(self._pieces.values())

    def __len__(self) -> int:
        return len(self._pieces)

    def get(self, key: Key) -> Piece | None:
        return self._pieces.get(key)

    def of(self, kind: type[_Piece]) -> list[_Piece]:
        return [piece for piece in self if isinstance(piece, kind)]

    def names(self) -> set[str]:
        return {piece.name for piece in self}

    def with_piece(self, piece: Piece) -> "World":
        """In the place of the piece with that key, or at the end."""
        return World((self._pieces | {piece.key: piece}).values())

    def without(self, key: Key) -> "World":
        return World(piece for piece in self if piece.key != key)

    def standing(self) -> "World":
        """Those whose needs are met, in an order that makes them. The rest falls."""
        order: list[Piece] = []
        there: set[Key] = set()
        waiting = list(self)
        while waiting:
            ready = next((piece for piece in waiting if piece.required <= there), None)
            if ready is None:
                break
            waiting.remove(ready)
            order.append(ready)
            there |= ready.provided
        return World(order)

    def script(self) -> str:
        return "\n".join(piece.script() for piece in self.standing())
