"""Loading `.sql` files into a database of an embedded server.

A file that somebody else wrote is loaded as a role that is no superuser: it may make schemas, tables,
functions, roles and trusted extensions in its own database, and reach neither files nor programs.
psql runs in its restricted mode (`\\restrict`), where backslash commands are refused.
"""

import hashlib
import hmac
import re
import subprocess
import tempfile
import threading
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO
from urllib.parse import quote, urlencode

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from schemadiff.embedded.account import account, clean_environment
from schemadiff.embedded.binaries import binary, nearest_major
from schemadiff.embedded.errors import EmbeddedError
from schemadiff.embedded.roles import roles_named_in
from schemadiff.embedded.scripts import Script, restricted, scripts_in

LOADER = "schemadiff_loader"

_REFUSAL = re.compile(r"psql:<stdin>:(\d+): (?:(?:ERROR|FATAL):  (\w{5}): |error: )(.*)")


def load_sql(dsn: str, source: Path | str, *, trusted: bool = False, timeout: float = 900) -> None:
    """Load a `.sql` file or a folder of them, in the order of `order_of` (a Path), or SQL text (a str).

    `dsn` is a superuser's; the database should be one made for the purpose, for it then belongs to the
    role that loads, as does everything in it: `ALTER ... OWNER TO` is left out, and roles that the files
    grant something are made, without login. COPY data and what `pg_dump` writes as a plain file are
    understood. `trusted` loads as the superuser of `dsn` instead, without any restriction or change. Raises
    EmbeddedError with place and reason of the first statement refused; what came before it stays.
    """
    scripts = scripts_in(source)
    if trusted:
        login = dsn
    else:
        _prepare_loader(dsn, scripts)
        login = loader_dsn(dsn)
    for script in scripts:
        _feed(login, script, trusted=trusted, timeout=timeout)


def loader_dsn(dsn: str) -> str:
    """The URI of the same database for the role that loads what is not trusted."""
    parts = {name: str(value) for name, value in conninfo_to_dict(dsn).items() if value is not None}
    parts.pop("user", None)
    password = _loader_password(parts.pop("password", ""))
    place = f"{parts.pop('host', '')}:{parts.pop('port', '5432')}/{quote(parts.pop('dbname', ''), safe='')}"
    return f"postgresql://{LOADER}:{password}@{place}" + (f"?{urlencode(parts)}" if parts else "")


def _prepare_loader(dsn: str, scripts: Iterable[Script]) -> None:
    """Make the loading role, the owner of the database, a member of the roles that the scripts name."""
    roles = roles_named_in(line for script in scripts for line in script.lines())
    with psycopg.connect(dsn, autocommit=True) as connection:
        if connection.info.server_version < 160000:
            # Before 16 CREATEROLE could give itself pg_execute_server_program.
            raise EmbeddedError("SQL files are loaded into PostgreSQL 16 or newer only.")
        _make_loader(connection, _loader_password(connection.info.password))
        for role in sorted(roles):
            _make_role(connection, role)
        connection.execute(
            sql.SQL("ALTER DATABASE {} OWNER TO {}").format(
                sql.Identifier(connection.info.dbname), sql.Identifier(LOADER)
            )
        )


def _make_loader(connection: psycopg.Connection, password: str) -> None:
    secret = connection.pgconn.encrypt_password(password.encode(), LOADER.encode(), b"scram-sha-256").decode()
    make = sql.SQL("CREATE ROLE {} LOGIN CREATEROLE PASSWORD {}").format(
        sql.Identifier(LOADER), sql.Literal(secret)
    )
    # So that the scripts may give objects to the roles that they make.
    grant = sql.SQL("ALTER ROLE {} SET createrole_self_grant = 'set, inherit'").format(sql.Identifier(LOADER))
    with suppress(psycopg.errors.DuplicateObject, psycopg.errors.UniqueViolation):
        connection.execute(make)
        connection.execute(grant)


def _make_role(connection: psycopg.Connection, role: str) -> None:
    """Make a role and the loader its member; one that exists already is nobody's to give away."""
    with suppress(
        psycopg.errors.DuplicateObject, psycopg.errors.UniqueViolation, psycopg.errors.ReservedName
    ):
        connection.execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(sql.Identifier(role)))
        connection.execute(sql.SQL("GRANT {} TO {}").format(sql.Identifier(role), sql.Identifier(LOADER)))


def _loader_password(superuser_password: str) -> str:
    """The same at every load, so that loads beside one another do not disturb each other."""
    return hmac.new(superuser_password.encode(), LOADER.encode(), hashlib.sha256).hexdigest()


def _feed(dsn: str, script: Script, *, trusted: bool, timeout: float) -> None:
    lines = script.lines() if trusted else restricted(script.lines())
    with tempfile.TemporaryFile() as complaints:
        process = _psql(dsn, complaints)
        timer = threading.Timer(timeout, process.kill)
        timer.start()
        try:
            code = _pour(lines, process)
        finally:
            timer.cancel()
            process.kill()
        complaints.seek(0)
        told = complaints.read().decode(errors="replace")
    if code != 0:
        raise _refusal(script, told, trusted=trusted, timeout=timeout)


def _pour(lines: Iterator[bytes], process: subprocess.Popen[bytes]) -> int:
    assert process.stdin is not None
    with suppress(BrokenPipeError), process.stdin as pipe:  # psql ends at the first error
        for line in lines:
            pipe.write(line)
    return process.wait()


def _psql(dsn: str, complaints: IO[bytes]) -> subprocess.Popen[bytes]:
    parts = conninfo_to_dict(dsn)
    with psycopg.connect(dsn, connect_timeout=10) as connection:
        major = nearest_major(connection.info.server_version)
    environment = {
        **clean_environment(),
        **{
            f"PG{name.upper()}": str(parts[name])
            for name in ("host", "port", "user", "password")
            if name in parts
        },
        "PGDATABASE": str(parts.get("dbname", "")),
        "PGCLIENTENCODING": "UTF8",
        "PGOPTIONS": "-c client_min_messages=error -c client_connection_check_interval=1s",
    }
    who = account()
    return subprocess.Popen(
        [binary(major, "psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1", "-v", "VERBOSITY=verbose", "-f", "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=complaints,
        cwd="/",
        env=environment,
        user=who.uid if who else None,
        group=who.gid if who else None,
        extra_groups=[] if who else None,
    )


def _refusal(script: Script, told: str, *, trusted: bool, timeout: float) -> EmbeddedError:
    found = _REFUSAL.search(told)
    if found is None:
        last = (told.strip().splitlines() or [f"psql was ended after {timeout:.0f} seconds"])[-1]
        return EmbeddedError(f"{script.name} was not loaded: {last}.")
    number = int(found[1]) - (0 if trusted else 1)
    state, reason = found[2] or "", found[3].strip()
    if not state and "restricted" in reason:
        command = re.search(r"\\\S+", script.line(number))
        reason = f"the psql command {command[0] if command else 'there'} is not allowed"
    shown = f" ({state})" if state else ""
    hint = (
        ""
        if trusted or state not in ("42501", "")
        else (
            "; files are loaded by a role that is no superuser (`--trust-sql` on the command line loads"
            " your own files as one)"
        )
    )
    return EmbeddedError(f"{script.name}, line {number}: {reason}{shown}{hint}.")
