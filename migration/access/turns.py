"""Writes of the same row, one after another: so that what is copied of them is copied in the order of the writes."""

import threading
from collections.abc import Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from migration.access.errors import AccessError, ErrorKind
from migration.access.methods import Method

_TOO_LONG = "Another write of the same row took too long; nothing was written. Try again."


class Turns:
    """Who has a row's turn is its only writer in this process. Safe for threads; all rows of a batch at once."""

    def __init__(self) -> None:
        self.after_fork()

    def after_fork(self) -> None:
        """Nobody has a turn: those who do are in the parent."""
        self._changed = threading.Condition()
        self._taken: set[Hashable] = set()

    @contextmanager
    def of(self, rows: frozenset[Hashable], within: float) -> Iterator[None]:
        """Until the context ends. AccessError where the turn does not come within so many seconds."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._taken.isdisjoint(rows), within):
                raise AccessError(_TOO_LONG, ErrorKind.TIMEOUT)
            self._taken |= rows
        try:
            yield
        finally:
            with self._changed:
                self._taken -= rows
                self._changed.notify_all()


def rows_of(method: Method, arguments: Sequence[Any]) -> frozenset[Hashable]:
    """The rows that a call writes, by table and key; none of what is no row, which will be refused."""
    given = arguments[0]
    rows = [given] if isinstance(given, Mapping) else given if isinstance(given, Sequence) else ()
    return frozenset(
        (method.table, *(str(row.get(name)) for name in method.needs))
        for row in rows
        if isinstance(row, Mapping)
    )
