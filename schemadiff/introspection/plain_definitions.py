"""Definitions that PostgreSQL need not print one by one: those of keys and indexes that have but columns.

They are made as ruleutils.c makes them. Which operator class is a type's default, and so is left out, only the server
knows: of the indexes that are alike but for names it prints one, and the others are made if that one is as it would be
made.
"""

from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, TypeAlias

from schemadiff.core.catalog import ObjectRef
from schemadiff.core.identifiers import quote
from schemadiff.introspection.addresses import Addresses, numbers
from schemadiff.introspection.fetch import Fetch

_ORDERS = {"0": "", "1": " DESC NULLS LAST", "2": " NULLS FIRST", "3": " DESC"}  # indoption
_ON_DELETE = {"a": "", "c": " ON DELETE CASCADE", "r": " ON DELETE RESTRICT"}  # confdeltype

_Row: TypeAlias = tuple[Any, ...]


class PlainDefinitions:
    """Of one server, for what counts as a keyword is its own affair."""

    def __init__(self, fetch: Fetch) -> None:
        keywords = frozenset(word for (word,) in fetch("keywords"))
        self._quoted = lru_cache(maxsize=None)(lambda name: quote(name, keywords))

    def primary_key(self, columns: tuple[str, ...]) -> str:
        return f"PRIMARY KEY ({self._listed(columns)})"

    def foreign_key(
        self, columns: tuple[str, ...], table: tuple[str, str], referenced: tuple[str, ...], on_delete: str
    ) -> str:
        """`on_delete` is pg_constraint's confdeltype."""
        return (
            f"FOREIGN KEY ({self._listed(columns)})"
            f" REFERENCES {self._qualified(table)}({self._listed(referenced)}){_ON_DELETE[on_delete]}"
        )

    def index(self, name: str, table: ObjectRef, method: str, columns: tuple[str, ...], orders: str) -> str:
        """`orders` are pg_index's indoption."""
        keys = [
            self._quoted(column) + _ORDERS[order]
            for column, order in zip(columns, orders.split(), strict=True)
        ]
        on = self._qualified((table.schema, table.name))
        return f"CREATE INDEX {self._quoted(name)} ON {on} USING {method} ({', '.join(keys)})"

    def alike(self, fetch: Fetch, known: Addresses, rows: Iterable[_Row]) -> list[list[_Row]]:
        """The plain indexes among the rows of indexes.sql, those together whose definitions differ in names only.

        The first of each is asked for, which differing() looks at.
        """
        groups = defaultdict(list)
        for row in rows:
            if row[3] is not None:
                groups[_all_but_names(known, row)].append(row)
        fetch.within(indexes=[group[0][0] for group in groups.values()]).ahead("index_definitions")
        return list(groups.values())

    def differing(self, fetch: Fetch, known: Addresses, alike: list[list[_Row]]) -> dict[int, str | None]:
        """Of these indexes those that index() would not make as PostgreSQL does.

        By OID, as PostgreSQL prints them; None for what was dropped meanwhile.
        """
        first: dict[int, str | None] = dict(fetch("index_definitions"))
        differing = [row[0] for group in alike if not self._as_made(known, group[0], first) for row in group]
        return dict(fetch.within(indexes=differing)("index_definitions")) if differing else {}

    def _as_made(self, known: Addresses, row: _Row, printed: dict[int, str | None]) -> bool:
        oid, relation, key, _, _, name, _, _, orders, method, *_ = row
        columns = known.columns(relation, numbers(key))
        return len(columns) == len(numbers(key)) and printed[oid] == self.index(
            name, known.relations[relation], method, columns, orders
        )

    def _listed(self, columns: tuple[str, ...]) -> str:
        return ", ".join([self._quoted(column) for column in columns])

    def _qualified(self, table: tuple[str, str]) -> str:
        return f"{self._quoted(table[0])}.{self._quoted(table[1])}"


def _all_but_names(known: Addresses, row: _Row) -> object:
    """What is the same for indexes whose definitions differ in names only."""
    types = known.column_types.get(row[1])
    if types is None:
        return row[0]
    return (row[3], *[types.get(number) for number in numbers(row[2])])
