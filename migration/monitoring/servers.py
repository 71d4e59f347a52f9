"""EDGE: what a server says of itself, read only and with limits on every wait. Knows no Django.

A server that does not answer is a fact that was measured, not an error.
"""

import ssl
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from schemadiff.databases import CannotConnect, connect
from schemadiff.server_checks import Address
from schemadiff.server_checks.reach import offered_tls

CONNECT_SECONDS = 5
STATEMENT_SECONDS = 5
SLOW_MEAN_MS = 100.0
_MOST_STATEMENTS = 50

_STATEMENTS = """
SELECT queryid::text, query, calls::bigint, total_exec_time::float8, max_exec_time::float8
FROM {}.pg_stat_statements
WHERE dbid = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
  AND queryid IS NOT NULL AND query IS NOT NULL AND max_exec_time > %s
ORDER BY total_exec_time DESC LIMIT %s
"""
_ALL_STATEMENTS = """
SELECT coalesce(sum(calls), 0)::bigint, coalesce(sum(total_exec_time), 0)::float8
FROM {}.pg_stat_statements
WHERE dbid = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotFigures:
    """A replication slot: the log that it holds back, and how far behind whoever streams is (None: nobody)."""

    name: str
    held_mb: float
    lag_seconds: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementFigures:
    """A statement of pg_stat_statements that was slow at least once; `calls` and `total` are since its reset."""

    key: str
    text: str
    calls: int
    total: float
    highest: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerFigures:
    """One reading of a database. `counters` are since their reset, by name."""

    counters: dict[str, float]
    connections: int
    most_connections: int
    longest_transaction: float  # seconds
    slots: tuple[SlotFigures, ...]
    statements: tuple[StatementFigures, ...]


def read_server(dsn: str) -> ServerFigures:
    """Ask the database. Raises CannotConnect, with a sentence, where it is away or does not answer in time."""
    limited = make_conninfo(
        dsn,
        connect_timeout=CONNECT_SECONDS,
        options=f"-c statement_timeout={STATEMENT_SECONDS}s -c lock_timeout={STATEMENT_SECONDS}s",
    )
    with connect(limited) as connection:
        try:
            return _read(connection)
        except psycopg.Error as failure:
            said = failure.diag.message_primary or str(failure).splitlines()[0]
            raise CannotConnect(f"The server did not answer in full: {said}.") from failure


def certificate_days(address: Address, now: datetime | None = None) -> float | None:
    """Days until the server's certificate expires; None where it offers no TLS or is not reached."""
    try:
        offered = offered_tls(address, CONNECT_SECONDS)
    except (OSError, ssl.SSLError):
        return None
    if offered is None:
        return None
    return (offered.valid_until - (now or datetime.now(UTC))).total_seconds() / 86_400


def _read(connection: psycopg.Connection[Any]) -> ServerFigures:
    row = connection.execute(_state().encode()).fetchone()
    assert row is not None
    committed, rolled_back, hit, read, used, most, longest, slots, statistics = row
    counters = {
        "committed": float(committed),
        "rolled_back": float(rolled_back),
        "blocks_hit": float(hit),
        "blocks_read": float(read),
    }
    statements: tuple[StatementFigures, ...] = ()
    if statistics is not None:
        found = _statements(connection, statistics)
        if found is not None:
            counters |= found[0]
            statements = found[1]
    return ServerFigures(
        counters=counters,
        connections=used,
        most_connections=most,
        longest_transaction=longest,
        slots=tuple(SlotFigures(name=name, held_mb=held, lag_seconds=lag) for name, held, lag in slots),
        statements=statements,
    )


def _statements(
    connection: psycopg.Connection[Any], schema: str
) -> tuple[dict[str, float], tuple[StatementFigures, ...]] | None:
    """None where the extension is there and may not be read, or is not loaded."""
    place = sql.SQL("{}").format(sql.SQL(schema))  # quoted by the server itself
    try:
        totals = connection.execute(sql.SQL(_ALL_STATEMENTS).format(place)).fetchone()
        rows = connection.execute(
            sql.SQL(_STATEMENTS).format(place), [SLOW_MEAN_MS, _MOST_STATEMENTS]
        ).fetchall()
    except psycopg.Error:
        return None
    assert totals is not None
    return {"statements": float(totals[0]), "statement_ms": float(totals[1])}, tuple(
        StatementFigures(key=key, text=text, calls=calls, total=total, highest=highest)
        for key, text, calls, total, highest in rows
        if "pg_stat_statements" not in text and "<insufficient privilege>" not in text
    )


@cache
def _state() -> str:
    return (Path(__file__).parent / "queries" / "server_state.sql").read_text(encoding="utf-8")
