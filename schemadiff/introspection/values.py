"""Values that several tables, or both sides of a comparison, hold alike: made once, and the same object wherever they
are held, so that comparing them costs nothing."""

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from schemadiff.core.catalog import Column, Constraint, Index


class ColumnList(NamedTuple):
    """A relation's columns, and their names and types by number."""

    columns: tuple[Column, ...]
    names: dict[int, str]
    types: dict[int, str]


@dataclass(slots=True)
class Values:
    """By what was read: rows without OIDs. Two threads may fill it at once: at worst a value is made twice.

    Lists of columns and names are parts of others' keys by their identity: the first one kept is the one used.
    """

    columns: dict[tuple[Any, ...], ColumnList] = field(default_factory=dict)
    names: dict[tuple[tuple[int, str], ...], dict[int, str]] = field(default_factory=dict)
    constraints: dict[tuple[Any, ...], Constraint] = field(default_factory=dict)
    indexes: dict[tuple[Any, ...], Index] = field(default_factory=dict)
