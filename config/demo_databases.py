"""The demo's source and target: two servers with the example's databases in them."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from migration import seedcase
from schemadiff.embedded import EmbeddedServer, create_database, drop_database, known, start

DATABASE = "booking_bot"


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two: its folder's name, its PostgreSQL version, and what fills it."""

    name: str
    major: int
    load: Callable[[str], None]


SOURCE = Side("source", 16, seedcase.load_source)
TARGET = Side("target", 18, seedcase.load_target)


@contextmanager
def running(
    data: Path, *, beside: Callable[[], None], say: Callable[[str], object]
) -> Iterator[tuple[str, str]]:
    """Both servers, filled at the first time; yields the two URIs, and stops the servers afterwards.

    `beside` is done at the same time, in this thread.
    """
    if known(data / SOURCE.name) is None:
        say("Making the demo's databases; the next start is faster.")
    with ExitStack() as stack:
        for side in (SOURCE, TARGET):
            stack.callback(_stop, data / side.name)
        with ThreadPoolExecutor() as pool:
            source, target = (pool.submit(_prepared, data, side) for side in (SOURCE, TARGET))
            beside()
        yield source.result(), target.result()


def _prepared(data: Path, side: Side) -> str:
    server = start(data / side.name, side.major)
    if not _exists(server):
        _fill(server, side)
    return server.dsn(DATABASE)


def _fill(server: EmbeddedServer, side: Side) -> None:
    """Load under another name, so that a database of the right name is a whole one."""
    draft = f"{DATABASE}_draft"
    drop_database(server, draft)
    side.load(create_database(server, draft))
    with psycopg.connect(server.dsn(), autocommit=True) as connection:
        rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
        connection.execute(rename.format(sql.Identifier(draft), sql.Identifier(DATABASE)))


def _exists(server: EmbeddedServer) -> bool:
    with psycopg.connect(server.dsn()) as connection:
        found = connection.execute("SELECT FROM pg_database WHERE datname = %s", [DATABASE])
        return found.fetchone() is not None


def _stop(folder: Path) -> None:
    server = known(folder)
    if server is not None:
        server.stop()
