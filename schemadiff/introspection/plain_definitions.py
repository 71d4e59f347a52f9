"""Definitions that PostgreSQL need not print one by one: those of keys and plain indexes.

They are made as ruleutils.c makes them. Which operator class is a type's default, and so is left out, only the server
knows: of the indexes that are alike but for names it prints one, and the others are made if that one is as it would be
made. Where an index computes something, the others get what follows the names in the one that was printed.
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
        return f"{self._start(name, table)}{method} ({', '.join(keys)})"

    def alike(self, fetch: Fetch, known: Addresses, rows: Iterable[_Row]) -> list[list[_Row]]:
        """The plain indexes among the rows of indexes.sql, those together whose definitions differ in names only.

        The first of each is asked for, which printed() looks at.
        """
        groups = defaultdict(list)
        for row in rows:
            if row[3] is not None:
                groups[_all_but_names(known, row)].append(row)
        fetch.within(indexes=[group[0][0] for group in groups.values()]).ahead("index_definitions")
        return list(groups.values())

    def printed(self, fetch: Fetch, known: Addresses, alike: list[list[_Row]]) -> dict[int, str | None]:
        """Of these indexes those that compute something, or that index() would not make as PostgreSQL does.

        By OID, as PostgreSQL prints them; None for what was dropped meanwhile.
        """
        first: dict[int, str | None] = dict(fetch("index_definitions"))
        found: dict[int, str | None] = {}
        differing: list[int] = []
        for group in alike:
            made = self._made(known, group, first[group[0][0]])
            if made is None:
                differing += [row[0] for row in group]
            else:
                found.update(made)
        return found | dict(fetch.within(indexes=differing)("index_definitions")) if differing else found

    def _made(self, known: Addresses, group: list[_Row], first: str | None) -> dict[int, str] | None:
        """What index() does not make of the group; None if PostgreSQL makes it otherwise than we do."""
        _, relation, key, _, computed, _, name, _, _, orders, method, *_ = group[0]
        if computed is None:
            columns = known.columns(relation, numbers(key))
            made = len(columns) == len(numbers(key)) and first == self.index(
                name, known.relations[relation], method, columns, orders
            )
            return {} if made else None
        start = self._start(name, known.relations[relation])
        if first is None or not first.startswith(start):
            return None
        rest = first.removeprefix(start)
        return {row[0]: self._start(row[6], known.relations[row[1]]) + rest for row in group}

    def _start(self, name: str, table: ObjectRef) -> str:
        on = self._qualified((table.schema, table.name))
        return f"CREATE INDEX {self._quoted(name)} ON {on} USING "

    def _listed(self, columns: tuple[str, ...]) -> str:
        return ", ".join([self._quoted(column) for column in columns])

    def _qualified(self, table: tuple[str, str]) -> str:
        return f"{self._quoted(table[0])}.{self._quoted(table[1])}"


def _all_but_names(known: Addresses, row: _Row) -> object:
    """What is the same for indexes whose definitions differ in names only."""
    types = known.column_types.get(row[1])
    if types is None:
        return row[0]
    if row[4] is not None:  # it may look at any column: all have the same names and types
        return (row[3], row[4], row[2], id(known.names_of(row[1])), id(types))
    return (row[3], *[types.get(number) for number in numbers(row[2])])
