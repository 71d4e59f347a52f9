"""Stand-ins for a pool with which a write leaves nothing: undone on the target, never sent to the source."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg

from migration.access.explaining import explained
from migration.access.pool import Pool, Session


class Undone:
    """Every statement is rolled back as soon as its rows are read. Numbers that sequences gave stay used."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def fetch(self, statement: str, parameters: Sequence[Any] = ()) -> list[dict[str, Any]]:
        with self.transaction() as session:
            return session.execute(statement.encode(), parameters).fetchall()

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        session = self._pool.take()
        try:
            with session.transaction(force_rollback=True):
                yield session
        except psycopg.Error as exc:
            raise explained(exc, self._pool.label) from exc
        finally:
            self._pool.give_back(session)


class NotSent(Exception):
    """The arguments were fine, and the statement would have been sent now."""


class NeverSent:
    """Takes no statement at all: for arguments that are only to be checked."""

    def fetch(self, statement: str, parameters: Sequence[Any] = ()) -> list[dict[str, Any]]:
        raise NotSent

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        raise NotSent
        yield
