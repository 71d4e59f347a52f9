"""Columns of tables and views, and what numbers them."""

from dataclasses import dataclass, field
from enum import Enum

from schemadiff.core.foreign import FdwOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class SequenceOptions:
    type: str = "bigint"
    start: int = 1
    increment: int = 1
    minimum: int = 1
    maximum: int = 9223372036854775807
    cache: int = 1
    cycle: bool = False


class Persistence(Enum):
    PERMANENT = "permanent"
    UNLOGGED = "unlogged"


class Identity(Enum):
    ALWAYS = "always"
    BY_DEFAULT = "by default"


class Generated(Enum):
    STORED = "stored"
    VIRTUAL = "virtual"


@dataclass(frozen=True, slots=True, kw_only=True)
class NotNull:
    """What a NOT NULL may say since 18, where it is a constraint."""

    name: str | None = None  # where it is not the one that PostgreSQL gives
    inherited_by_none: bool = False  # NO INHERIT
    validated: bool = True
    repeated: bool = False  # a child says itself what its parent says
    comment: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """`default` holds a generated column's expression too; `collation` only where it is not the type's own."""

    name: str
    position: int
    type: str
    not_null: bool = False
    not_null_as: NotNull | None = None  # where it says something of its own
    # of a NOT NULL that it has from a parent alone, the name in this table; empty where it is the usual one
    inherited_not_null: str | None = field(default=None, compare=False)
    default: str | None = None
    collation: str | None = None
    identity: Identity | None = None
    identity_options: SequenceOptions | None = None
    identity_sequence: str | None = None
    identity_persistence: Persistence | None = None  # where its sequence is not as the table: since 15
    generated: Generated | None = None
    storage: str | None = None  # where it is not the type's own: plain, main, external, extended
    compression: str | None = None  # where it is not the server's default
    statistics: int | None = None  # likewise
    options: tuple[str, ...] = ()  # n_distinct=7
    fdw_options: FdwOptions = ()  # a foreign table's
    inherited: bool = False  # from a parent; a partition's always are, and do not say so
    local: bool = True  # whether the table has it by itself, too
    comment: str | None = None
