"""PostgreSQL for the tests: databases made for one test, and the example's databases as templates."""

import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import psycopg
import pytest
from psycopg import sql

from schemadiff.embedded import (
    EmbeddedServer,
    create_database,
    drop_database,
    is_at_hand,
    load_sql,
    throwaway,
)


class MakeDatabase(Protocol):
    """The `make_database` fixture: a fresh database with that SQL in it; gone after the test."""

    def __call__(self, server: EmbeddedServer, sql: Path | str | None = None) -> str: ...


@contextmanager
def of_the_machine(major: int) -> Iterator[EmbeddedServer]:
    """A server of a version that the wheel lacks; skips the test where the machine has none."""
    if not is_at_hand(major):
        pytest.skip(f"there is no PostgreSQL {major} on this machine")
    with throwaway(major) as server:
        yield server


@contextmanager
def roles_on(server: EmbeddedServer, roles: Iterable[str]) -> Iterator[None]:
    """Roles without login, which are the whole server's: dropped again with whatever is theirs."""
    names = [sql.Identifier(role) for role in roles]
    with psycopg.connect(server.dsn("postgres"), autocommit=True) as connection:
        for name in names:
            connection.execute(sql.SQL("CREATE ROLE {}").format(name))
    try:
        yield
    finally:
        with psycopg.connect(server.dsn("postgres"), autocommit=True) as connection:
            for name in names:
                connection.execute(sql.SQL("DROP OWNED BY {} CASCADE").format(name))
            for name in names:
                connection.execute(sql.SQL("DROP ROLE {}").format(name))


@contextmanager
def tablespaces_on(server: EmbeddedServer, names: Iterable[str]) -> Iterator[None]:
    """In folders of the server's own; dropped again when the databases that use them are gone."""
    with psycopg.connect(server.dsn("postgres"), autocommit=True) as connection:
        connection.execute("SET allow_in_place_tablespaces = on")
        for name in names:
            connection.execute(sql.SQL("CREATE TABLESPACE {} LOCATION ''").format(sql.Identifier(name)))
        try:
            yield
        finally:
            for name in names:
                connection.execute(sql.SQL("DROP TABLESPACE {}").format(sql.Identifier(name)))


@contextmanager
def two_databases(server: EmbeddedServer) -> Iterator[tuple[str, str]]:
    """Two empty databases under names of their own; a module that comes a second time finds no rest of its first."""
    with fresh_database(server) as one, fresh_database(server) as two:
        yield one, two


@contextmanager
def fresh_database(
    server: EmbeddedServer, script: Path | str | None = None, template: str | None = None
) -> Iterator[str]:
    """A database of its own, with the SQL loaded or as a copy of a template; yields its URI."""
    name = f"t_{uuid.uuid4().hex[:12]}"
    dsn = create_database(server, name, template)
    try:
        if script is not None:
            load_sql(dsn, script, trusted=True)
        yield dsn
    finally:
        drop_database(server, name)
