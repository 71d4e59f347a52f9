"""Making and dropping databases on an embedded server."""

import contextlib
from collections.abc import Iterator

import psycopg
from psycopg import sql

from schemadiff.embedded.server import EmbeddedServer


def create_database(server: EmbeddedServer, name: str, template: str | None = None) -> str:
    """Make a database, empty or a copy of `template` (whose sessions are ended); returns its URI."""
    statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
    with _administration(server) as connection:
        if template:
            _end_sessions(connection, template)
        connection.execute(statement.format(sql.Identifier(name), sql.Identifier(template or "template0")))
    return server.dsn(name)


def drop_database(server: EmbeddedServer, name: str) -> None:
    """Remove a database with its sessions, subscriptions and replication slots; one that is not there is fine."""
    slots = "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE database = %s"
    with _administration(server) as connection:
        _drop_subscriptions(connection, server, name)
        _end_sessions(connection, name)
        connection.execute(slots, [name])
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


@contextlib.contextmanager
def _administration(server: EmbeddedServer) -> Iterator[psycopg.Connection]:
    try:
        connection = psycopg.connect(server.dsn(), autocommit=True, connect_timeout=10)
    except psycopg.OperationalError as exc:
        raise server.files.failure(
            f"The embedded PostgreSQL {server.major} on port {server.port} does not answer."
        ) from exc
    with connection:
        yield connection


def _drop_subscriptions(connection: psycopg.Connection, server: EmbeddedServer, name: str) -> None:
    """They hold their database back, and only a session in it can drop them. Their publishers are not asked."""
    found = connection.execute(
        "SELECT subname FROM pg_subscription s JOIN pg_database d ON d.oid = s.subdbid WHERE d.datname = %s",
        [name],
    ).fetchall()
    if not found:
        return
    with psycopg.connect(server.dsn(name), autocommit=True) as inside:
        for (subscription,) in found:
            named = sql.Identifier(subscription)
            inside.execute(sql.SQL("ALTER SUBSCRIPTION {} DISABLE").format(named))
            inside.execute(sql.SQL("ALTER SUBSCRIPTION {} SET (slot_name = NONE)").format(named))
            inside.execute(sql.SQL("DROP SUBSCRIPTION {}").format(named))


def _end_sessions(connection: psycopg.Connection, name: str) -> None:
    """End a database's sessions and wait, for as long as PostgreSQL needs, until they are gone."""
    connection.execute(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
        " WHERE datname = %s AND pid <> pg_backend_pid()",
        [name],
    )
