"""Opening a database, and what the command line may name as one.

A DATABASE is a connection URI or keyword string, `service=NAME`, `@NAME` (a saved connection), a snapshot
`.json`, or a `.sql` file or folder, which is loaded into a throw-away server.
"""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeAlias

import psycopg
from psycopg.conninfo import conninfo_to_dict

from schemadiff.connection_errors import explain
from schemadiff.core.catalog import Catalog
from schemadiff.core.errors import SchemadiffError
from schemadiff.core.snapshot import NotASnapshot, from_json
from schemadiff.introspection import Values, read_catalog, read_to_compare

Connection: TypeAlias = psycopg.Connection[Any]

APPLICATION_NAME = "schemadiff"
CONNECT_TIMEOUT = 10  # seconds, where the address does not say

_URI = ("postgresql://", "postgres://")
_WHAT_IS_A_DATABASE = (
    "a connection URI (postgresql://user@host/name), keywords (host=… dbname=…), service=NAME, @NAME,"
    " a snapshot .json, or a .sql file or folder"
)


class CannotConnect(SchemadiffError):
    """The database could not be reached."""


class NotADatabase(SchemadiffError):
    """What was given names no database."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One side of a comparison. `dsn` is None for a snapshot; `label` never holds a password.

    `note` says how the side came about where there is something to say: which files in which order.
    """

    catalog: Callable[[], Catalog]
    dsn: str | None
    label: str
    note: str = ""


def connect(dsn: str, *, read_only: bool = True) -> Connection:
    """An autocommit connection in UTF-8; with `read_only` its transactions are, unless they say otherwise.

    Raises CannotConnect with one sentence that has no password in it.
    """
    try:
        options: dict[str, Any] = {"application_name": APPLICATION_NAME, "client_encoding": "UTF8"}
        if "connect_timeout" not in conninfo_to_dict(dsn):
            options["connect_timeout"] = CONNECT_TIMEOUT
        connection = psycopg.connect(dsn, autocommit=True, **options)
    except psycopg.Error as exc:
        raise CannotConnect(explain(exc, dsn)) from exc
    try:
        if read_only:
            connection.execute("SET default_transaction_read_only = on")
    except psycopg.Error as exc:
        connection.close()
        raise CannotConnect(explain(exc, dsn)) from exc
    return connection


@contextmanager
def resolve(
    argument: str, *, saved: Callable[[str], str], trust_sql: bool = False, values: Values | None = None
) -> Iterator[Side]:
    """What the command line calls DATABASE, usable inside the `with` block.

    `saved` looks the address of a saved connection up by its name;
    `values` are for both sides of a comparison, for which tables' sizes are not read.
    Raises SchemadiffError with one sentence.
    """
    path = Path(argument)
    if argument.startswith("@"):
        yield _server(saved(argument[1:]), argument, values)
    elif argument.startswith(_URI) or ("=" in argument and not os.path.exists(argument)):
        yield _server(argument, label_of(argument), values)
    elif path.suffix == ".json":
        yield _snapshot(path)
    elif path.suffix == ".sql" or os.path.isdir(argument):
        with _loaded(path, trust_sql) as dsn:
            yield replace(_server(dsn, argument, values), note=_note_of(path))
    else:
        # An address without its postgresql:// may hold a password.
        shown = argument if argument and "@" not in argument else "What was given"
        raise NotADatabase(f"{shown} is no database: expected {_WHAT_IS_A_DATABASE}.")


def label_of(dsn: str) -> str:
    """An address as people may see it: `crm on db.example.org:5432`, without user and password."""
    try:
        parts = conninfo_to_dict(dsn)
    except psycopg.ProgrammingError:
        return "the database"
    if parts.get("service"):
        return f"service {parts['service']}"
    host = parts.get("host") or parts.get("hostaddr") or "the local server"
    name = parts.get("dbname") or parts.get("user") or "the default database"
    return f"{name} on {host}" + (f":{parts['port']}" if parts.get("port") else "")


def _server(dsn: str, label: str, values: Values | None) -> Side:
    return Side(catalog=lambda: _read(dsn, values), dsn=dsn, label=label)


def _read(dsn: str, values: Values | None) -> Catalog:
    with connect(dsn) as connection:
        return read_catalog(connection) if values is None else read_to_compare(connection, values)


def _snapshot(path: Path) -> Side:
    return Side(catalog=lambda: _load(path), dsn=None, label=str(path))


def _load(path: Path) -> Catalog:
    try:
        text = path.read_text(encoding="utf-8")
        if not text.strip():
            raise NotASnapshot(
                f"{path} is empty: expected a snapshot, as `manage.py snapshot DATABASE -o FILE` writes."
            )
        return from_json(json.loads(text))
    except OSError as exc:
        raise NotADatabase(f"{path} could not be read: {exc.strerror}.") from exc
    except (ValueError, RecursionError) as exc:  # not JSON, not UTF-8, or nested thousands deep
        raise NotASnapshot(f"{path} is no snapshot: it is not JSON.") from exc
    except NotASnapshot as exc:
        raise NotASnapshot(str(exc) if str(path) in str(exc) else f"{path}: {exc}") from exc


# Servers of its own are imported only where there is one to be started: most comparisons start none.


@contextmanager
def _loaded(path: Path, trust_sql: bool) -> Iterator[str]:
    from schemadiff.embedded import sql_database

    if not path.exists():
        raise NotADatabase(f"{path} could not be read: No such file or directory.")
    with sql_database(path, trusted=trust_sql) as dsn:
        yield dsn


def _note_of(path: Path) -> str:
    from schemadiff.embedded import order_of

    return order_of(path).sentence if path.is_dir() else ""
