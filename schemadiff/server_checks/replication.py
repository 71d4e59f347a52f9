"""Whether changes can be followed live: wal_level, replication slots, WAL senders."""

from typing import Any

import psycopg

from schemadiff.server_checks.values import CheckState

Answer = tuple[CheckState, str]


def wal_level(connection: psycopg.Connection[Any]) -> Answer:
    (level,) = _one(connection, "SELECT current_setting('wal_level')")
    if level == "logical":
        return CheckState.OK, "wal_level is logical: changes of this database can be followed."
    return (
        CheckState.WARN,
        f"wal_level is {level}. That is enough for a copy; to follow changes live it must be logical "
        "(ALTER SYSTEM SET wal_level = logical, then restart).",
    )


def slots(connection: psycopg.Connection[Any]) -> Answer:
    limit, used = _one(
        connection,
        "SELECT current_setting('max_replication_slots')::int, (SELECT count(*) FROM pg_replication_slots)",
    )
    return _room("replication slots", "max_replication_slots", limit, used)


def senders(connection: psycopg.Connection[Any]) -> Answer:
    limit, used = _one(
        connection,
        "SELECT current_setting('max_wal_senders')::int, (SELECT count(*) FROM pg_stat_replication)",
    )
    return _room("WAL senders", "max_wal_senders", limit, used)


def _room(what: str, setting: str, limit: int, used: int) -> Answer:
    if limit > used:
        return CheckState.OK, f"{limit - used} of {limit} {what} are free."
    return (
        CheckState.WARN,
        f"None of {limit} {what} is free. That is enough for a copy; to follow changes live, raise {setting} "
        "(needs a restart) or remove one that nobody uses.",
    )


def _one(connection: psycopg.Connection[Any], sql: str) -> tuple[Any, ...]:
    row: tuple[Any, ...] | None = connection.execute(sql).fetchone()
    if row is None:
        raise psycopg.DataError("the server answered with no row")
    return row
