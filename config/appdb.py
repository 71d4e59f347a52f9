"""The application's own database while it is in use.

Without `DATABASE_URL` that is an embedded server, which runs while anybody uses it: every user holds a shared
lock, and whoever ends last stops the server.
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.migrations.executor import MigrationExecutor

from config import appdb_settings
from schemadiff.core.errors import SchemadiffError
from schemadiff.embedded import EmbeddedServer, create_database, known, start

_hold: IO[str] | None = None


class NotMigrated(SchemadiffError):
    """The application's database is not up to date: run `manage.py migrate` on it."""


@contextmanager
def in_use() -> Iterator[None]:
    """Inside the block the application's database runs and is up to date."""
    try:
        ensure_running()
        yield
    finally:
        stop_if_started()


def ensure_running() -> None:
    """Start the embedded server if it is not running, point Django at it, migrate it if needed.

    A server named by `DATABASE_URL` is neither started nor migrated: NotMigrated says if it has to be.
    """
    global _hold
    if not appdb_settings.is_embedded():
        if _plan():
            raise NotMigrated
        return
    if _hold is None:
        _hold = _locked("users", fcntl.LOCK_SH)
    with _locked("preparing", fcntl.LOCK_EX):
        server = start(appdb_settings.folder(), appdb_settings.MAJOR)
        _make_database(server)
        point_django_at(appdb_settings.of_server(server))
        if _plan():
            call_command("migrate", verbosity=0, interactive=False)


def stop_if_started() -> None:
    """End our use of the embedded server, and stop it unless another process uses it."""
    global _hold
    connections.close_all()
    if _hold is None:
        return
    try:
        fcntl.flock(_hold, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if server := known(appdb_settings.folder()):
            server.stop()
    except BlockingIOError:
        pass
    finally:
        _hold.close()
        _hold = None


def point_django_at(database: dict[str, Any]) -> None:
    """Use that database from now on, in all threads."""
    current = connections.settings[DEFAULT_DB_ALIAS]
    if any(current.get(name) != value for name, value in database.items()):
        connections.close_all()
        current.update(database)
        settings.DATABASES[DEFAULT_DB_ALIAS].update(database)


def _locked(name: str, kind: int) -> IO[str]:
    """A file of the server's folder, locked until it is closed."""
    appdb_settings.folder().mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = (appdb_settings.folder() / name).open("w")
    fcntl.flock(handle, kind)
    return handle


def _make_database(server: EmbeddedServer) -> None:
    with psycopg.connect(server.dsn(), autocommit=True) as connection:
        found = connection.execute("SELECT FROM pg_database WHERE datname = %s", [appdb_settings.NAME])
        missing = found.fetchone() is None
    if missing:
        create_database(server, appdb_settings.NAME)


def _plan() -> list[Any]:
    executor = MigrationExecutor(connections[DEFAULT_DB_ALIAS])
    return list(executor.migration_plan(executor.loader.graph.leaf_nodes()))
