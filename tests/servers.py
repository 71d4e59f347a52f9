"""PostgreSQL for the tests: databases made for one test, and the example's databases as templates."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from schemadiff.embedded import EmbeddedServer, create_database, drop_database, load_sql


class MakeDatabase(Protocol):
    """The `make_database` fixture: a fresh database with that SQL in it; gone after the test."""

    def __call__(self, server: EmbeddedServer, sql: Path | str | None = None) -> str: ...


@contextmanager
def fresh_database(
    server: EmbeddedServer, sql: Path | str | None = None, template: str | None = None
) -> Iterator[str]:
    """A database of its own, with the SQL loaded or as a copy of a template; yields its URI."""
    name = f"t_{uuid.uuid4().hex[:12]}"
    dsn = create_database(server, name, template)
    try:
        if sql is not None:
            load_sql(dsn, sql, trusted=True)
        yield dsn
    finally:
        drop_database(server, name)
