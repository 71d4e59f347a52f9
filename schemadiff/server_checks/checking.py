"""The checks in order: reach, log in, then what the open connection can tell."""

import ssl
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg

from schemadiff.connection_errors import explain
from schemadiff.databases import CannotConnect, connect
from schemadiff.server_checks import database, replication
from schemadiff.server_checks.reach import Tls, offered_tls, reach
from schemadiff.server_checks.values import Address, Check, CheckState

Server = psycopg.Connection[Any]
_TIMEOUT = 8.0
_RENEW = timedelta(days=30)

_OPEN: tuple[tuple[str, str, Callable[[Server], tuple[CheckState, str]]], ...] = (
    ("version", "Server version", database.version),
    ("read", "Privileges to read", database.reading),
    ("create", "Privileges to create", database.creating),
    ("wal_level", "wal_level", replication.wal_level),
    ("slots", "Room for replication slots", replication.slots),
    ("senders", "Room for WAL senders", replication.senders),
    ("extensions", "Extensions", database.extensions),
    ("encoding", "Encoding", database.encoding),
    ("collation", "Collation", database.collation),
    ("size", "Size", database.size),
)


def check_server(address: Address, *, timeout: float = _TIMEOUT) -> tuple[Check, ...]:
    """Every check, always all of them: what could not be checked says why. Never raises for what it finds."""
    reached = _reachable(address, timeout)
    if reached.state is CheckState.BAD:
        return (
            reached,
            *_not_checked(("login", "tls"), "the server was not reached"),
            *_unopened("the server was not reached"),
        )
    try:
        connection = connect(address.dsn)
    except CannotConnect as failure:
        login = _check("login", "Login", CheckState.BAD, str(failure))
        return (reached, login, _tls(address, timeout, None), *_unopened("nobody could log in"))
    with connection:
        connection.execute("SET statement_timeout = '10s'")
        login = _check(
            "login", "Login", CheckState.OK, f"“{address.user}” may connect to “{address.dbname}”."
        )
        return (reached, login, _tls(address, timeout, connection), *_opened(connection))


def _check(key: str, label: str, state: CheckState, message: str) -> Check:
    return Check(key=key, label=label, state=state, message=message)


def _reachable(address: Address, timeout: float) -> Check:
    began = time.monotonic()
    try:
        reach(address, timeout)
    except OSError as failure:
        return _check(
            "reachable",
            "Reachable",
            CheckState.BAD,
            explain(psycopg.OperationalError(str(failure)), address.dsn),
        )
    milliseconds = (time.monotonic() - began) * 1000
    return _check(
        "reachable",
        "Reachable",
        CheckState.OK,
        f"{address.place} answers in {max(1, round(milliseconds))} ms.",
    )


def _tls(address: Address, timeout: float, connection: Server | None) -> Check:
    try:
        offered = offered_tls(address, timeout)
    except (OSError, ssl.SSLError) as failure:
        return _check(
            "tls", "TLS", CheckState.BAD, f"TLS could not be set up with {address.place}: {failure}."
        )
    used = bool(connection.pgconn.ssl_in_use) if connection is not None else None
    state, message = _tls_verdict(address, offered, used=used, now=datetime.now(UTC))
    return _check("tls", "TLS", state, message)


def _tls_verdict(
    address: Address, offered: Tls | None, *, used: bool | None, now: datetime
) -> tuple[CheckState, str]:
    if offered is None:
        if address.is_local:
            return CheckState.OK, "The server offers no TLS; nothing of this connection leaves the machine."
        return (
            CheckState.WARN,
            f"The server offers no TLS: everything travels readable to {address.place}. Turn ssl on there.",
        )
    state, certificate = _certificate(offered, now)
    if used is None:
        return state, f"{offered.protocol} is offered. {certificate}"
    if not used:
        message = f"TLS is offered and not in use ({address.sslmode}). {certificate}"
        return _worse(state, CheckState.WARN), message
    if address.sslmode in ("verify-ca", "verify-full"):
        return state, f"{offered.protocol}, certificate checked ({address.sslmode}). {certificate}"
    message = f"{offered.protocol}, certificate not checked ({address.sslmode}). {certificate}"
    return _worse(state, CheckState.OK if address.is_local else CheckState.WARN), message


def _certificate(offered: Tls, now: datetime) -> tuple[CheckState, str]:
    left = offered.valid_until - now
    day = f"{offered.valid_until:%-d %B %Y}"
    if left < timedelta(0):
        return (
            CheckState.BAD,
            f"The server’s certificate ({offered.subject}) expired on {day}: have it renewed.",
        )
    state = CheckState.WARN if left < _RENEW else CheckState.OK
    return (
        state,
        f"The server’s certificate ({offered.subject}) is valid until {day}, {left.days:,} days from now.",
    )


def _worse(one: CheckState, other: CheckState) -> CheckState:
    return max(one, other, key=(CheckState.OK, CheckState.UNKNOWN, CheckState.WARN, CheckState.BAD).index)


def _opened(connection: Server) -> list[Check]:
    found = []
    for key, label, ask in _OPEN:
        try:
            state, message = ask(connection)
        except psycopg.Error as failure:
            state, message = (
                CheckState.UNKNOWN,
                f"Not checked: {(failure.diag.message_primary or 'the server did not say')}.",
            )
        found.append(_check(key, label, state, message))
    return found


def _unopened(reason: str) -> tuple[Check, ...]:
    return tuple(_check(key, label, CheckState.UNKNOWN, f"Not checked: {reason}.") for key, label, _ in _OPEN)


def _not_checked(keys: tuple[str, ...], reason: str) -> tuple[Check, ...]:
    labels = {"login": "Login", "tls": "TLS"}
    return tuple(_check(key, labels[key], CheckState.UNKNOWN, f"Not checked: {reason}.") for key in keys)
